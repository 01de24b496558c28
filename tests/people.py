"""The cast of the tests: one person of each role, and those who may nothing."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from django.contrib.auth.hashers import get_hasher, make_password
from django.test import Client
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role

PASSWORD: Final = "correct horse battery staple"


@dataclass(frozen=True)
class People:
    """`outsider` has an account and no role; nobody at all is `None` where a person is asked for."""

    member: User
    reviewer: User
    moderator: User
    moderator2: User
    chair: User
    admin: User
    auditor: User
    outsider: User

    def named(self, name: str) -> User | None:
        """The person of that name; None for 'anonymous'."""
        person: User | None = None if name == "anonymous" else getattr(self, name)
        return person


NAMES: Final = (*(field.name for field in fields(People)), "anonymous")

_ROLES: Final[dict[str, list[Role]]] = {
    "member": [Role.MEMBER],
    "reviewer": [Role.REVIEWER],
    "moderator": [Role.MODERATOR],
    "moderator2": [Role.MODERATOR],
    "chair": [Role.CHAIR],
    "admin": [Role.ADMIN],
    "auditor": [Role.AUDITOR],
    "outsider": [],
}


def make_people() -> People:
    """Store the cast. All have the password `PASSWORD`; no audit event tells of them."""
    password = _hashed(get_hasher().algorithm)
    return People(
        **{name: make_person(name, *roles, password=password) for name, roles in _ROLES.items()}
    )


@cache
def _hashed(_algorithm: str) -> str:
    """Hashing is slow on purpose: once per run is enough, not once per test."""
    return make_password(PASSWORD)


def make_person(name: str, *roles: Role, password: str = "!") -> User:
    """Store one person with these roles, who has seen the first tour; without a password they can
    only be logged in by force.
    """
    return User.objects.create(
        username=name,
        display_name=f"{name} さん",
        reading=name,
        roles=[str(role) for role in roles],
        password=password,
        tour_ended_at=timezone.now(),
    )


def client_of(person: User | None) -> Client:
    """A browser in which `person` is logged in; None is nobody."""
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client

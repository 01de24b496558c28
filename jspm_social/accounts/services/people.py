"""Who people are, what they may do, and their passwords."""

import unicodedata
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services.rows import (
    held,
    lock,
    lock_beside_holders,
    require_another,
    require_holders,
)
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb


def create_user(
    *,
    actor: User | None,
    username: str,
    display_name: str,
    password: str,
    reading: str = "",
    email: str = "",
    roles: Iterable[str] = (),
) -> User:
    """Register a person who can log in at once.

    Raises:
        ValidationError: a field or the password is not acceptable; messages are in Japanese.
    """
    user = User(
        username=username,
        display_name=display_name,
        reading=hiragana(reading),
        email=email,
        roles=in_order(roles),
    )
    user.set_password(password)
    user.full_clean()
    validate_password(password, user)
    with transaction.atomic():
        user.save(force_insert=True)
        record(
            actor=actor,
            verb=Verb.USER_CREATED,
            target=user,
            details={"roles": user.roles},
            personal={"username": username, "display_name": display_name},
        )
    return user


@one_write()
def set_roles(*, actor: User | None, user: User, roles: Iterable[str], reason: str = "") -> User:
    """Give `user` exactly these roles. Their open sessions end: the rights begin anew.

    Raises:
        ValidationError: an unknown role, one's own roles, or nobody would be left to administer
            the console or to chair the committee.
    """
    person, others = lock_beside_holders(user)
    before, had = person.roles, held(person)
    person.roles = in_order(roles)
    person.clean_fields(exclude=["password"])
    require_holders(person, others, had=had)
    require_another(
        actor, person, "自分の役割は、自分では変えられません。ほかの人に頼んでください。"
    )
    person.access_number += 1
    person.save(update_fields=["roles", "access_number"])
    record(
        actor=actor,
        verb=Verb.USER_ROLES_SET,
        target=person,
        details={"before": before, "after": person.roles},
        personal={"reason": reason} if reason else None,
    )
    return person


@one_write()
def change_details(
    *, actor: User | None, user: User, display_name: str, reading: str, email: str
) -> User:
    """Correct a person's name or address.

    Raises:
        ValidationError: a field is not acceptable.
    """
    person = lock(user)
    person.display_name, person.email = display_name.strip(), email.strip()
    person.reading = hiragana(reading)
    person.clean_fields(exclude=["password"])
    person.save(update_fields=["display_name", "reading", "email"])
    record(
        actor=actor,
        verb=Verb.USER_CHANGED,
        target=person,
        personal={"display_name": person.display_name, "email": person.email},
    )
    return person


def set_password(*, actor: User | None, user: User, password: str) -> User:
    """Change a password; every other session of the person ends with it.

    Raises:
        ValidationError: the password is too weak.
    """
    validate_password(password, user)
    with transaction.atomic():
        person = lock(user)
        person.set_password(password)
        person.save(update_fields=["password"])
        record(actor=actor, verb=Verb.USER_PASSWORD_SET, target=person)
    return person


def hiragana(text: str) -> str:
    """A reading in one spelling, so that people sort together: NFKC, katakana as hiragana."""
    folded = unicodedata.normalize("NFKC", text).strip()
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in folded)


def in_order(roles: Iterable[str]) -> list[str]:
    """Each role once, in the order of `Role`; unknown ones last, for validation to refuse."""
    order = list(Role.values)
    return sorted(set(roles), key=lambda role: order.index(role) if role in order else len(order))

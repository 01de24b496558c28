"""Taking people's rows for a write, and the law that somebody always holds the console."""

from collections.abc import Iterable
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Q

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role

KEPT: Final = (Role.ADMIN, Role.CHAIR)
"""Roles that somebody active always holds, once anybody does."""


def lock(user: User) -> User:
    """The person's row, locked against other changes."""
    # no_key: events that point at this person must not wait for us while they hold the chain
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_beside_holders(user: User) -> tuple[User, list[User]]:
    """The person and all other active administrators and chairs, locked in one order: two who
    remove each other at once must neither both succeed nor block each other.
    """
    holders = Q(roles__overlap=list(KEPT), is_active=True)
    rows = User.objects.select_for_update(no_key=True).order_by("pk")
    people = {person.pk: person for person in rows.filter(holders | Q(pk=user.pk))}
    return people.pop(user.pk), list(people.values())


def held(person: User) -> frozenset[Role]:
    """Which of the roles that must not die out the person holds now."""
    return frozenset(role for role in KEPT if person.has_role(role))


def require_holders(person: User, others: Iterable[User], *, had: frozenset[Role]) -> None:
    """Refuse what takes one of these roles from the last active person who holds it.

    Raises:
        ValidationError: somebody else has to hold the role first.
    """
    for role in sorted(had - held(person)):
        if not any(other.has_role(role) for other in others):
            raise ValidationError(
                f"{role.label}がいなくなるため、変更できません。"
                f"先に、ほかの人を{role.label}にしてください。",
                code=f"last_{role.value}",
            )


def require_another(actor: User | None, person: User, words: str) -> None:
    """Refuse what nobody does to themselves. The command line (no actor) is not refused.

    Raises:
        ValidationError: `words`.
    """
    if actor is not None and actor.pk == person.pk:
        raise ValidationError(words, code="oneself")

"""What people have in hand, and how it passes on when they leave.

This part of the console knows neither tasks nor posts: those that do register a keeper here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability


@dataclass(frozen=True)
class OpenWork:
    """One thing in somebody's hands, as the page lists it. `note` says what happens to it."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Keeper:
    """One kind of work.

    `hand_over(actor, person, heir)` is part of the caller's write; it passes on everything that
    `open_work(person)` lists, to `heir` or, when that is None, to everybody. Kinds that belong
    to a role and not to a person have none: they are only shown.
    """

    label: str
    open_work: Callable[[User], list[OpenWork]]
    hand_over: Callable[[User | None, User, User | None], None] | None = None
    needs: Capability | None = None
    """What whoever takes it over must be able to do."""


_KEEPERS: Final[list[Keeper]] = []


def register(keeper: Keeper) -> None:
    """Add a kind of work. Called once, when the part that keeps it starts."""
    _KEEPERS.append(keeper)


def keepers() -> tuple[Keeper, ...]:
    return tuple(_KEEPERS)


def open_work(person: User) -> list[tuple[Keeper, list[OpenWork]]]:
    """Everything in the person's hands, by kind; kinds with nothing are left out."""
    found = [(keeper, keeper.open_work(person)) for keeper in _KEEPERS]
    return [(keeper, work) for keeper, work in found if work]

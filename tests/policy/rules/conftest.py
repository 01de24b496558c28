"""A small policy, two admins, and comments that were judged by it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from policy import past as past_module
from policy.models import RuleSet
from policy.past import Tally, past
from policy.rules import drafting
from policy.rules.drafting import NewRule
from tests.moderation.small_policy import load_small_policy
from tests.people import make_person


@pytest.fixture
def active(db: None) -> RuleSet:
    return load_small_policy()


@pytest.fixture
def admin(db: None) -> User:
    return make_person("first", Role.ADMIN)


@pytest.fixture
def second(db: None) -> User:
    return make_person("second", Role.ADMIN)


@pytest.fixture
def draft(active: RuleSet, admin: User) -> RuleSet:
    return drafting.open_draft(actor=admin)


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, Tally]], None]]:
    """Lets a test say how often people agreed with what was judged, by criterion."""
    reader = past()

    def say(tallies: dict[str, Tally]) -> None:
        class Said(type(reader)):  # type: ignore[misc]
            def tally(self) -> Any:
                return tallies

        past_module.register(Said())

    yield say
    past_module.register(reader)


def term(value: str, criterion: str = "キ", weight: float = 1.0, line: int = 1) -> NewRule:
    return NewRule(line, "term", value, criterion, weight)


def now() -> Any:
    return timezone.now()

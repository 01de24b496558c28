"""What stands in a phone's bar, and what behind その他."""

from typing import Any

import pytest

from jspm_social.context import IN_BAR, PAGES, _for_a_bar
from moderation.queries import waiting_counts


def pages(count: int, current: int = 0) -> list[dict[str, Any]]:
    return [{"label": str(n), "current": n == current} for n in range(count)]


@pytest.mark.parametrize(
    ("count", "shown", "more"), [(0, 0, 0), (4, 4, 0), (5, 5, 0), (6, 4, 2), (9, 4, 5)]
)
def test_only_what_has_no_place_is_behind_the_others(count: int, shown: int, more: int) -> None:
    every = pages(count)
    bar = _for_a_bar(every)
    assert bar["pages"] + bar["more"] == every
    assert (len(bar["pages"]), len(bar["more"])) == (shown, more)
    assert shown + bool(more) <= IN_BAR


@pytest.mark.parametrize(("current", "told"), [(3, False), (4, True), (5, True)])
def test_it_is_told_where_one_is_behind_the_others(current: int, told: bool) -> None:
    assert _for_a_bar(pages(6, current))["more_current"] is told


@pytest.mark.django_db
def test_whatever_has_a_count_is_always_in_the_bar() -> None:
    assert {icon for *_, icon, _ in PAGES[IN_BAR - 1 :]}.isdisjoint(waiting_counts())

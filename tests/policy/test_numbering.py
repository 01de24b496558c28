"""Numbers follow from the order; anchors stay."""

import pytest

from policy import carried
from policy.numbering import BadOrder, Level, anchor_for, level_of, numbers
from policy.text import parse

S, B, N, L, E = Level.SECTION, Level.SUBSECTION, Level.ITEM, Level.LETTER, Level.LEAD_OUT


def test_the_carried_policy_numbers_itself() -> None:
    parts = parse(carried.policy_text()).parts
    levels = [level_of(part.code, part.heading) for part in parts]
    assert numbers(levels) == [part.code for part in parts]


@pytest.mark.parametrize(
    ("levels", "given"),
    [
        ([], []),
        ([S, S], ["1", "2"]),
        ([S, N, N, E, S, N], ["1", "1(1)", "1(2)", "1末文", "2", "2(1)"]),
        ([S, B, L, L, B, L], ["1", "1(1)", "1(1)ア", "1(1)イ", "1(2)", "1(2)ア"]),
    ],
)
def test_numbers(levels: list[Level], given: list[str]) -> None:
    assert numbers(levels) == given


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ([B], "最初の条項"),
        ([S, L], "見出しのある項"),
        ([S, N, L], "見出しのある項"),
        ([S, E, E], "一つの節に一つ"),
        ([S, B, *[L] * 47], "多すぎます"),
    ],
)
def test_an_impossible_order_is_refused(levels: list[Level], why: str) -> None:
    with pytest.raises(BadOrder, match=why):
        numbers(levels)


@pytest.mark.parametrize(
    ("code", "anchor"),
    [
        ("4", "c4"),
        ("4(2)", "c4-2"),
        ("4(2)ア", "c4-2-a"),
        ("4(2)シ", "c4-2-shi"),
        ("4(2)ソ", "c4-2-so"),
        ("1末文", "c1-end"),
        ("12(10)", "c12-10"),
    ],
)
def test_anchors(code: str, anchor: str) -> None:
    assert anchor_for(code) == anchor


def test_an_anchor_that_is_taken_is_never_given_again() -> None:
    assert anchor_for("3(4)", {"c3-4"}) == "c3-4_2"
    assert anchor_for("3(4)", {"c3-4", "c3-4_2"}) == "c3-4_3"


def test_every_clause_of_the_carried_policy_has_its_own_anchor() -> None:
    anchors = [anchor_for(part.code) for part in parse(carried.policy_text()).parts]
    assert len(set(anchors)) == len(anchors) == 43

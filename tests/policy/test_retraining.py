"""What is learned from, what is held out, and when a new model may take over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from policy.learning import text_key
from policy.phases.subject import Author
from policy.records import Record, in_context
from policy.retraining import Decided, in_words, is_held_out, sort_out, worse

WHEN = datetime(2026, 4, 1, tzinfo=UTC)


def record(text: str, *, day: int = 0, labels: str = "") -> Record:
    return Record(
        id=text,
        post_text="",
        author=Author("a", "", ""),
        text=text,
        created_at=WHEN + timedelta(days=day),
        labels=frozenset(labels),
        signals=frozenset(),
    )


def learned_texts(found: Decided) -> set[str]:
    return {text_key(r.text) for _, part in found.files for r in part}


def test_a_text_that_is_carried_or_comes_twice_is_dropped_and_the_newest_stands() -> None:
    carried = [("a", [record("知っている言葉")])]
    decided = [
        ("channel:1", [record("二度の 言葉", day=1, labels="エ"), record("知っている　言葉")]),
        ("channel:1b", []),
        ("channel:2", [record("別の言葉")]),
    ]
    newer = record("二度の言葉", day=2)
    decided[0][1].append(newer)
    found = sort_out(decided, carried)
    assert found.doubles == 2
    everything = [r for _, part in found.files for r in part] + found.held_out
    assert sorted(r.text for r in everything) == ["二度の言葉", "別の言葉"]
    assert next(r for r in everything if r.text == "二度の言葉") is newer


@given(st.lists(st.text(max_size=8), max_size=40))
def test_what_is_held_out_is_never_learned_from_whatever_comes(texts: list[str]) -> None:
    decided = [("channel:1", [record(text) for text in texts])]
    found = sort_out(decided, [])
    held = {text_key(r.text) for r in found.held_out}
    assert all(is_held_out(key) for key in held)
    assert not any(is_held_out(key) for key in learned_texts(found))
    assert held | learned_texts(found) == {text_key(text) for text in texts}
    again = sort_out([("channel:9", [record(text, day=3) for text in reversed(texts)])], [])
    assert {text_key(r.text) for r in again.held_out} == held


def test_about_an_eighth_is_held_out() -> None:
    held = sum(is_held_out(text_key(f"言葉{number}")) for number in range(4_000))
    assert 430 < held < 570


def test_a_history_that_is_known_is_the_context() -> None:
    first, second = record("はじめ"), replace(record("つぎ", day=1), history=("ずっと前",))
    third = record("そのあと", day=2)
    contexts = in_context([first, second, third])
    assert [context.history for context in contexts] == [(), ("ずっと前",), ("はじめ", "つぎ")]


@pytest.mark.parametrize(
    ("new", "old", "told"),
    [
        ({"macro_f1": 0.80}, {"macro_f1": 0.805}, []),
        ({"macro_f1": 0.80}, {"macro_f1": 0.82}, ["macro-F1: 0.800, so far 0.820"]),
        (
            {"distress_recall": 0.5},
            {"distress_recall": 0.9},
            ["distress, recall: 0.500, so far 0.900"],
        ),
        ({"macro_f1": None}, {"macro_f1": 0.9}, []),
        ({"macro_f1": 0.9}, {}, []),
    ],
)
def test_worse_is_told_with_both_figures(
    new: dict[str, float], old: dict[str, float], told: list[str]
) -> None:
    nothing = dict.fromkeys(("macro_f1", "any_f1", "any_auroc", "distress_recall"))
    assert worse(nothing | new, old) == told


def test_figures_in_words_leave_out_what_is_undefined() -> None:
    assert (
        in_words({"comments": 3, "macro_f1": 0.5, "any_f1": None}) == "3 comments; macro-F1 0.500"
    )

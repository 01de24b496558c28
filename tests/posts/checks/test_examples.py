"""Every check against its own examples, with exact places."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from posts.checks import CATALOGUE, Finding, examine
from posts.checks.records import draft_of

FOLDER = Path(__file__).parent / "examples"
TODAY = dt.date(2026, 6, 1)
USUAL = {"channel": "facebook", "scheduled_at": "2026-06-01T10:00:00+09:00"}


def examples(check: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{check}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def found(check: str, example: dict[str, Any]) -> list[Finding]:
    draft = draft_of({**USUAL, **example.get("with", {}), "text": example["text"]})
    return [one for one in examine(draft, today=TODAY) if one.check == check]


CASES = [
    pytest.param(check.id, example, id=f"{check.id}-{number}")
    for check in CATALOGUE
    for number, example in enumerate(examples(check.id), start=1)
]


@pytest.mark.parametrize(("check", "example"), [c for c in CASES if "mark" in c.values[1]])  # type: ignore[operator]
def test_what_the_check_is_for_is_found_where_it_stands(
    check: str, example: dict[str, Any]
) -> None:
    places = [
        (example["text"][one.start : one.end], one.severity.value)
        for one in found(check, example)
        if "severity" not in example or one.severity == example["severity"]
    ]
    assert example["mark"] in [words for words, _ in places], places


@pytest.mark.parametrize(("check", "example"), [c for c in CASES if "mark" not in c.values[1]])  # type: ignore[operator]
def test_what_only_looks_like_it_is_left_alone(check: str, example: dict[str, Any]) -> None:
    allowed = {"info"} if example.get("info_ok") else set()
    assert [one for one in found(check, example) if one.severity not in allowed] == []


@pytest.mark.parametrize("check", [check.id for check in CATALOGUE])
def test_every_check_has_examples_of_both_kinds(check: str) -> None:
    rows = examples(check)
    positive = sum("mark" in row for row in rows)
    assert positive >= 8
    assert len(rows) - positive >= 8


@pytest.mark.parametrize("check", [check.id for check in CATALOGUE])
def test_reasons_are_sentences_and_every_finding_says_what_to_do(check: str) -> None:
    for example in examples(check):
        for one in found(check, example):
            assert one.reason.endswith(("。", "）。", "？）。")), one
            assert "{found}" not in one.reason
            assert one.suggestion.endswith("。"), one

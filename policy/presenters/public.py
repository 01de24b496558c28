"""The public pages about the policy: its text, its grounds in plain words, the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from policy.criteria import Criterion
from policy.explained import explanations
from policy.models import Clause, PolicyVersion
from policy.numbering import LETTERS
from policy.queries import clause_code
from policy.transparency import FEWEST, Month, told, told_sum

EFFECTS: Final = {"hide": "非表示", "delete": "削除", "block": "ブロック"}


def grounds(version: PolicyVersion) -> list[dict[str, str]]:
    """Every ground with its words in force and what they mean; one query."""
    codes = {clause_code(criterion): criterion for criterion in Criterion}
    clauses = {c.code: c for c in Clause.objects.filter(version=version, code__in=list(codes))}
    return [
        {
            "anchor": clauses[code].anchor,
            "mark": criterion.value if criterion.value in LETTERS else "",
            "label": criterion.label,
            "text": clauses[code].text,
            "plain": explanations()[criterion.value].plain,
            "stays": explanations()[criterion.value].stays,
        }
        for code, criterion in codes.items()
        if code in clauses
    ]


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """One month's numbers as they may be told."""

    title: str
    anchor: str
    rows: list[dict[str, Any]]
    effects: list[dict[str, str]]
    reversals: str
    decided: str
    median: str


def months(counted: Sequence[Month]) -> list[ShownMonth]:
    return [_month(month) for month in counted]


def _month(month: Month) -> ShownMonth:
    rows = [
        {
            "label": _ground(criterion),
            "cells": [
                {"label": label, "text": told(month.removals[criterion].get(effect, 0))}
                for effect, label in EFFECTS.items()
            ],
        }
        for criterion in Criterion.values
        if criterion in month.removals
    ]
    return ShownMonth(
        title=f"{month.first_day.year}年{month.first_day.month}月",
        anchor=f"m{month.first_day:%Y-%m}",
        rows=rows,
        effects=[
            {"label": label, "text": _sum(month, effect)} for effect, label in EFFECTS.items()
        ],
        reversals=told(month.reversals),
        decided=told(month.decided),
        median=_hours(month.median_hours) if month.decided >= FEWEST else "—",
    )


def _sum(month: Month, effect: str) -> str:
    parts = [counts.get(effect, 0) for counts in month.removals.values()]
    return told_sum(month.effects.get(effect, 0), parts)


def _ground(criterion: str) -> str:
    one = Criterion(criterion)
    return f"{one.value}　{one.label}" if one.value in LETTERS else str(one.label)


def _hours(hours: float | None) -> str:
    if hours is None:
        return "—"
    return "1時間未満" if hours < 1 else f"約{round(hours)}時間"


def last_months(today: date, count: int) -> tuple[date, date]:
    """The first days of the earliest of the last `count` whole months, and of this month."""
    this = today.replace(day=1)
    number = this.year * 12 + this.month - 1 - count
    return date(number // 12, number % 12 + 1, 1), this

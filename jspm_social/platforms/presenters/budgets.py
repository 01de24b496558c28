"""Budgets as people read them: how much is used, what follows for reading, when it is renewed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jspm_social.platforms.budgets.meters import MICRO
from jspm_social.platforms.budgets.pace import SLOW_PERCENT, Budget, rest
from jspm_social.platforms.budgets.windows import Window

STOPPED = "コメントの取得を休んでいます。残りは、非表示などの対応のために取っておきます。"
SLOWED = "残りを長持ちさせるため、コメントの取得の間隔を空けています。"
FULL = "使い切りました。"


def budget_rows(budgets: Iterable[Budget], now: datetime) -> list[dict[str, Any]]:
    """Return the budgets in their order. Of several readings of one kind the tightest stands."""
    tightest: dict[str, Budget] = {}
    for budget in budgets:
        known = tightest.get(budget.kind.name)
        if known is None or (budget.percent or 0) > (known.percent or 0):
            tightest[budget.kind.name] = budget
    return [_row(budget, now) for budget in tightest.values()]


def fullest(rows: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the row that says most about how things stand, for a page with many channels."""
    known = [row for row in rows if row["percent"] is not None]
    return max(known, key=lambda row: row["percent"], default=None)


def _row(budget: Budget, now: datetime) -> dict[str, Any]:
    state, tone = _state(budget, now)
    told = budget.kind.window is Window.TOLD
    return {
        "label": budget.kind.label,
        "text": _amounts(budget),
        "percent": budget.percent,
        "tone": tone,
        "state": state,
        "note": budget.kind.note,
        "renewed_at": budget.ends_at if budget.limit is not None and not told else None,
    }


def _state(budget: Budget, now: datetime) -> tuple[str, str]:
    if budget.limit is not None and budget.used >= budget.limit:
        return FULL, "bad"
    if not budget.kind.holds_reading or not rest(budget, now):
        return "", "warn" if (budget.percent or 0) >= SLOW_PERCENT else "good"
    stopped = budget.line is not None and budget.used >= budget.line
    return (STOPPED, "bad") if stopped else (SLOWED, "warn")


def _amounts(budget: Budget) -> str:
    unit, used = budget.kind.unit, _amount(budget, budget.used)
    if budget.limit is None:
        return f"{used}{unit}"
    if unit == "%":
        return f"{used}%"
    return f"{used} / {_amount(budget, budget.limit)}{unit}（{budget.percent}%）"


def _amount(budget: Budget, amount: int) -> str:
    return f"{amount / MICRO:,.2f}" if budget.kind.scale == MICRO else f"{amount:,}"

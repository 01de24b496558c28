"""How well the judgement and the people who check it do, in words that say how sure that is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from moderation.models import CriterionCount, MonthCount
from moderation.queries import DoubleLook
from policy.criteria import Criterion
from policy.shares import Interval, kappa, recall, wilson

SMALL = 30  # below this a share says little, and the page says so


def month_name(month: date) -> str:
    """2026年11月"""
    return f"{month.year}年{month.month}月"


def criterion_rows(month: MonthCount, counts: Iterable[CriterionCount]) -> list[dict[str, Any]]:
    """Return one row for each criterion that the judgement gave, or people found, in this month."""
    return [
        _row(month, count)
        for count in sorted(counts, key=lambda c: Criterion.values.index(c.criterion))
        if count.said or count.elsewhere or count.noticed or count.drawn
    ]


def quiet_criteria(rows: Sequence[dict[str, Any]]) -> str:
    """Name the criteria of which this month says nothing."""
    shown = {row["code"] for row in rows}
    return "、".join(c.value for c in Criterion if c.value not in shown)


def _row(month: MonthCount, count: CriterionCount) -> dict[str, Any]:
    found = recall(
        found=count.right,
        elsewhere=count.elsewhere,
        noticed=count.noticed,
        drawn=count.drawn,
        sampled=month.sampled,
        passed=month.passed,
    )
    return {
        "code": count.criterion,
        "label": Criterion(count.criterion).label,
        "said": count.said,
        "right": count.right,
        "precision": _share(count.right, count.said),
        "precision_range": _range(wilson(count.right, count.said)) if count.said else "",
        "few": count.said < SMALL,
        "elsewhere": count.elsewhere,
        "noticed": count.noticed,
        "drawn": count.drawn,
        # Without a sample nobody knows what was missed: what was met by chance is no measure.
        "recall": f"{found.estimate:.0%}" if found and month.sampled else "—",
        "recall_range": _range(Interval(found.low, found.high)) if found and month.sampled else "",
    }


def sampled_words(month: MonthCount, counts: Iterable[CriterionCount]) -> str:
    """Say what the recall of this month rests on."""
    drawn = sum(count.drawn for count in counts)
    if not month.sampled:
        return (
            f"この月に通過した{month.passed:,}件から、抽出して確かめたものはまだありません。"
            "見逃しの割合は分からないため、再現率は出していません。"
        )
    return (
        f"この月に通過した{month.passed:,}件のうち、無作為に抽出して確かめたのは{month.sampled}件です。"
        f"そのうち{drawn}件で基準への該当が見つかりました。"
    )


def agreement_rows(looks: Iterable[DoubleLook]) -> list[dict[str, Any]]:
    """Return how often two people said the same, by month of the decision, newest first."""
    by_month: dict[date, list[DoubleLook]] = defaultdict(list)
    for look in looks:
        by_month[timezone.localdate(look.decided_at).replace(day=1)].append(look)
    return [_agreement(month, looked) for month, looked in sorted(by_month.items(), reverse=True)]


def _agreement(month: date, looked: Sequence[DoubleLook]) -> dict[str, Any]:
    sure = [look for look in looked if look.second is not None]
    pairs = [(bool(look.first), bool(look.second)) for look in sure]
    same = sum(one == other for one, other in pairs)
    beyond_chance = kappa(pairs)
    return {
        "month": month_name(month),
        "compared": len(pairs),
        "unsure": len(looked) - len(sure),
        "same": same,
        "share": _share(same, len(pairs)),
        "range": _range(wilson(same, len(pairs))) if pairs else "",
        "same_grounds": sum(look.first == look.second for look in sure),
        "kappa": "—" if beyond_chance is None else f"{beyond_chance:.2f}",
        "few": len(pairs) < SMALL,
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "—"


def _range(interval: Interval) -> str:
    return f"{interval.low * 100:.0f}〜{interval.high * 100:.0f}%"

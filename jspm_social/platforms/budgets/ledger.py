"""The budgets in the database: one row per channel, meter and window.

Several workers may count on one channel at once: amounts are added in one statement, which holds
its row locks only while it runs, and takes them in an order that cannot deadlock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from jspm_social.platforms.models import BudgetUse, Channel
from jspm_social.platforms.names import Platform

from .meters import MICRO, SHARED, X_DOLLARS, X_OBJECTS, YOUTUBE_UNITS, MeterKind, kinds_of
from .pace import Budget
from .windows import Window, span

KEPT = timedelta(days=400)  # of finished windows, for whoever looks back
KEPT_HOURS = timedelta(days=2)
DIGEST = 8  # bytes of one counted thing in `seen`

_ADD = """
INSERT INTO platforms_budgetuse AS kept
    (channel_id, meter, starts_at, ends_at, used, told_limit, seen, updated_at)
VALUES {rows}
ON CONFLICT (channel_id, meter, starts_at) DO UPDATE SET
    used = CASE WHEN kept.starts_at = 'epoch' THEN EXCLUDED.used
                ELSE kept.used + EXCLUDED.used END,
    told_limit = COALESCE(EXCLUDED.told_limit, kept.told_limit),
    ends_at = EXCLUDED.ends_at,
    seen = kept.seen || EXCLUDED.seen,
    updated_at = EXCLUDED.updated_at
"""


@dataclass(slots=True)
class Entry:
    """What is added to a count, or replaces what was told (a window that began in 1970)."""

    meter: str
    starts_at: datetime
    ends_at: datetime
    used: int = 0
    told_limit: int | None = None
    seen: bytes = b""


def add(channel_id: int, entries: Iterable[Entry]) -> None:
    """Write all entries in one statement."""
    now = timezone.now()
    ordered = sorted(entries, key=lambda e: (e.meter, e.starts_at))
    if not ordered:
        return
    rows = [
        (channel_id, e.meter, e.starts_at, e.ends_at, e.used, e.told_limit, e.seen, now)
        for e in ordered
    ]
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(rows=places), list(chain.from_iterable(rows)))


def budgets_of(channel: Channel, now: datetime) -> list[Budget]:
    """Return the channel's budgets as they stand: those that are counted (also from nothing), and
    those that the platform told and that still hold.
    """
    return budgets_of_all([channel], now)[channel.pk]


def budgets_of_all(channels: Iterable[Channel], now: datetime) -> dict[int, list[Budget]]:
    """Return the same for several channels, with one query."""
    wanted = list(channels)
    mine = Q(channel__in=wanted) & ~Q(meter=X_OBJECTS.name)
    common = Q(meter__in=SHARED, channel__platform__in={c.platform for c in wanted})
    rows: list[Mapping[str, Any]] = list(
        BudgetUse.objects.filter(mine | common, ends_at__gt=now)
        .values("channel_id", "channel__platform", "meter", "used", "told_limit", "ends_at")
        .order_by("meter", "pk")
    )
    return {channel.pk: _budgets(channel, rows, now) for channel in wanted}


def seen_today(channel: Channel, now: datetime) -> set[bytes]:
    """Return the digests of what was counted on the channel today (UTC)."""
    start, _ = span(X_OBJECTS.window, now)
    row = BudgetUse.objects.filter(channel=channel, meter=X_OBJECTS.name, starts_at=start)
    kept = bytes(row.values_list("seen", flat=True).first() or b"")
    return {kept[i : i + DIGEST] for i in range(0, len(kept), DIGEST)}


def forget_old(now: datetime) -> int:
    """Delete finished windows nobody will look at again. Returns how many."""
    short = [kind.name for kind in _every_kind() if kind.window in {Window.HOUR, Window.TOLD}]
    old = Q(ends_at__lt=now - KEPT)
    old |= Q(ends_at__lt=now - KEPT_HOURS, starts_at__year=1970)
    old |= Q(ends_at__lt=now - KEPT_HOURS, meter__in=[*short, X_OBJECTS.name])
    deleted, _ = BudgetUse.objects.filter(old).delete()
    return deleted


def limit_of(kind: MeterKind, channel: Channel, told: int | None) -> int | None:
    """Return a budget's limit: as the committee set it, as the platform told it, or the usual."""
    if kind is X_DOLLARS:
        return None if channel.monthly_ceiling is None else channel.monthly_ceiling * MICRO
    if kind is YOUTUBE_UNITS:
        granted = channel.options.get("daily_units")
        return granted if isinstance(granted, int) and granted > 0 else kind.limit
    return kind.limit if told is None else told


def _budgets(channel: Channel, rows: list[Mapping[str, Any]], now: datetime) -> list[Budget]:
    found: list[Budget] = []
    for kind in kinds_of(Platform(channel.platform)):
        of_kind = [row for row in rows if _counts(row, kind, channel)]
        if kind.window is Window.TOLD:
            found += [_as_told(kind, channel, row) for row in of_kind]
        elif kind is not X_OBJECTS:
            told = [row["told_limit"] for row in of_kind if row["told_limit"] is not None]
            limit = limit_of(kind, channel, told[-1] if told else None)
            used = sum(row["used"] for row in of_kind)
            found.append(Budget(kind.name, kind, used, limit, span(kind.window, now)[1]))
    return found


def _counts(row: Mapping[str, Any], kind: MeterKind, channel: Channel) -> bool:
    """Tell whether a row counts for this budget of this channel."""
    if row["meter"].partition(":")[0] != kind.name:
        return False
    ours = row["channel_id"] == channel.pk
    return ours or (kind.shared and row["channel__platform"] == channel.platform)


def _as_told(kind: MeterKind, channel: Channel, row: Mapping[str, Any]) -> Budget:
    limit = limit_of(kind, channel, row["told_limit"])
    return Budget(row["meter"], kind, row["used"], limit, row["ends_at"])


def _every_kind() -> Iterable[MeterKind]:
    return chain.from_iterable(kinds_of(platform) for platform in Platform)

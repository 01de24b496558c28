"""How a post was met with on each channel: the latest numbers, and how they grew.

Numbers inform; nothing is ranked and nothing compared. What is not told is '—', never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from jspm_social.platforms.states import OperationState
from posts.models import Delivery, Post, Tally

NAMES = {"likes": "いいね", "reposts": "シェア", "comments": "コメント", "views": "表示"}
DRAWN = ("likes", "reposts", "comments")  # views are of another size; drawn where nothing else is
WIDTH, HEIGHT = 320, 110  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 8, 18  # what the axes take of it


@dataclass(frozen=True, slots=True)
class Line:
    """One curve. `points` are 'x,y x,y …' as SVG takes them; `kind` is its look in the style."""

    kind: str
    name: str
    points: str


def tallies(post: Post) -> list[dict[str, Any]]:
    """The channels where the post stands and whose numbers were read, in order of publication."""
    done = {
        row.pk: row
        for row in post.deliveries.filter(
            deed=Delivery.Deed.PUBLISH, state=OperationState.DONE
        ).select_related("channel")
    }
    read: dict[int, list[Tally]] = {}
    for row in Tally.objects.filter(delivery__in=done).order_by("at"):
        read.setdefault(row.delivery_id, []).append(row)
    return [_channel(done[pk], read[pk]) for pk in sorted(read)]


def _channel(delivery: Delivery, rows: Sequence[Tally]) -> dict[str, Any]:
    latest = rows[-1]
    numbers = _numbers(latest)
    told = [f"{n['name']}{n['told']}" for n in numbers if n["told"] is not None]
    return {
        "pk": delivery.pk,
        "channel": str(delivery.channel),
        "at": latest.at,
        "numbers": numbers,
        "words": "、".join(told),
        "days": by_day(rows),
        "chart": chart(rows),
    }


def by_day(rows: Sequence[Tally]) -> list[dict[str, Any]]:
    """The last reading of each day in Japan, oldest first: the chart in words."""
    days = {timezone.localdate(row.at): row for row in rows}
    return [{"date": day, "numbers": _numbers(row)} for day, row in days.items()]


def _numbers(row: Tally) -> list[dict[str, Any]]:
    return [{"name": name, "told": getattr(row, key)} for key, name in NAMES.items()]


def chart(rows: Sequence[Tally]) -> dict[str, Any] | None:
    """Return where the curves run; None until there are two readings to draw a line between."""
    keys = [key for key in DRAWN if _told(rows, key)] or [k for k in ("views",) if _told(rows, k)]
    if len(rows) < 2 or not keys:
        return None
    most = max(value for key in keys for _, value in _told(rows, key))
    first, last = rows[0].at, rows[-1].at
    top = max(most, 1)
    lines = [Line(key, NAMES[key], _points(_told(rows, key), first, last, top)) for key in keys]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "label": LEFT - 4,
        "right": WIDTH - RIGHT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "foot": HEIGHT - 4,
        "most": top,
        "first": first,
        "last": last,
        "lines": lines,
    }


def _told(rows: Sequence[Tally], key: str) -> list[tuple[datetime, int]]:
    found = ((row.at, getattr(row, key)) for row in rows)
    return [(at, value) for at, value in found if value is not None]


def _points(told: Sequence[tuple[datetime, int]], first: datetime, last: datetime, top: int) -> str:
    span = max((last - first).total_seconds(), 1.0)
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    places = (
        (
            LEFT + across * (at - first).total_seconds() / span,
            TOP + down * (1 - value / top),
        )
        for at, value in told
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

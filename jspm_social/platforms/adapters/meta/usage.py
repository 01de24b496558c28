"""How much of Meta's budget is used, as its headers tell with every answer.

Facts: X-App-Usage is one object of percentages; X-Business-Use-Case-Usage is a list of such
objects per business, each with the minutes until access is regained (0 while there is access).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import number, obj, objs
from jspm_social.platforms.http import Answer

HEADERS = ("X-App-Usage", "X-Business-Use-Case-Usage")
METERS = ("call_count", "total_time", "total_cputime")
SLOW_PERCENT = 75  # from here on what can wait, waits
MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Usage:
    """The fullest meter in percent, and the longest wait that was named."""

    percent: int = 0
    wait: timedelta = timedelta()

    @property
    def slow(self) -> bool:
        return self.percent >= SLOW_PERCENT


def usage_of(answer: Answer) -> Usage:
    """Return what the headers tell; all zero where there are none."""
    meters = list(_meters(answer))
    minutes = max((number(m, "estimated_time_to_regain_access") for m in meters), default=0)
    return Usage(
        percent=max((number(m, name) for m in meters for name in METERS), default=0),
        wait=timedelta(minutes=min(max(minutes, 0), MOST_MINUTES)),
    )


def _meters(answer: Answer) -> Iterator[dict[str, Any]]:
    yield _header(answer, HEADERS[0])
    for entries in _header(answer, HEADERS[1]).values():
        yield from objs(entries)


def _header(answer: Answer, name: str) -> dict[str, Any]:
    try:
        return obj(json.loads(answer.headers.get(name, "{}")))
    except (ValueError, RecursionError):
        return {}

"""The stretches of time that platforms count in. Pure.

Bluesky counts over the last hour and day; whole hours and days in UTC stand for those, which may
be off by the points of one window. X's billing month is not told by its API: the calendar month
in UTC stands for it. LINE counts by calendar months in Japan.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
JAPAN = ZoneInfo("Asia/Tokyo")
TOLD_FOR = timedelta(minutes=15)  # how long a reading counts whose end the platform did not tell


class Window(Enum):
    """How long a count lasts before it begins anew. TOLD: until the time that came with it."""

    TOLD = "told"
    HOUR = "hour"
    DAY = "day"
    PACIFIC_DAY = "pacific_day"
    MONTH = "month"
    JAPAN_MONTH = "japan_month"


_ZONES: dict[Window, tzinfo] = {Window.PACIFIC_DAY: PACIFIC, Window.JAPAN_MONTH: JAPAN}


def span(window: Window, now: datetime) -> tuple[datetime, datetime]:
    """Return when the window around `now` began, and when the next one begins, in UTC.

    TOLD has no beginning: all of its readings share the same one, and the last of them counts.
    """
    if window is Window.TOLD:
        return datetime(1970, 1, 1, tzinfo=UTC), now + TOLD_FOR
    zone = _ZONES.get(window, UTC)
    local = now.astimezone(zone)
    if window is Window.HOUR:
        start = local.replace(minute=0, second=0, microsecond=0)
        return start, start + timedelta(hours=1)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if window in {Window.DAY, Window.PACIFIC_DAY}:
        return midnight.astimezone(UTC), _next_day(midnight, zone).astimezone(UTC)
    first = midnight.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first.astimezone(UTC), following.astimezone(UTC)


def _next_day(midnight: datetime, zone: tzinfo) -> datetime:
    tomorrow = midnight.date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)

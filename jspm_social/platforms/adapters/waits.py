"""Until when a platform asks to wait, however it writes that. Pure.

What it says is believed within bounds: a clock that goes wrong, on either side, must neither make
us ask at once and for ever nor silence a channel for years.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from .reading import instant, number

SOONEST: Final = timedelta(seconds=1)
A_DAY: Final = timedelta(days=1)
A_MONTH: Final = timedelta(days=31, hours=1)  # with the hour that a change of clocks may add


def wait_until(
    told: datetime | None, now: datetime, *, usual: timedelta, most: timedelta = A_DAY
) -> datetime:
    """Return when to ask again: as told, within bounds; after `usual` where nothing was told."""
    wanted = now + usual if told is None else told
    return min(max(wanted, now + SOONEST), now + most)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Read Retry-After in both of its forms (RFC 9110 §10.2.3): seconds, or a date."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return now + timedelta(seconds=min(int(told[:12]), A_MONTH.total_seconds()))
    try:
        moment = parsedate_to_datetime(told)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def reset_time(headers: Mapping[str, str], name: str) -> datetime | None:
    """Read a header that names a moment: unix seconds, unix milliseconds, or ISO 8601."""
    told = headers.get(name, "").strip()
    stamp = number({"stamp": told}, "stamp")
    if stamp > 100_000_000_000:  # in seconds that would be the year 5138
        stamp //= 1000
    return instant(stamp) if stamp else instant(told or None)

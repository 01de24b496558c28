"""LINE's refusals → what to do next; 429 has two meanings, which only its message tells apart.

Facts: after 429 nothing was sent to anybody; the month's allowance begins anew on the first, in
Japan at midnight there; `details` name the place in the request that was wrong.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.http import Answer

TOKYO = ZoneInfo("Asia/Tokyo")
PAUSE = timedelta(minutes=1)
MONTHLY = "monthly limit"


def problem_of(answer: Answer) -> PlatformError | None:
    """Return the error an answer stands for, None for success. 5xx never gets here."""
    if answer.ok:
        return None
    message = text(obj(answer.body), "message")
    detail = f"LINE {answer.status} {_places(answer)}".strip()
    now = datetime.now(UTC)
    if answer.status == 429 and MONTHLY in message:
        return RateLimited("LINE: 今月の配信数の上限に達しています", until=next_month(now))
    if answer.status == 429:
        return RateLimited(detail, until=now + PAUSE)
    if answer.status == 401:
        return AuthExpired(detail)
    if answer.status == 403:
        return Unsupported(detail)
    return Rejected(detail)


def next_month(now: datetime) -> datetime:
    """Return when the allowance begins anew: the first of the next month, midnight in Tokyo."""
    local = now.astimezone(TOKYO)
    year, month = divmod(local.year * 12 + local.month, 12)
    return datetime(year, month + 1, 1, tzinfo=TOKYO).astimezone(UTC)


def _places(answer: Answer) -> str:
    """Name the properties that were wrong, e.g. messages[0].text; never their values."""
    found = [text(entry, "property")[:60] for entry in objs(obj(answer.body).get("details"))]
    return ", ".join(place for place in found if place)[:120]

"""Refusals of Mastodon and compatible servers → what to do next; decided on the status.

Facts: error pages may be plain text or HTML; an unknown token is 401 on most servers, 400 or 422
on some (the client asks who we are before it believes those); X-RateLimit-Reset is ISO 8601,
on some unix seconds, and may be missing altogether.
"""

from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.waits import reset_time, retry_after, wait_until
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.http import Answer

GONE = {404, 410}
DEFAULT_WAIT = timedelta(minutes=5)  # the window of Mastodon's own limits


def problem_of(answer: Answer, *, changes: bool) -> PlatformError | None:
    """Return the error an answer stands for, None for success. A 404 is only a suspicion.

    A missing permission stops a reading (AuthExpired), but makes a single effect a manual task.
    """
    if answer.ok:
        return None
    detail = f"Mastodon {answer.status}"
    if answer.status == 429:
        return RateLimited(detail, until=_until(answer))
    if answer.status == 401:
        return AuthExpired(detail)
    if answer.status == 403:
        missing = f"{detail}: a permission is missing"
        return Unsupported(missing) if changes else AuthExpired(missing)
    if answer.status in {405, 501}:
        return Unsupported(f"{detail}: this server does not offer it")
    return Rejected(detail)


def _until(answer: Answer) -> datetime:
    now = datetime.now(UTC)
    told = retry_after(answer.headers, now) or reset_time(answer.headers, "X-RateLimit-Reset")
    return wait_until(told, now, usual=DEFAULT_WAIT)

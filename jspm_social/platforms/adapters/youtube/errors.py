"""YouTube's refusals → what to do next; decided on `errors[0].reason`.

Facts: the quota is counted per project and day and starts anew at midnight Pacific time; a
comment that its author deleted answers processingFailure or forbidden as well as commentNotFound.
"""

from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.adapters.waits import retry_after, wait_until
from jspm_social.platforms.budgets.windows import Window, span
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.http import Answer

QUOTA = {"quotaExceeded", "dailyLimitExceeded", "uploadLimitExceeded"}
PACE = {"rateLimitExceeded", "userRateLimitExceeded"}
PERHAPS_GONE = {"processingFailure", "forbidden", "commentNotFound"}
PAUSE = timedelta(minutes=1)


def problem_of(answer: Answer) -> PlatformError | None:
    """Return the error an answer stands for, None for success."""
    if answer.ok:
        return None
    reason = reason_of(answer)
    detail = f"YouTube {answer.status} {reason}".strip()
    now = datetime.now(UTC)
    if reason in QUOTA:
        return RateLimited(detail, until=quota_renewal(now))
    if reason in PACE or answer.status == 429:
        until = wait_until(retry_after(answer.headers, now), now, usual=PAUSE)
        return RateLimited(detail, until=until)
    if answer.status == 401 or reason == "insufficientPermissions":
        return AuthExpired(detail)
    if answer.status == 403:
        return Unsupported(detail)
    return Rejected(detail)


def reason_of(answer: Answer) -> str:
    error = obj(obj(answer.body).get("error"))
    return next((text(entry, "reason")[:60] for entry in objs(error.get("errors"))), "")


def quota_renewal(now: datetime) -> datetime:
    """Return the next midnight in Los Angeles, which daylight saving moves against UTC."""
    return span(Window.PACIFIC_DAY, now)[1]

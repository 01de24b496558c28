"""XRPC's refusals → what to do next; decided on the body's `error`, not on the status.

Facts: most failures are 400; an expired token is `ExpiredToken`, and so is a revoked refresh
token; 429 carries Retry-After and RateLimit-Reset (unix seconds) of the tightest bucket.
"""

from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.adapters.waits import reset_time, retry_after, wait_until
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
)
from jspm_social.platforms.http import Answer

STALE = {"ExpiredToken", "InvalidToken"}  # a fresh token may help
TOKEN = STALE | {
    "AuthMissing",
    "AuthenticationRequired",
    "AuthRequired",
    "AuthFactorTokenRequired",
    "AccountTakedown",
    "AccountDeactivated",
    "AccountSuspended",
}
GONE = {"NotFound", "RecordNotFound"}
DEFAULT_WAIT = timedelta(minutes=5)  # the window of most buckets


def problem_of(answer: Answer) -> PlatformError | None:
    """Return the error an answer stands for, None for success. 'Not found' is Rejected here."""
    if answer.ok:
        return None
    name = error_name(answer)
    detail = f"Bluesky {answer.status} {name}".strip()
    if answer.status == 429 or name == "RateLimitExceeded":
        return RateLimited(detail, until=_until(answer))
    if answer.status == 401 or name in TOKEN:
        return AuthExpired(detail)
    if name == "InvalidSwap":  # somebody else wrote in between: nothing was done
        return Transient(detail)
    return Rejected(detail)


def error_name(answer: Answer) -> str:
    """Return the name of a refusal, e.g. 'InvalidSwap'; '' for success or none."""
    return "" if answer.ok else text(obj(answer.body), "error")[:60]


def is_gone(answer: Answer) -> bool:
    return error_name(answer) in GONE


def _until(answer: Answer) -> datetime:
    now = datetime.now(UTC)
    told = retry_after(answer.headers, now) or reset_time(answer.headers, "RateLimit-Reset")
    return wait_until(told, now, usual=DEFAULT_WAIT)

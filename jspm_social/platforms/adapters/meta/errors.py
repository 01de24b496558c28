"""The Graph API's refusals → what to do next; decided on `error.code`, hardly on the status.

Facts: an expired token is HTTP 400 with code 190; code 100 with subcode 33 says 'does not exist'
and means either that or a lost permission. Facebook, Instagram and Threads share all this.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import number, obj
from jspm_social.platforms.adapters.waits import retry_after, wait_until
from jspm_social.platforms.errors import (
    AuthExpired,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.http import Answer

from .usage import usage_of

PASSING = {1, 2, -1, -2}
WAITING = {4, 17, 32, 341, 613, 80001, 80002, 80006}
TOKEN = {102, 190}
DEFAULT_WAIT = timedelta(minutes=15)


def problem_of(answer: Answer, *, changes: bool, name: str = "Meta") -> PlatformError | None:
    """Return the error an answer stands for, None for success. `name` begins its detail.

    'Failed for now' after a request that `changes` something does not say whether it happened:
    unknown. A missing permission stops a reading (AuthExpired), but makes a single effect a
    manual task (Unsupported), so that one odd comment does not stop the channel.
    """
    error = error_of(answer)
    if answer.ok and not error:
        return None
    code = number(error, "code")
    detail = f"{name} {answer.status} code {code}/{number(error, 'error_subcode')}"
    if code in WAITING or answer.status == 429:
        return RateLimited(detail, until=_until(answer))
    if code in TOKEN or answer.status == 401:
        return AuthExpired(detail)
    if code == 10 or 200 <= code <= 299:
        missing = f"{detail}: a permission is missing"
        return Unsupported(missing) if changes else AuthExpired(missing)
    if code in PASSING or error.get("is_transient") is True:
        return OutcomeUnknown(detail) if changes else Transient(detail)
    return Rejected(detail)


def seems_gone(answer: Answer) -> bool:
    """True when the object may be gone; a lost permission looks the same."""
    error = error_of(answer)
    code = number(error, "code")
    return code == 803 or (code == 100 and number(error, "error_subcode") == 33)


def error_of(answer: Answer) -> dict[str, Any]:
    return obj(obj(answer.body).get("error"))


def _until(answer: Answer) -> datetime:
    """Return when access is regained: as the usage headers or Retry-After name it."""
    now, named = datetime.now(UTC), usage_of(answer).wait
    told = now + named if named else retry_after(answer.headers, now)
    return wait_until(told, now, usual=DEFAULT_WAIT)

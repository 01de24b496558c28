"""X's refusals → what to do next. Facts: problem types, 402 CreditsDepleted, x-rate-limit-reset."""

from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.adapters.waits import reset_time, retry_after, wait_until
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.http import Answer

WINDOW = timedelta(minutes=15)  # X counts calls per 15 minutes
NOT_FOUND = "resource-not-found"


def problem_of(answer: Answer) -> PlatformError | None:
    """Return the error an answer stands for, None for success. A 404 is only a suspicion."""
    if answer.ok:
        return None
    kinds = problem_kinds(answer)
    detail = f"X {answer.status} {' '.join(kinds)}".strip()
    if answer.status == 429 or "rate-limit-exceeded" in kinds or "usage-capped" in kinds:
        return RateLimited(detail, until=_until(answer, capped="usage-capped" in kinds))
    if answer.status == 401:
        return AuthExpired(detail)
    if answer.status == 402:
        return Unsupported(f"{detail} credits are used up")
    if answer.status == 403 and {"client-forbidden", "not-authorized-for-resource"} & set(kinds):
        return Unsupported(detail)
    return Rejected(detail)


def problem_kinds(answer: Answer) -> list[str]:
    """Return the short problem types of a body, e.g. ['resource-not-found']."""
    body = obj(answer.body)
    problems = [body, *objs(body.get("errors"))]
    return [kind for kind in (text(p, "type").rpartition("/")[2][:60] for p in problems) if kind]


def not_found_ids(answer: Answer) -> list[str]:
    """Return the ids that a look-up answered with 'not found' (not those merely withheld)."""
    return [
        text(problem, "resource_id", "value")
        for problem in objs(obj(answer.body).get("errors"))
        if text(problem, "type").endswith(NOT_FOUND)
    ]


def unclear() -> Transient:
    return Transient("X: not found, and found when looked up again")


def _until(answer: Answer, *, capped: bool) -> datetime:
    now = datetime.now(UTC)
    if capped:  # the monthly cap has no header; ask again tomorrow
        return now + timedelta(days=1)
    told = reset_time(answer.headers, "x-rate-limit-reset") or retry_after(answer.headers, now)
    return wait_until(told, now, usual=WINDOW)

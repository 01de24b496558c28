"""Every documented refusal, and the error that says what to do next."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms.adapters.meta import errors as meta
from jspm_social.platforms.adapters.x import errors as x
from jspm_social.platforms.adapters.youtube import errors as youtube
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

PROBLEM = "https://api.x.com/2/problems/"
OLD_PROBLEM = "https://api.twitter.com/2/problems/"


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)


@pytest.mark.parametrize(
    ("got", "error"),
    [
        (answer(200, {"data": {}}), None),
        (answer(400, {"type": PROBLEM + "invalid-request"}), Rejected),
        (answer(401), AuthExpired),
        (answer(402, {"title": "CreditsDepleted"}), Unsupported),
        (answer(403, {"type": PROBLEM + "client-forbidden"}), Unsupported),
        (answer(403, {"errors": [{"type": PROBLEM + "not-authorized-for-resource"}]}), Unsupported),
        (answer(403, {"detail": "duplicate content"}), Rejected),
        (answer(404, {"type": OLD_PROBLEM + "resource-not-found"}), Rejected),
        (answer(429), RateLimited),
        (answer(403, {"type": PROBLEM + "usage-capped"}), RateLimited),
        (answer(400, ["odd"]), Rejected),
        (answer(400, {"code": 32, "message": "legacy"}), Rejected),
    ],
)
def test_x_problem(got: Answer, error: type[PlatformError] | None) -> None:
    assert type(x.problem_of(got)) is (error or type(None))


def test_x_waits_until_the_stated_time() -> None:
    problem = x.problem_of(answer(429, x_rate_limit_reset="1788256800"))
    assert isinstance(problem, RateLimited)
    assert problem.until == datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_x_withheld_is_not_gone() -> None:
    body = {
        "errors": [
            {"resource_id": "1", "type": PROBLEM + "resource-not-found"},
            {"resource_id": "2", "type": PROBLEM + "not-authorized-for-resource"},
        ]
    }
    assert x.not_found_ids(answer(200, body)) == ["1"]


def graph(code: int, subcode: int = 0, **more: Any) -> Answer:
    return answer(400, {"error": {"code": code, "error_subcode": subcode, "message": "m", **more}})


@pytest.mark.parametrize(
    ("got", "reading", "changing"),
    [
        (answer(200, {"success": True}), None, None),
        *((graph(code), Transient, OutcomeUnknown) for code in (1, 2, -1, -2)),
        (graph(999, is_transient=True), Transient, OutcomeUnknown),
        *((graph(c), RateLimited, RateLimited) for c in (4, 17, 32, 341, 613, 80001, 80002, 80006)),
        (graph(102), AuthExpired, AuthExpired),
        *((graph(190, s), AuthExpired, AuthExpired) for s in (458, 459, 460, 463, 464, 467, 492)),
        *((graph(code), AuthExpired, Unsupported) for code in (10, 200, 210, 299)),
        *((graph(code), Rejected, Rejected) for code in (100, 368, 506, 803)),
        (graph(100, 33), Rejected, Rejected),
        (answer(401), AuthExpired, AuthExpired),
        (answer(429), RateLimited, RateLimited),
        (answer(404, "odd"), Rejected, Rejected),
        (answer(200, {"error": {"code": 190}}), AuthExpired, AuthExpired),
    ],
)
def test_meta_problem(
    got: Answer, reading: type[PlatformError] | None, changing: type[PlatformError] | None
) -> None:
    assert type(meta.problem_of(got, changes=False)) is (reading or type(None))
    assert type(meta.problem_of(got, changes=True)) is (changing or type(None))


@pytest.mark.parametrize(
    ("got", "gone"),
    [(graph(100, 33), True), (graph(803), True), (graph(100), False), (graph(190, 33), False)],
)
def test_meta_suspicion_of_gone(got: Answer, *, gone: bool) -> None:
    assert meta.seems_gone(got) is gone


@pytest.mark.parametrize(
    ("header", "minutes"),
    [
        (json.dumps({"1": [{"estimated_time_to_regain_access": 7}], "2": [{}]}), 7),
        (json.dumps({"1": [{"estimated_time_to_regain_access": 0}]}), 15),
        ("no json", 15),
        ("{}", 15),
        (json.dumps({"1": [{"estimated_time_to_regain_access": 10**9}]}), 1440),
    ],
)
def test_meta_waits_as_long_as_the_header_says(header: str, minutes: int) -> None:
    got = answer(400, {"error": {"code": 32}}, X_Business_Use_Case_Usage=header)
    problem = meta.problem_of(got, changes=True)
    assert isinstance(problem, RateLimited)
    waiting = problem.until - datetime.now(UTC)
    assert abs(waiting - timedelta(minutes=minutes)) < timedelta(seconds=30)


def google(status: int, reason: str) -> Answer:
    return answer(status, {"error": {"code": status, "errors": [{"reason": reason}]}})


@pytest.mark.parametrize(
    ("got", "error"),
    [
        (answer(204), None),
        (google(401, "authError"), AuthExpired),
        (google(403, "insufficientPermissions"), AuthExpired),
        (google(403, "quotaExceeded"), RateLimited),
        (google(403, "dailyLimitExceeded"), RateLimited),
        (google(403, "rateLimitExceeded"), RateLimited),
        (google(403, "userRateLimitExceeded"), RateLimited),
        (answer(429), RateLimited),
        (google(403, "commentsDisabled"), Unsupported),
        (google(403, "forbidden"), Unsupported),
        (google(400, "processingFailure"), Rejected),
        (google(400, "banWithoutReject"), Rejected),
        (google(404, "videoNotFound"), Rejected),
        (answer(400, {"error": "odd"}), Rejected),
    ],
)
def test_youtube_problem(got: Answer, error: type[PlatformError] | None) -> None:
    assert type(youtube.problem_of(got)) is (error or type(None))

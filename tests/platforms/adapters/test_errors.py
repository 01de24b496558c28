"""Every documented refusal, and the error that says what to do next."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters import waits
from jspm_social.platforms.adapters.bluesky import errors as bluesky
from jspm_social.platforms.adapters.mastodon import errors as mastodon
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
        (answer(200, {"data": {}, "errors": [{"type": PROBLEM + "resource-not-found"}]}), None),
        (answer(400, {"type": PROBLEM + "invalid-request"}), Rejected),
        (answer(403, {"type": PROBLEM + "disallowed-resource"}), Rejected),
        (answer(404, {"type": PROBLEM + "resource-unavailable"}), Rejected),
        (answer(400, {"type": PROBLEM + "rate-limit-exceeded"}), RateLimited),
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
        (google(400, "uploadLimitExceeded"), RateLimited),
        (google(403, "dailyLimitExceeded"), RateLimited),
        (google(403, "rateLimitExceeded"), RateLimited),
        (google(403, "userRateLimitExceeded"), RateLimited),
        (answer(429), RateLimited),
        (google(403, "commentsDisabled"), Unsupported),
        (google(403, "forbidden"), Unsupported),
        (google(400, "processingFailure"), Rejected),
        (google(400, "banWithoutReject"), Rejected),
        (google(404, "videoNotFound"), Rejected),
        (google(404, "commentNotFound"), Rejected),
        (answer(400, {"error": "odd"}), Rejected),
    ],
)
def test_youtube_problem(got: Answer, error: type[PlatformError] | None) -> None:
    assert type(youtube.problem_of(got)) is (error or type(None))


def xrpc(status: int, name: str = "") -> Answer:
    return answer(status, {"error": name, "message": "m"} if name else None)


@pytest.mark.parametrize(
    ("got", "error"),
    [
        (xrpc(200), None),
        *((xrpc(400, name), AuthExpired) for name in ("ExpiredToken", "InvalidToken")),
        (xrpc(401, "AuthMissing"), AuthExpired),
        (xrpc(401, "AuthenticationRequired"), AuthExpired),
        (xrpc(401, "AuthFactorTokenRequired"), AuthExpired),
        (xrpc(401, "AccountTakedown"), AuthExpired),
        (xrpc(401, "AccountDeactivated"), AuthExpired),
        (xrpc(400, "AccountSuspended"), AuthExpired),
        (xrpc(400, "InvalidSwap"), Transient),
        (xrpc(400, "InvalidRequest"), Rejected),
        (xrpc(400, "RecordNotFound"), Rejected),
        (xrpc(400, "NotFound"), Rejected),
        (xrpc(429, "RateLimitExceeded"), RateLimited),
        (xrpc(400, "RateLimitExceeded"), RateLimited),
        (xrpc(429), RateLimited),
        (xrpc(404), Rejected),
    ],
)
def test_bluesky_problem(got: Answer, error: type[PlatformError] | None) -> None:
    assert type(bluesky.problem_of(got)) is (error or type(None))


@pytest.mark.parametrize(
    ("status", "reading", "changing"),
    [
        (200, None, None),
        (202, None, None),
        (400, Rejected, Rejected),
        (401, AuthExpired, AuthExpired),
        (403, AuthExpired, Unsupported),
        (404, Rejected, Rejected),
        (405, Unsupported, Unsupported),
        (410, Rejected, Rejected),
        (422, Rejected, Rejected),
        (429, RateLimited, RateLimited),
    ],
)
def test_mastodon_problem(
    status: int, reading: type[PlatformError] | None, changing: type[PlatformError] | None
) -> None:
    got = answer(status, {"error": "m"})
    assert type(mastodon.problem_of(got, changes=False)) is (reading or type(None))
    assert type(mastodon.problem_of(got, changes=True)) is (changing or type(None))


# --- until when

NOW = datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
TEN, UNIX_TEN = datetime(2026, 9, 1, 10, tzinfo=UTC), "1788256800"
A_DAY_LATER, AT_ONCE = NOW + timedelta(days=1), NOW + timedelta(seconds=1)
BUSY_ON_META = {"error": {"code": 32}}


def meta_usage(minutes: int) -> str:
    return json.dumps({"1": [{"estimated_time_to_regain_access": minutes}]})


@pytest.mark.parametrize(
    ("platform", "got", "until"),
    [
        ("x", answer(429, x_rate_limit_reset=UNIX_TEN), TEN),
        ("x", answer(429, Retry_After="600"), TEN),
        ("x", answer(429), NOW + timedelta(minutes=15)),
        ("x", answer(429, x_rate_limit_reset="soon"), NOW + timedelta(minutes=15)),
        ("x", answer(429, x_rate_limit_reset="1"), AT_ONCE),
        ("x", answer(429, x_rate_limit_reset="9999999999"), A_DAY_LATER),
        ("x", answer(403, {"type": PROBLEM + "usage-capped"}), A_DAY_LATER),
        ("youtube", answer(429), NOW + timedelta(minutes=1)),
        ("youtube", answer(429, Retry_After="600"), TEN),
        # Midnight in Los Angeles, seven hours behind in summer.
        ("youtube", google(403, "quotaExceeded"), datetime(2026, 9, 2, 7, tzinfo=UTC)),
        ("youtube", google(403, "userRateLimitExceeded"), NOW + timedelta(minutes=1)),
        ("meta", answer(400, BUSY_ON_META, X_Business_Use_Case_Usage=meta_usage(10)), TEN),
        (
            "meta",
            answer(400, BUSY_ON_META, X_Business_Use_Case_Usage=meta_usage(9999)),
            A_DAY_LATER,
        ),
        ("meta", answer(429, Retry_After="600"), TEN),
        ("meta", answer(400, BUSY_ON_META), NOW + timedelta(minutes=15)),
        ("bluesky", answer(429, Retry_After="600"), TEN),
        ("bluesky", answer(429, Retry_After="Tue, 01 Sep 2026 10:00:00 GMT"), TEN),
        ("bluesky", answer(429, RateLimit_Reset=UNIX_TEN), TEN),
        ("bluesky", answer(429), NOW + timedelta(minutes=5)),
        ("mastodon", answer(429, X_RateLimit_Reset="2026-09-01T10:00:00.000Z"), TEN),
        ("mastodon", answer(429, X_RateLimit_Reset="2026-09-01T19:00:00+09:00"), TEN),
        ("mastodon", answer(429, X_RateLimit_Reset=UNIX_TEN), TEN),
        ("mastodon", answer(429, X_RateLimit_Reset=UNIX_TEN + "000"), TEN),
        ("mastodon", answer(429, Retry_After="Tuesday, 01-Sep-26 10:00:00 GMT"), TEN),
        ("mastodon", answer(429, Retry_After="Mon, 31 Aug 2026 10:00:00 GMT"), AT_ONCE),
        ("mastodon", answer(429, Retry_After="0"), AT_ONCE),
        ("mastodon", answer(429, Retry_After="later"), NOW + timedelta(minutes=5)),
        ("mastodon", answer(429, Retry_After="99999999999999999999"), A_DAY_LATER),
    ],
)
def test_platforms_are_waited_for_until_the_time_they_state(
    platform: str, got: Answer, until: datetime
) -> None:
    problems: dict[str, Callable[[Answer], PlatformError | None]] = {
        "x": x.problem_of,
        "youtube": youtube.problem_of,
        "meta": partial(meta.problem_of, changes=False),
        "bluesky": bluesky.problem_of,
        "mastodon": partial(mastodon.problem_of, changes=True),
    }
    with time_machine.travel(NOW, tick=False):
        problem = problems[platform](got)
    assert isinstance(problem, RateLimited)
    assert problem.until == until


HEADERS = st.one_of(
    st.text(max_size=30),
    st.integers(-(10**15), 10**25).map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes().map(format_datetime),
)


@given(HEADERS, HEADERS, st.timedeltas(timedelta(), timedelta(days=40)))
def test_whatever_is_told_the_wait_is_neither_over_nor_endless(
    after: str, reset: str, usual: timedelta
) -> None:
    headers = {"Retry-After": after, "X-Reset": reset}
    for most in (waits.A_DAY, waits.A_MONTH):
        for told in (waits.retry_after(headers, NOW), waits.reset_time(headers, "X-Reset"), None):
            until = waits.wait_until(told, NOW, usual=usual, most=most)
            assert NOW < until <= NOW + most

"""LINE: an account without comments, and broadcasts that are sent again with one key."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters.line.errors import next_month, problem_of
from jspm_social.platforms.adapters.line.publisher import messages_of
from jspm_social.platforms.adapters.line.wire import Allowance
from jspm_social.platforms.contract import Standing, Target
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
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.publishing import Card
from jspm_social.platforms.sandbox import ids, line as wire
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel
from .outgoing import KEY, TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

BROADCAST = "POST /v2/bot/message/broadcast"
LOOKING = [
    "GET /v2/bot/message/quota",
    "GET /v2/bot/message/quota/consumption",
    "GET /v2/bot/insight/followers",
    "POST /v2/bot/message/validate/broadcast",
]


@pytest.fixture
def line(sandbox: Sandbox) -> Channel:
    return Channel(Platform.LINE, sandbox)


# --- the account


def test_pull_brings_nothing_and_asks_nothing(line: Channel) -> None:
    assert list(line.client().pull({})) == []
    assert sent(line) == []


@pytest.mark.parametrize("effect", list(Effect))
def test_no_effect_exists_and_no_standing_can_be_read(line: Channel, effect: Effect) -> None:
    target = Target("1", "", "U1")
    with pytest.raises(Unsupported):
        line.client().apply(effect, target)
    assert line.client().read_standing(effect, target) is Standing.UNREADABLE
    assert sent(line) == []


def test_connection_names_the_account_and_its_allowance(line: Channel) -> None:
    publisher(line).publish(wish(), Kept())
    report = line.client().test_connection()
    assert (report.account_id, report.account_name) == (ids.OWN_IDS["line"], ids.OWN_NAME)
    assert report.notes == ("今月の配信 120通／上限 5,000通",)


def test_allowance_without_a_limit_is_said_so() -> None:
    assert Allowance(None, 1234).words == "今月の配信 1,234通／上限 無制限"


# --- what is sent


def test_text_images_and_a_film_go_out_as_one_broadcast(line: Channel) -> None:
    request = wish(media=(picture(1), film(2)))
    done = publisher(line).publish(request, Kept())
    (post,) = published(line)
    assert done.remote_id == post["id"]
    assert post["text"] == TEXT
    assert [m["url"] for m in post["sent"]["media"]] == [m.public_url for m in request.media]
    assert sent(line) == [*LOOKING, BROADCAST]
    _, last = line.sandbox.requests[-1]
    assert last.headers["x-line-retry-key"] == KEY
    assert last.json == {
        "messages": [
            {"type": "text", "text": TEXT},
            {
                "type": "image",
                "originalContentUrl": "https://files.example.jp/1",
                "previewImageUrl": "https://files.example.jp/1/small",
            },
            {
                "type": "video",
                "originalContentUrl": "https://files.example.jp/2",
                "previewImageUrl": "https://files.example.jp/2/small",
            },
        ]
    }


def test_small_image_is_its_own_preview() -> None:
    (message,) = messages_of(wish(text="", media=(picture(preview_url=""),)))
    assert message["previewImageUrl"] == message["originalContentUrl"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": "  "}, Rejected),
        ({"title": "題名"}, Unsupported),
        ({"text": "あ" * 5001}, Rejected),
        ({"text": "🌸" * 2501}, Rejected),  # two units each
        ({"media": tuple(picture(n) for n in range(5))}, Rejected),
        ({"media": (picture(size=10_000_001),)}, Rejected),
        ({"media": (picture(mime="image/webp"),)}, Rejected),
        ({"media": (film(size=200_000_001),)}, Rejected),
        ({"media": (film(mime="video/quicktime"),)}, Rejected),
        ({"media": (picture(public_url="http://files.example.jp/1"),)}, Unsupported),
        ({"media": (picture(public_url=""),)}, Unsupported),
        ({"media": (film(preview_url=""),)}, Unsupported),
        ({"media": (picture(preview_url="", size=1_000_001),)}, Unsupported),
        ({"card": Card("https://www.jspm.ne.jp/")}, Unsupported),
    ],
)
def test_what_line_cannot_show_is_refused_before_anything_is_sent(
    line: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        publisher(line).publish(wish(**changes), Kept())
    assert sent(line) == []


def test_limits_are_kept_to_the_unit(line: Channel) -> None:
    text = "🌸" * 2500
    publisher(line).publish(wish(text=text, media=tuple(map(picture, range(4)))), Kept())
    assert published(line)[0]["text"] == text


def test_link_that_stands_in_the_text_needs_no_card() -> None:
    url = "https://www.jspm.ne.jp/"
    (message,) = messages_of(wish(text=f"お知らせ {url}", card=Card(url, "題")))
    assert message == {"type": "text", "text": f"お知らせ {url}"}


def test_what_line_finds_wrong_is_told_by_its_place_and_nothing_goes_out(
    line: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_refusal", lambda _: wire._invalid("messages[0].text", TEXT))
    with pytest.raises(Rejected) as caught:
        publisher(line).publish(wish(), Kept())
    assert caught.value.detail == "LINE 400 messages[0].text"
    assert BROADCAST not in sent(line)


# --- one key, one broadcast


@pytest.mark.parametrize(
    ("fault", "times"),
    [("5xx", 0), ("timeout_before", 0), ("timeout_after", 1), ("cut_off", 1)],
)
def test_lost_answer_is_sent_again_with_the_key_and_goes_out_once(
    line: Channel, fault: str, times: int
) -> None:
    assert publisher(line).repeatable
    progress = Kept()
    line.fault(fault, match=BROADCAST)
    with pytest.raises(OutcomeUnknown):
        publisher(line).publish(wish(), progress)
    assert len(published(line)) == times
    done = publisher(line).publish(wish(), progress)
    (post,) = published(line)
    assert done.remote_id == post["id"]
    assert [r.headers.get("x-line-retry-key") for _, r in line.sandbox.requests][-1] == KEY


def test_worker_killed_before_the_broadcast_sends_it_once(line: Channel) -> None:
    progress = Kept(dies_at=1)
    with pytest.raises(Crash):
        publisher(line).publish(wish(), progress)
    assert published(line) == []
    publisher(line).publish(wish(), progress)
    publisher(line).publish(wish(), progress)
    assert len(published(line)) == 1


def test_key_is_not_relied_on_after_a_day(line: Channel) -> None:
    progress = Kept()
    with time_machine.travel(datetime(2026, 11, 2, 10, tzinfo=UTC), tick=False) as clock:
        line.fault("timeout_after", match=BROADCAST)
        with pytest.raises(OutcomeUnknown):
            publisher(line).publish(wish(), progress)
        before = len(line.sandbox.requests)
        clock.shift(timedelta(hours=23, minutes=51))
        with pytest.raises(OutcomeUnknown):
            publisher(line).publish(wish(), progress)
        assert sent(line, before) == []  # a person decides: nothing is sent on a guess
        clock.shift(timedelta(minutes=-2))
        publisher(line).publish(wish(), progress)
    assert len(published(line)) == 1


@pytest.mark.parametrize("fault", ["429", "quota", "expired_token"])
def test_refusal_leaves_no_trace_so_that_a_later_attempt_is_a_first_one(
    line: Channel, fault: str
) -> None:
    progress = Kept()
    line.fault(fault, match=BROADCAST)
    with pytest.raises((RateLimited, AuthExpired)):
        publisher(line).publish(wish(), progress)
    assert progress.done == {"sent": ""}
    with time_machine.travel(datetime.now(UTC) + timedelta(days=40)):
        publisher(line).publish(wish(), progress)
    assert len(published(line)) == 1


def test_conflict_that_names_no_request_is_unknown(
    line: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_broadcast", lambda *_: Reply(409, {"message": "conflict"}))
    with pytest.raises(OutcomeUnknown):
        publisher(line).publish(wish(), Kept())


# --- the month's allowance


def test_broadcast_that_exceeds_the_month_waits_for_the_next(line: Channel) -> None:
    line.store.world("line").allowance = 239  # 120 friends: one broadcast, not two
    publisher(line).publish(wish(), Kept())
    with pytest.raises(RateLimited, match="配信数が足りません") as caught:
        publisher(line).publish(wish(key=KEY.replace("3", "4")), Kept())
    assert caught.value.until == next_month(datetime.now(UTC))
    assert sent(line).count(BROADCAST) == 1


def test_more_friends_than_the_plan_allows_is_refused_in_words(line: Channel) -> None:
    line.store.world("line").allowance = 119
    with pytest.raises(Rejected, match="友だち約120人は、プランの上限119通を超えます"):
        publisher(line).publish(wish(), Kept())
    assert BROADCAST not in sent(line)


def test_friends_that_are_not_counted_leave_the_decision_to_line(
    line: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.store.world("line").allowance = 119
    monkeypatch.setattr(wire, "_followers", lambda _: {"status": "unready"})
    with pytest.raises(RateLimited, match="上限に達しています"):
        publisher(line).publish(wish(), Kept())
    assert published(line) == []


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-05T10:00:00+09:00", "2026-12-01T00:00:00+09:00"),
        ("2026-12-31T23:59:59+09:00", "2027-01-01T00:00:00+09:00"),
        ("2026-11-30T15:00:00+00:00", "2027-01-01T00:00:00+09:00"),  # already December in Tokyo
    ],
)
def test_allowance_begins_anew_on_the_first_in_tokyo(now: str, then: str) -> None:
    assert next_month(datetime.fromisoformat(now)) == datetime.fromisoformat(then)


@given(st.integers(0, 4_000_000_000))
def test_next_month_is_always_ahead_and_within_31_days(seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert timedelta() < next_month(now) - now <= timedelta(days=31)


# --- errors


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (200, "", None),
        (400, "The request body has 1 error(s)", Rejected),
        (401, "Authentication failed.", AuthExpired),
        (403, "Access to this API is not available for your account", Unsupported),
        (404, "Not found", Rejected),
        (410, "Gone", Rejected),
        (413, "Request exceeds the max size of 2MB", Rejected),
        (429, "The API rate limit has been exceeded. Try again later.", RateLimited),
        (429, "You have reached your monthly limit.", RateLimited),
    ],
)
def test_problem(status: int, message: str, error: type[PlatformError] | None) -> None:
    problem = problem_of(Answer(status, {}, {"message": message}))
    assert type(problem) is (error or type(None))


def test_two_meanings_of_429() -> None:
    now = datetime.now(UTC)
    month = problem_of(Answer(429, {}, {"message": "You have reached your monthly limit."}))
    pace = problem_of(Answer(429, {}, {"message": "The API rate limit has been exceeded."}))
    assert isinstance(month, RateLimited)
    assert isinstance(pace, RateLimited)
    assert month.until == next_month(now)
    assert pace.until - now < timedelta(minutes=2)


@pytest.mark.parametrize("fault", ["5xx", "timeout_before", "malformed_json"])
@pytest.mark.parametrize("match", LOOKING[:2] + LOOKING[3:])
def test_fault_while_looking_is_transient(line: Channel, match: str, fault: str) -> None:
    line.fault(fault, match=match)
    with pytest.raises(Transient):
        publisher(line).publish(wish(), Kept())
    assert published(line) == []


# --- afterwards


def test_broadcast_can_be_neither_found_read_nor_taken_back(line: Channel) -> None:
    done = publisher(line).publish(wish(), Kept())
    before = len(line.sandbox.requests)
    with pytest.raises(Unsupported):
        publisher(line).find(wish(), Kept(), since=datetime.now(UTC))
    with pytest.raises(Unsupported):
        publisher(line).read(done.remote_id)
    with pytest.raises(Unsupported):
        publisher(line).withdraw(done.remote_id)
    assert sent(line, before) == []


def test_secrets_are_not_in_any_repr(line: Channel) -> None:
    one = publisher(line)
    shown = f"{one!r} {vars(one)!r} {vars(line.client())!r}"
    assert all(secret not in shown for secret in line.secrets.values())


def test_bodies_name_nobody(line: Channel) -> None:
    publisher(line).publish(wish(media=(picture(),)), Kept())
    for _, request in line.sandbox.requests:
        assert set(json.loads(request.body or b"{}")) <= {"messages"}

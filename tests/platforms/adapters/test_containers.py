"""Instagram and Threads publish by containers: nothing goes out twice, whatever is lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest
import time_machine

from jspm_social.platforms.contract import Achieved, Receipt
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    Pending,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox import containers, graph
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel
from .outgoing import TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
SERIES = (picture(1), picture(2), film(3))


@pytest.fixture(params=["instagram", "threads"])
def meta(request: pytest.FixtureRequest, sandbox: Sandbox) -> Channel:
    return Channel(Platform(request.param), sandbox)


def making(meta: Channel) -> str:
    return "POST */media" if meta.platform == Platform.INSTAGRAM else "POST */threads"


def publishing(meta: Channel) -> str:
    return f"{making(meta)}_publish"


def of(channel: Channel, name: str) -> list[str]:
    """The requests that match 'METHOD path'."""
    return [line for line in sent(channel) if fnmatchcase(line, name)]


# --- what goes out


def test_picture_goes_out_with_its_alternative_text(meta: Channel) -> None:
    progress = Kept()
    before = datetime.now(UTC) - timedelta(seconds=2)
    done = publisher(meta).publish(wish(media=(picture(),)), progress)
    (post,) = published(meta)
    assert (done.remote_id, done.text) == (post["id"], TEXT)
    assert done.permalink.startswith("https://www.")
    assert done.published_at is not None
    assert before <= done.published_at <= datetime.now(UTC)
    assert post["text"] == TEXT
    assert post["sent"]["media"] == [
        {"kind": "image", "alt": "説明1", "url": "https://files.example.jp/1"}
    ]


def test_several_go_out_as_one_series_in_their_order(meta: Channel) -> None:
    publisher(meta).publish(wish(media=SERIES), Kept())
    (post,) = published(meta)
    assert [m["url"] for m in post["sent"]["media"]] == [m.public_url for m in SERIES]
    alts = ["説明1", "説明2", "" if meta.platform == Platform.INSTAGRAM else "説明3"]
    assert [m["alt"] for m in post["sent"]["media"]] == alts
    assert len(of(meta, publishing(meta))) == 1


def test_nobody_is_replied_to_and_who_may_reply_is_left_alone(meta: Channel) -> None:
    publisher(meta).publish(wish(media=SERIES), Kept())
    for _, request in meta.sandbox.requests:
        assert not {"reply_to_id", "quote_post_id", "reply_control"} & set(request.form)


def test_post_is_read_back(meta: Channel) -> None:
    done = publisher(meta).publish(wish(media=(picture(),)), Kept())
    assert publisher(meta).read(done.remote_id) == done


def test_post_that_cannot_be_read_yet_is_published_all_the_same(meta: Channel) -> None:
    meta.fault("5xx", match="GET /v*/18*")
    done = publisher(meta).publish(wish(media=(picture(),)), Kept())
    assert (done.remote_id, done.text, done.permalink) == (published(meta)[0]["id"], TEXT, "")


# --- waiting


def test_film_that_is_being_processed_is_asked_for_again_later(meta: Channel) -> None:
    meta.store.world(meta.platform.value).slow = 2
    progress = Kept()
    for _ in range(2):
        with pytest.raises(Pending) as caught:
            publisher(meta).publish(wish(media=(film(),)), progress)
        waiting = caught.value.until - datetime.now(UTC)
        assert timedelta(seconds=50) < waiting <= timedelta(minutes=1)
    assert published(meta) == []
    publisher(meta).publish(wish(media=(film(),)), progress)
    assert len(published(meta)) == 1
    assert len(of(meta, making(meta))) == 1


def test_parts_are_ready_before_the_series_is_made(meta: Channel) -> None:
    meta.store.world(meta.platform.value).slow = 1
    progress = Kept()
    calls = 0
    while not published(meta):
        calls += 1
        try:
            publisher(meta).publish(wish(media=SERIES), progress)
        except Pending:
            continue
    assert calls == 5  # three parts and the series, each asked for twice
    assert len(of(meta, making(meta))) == 4


def test_medium_that_fails_is_refused_in_words_and_can_be_tried_anew(meta: Channel) -> None:
    progress = Kept()
    broken = wish(media=(film(public_url="https://files.example.jp/broken"),))
    with pytest.raises(Rejected, match="動画"):
        publisher(meta).publish(broken, progress)
    assert progress.done["container"] == ""
    publisher(meta).publish(wish(media=(film(),)), progress)
    assert len(published(meta)) == 1


# --- lost answers


@pytest.mark.parametrize("fault", ["5xx", "timeout_before", "timeout_after", "cut_off"])
def test_answer_lost_while_preparing_is_transient_and_nothing_stands(
    meta: Channel, fault: str
) -> None:
    progress = Kept()
    request = wish(media=SERIES)
    meta.fault("slow", match=making(meta))  # the first part is made, the second is lost
    meta.fault(fault, match=making(meta))
    with pytest.raises(Transient):
        publisher(meta).publish(request, progress)
    assert published(meta) == []
    assert publisher(meta).find(request, progress, since=NOW) is None
    publisher(meta).publish(request, progress)
    assert len(published(meta)) == 1
    assert len(of(meta, making(meta))) == 5  # the first part was not made again


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("5xx", False),
        ("timeout_before", False),
        ("timeout_after", True),
        ("cut_off", True),
        ("malformed_json", True),
    ],
)
def test_answer_lost_while_publishing_is_settled_by_a_look(
    meta: Channel, fault: str, *, done: bool
) -> None:
    progress = Kept()
    request = wish(media=(picture(),))
    since = datetime.now(UTC)
    meta.fault(fault, match=publishing(meta))
    assert not publisher(meta).repeatable
    with pytest.raises(OutcomeUnknown):
        publisher(meta).publish(request, progress)
    assert len(published(meta)) == done
    found = publisher(meta).find(request, progress, since=since)
    assert (found is not None) is done
    again = publisher(meta).publish(request, progress)  # the container is asked first
    (post,) = published(meta)
    assert again.remote_id == post["id"]
    if found:
        assert found == again
    assert len(of(meta, making(meta))) == 1


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4, 5])
def test_worker_killed_at_any_step_publishes_once(meta: Channel, dies_at: int) -> None:
    progress = Kept(dies_at)
    request = wish(media=SERIES)
    with pytest.raises(Crash):
        publisher(meta).publish(request, progress)
    assert publisher(meta).find(request, progress, since=NOW) is None
    publisher(meta).publish(request, progress)
    publisher(meta).publish(request, progress)
    assert len(published(meta)) == 1
    assert len(of(meta, making(meta))) == 4


def test_published_but_not_listed_yet_is_not_taken_for_absent(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Kept()
    request = wish(media=(picture(),))
    publisher(meta).publish(request, progress)
    monkeypatch.setattr(graph, "listing", lambda *_, **__: {"data": []})
    with pytest.raises(Transient, match="not listed"):
        publisher(meta).find(request, progress, since=NOW)
    with pytest.raises(OutcomeUnknown, match="not listed"):
        publisher(meta).publish(request, progress)
    assert len(published(meta)) == 1


def test_earlier_post_with_the_same_words_is_another_one(meta: Channel) -> None:
    request = wish(media=(picture(),))
    with time_machine.travel(NOW, tick=True) as clock:
        first = publisher(meta).publish(request, Kept())
        clock.shift(timedelta(hours=3))
        progress = Kept()
        since = datetime.now(UTC)
        meta.fault("timeout_after", match=publishing(meta))
        with pytest.raises(OutcomeUnknown):
            publisher(meta).publish(request, progress)
        found = publisher(meta).find(request, progress, since=since)
    assert found is not None
    assert found.remote_id != first.remote_id


def test_refusal_of_a_container_that_was_published_meanwhile_is_unknown(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look said 'not published' a moment too early."""
    progress = Kept()
    request = wish(media=(picture(),))
    stage = containers._stage
    told = iter(["FINISHED"])
    meta.fault("timeout_after", match=publishing(meta))
    with pytest.raises(OutcomeUnknown):
        publisher(meta).publish(request, progress)
    monkeypatch.setattr(containers, "_stage", lambda *args: next(told, None) or stage(*args))
    with pytest.raises(OutcomeUnknown, match="yet it was published"):
        publisher(meta).publish(request, progress)
    assert len(published(meta)) == 1


# --- expired containers


def test_expired_container_is_made_anew_once_it_is_proven_unpublished(meta: Channel) -> None:
    progress = Kept()
    request = wish(media=(picture(),))
    with time_machine.travel(NOW, tick=True) as clock:
        meta.fault("timeout_before", match=publishing(meta))
        with pytest.raises(OutcomeUnknown):
            publisher(meta).publish(request, progress)
        clock.shift(timedelta(hours=25))
        assert publisher(meta).find(request, progress, since=NOW) is None
        before = len(meta.sandbox.requests)
        publisher(meta).publish(request, progress)
    assert len(published(meta)) == 1
    asked = sent(meta, before)
    look = making(meta).replace("POST", "GET")
    listed = next(n for n, line in enumerate(asked) if fnmatchcase(line, look))
    assert listed < next(n for n, line in enumerate(asked) if line.startswith("POST"))


def test_container_that_is_gone_and_whose_post_stands_is_not_made_anew(meta: Channel) -> None:
    progress = Kept()
    request = wish(media=(picture(),))
    done = publisher(meta).publish(request, progress)
    meta.store.world(meta.platform.value).uploads.clear()
    assert publisher(meta).find(request, progress, since=NOW) == done
    assert publisher(meta).publish(request, progress) == done
    assert len(published(meta)) == 1


# --- refusals


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ((9, 2207042), RateLimited),
        ((24, 2207008), Transient),
        ((9007, 2207027), Pending),
        ((-2, 2207003), Transient),
        ((-1, 2207001), OutcomeUnknown),
        ((-2, 2207020), Transient),
        ((4, 2207051), Rejected),
        ((25, 2207050), AuthExpired),
        ((36000, 2207004), Rejected),
        ((36003, 2207009), Rejected),
        ((36004, 2207010), Rejected),
        ((352, 2207026), Rejected),
        ((9004, 2207052), Rejected),
        ((4, 0), RateLimited),
        ((80002, 0), RateLimited),
        ((190, 463), AuthExpired),
        ((10, 0), Unsupported),
        ((200, 0), Unsupported),
        ((368, 0), Rejected),
        ((100, 0), Rejected),
    ],
)
@pytest.mark.parametrize("step", ["_create", "_publish"])
def test_every_known_refusal(
    meta: Channel,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    refusal: tuple[int, int],
    error: type[PlatformError],
) -> None:
    monkeypatch.setattr(containers, step, lambda *_: graph.error(400, refusal[0], "m", refusal[1]))
    if step == "_create" and error is OutcomeUnknown:
        error = Transient  # nothing that readers see can have come of it
    with pytest.raises(error) as caught:
        publisher(meta).publish(wish(media=(picture(),)), Kept())
    assert type(caught.value) is error
    assert published(meta) == []


def test_posts_of_24_hours_that_are_used_up_are_told_before_anything_is_made(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = {"data": [{"quota_usage": 100, "config": {"quota_total": 100}}]}
    monkeypatch.setattr(containers, "_limit", lambda *_: Reply(body=full))
    with pytest.raises(RateLimited, match="100件"):
        publisher(meta).publish(wish(media=(picture(),)), Kept())
    assert of(meta, making(meta)) == []


@pytest.mark.parametrize(("fault", "error"), [("429", RateLimited), ("expired_token", AuthExpired)])
def test_limits_and_dead_tokens_publish_nothing(
    meta: Channel, fault: str, error: type[PlatformError]
) -> None:
    progress = Kept()
    meta.fault(fault, match=publishing(meta), reset_in=600)
    with pytest.raises(error):
        publisher(meta).publish(wish(media=(picture(),)), progress)
    assert published(meta) == []
    publisher(meta).publish(wish(media=(picture(),)), progress)
    assert len(of(meta, making(meta))) == 1


# --- taking back


def test_own_post_is_deleted_and_deleting_again_finds_it_gone(meta: Channel) -> None:
    done = publisher(meta).publish(wish(media=(picture(),)), Kept())
    first = publisher(meta).withdraw(done.remote_id)
    assert first == Receipt(Effect.DELETE, Achieved.APPLIED)
    assert published(meta) == []
    again = publisher(meta).withdraw(done.remote_id)
    assert again == Receipt(Effect.DELETE, Achieved.GONE)
    with pytest.raises(Missing):
        publisher(meta).read(done.remote_id)


def test_deletion_that_is_refused_although_the_post_stands(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = publisher(meta).publish(wish(media=(picture(),)), Kept())
    monkeypatch.setattr(containers, "_delete", lambda *_: graph.missing("x"))
    with pytest.raises(Unsupported):
        publisher(meta).withdraw(done.remote_id)


def test_deletion_whose_answer_is_lost_is_unknown(meta: Channel) -> None:
    done = publisher(meta).publish(wish(media=(picture(),)), Kept())
    meta.fault("timeout_after", match="DELETE *")
    with pytest.raises(OutcomeUnknown):
        publisher(meta).withdraw(done.remote_id)
    assert publisher(meta).withdraw(done.remote_id).achieved is Achieved.GONE


# --- every fault once, anywhere


@pytest.mark.parametrize("kind", ["5xx", "timeout_before", "timeout_after", "cut_off"])
@pytest.mark.parametrize("nth", range(1, 12))
def test_fault_at_any_request_ends_with_one_post(meta: Channel, kind: str, nth: int) -> None:
    progress, since = Kept(), datetime.now(UTC)
    request = wish(media=SERIES)
    if nth > 1:
        meta.fault("slow", times=nth - 1)
    meta.fault(kind)
    attempt(lambda: publisher(meta).publish(request, progress))
    meta.sandbox.faults.clear()
    if publisher(meta).find(request, progress, since=since) is None:
        publisher(meta).publish(request, progress)
    (post,) = published(meta)
    assert len(post["sent"]["media"]) == 3


def attempt(publish: Callable[[], Any]) -> None:
    try:
        publish()
    except (Transient, OutcomeUnknown):
        return

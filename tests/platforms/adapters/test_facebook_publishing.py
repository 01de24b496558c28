"""Facebook: text, links, pictures and films go out once, and are looked for before a repetition."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from jspm_social.platforms.adapters.facebook.film import Stage, stage_of
from jspm_social.platforms.adapters.facebook.posting import compare, files_of, id_of_film
from jspm_social.platforms.adapters.lookout import Likeness
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
from jspm_social.platforms.publishing import Card, Poll, PublishRequest
from jspm_social.platforms.sandbox import facebook_posts as wire, graph, ids
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import form_parts

from .conftest import Channel
from .outgoing import TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

OWN = ids.OWN_IDS["facebook"]
FEED, PHOTOS, VIDEOS = (f"POST /v26.0/{OWN}/{edge}" for edge in ("feed", "photos", "videos"))
CARD = Card("https://www.jspm.ne.jp/", "日本緩和医療学会")
CONTENT = bytes(range(256)) * 1000  # four pieces
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def facebook(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(wire, "PIECE", 64 * 1024)
    return Channel(Platform.FACEBOOK, sandbox)


def long_film() -> PublishRequest:
    return wish(media=(film(content=CONTENT),))


def settle(request: PublishRequest, progress: Kept, channel: Channel) -> Any:
    """Look as the console does: a while after the attempt."""
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        return publisher(channel).find(request, progress, since=datetime.now(UTC))


# --- what goes out


def test_text_goes_out_and_is_read_back(facebook: Channel) -> None:
    done = publisher(facebook).publish(wish(), Kept())
    (post,) = published(facebook)
    assert (done.remote_id, done.text) == (post["id"], TEXT)
    assert done.permalink == f"https://www.facebook.com/{post['id']}"
    assert publisher(facebook).read(done.remote_id) == done
    assert sent(facebook).count(FEED) == 1
    assert next(r for _, r in facebook.sandbox.requests if r.method == "POST").form == {
        "message": TEXT
    }


def test_link_goes_out_as_a_card(facebook: Channel) -> None:
    publisher(facebook).publish(wish(card=CARD), Kept())
    (post,) = published(facebook)
    assert (post["text"], post["sent"]["card"]) == (TEXT, {"url": CARD.url})


def test_link_alone_goes_out(facebook: Channel) -> None:
    publisher(facebook).publish(wish(text="", card=CARD), Kept())
    assert published(facebook)[0]["text"] == ""


def test_pictures_go_out_in_one_post_with_their_alternative_texts(facebook: Channel) -> None:
    media = (picture(1), picture(2, alt=""), picture(3, open=None))
    publisher(facebook).publish(wish(media=media), Kept())
    (post,) = published(facebook)
    shown = post["sent"]["media"]
    assert [m["alt"] for m in shown] == ["説明1", "", "説明3"]
    assert [m["sha256"] for m in shown[:2]] == [m.sha256 for m in media[:2]]
    assert shown[2]["url"] == "https://files.example.jp/3"
    assert (sent(facebook).count(PHOTOS), sent(facebook).count(FEED)) == (3, 1)


def test_picture_that_no_post_shows_is_seen_by_nobody(facebook: Channel) -> None:
    facebook.fault("5xx", match=FEED)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(media=(picture(),)), Kept())
    parts = [form_parts(r) for _, r in facebook.sandbox.requests if r.path.endswith("photos")]
    assert [part["published"] for part in parts] == [b"false"]
    assert published(facebook) == []


def test_film_goes_out_in_pieces_with_its_title(facebook: Channel) -> None:
    request = wish(title="緩和ケアとは", media=(film(content=CONTENT),))
    done = publisher(facebook).publish(request, Kept())
    (post,) = published(facebook)
    assert (post["text"], post["sent"]["more"]["title"]) == (TEXT, "緩和ケアとは")
    assert done.remote_id == post["id"]  # the post, which comments stand under
    assert done.permalink == f"https://www.facebook.com/{post['id']}"
    pieces = [form_parts(r).get("video_file_chunk") for _, r in facebook.sandbox.requests]
    assert b"".join(piece for piece in pieces if piece) == CONTENT
    assert sent(facebook).count(VIDEOS) == 6


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": " \n"}, Rejected),
        ({"text": "長" * 63_207}, Rejected),
        ({"poll": Poll(("はい", "いいえ"), timedelta(days=1))}, Unsupported),
        ({"media": (picture(), film())}, Unsupported),
        ({"media": (film(1), film(2))}, Rejected),
        ({"media": (picture(),), "card": CARD}, Unsupported),
        ({"title": "題名"}, Unsupported),
        ({"title": "長" * 256, "media": (film(),)}, Rejected),
        ({"media": tuple(map(picture, range(11)))}, Rejected),
        ({"media": (picture(mime="image/webp"),)}, Rejected),
        ({"media": (picture(size=10_000_001),)}, Rejected),
        ({"media": (picture(alt="長" * 1001),)}, Rejected),
        ({"media": (picture(open=None, public_url="http://a.example/1"),)}, Unsupported),
        ({"media": (film(mime="video/webm"),)}, Rejected),
        ({"media": (film(open=None),)}, Unsupported),
    ],
)
def test_what_facebook_cannot_show_is_refused_before_anything_is_sent(
    facebook: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        publisher(facebook).publish(wish(**changes), Kept())
    assert sent(facebook) == []


# --- lost answers


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
@pytest.mark.parametrize("media", [(), (picture(1), picture(2)), (film(),)])
def test_lost_answer_is_settled_by_a_look(
    facebook: Channel, media: tuple[Any, ...], fault: str, *, done: bool
) -> None:
    request, progress = wish(media=media), Kept()
    publisher(facebook).publish(request, Kept())  # the same words went out before
    last = media == (film(),)
    if last:
        facebook.fault("slow", match=VIDEOS, times=2)
    facebook.fault(fault, match=VIDEOS if last else FEED)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(request, progress)
    assert len(published(facebook)) == 1 + done
    found = settle(request, progress, facebook)
    if done:
        assert found.remote_id == published(facebook)[1]["id"]
    else:
        assert found is None
        publisher(facebook).publish(request, progress)
    assert len(published(facebook)) == 2


def test_post_may_appear_a_moment_later(facebook: Channel) -> None:
    progress = Kept()
    facebook.fault("timeout_before", match=FEED)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(), progress)
    with pytest.raises(Pending):
        publisher(facebook).find(wish(), progress, since=NOW)


def test_pictures_that_cannot_be_told_apart_are_left_to_a_person(
    facebook: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, request = Kept(), wish(media=(picture(),))
    whole = wire.post_shape
    monkeypatch.setattr(
        wire,
        "post_shape",
        lambda post: (
            whole(post) | {"attachments": {"data": [{"type": "photo", "target": {"id": "7"}}]}}
        ),
    )
    facebook.fault("timeout_after", match=FEED)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(request, progress)
    with pytest.raises(Unsupported):
        settle(request, progress, facebook)


@pytest.mark.parametrize("dies_at", range(1, 5))
def test_worker_killed_at_any_step_publishes_pictures_once(facebook: Channel, dies_at: int) -> None:
    progress, request = Kept(dies_at), wish(media=(picture(1), picture(2)))
    with pytest.raises(Crash):
        publisher(facebook).publish(request, progress)
    assert settle(request, progress, facebook) is None
    publisher(facebook).publish(request, progress)
    assert len(published(facebook)) == 1
    assert sent(facebook).count(PHOTOS) == 2


@pytest.mark.parametrize("dies_at", range(1, 7))
def test_worker_killed_at_any_step_publishes_a_film_once(facebook: Channel, dies_at: int) -> None:
    progress, request = Kept(dies_at), long_film()
    with pytest.raises(Crash):
        publisher(facebook).publish(request, progress)
    assert publisher(facebook).find(request, progress, since=NOW) is None
    publisher(facebook).publish(request, progress)
    assert len(published(facebook)) == 1
    assert published(facebook)[0]["sent"]["media"][0]["size"] == len(CONTENT)


def test_pictures_uploaded_long_ago_are_uploaded_anew(facebook: Channel) -> None:
    progress, request = Kept(), wish(media=(picture(),))
    with time_machine.travel(NOW, tick=True) as clock:
        facebook.fault("429", match=FEED)
        with pytest.raises(RateLimited):
            publisher(facebook).publish(request, progress)
        clock.shift(timedelta(hours=21))
        publisher(facebook).publish(request, progress)
    assert sent(facebook).count(PHOTOS) == 2
    assert len(published(facebook)) == 1


def test_duplicate_after_a_lost_answer_may_be_our_own(
    facebook: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Kept()
    facebook.fault("timeout_before", match=FEED)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(), progress)
    monkeypatch.setattr(wire, "_feed", lambda *_: graph.error(400, 506, "Duplicate status message"))
    with pytest.raises(OutcomeUnknown, match="同じ内容"):
        publisher(facebook).publish(wish(), progress)
    with pytest.raises(Rejected, match="同じ内容"):
        publisher(facebook).publish(wish(), Kept())


# --- films


@pytest.mark.parametrize("fault", ["cut_upload", "timeout_before", "timeout_after", "5xx"])
def test_film_goes_on_where_its_upload_was_cut(facebook: Channel, fault: str) -> None:
    progress, request = Kept(), long_film()
    facebook.fault("slow", match=VIDEOS, times=2)  # the start and the first piece
    facebook.fault(fault, match=VIDEOS)
    with pytest.raises(Transient):
        publisher(facebook).publish(request, progress)
    assert published(facebook) == []
    publisher(facebook).publish(request, progress)
    (post,) = published(facebook)
    assert post["sent"]["media"][0]["size"] == len(CONTENT)
    phases = [form_parts(r) or r.form for _, r in facebook.sandbox.requests if r.method == "POST"]
    started = [p for p in phases if p.get("upload_phase") in {"start", b"start"}]
    assert len(started) == 1


def test_long_film_is_sent_in_several_attempts(facebook: Channel) -> None:
    progress = Kept()
    request = wish(media=(film(content=bytes(wire.PIECE * 17)),))
    for _ in range(2):
        with pytest.raises(Pending) as caught:
            publisher(facebook).publish(request, progress)
        assert caught.value.until <= datetime.now(UTC)
    publisher(facebook).publish(request, progress)
    assert len(published(facebook)) == 1
    assert sent(facebook).count(VIDEOS) == 19


def test_film_is_shown_once_it_is_processed_and_then_known_by_its_post(facebook: Channel) -> None:
    facebook.store.world("facebook").slow = 2
    progress, request = Kept(), wish(media=(film(),))
    with pytest.raises(OutcomeUnknown, match="as soon as it is processed"):
        publisher(facebook).publish(request, progress)
    with pytest.raises(Pending):
        publisher(facebook).find(request, progress, since=NOW)
    found = publisher(facebook).find(request, progress, since=NOW)
    assert found is not None
    assert found.remote_id == published(facebook)[0]["id"]
    assert publisher(facebook).publish(request, progress) == found
    assert len(published(facebook)) == 1


def test_film_that_is_being_processed_is_not_sent_again(facebook: Channel) -> None:
    facebook.store.world("facebook").slow = 9
    progress, request = Kept(), wish(media=(film(),))
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(request, progress)
    before = len(sent(facebook))
    with pytest.raises(Pending):
        publisher(facebook).publish(request, progress)
    assert VIDEOS not in sent(facebook, before)


def test_film_can_be_taken_back_by_its_own_id(facebook: Channel) -> None:
    progress = Kept()
    publisher(facebook).publish(wish(media=(film(),)), progress)
    own = publisher(facebook).read(progress.done["video"])
    assert (own.text, own.permalink) == (
        TEXT,
        f"https://www.facebook.com/{OWN}/videos/{own.remote_id}/",
    )
    assert publisher(facebook).withdraw(own.remote_id).achieved is Achieved.APPLIED
    assert published(facebook) == []


def test_upload_of_a_film_of_yesterday_begins_anew(facebook: Channel) -> None:
    progress, request = Kept(), wish(media=(film(),))
    with time_machine.travel(NOW, tick=True) as clock:
        facebook.fault("slow", match=VIDEOS)
        facebook.fault("5xx", match=VIDEOS)
        with pytest.raises(Transient):
            publisher(facebook).publish(request, progress)
        first = progress.done["session"]
        clock.shift(timedelta(hours=21))
        publisher(facebook).publish(request, progress)
    assert progress.done["session"] != first
    assert len(published(facebook)) == 1


def status(uploading: str, processing: str, publishing: str) -> dict[str, Any]:
    named = {"uploading": uploading, "processing": processing, "publishing": publishing}
    return {"status": {f"{name}_phase": {"status": value} for name, value in named.items()}}


@pytest.mark.parametrize(
    ("video", "stage"),
    [
        (status("complete", "complete", "complete"), Stage.OUT),
        (status("complete", "in_progress", "not_started"), Stage.WORKING),
        (status("in_progress", "not_started", "not_started"), Stage.HELD),
        (status("not_started", "not_started", "not_started"), Stage.HELD),
        (status("complete", "error", "not_started"), Stage.FAILED),
        (status("error", "", ""), Stage.FAILED),
        (status("complete", "complete", "not_started"), Stage.UNCLEAR),
        (status("complete", "not_started", "not_started"), Stage.UNCLEAR),
        ({}, Stage.UNCLEAR),
    ],
)
def test_stage_of_a_film(video: dict[str, Any], stage: Stage) -> None:
    assert stage_of(video) is stage


def test_film_whose_stage_is_not_told_is_left_to_a_person(
    facebook: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Kept()
    facebook.fault("slow", match=VIDEOS, times=2)
    facebook.fault("timeout_before", match=VIDEOS)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(media=(film(),)), progress)
    monkeypatch.setattr(wire, "_film", lambda _, session: {"id": session["video"]})
    with pytest.raises(Unsupported):
        publisher(facebook).find(wish(media=(film(),)), progress, since=NOW)
    before = len(sent(facebook))
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(media=(film(),)), progress)
    assert VIDEOS not in sent(facebook, before)


def test_film_that_failed_is_sent_anew(facebook: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Kept()
    facebook.fault("slow", match=VIDEOS, times=2)
    facebook.fault("timeout_before", match=VIDEOS)
    with pytest.raises(OutcomeUnknown):
        publisher(facebook).publish(wish(media=(film(),)), progress)
    with monkeypatch.context() as patched:
        patched.setattr(
            wire, "_film", lambda _, s: {"id": s["video"], **status("complete", "error", "")}
        )
        assert publisher(facebook).find(wish(media=(film(),)), progress, since=NOW) is None
    publisher(facebook).publish(wish(media=(film(),)), progress)
    assert len(published(facebook)) == 1


# --- shapes


def test_files_of_a_post() -> None:
    album = {"type": "album", "subattachments": {"data": [{"type": "photo", "target": {"id": 1}}]}}
    assert files_of({"attachments": {"data": [album]}}) == ["1"]
    assert files_of({"attachments": {"data": [{"type": "share", "target": {"id": "2"}}]}}) == []
    assert files_of({"attachments": "odd"}) == []


@pytest.mark.parametrize(
    ("post", "photos", "like"),
    [
        ({"message": f" {TEXT}\n"}, [], Likeness.YES),
        ({"message": TEXT + "訂正"}, [], Likeness.NO),
        ({"message": TEXT}, ["1"], Likeness.NO),
    ],
)
def test_likeness(post: dict[str, Any], photos: list[str], like: Likeness) -> None:
    assert compare(post, wish(), photos) is like


@pytest.mark.parametrize(
    ("told", "whole"), [("5", f"{OWN}_5"), (f"{OWN}_5", f"{OWN}_5"), ("", "9")]
)
def test_film_is_known_by_its_post(told: str, whole: str) -> None:
    assert id_of_film({"id": "9", "post_id": told}, OWN) == whole


# --- refusals


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (506, Rejected),
        (368, Rejected),
        (100, Rejected),
        (32, RateLimited),
        (80001, RateLimited),
        (190, AuthExpired),
        (10, Unsupported),
        (200, Unsupported),
        (1, OutcomeUnknown),
        (2, OutcomeUnknown),
    ],
)
def test_every_known_refusal(
    facebook: Channel, monkeypatch: pytest.MonkeyPatch, code: int, error: type[PlatformError]
) -> None:
    monkeypatch.setattr(wire, "_feed", lambda *_: graph.error(400, code, TEXT))
    with pytest.raises(error) as caught:
        publisher(facebook).publish(wish(), Kept())
    assert TEXT not in caught.value.detail


@pytest.mark.parametrize("edge", [PHOTOS, VIDEOS])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("5xx", Transient),
        ("timeout_after", Transient),
        ("429", RateLimited),
        ("quota", RateLimited),
    ],
)
def test_fault_while_uploading_shows_nothing(
    facebook: Channel, edge: str, fault: str, error: type[PlatformError]
) -> None:
    request = wish(media=(picture(),) if edge == PHOTOS else (film(),))
    facebook.fault(fault, match=edge)
    with pytest.raises(error):
        publisher(facebook).publish(request, Kept())
    assert published(facebook) == []


# --- taking back


def test_own_post_is_deleted_and_deleting_again_finds_it_gone(facebook: Channel) -> None:
    done = publisher(facebook).publish(wish(), Kept())
    one = publisher(facebook)
    assert one.withdraw(done.remote_id) == Receipt(Effect.DELETE, Achieved.APPLIED)
    assert one.withdraw(done.remote_id) == Receipt(Effect.DELETE, Achieved.GONE)
    with pytest.raises(Missing):
        one.read(done.remote_id)


@pytest.mark.parametrize("kind", ["5xx", "timeout_before", "timeout_after", "cut_off"])
@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("media", [(picture(1), picture(2)), (film(content=CONTENT),)])
def test_fault_at_any_request_ends_with_one_post(
    facebook: Channel, media: tuple[Any, ...], nth: int, kind: str
) -> None:
    progress, request = Kept(), wish(media=media)
    if nth > 1:
        facebook.fault("slow", times=nth - 1)
    facebook.fault(kind)
    attempt(lambda: publisher(facebook).publish(request, progress))
    facebook.sandbox.faults.clear()
    if settle(request, progress, facebook) is None:
        publisher(facebook).publish(request, progress)
    (post,) = published(facebook)
    assert len(post["sent"]["media"]) == len(media)


def attempt(publish: Callable[[], Any]) -> None:
    try:
        publish()
    except (Transient, OutcomeUnknown):
        return

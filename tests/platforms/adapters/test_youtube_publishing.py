"""YouTube: a video is uploaded unseen, goes on where it was cut, and becomes public once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from jspm_social.platforms.adapters.youtube import upload
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
from jspm_social.platforms.sandbox import ids, youtube_posts as wire
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel
from .outgoing import TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

GRAIN = upload.GRAIN
CONTENT = bytes(range(256)) * (GRAIN // 256 * 4) + b"end"  # four pieces and a bit
TITLE = "緩和ケアとは"
BEGIN, PUT = "POST /upload/youtube/v3/videos", "PUT /upload/youtube/v3/videos"
SHOW = "PUT /youtube/v3/videos"
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def youtube(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(upload, "PIECE", GRAIN)
    return Channel(Platform.YOUTUBE, sandbox)


def video(**changes: Any) -> PublishRequest:
    return wish(**{"title": TITLE, "media": (film(content=CONTENT),), **changes})


def places(channel: Channel) -> list[str]:
    """The Content-Range of every piece that was sent, and of every question how much arrived."""
    asked = [r for _, r in channel.sandbox.requests if f"{r.method} {r.path}" == PUT]
    return [r.headers["content-range"] for r in asked]


def made(channel: Channel) -> list[dict[str, Any]]:
    """Every video that was ever uploaded, unseen ones too."""
    return [u for u in channel.store.world("youtube").uploads.values() if "made" in u]


# --- what goes out


def test_video_is_uploaded_unseen_and_then_becomes_public(youtube: Channel) -> None:
    progress = Kept()
    done = publisher(youtube).publish(video(), progress)
    (post,) = published(youtube)
    assert done.remote_id == post["id"] == progress.done["video"]
    assert done.permalink == f"https://www.youtube.com/watch?v={post['id']}"
    assert (done.text, post["text"]) == (TEXT, f"{TITLE}\n{TEXT}")
    begin = next(r for _, r in youtube.sandbox.requests if f"{r.method} {r.path}" == BEGIN)
    assert begin.query == {"uploadType": "resumable", "part": "snippet,status"}
    assert begin.headers["x-upload-content-length"] == str(len(CONTENT))
    assert begin.headers["x-upload-content-type"] == "video/mp4"
    assert begin.json["status"]["privacyStatus"] == "private"
    assert begin.json["status"]["selfDeclaredMadeForKids"] is False
    assert begin.json["snippet"] == {
        "title": TITLE,
        "description": TEXT,
        "categoryId": "27",
        "defaultLanguage": "ja",
        "defaultAudioLanguage": "ja",
    }
    bodies = [r.body for _, r in youtube.sandbox.requests if f"{r.method} {r.path}" == PUT]
    assert b"".join(bodies) == CONTENT
    size = len(CONTENT)
    assert places(youtube)[0] == f"bytes 0-{GRAIN - 1}/{size}"
    assert places(youtube)[-1] == f"bytes {4 * GRAIN}-{size - 1}/{size}"
    assert sent(youtube)[-2:] == ["GET /youtube/v3/videos", SHOW]


def test_becoming_public_costs_fifty_units_and_a_look_one(youtube: Channel) -> None:
    publisher(youtube).publish(video(), Kept())
    assert youtube.store.world("youtube").units == 51  # the upload has a bucket of its own


def test_video_is_read_back(youtube: Channel) -> None:
    done = publisher(youtube).publish(video(), Kept())
    assert publisher(youtube).read(done.remote_id) == done


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"media": ()}, Unsupported),
        ({"media": (picture(),)}, Unsupported),
        ({"media": (film(1), film(2))}, Unsupported),
        ({"media": (film(), picture())}, Unsupported),
        ({"poll": Poll(("はい", "いいえ"), timedelta(days=1))}, Unsupported),
        ({"card": Card("https://www.jspm.ne.jp/")}, Unsupported),
        ({"title": " "}, Rejected),
        ({"title": "長" * 101}, Rejected),
        ({"title": "1 < 2"}, Rejected),
        ({"text": "2 > 1"}, Rejected),
        ({"text": "長" * 1667}, Rejected),  # 5,001 bytes
        ({"media": (film(mime="application/pdf"),)}, Rejected),
        ({"media": (film(size=0),)}, Rejected),
        ({"media": (film(size=257 * 1024**3),)}, Rejected),
        ({"media": (film(open=None),)}, Unsupported),
    ],
)
def test_what_youtube_cannot_show_is_refused_before_anything_is_sent(
    youtube: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        publisher(youtube).publish(video(**changes), Kept())
    assert sent(youtube) == []


def test_title_and_description_are_kept_to_their_limits(youtube: Channel) -> None:
    publisher(youtube).publish(video(title="長" * 100, text="長" * 1666), Kept())
    assert len(published(youtube)) == 1


# --- resuming


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("timeout_before", 1 * GRAIN),
        ("timeout_after", 2 * GRAIN),
        ("cut_upload", 1 * GRAIN),  # half a grain is no grain
        ("5xx", 1 * GRAIN),
    ],
)
def test_upload_goes_on_where_it_was_cut(youtube: Channel, fault: str, on: int) -> None:
    progress = Kept()
    youtube.fault("slow", match=PUT)
    youtube.fault(fault, match=PUT)
    with pytest.raises(Transient):
        publisher(youtube).publish(video(), progress)
    asked = len(places(youtube))
    publisher(youtube).publish(video(), progress)
    size = len(CONTENT)
    assert places(youtube)[asked] == f"bytes */{size}"
    assert places(youtube)[asked + 1].startswith(f"bytes {on}-")
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)
    assert sent(youtube).count(BEGIN) == 1


def test_cut_piece_counts_as_far_as_it_arrived(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PIECE", 4 * GRAIN)
    progress = Kept()
    youtube.fault("cut_upload", match=PUT)
    with pytest.raises(Transient):
        publisher(youtube).publish(video(), progress)
    publisher(youtube).publish(video(), progress)
    assert places(youtube)[2] == f"bytes {2 * GRAIN}-{len(CONTENT) - 1}/{len(CONTENT)}"


def test_lost_answer_to_the_last_piece_makes_no_second_video(youtube: Channel) -> None:
    progress = Kept()
    youtube.fault("slow", match=PUT, times=4)
    youtube.fault("timeout_after", match=PUT)
    with pytest.raises(Transient):
        publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), published(youtube)) == (1, [])
    publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)


def test_session_that_is_over_is_settled_by_our_own_list(youtube: Channel) -> None:
    progress = Kept()
    youtube.fault("slow", match=PUT, times=4)
    youtube.fault("timeout_after", match=PUT)
    with pytest.raises(Transient):
        publisher(youtube).publish(video(), progress)
    world = youtube.store.world("youtube")
    world.uploads = {i: u for i, u in world.uploads.items() if "made" in u}
    publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)
    assert sent(youtube).count(BEGIN) == 1


@pytest.mark.parametrize("other", [{"title": "別の動画"}, {"text": "別の説明"}, {}])
def test_session_that_is_over_and_made_nothing_begins_anew(
    youtube: Channel, other: dict[str, str]
) -> None:
    with time_machine.travel(NOW, tick=True) as clock:
        publisher(youtube).publish(video(**other), Kept())  # another one, or the same long ago
        if not other:
            clock.shift(timedelta(hours=1))
        progress = Kept()
        youtube.fault("slow", match=PUT)
        youtube.fault("timeout_before", match=PUT)
        with pytest.raises(Transient):
            publisher(youtube).publish(video(), progress)
        world = youtube.store.world("youtube")
        world.uploads = {i: u for i, u in world.uploads.items() if "made" in u}
        publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (2, 2)


def test_long_video_is_sent_in_several_attempts(youtube: Channel) -> None:
    progress = Kept()
    request = video(media=(film(content=bytes(GRAIN * 18)),))
    with pytest.raises(Pending) as caught:
        publisher(youtube).publish(request, progress)
    assert caught.value.until <= datetime.now(UTC)
    publisher(youtube).publish(request, progress)
    assert len(published(youtube)) == 1
    assert len([p for p in places(youtube) if "*" not in p]) == 18


def test_upload_that_does_not_advance_is_no_endless_loop(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_receive", lambda *_: Reply(308))
    with pytest.raises(Transient, match="has not arrived"):
        publisher(youtube).publish(video(), Kept())
    assert len(places(youtube)) == 1


def test_upload_that_has_arrived_and_is_no_video_yet_is_asked_again(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {"Range": f"bytes=0-{len(CONTENT) - 1}"}
    monkeypatch.setattr(wire, "_receive", lambda *_: Reply(308, None, whole))
    with pytest.raises(Transient, match="not made yet"):
        publisher(youtube).publish(video(), Kept())


def test_token_that_expires_during_the_upload_is_renewed(youtube: Channel) -> None:
    youtube.fault("slow", match=PUT, times=2)
    youtube.fault("expired_token", match=PUT)
    publisher(youtube).publish(video(), Kept())
    assert len(published(youtube)) == 1
    assert youtube.saved["access_token"] == youtube.store.world("youtube").tokens.access
    assert len(places(youtube)) == 6  # the refused piece was sent again, whole


def test_address_that_is_none_of_youtubes_is_not_used(youtube: Channel) -> None:
    progress = Kept(session="https://evil.example/upload?upload_id=1", begun=NOW.isoformat())
    with pytest.raises(Rejected, match="none of its own"):
        publisher(youtube).publish(video(), progress)
    assert sent(youtube) == []


# --- becoming public


def test_video_that_is_being_processed_is_asked_for_again_later(youtube: Channel) -> None:
    youtube.store.world("youtube").slow = 1
    progress = Kept()
    with pytest.raises(Pending) as caught:
        publisher(youtube).publish(video(), progress)
    assert timedelta(seconds=50) < caught.value.until - datetime.now(UTC) <= timedelta(minutes=1)
    assert published(youtube) == []
    publisher(youtube).publish(video(), progress)
    assert len(published(youtube)) == 1
    assert sent(youtube).count(BEGIN) == 1


def test_video_that_youtube_cannot_read_is_refused_in_words(youtube: Channel) -> None:
    progress = Kept()
    with pytest.raises(Rejected, match="対応していない形式の動画です（codec）"):
        publisher(youtube).publish(video(title="broken"), progress)
    assert (progress.done["video"], published(youtube)) == ("", [])


def test_video_that_somebody_deleted_before_is_not_uploaded_again_by_itself(
    youtube: Channel,
) -> None:
    youtube.store.world("youtube").slow = 1
    progress = Kept()
    with pytest.raises(Pending):
        publisher(youtube).publish(video(), progress)
    publisher(youtube).withdraw(progress.done["video"])
    with pytest.raises(Rejected, match="削除されました"):
        publisher(youtube).publish(video(), progress)
    assert sent(youtube).count(BEGIN) == 1


def test_video_that_youtube_keeps_private_is_told(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that Google has not audited."""
    private = {"id": "1", "status": {"privacyStatus": "private"}}
    monkeypatch.setattr(wire, "_update", lambda *_: Reply(body=private))
    with pytest.raises(Unsupported, match="非公開のまま"):
        publisher(youtube).publish(video(), Kept())


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
def test_lost_answer_is_settled_by_a_look(youtube: Channel, fault: str, *, done: bool) -> None:
    progress = Kept()
    assert publisher(youtube).find(video(), progress, since=NOW) is None
    youtube.fault(fault, match=SHOW)
    with pytest.raises(OutcomeUnknown):
        publisher(youtube).publish(video(), progress)
    found = publisher(youtube).find(video(), progress, since=NOW)
    assert (found is not None) is done
    publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)
    assert sent(youtube).count(SHOW) == (1 if done else 2)


def test_answer_that_does_not_say_public_is_unknown(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_update", lambda *_: Reply(body={"id": "1"}))
    with pytest.raises(OutcomeUnknown):
        publisher(youtube).publish(video(), Kept())


@pytest.mark.parametrize("dies_at", [1, 2])
def test_worker_killed_at_any_step_publishes_once(youtube: Channel, dies_at: int) -> None:
    progress = Kept(dies_at)
    with pytest.raises(Crash):
        publisher(youtube).publish(video(), progress)
    assert publisher(youtube).find(video(), progress, since=NOW) is None
    publisher(youtube).publish(video(), progress)
    publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)


@pytest.mark.parametrize("kind", ["5xx", "timeout_before", "timeout_after"])
@pytest.mark.parametrize("nth", range(1, 10))
def test_fault_at_any_request_ends_with_one_video(youtube: Channel, nth: int, kind: str) -> None:
    progress = Kept()
    if nth > 1:
        youtube.fault("slow", times=nth - 1)
    youtube.fault(kind)
    attempt(lambda: publisher(youtube).publish(video(), progress))
    youtube.sandbox.faults.clear()
    if publisher(youtube).find(video(), progress, since=NOW) is None:
        publisher(youtube).publish(video(), progress)
    assert (len(made(youtube)), len(published(youtube))) == (1, 1)


def attempt(publish: Callable[[], Any]) -> None:
    try:
        publish()
    except (Transient, OutcomeUnknown):
        return


# --- refusals


@pytest.mark.parametrize("match", [BEGIN, PUT, SHOW])
@pytest.mark.parametrize(
    ("fault", "error"),
    [("429", RateLimited), ("quota", RateLimited), ("revoked_token", AuthExpired)],
)
def test_limits_and_dead_tokens_publish_nothing(
    youtube: Channel, match: str, fault: str, error: type[PlatformError]
) -> None:
    youtube.fault(fault, match=match)
    with pytest.raises(error):
        publisher(youtube).publish(video(), Kept())
    assert published(youtube) == []


def test_hundredth_upload_of_a_day_is_the_last(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "A_DAY", 1)
    publisher(youtube).publish(video(), Kept())
    with pytest.raises(RateLimited):
        publisher(youtube).publish(video(), Kept())


# --- taking back


def test_own_video_is_deleted_and_deleting_again_finds_it_gone(youtube: Channel) -> None:
    done = publisher(youtube).publish(video(), Kept())
    one = publisher(youtube)
    assert one.withdraw(done.remote_id) == Receipt(Effect.DELETE, Achieved.APPLIED)
    assert published(youtube) == []
    assert one.withdraw(done.remote_id) == Receipt(Effect.DELETE, Achieved.GONE)
    with pytest.raises(Missing):
        one.read(done.remote_id)


def test_deletion_that_is_forbidden_is_a_task_for_a_person(
    youtube: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_delete", lambda *_: wire._error(403, "forbidden", "forbidden"))
    with pytest.raises(Unsupported):
        publisher(youtube).withdraw(ids.post_id("youtube", "1", NOW))


def test_secrets_are_not_in_any_repr(youtube: Channel) -> None:
    one = publisher(youtube)
    shown = f"{one!r} {vars(one)!r}"
    assert all(secret not in shown for secret in youtube.secrets.values())

"""What only Instagram has: pictures always, films as reels or as bytes, two logins."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jspm_social.platforms.adapters.instagram.publisher import plan_of
from jspm_social.platforms.errors import (
    OutcomeUnknown,
    Pending,
    PlatformError,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Card, Poll
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import Channel
from .outgoing import TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

CONTENT = bytes(range(256)) * 400
UPLOAD = "POST /ig-api-upload/*"


@pytest.fixture
def instagram(sandbox: Sandbox) -> Channel:
    return Channel(Platform.INSTAGRAM, sandbox)


def bytes_only(**changes: Any) -> Any:
    return wish(media=(film(content=CONTENT, public_url="", preview_url="", **changes),))


# --- shapes


def test_containers_of_one_picture() -> None:
    plan = plan_of(wish(media=(picture(),)), takes_bytes=True)
    assert (plan.parts, plan.file, plan.slow) == ((), None, False)
    assert plan.main == {
        "image_url": "https://files.example.jp/1",
        "alt_text": "説明1",
        "caption": TEXT,
    }


def test_film_with_a_public_address_is_fetched_by_instagram() -> None:
    plan = plan_of(wish(media=(film(),)), takes_bytes=True)
    assert (plan.file, plan.slow) == (None, True)
    assert plan.main == {
        "media_type": "REELS",
        "share_to_feed": "true",
        "caption": TEXT,
        "video_url": "https://files.example.jp/1",
    }


def test_containers_of_a_series() -> None:
    plan = plan_of(wish(media=(picture(1), film(2))), takes_bytes=True)
    assert plan.main == {"media_type": "CAROUSEL", "caption": TEXT}
    assert [part["is_carousel_item"] for part in plan.parts] == ["true", "true"]
    assert [part.get("media_type") for part in plan.parts] == [None, "VIDEO"]
    assert all("caption" not in part for part in plan.parts)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, Unsupported),
        ({"card": Card("https://www.jspm.ne.jp/"), "media": (picture(),)}, Unsupported),
        (
            {"poll": Poll(("はい", "いいえ"), datetime.resolution), "media": (picture(),)},
            Unsupported,
        ),
        ({"text": "長" * 2201, "media": (picture(),)}, Rejected),
        ({"text": "#緩和" * 16 + "＃ケア" * 15, "media": (picture(),)}, Rejected),
        ({"text": "@a " * 21, "media": (picture(),)}, Rejected),
        ({"media": tuple(map(picture, range(11)))}, Rejected),
        ({"media": (picture(mime="image/png"),)}, Rejected),
        ({"media": (picture(size=8_000_001),)}, Rejected),
        ({"media": (picture(width=1000, height=1300),)}, Rejected),
        ({"media": (picture(width=2000, height=1000),)}, Rejected),
        ({"media": (picture(public_url=""),)}, Unsupported),
        ({"media": (picture(alt="長" * 1001),)}, Rejected),
        ({"media": (film(mime="video/webm"),)}, Rejected),
        ({"media": (film(size=300_000_001),)}, Rejected),
        ({"media": (picture(), film(public_url=""))}, Unsupported),
        ({"media": (film(public_url="", open=None),)}, Unsupported),
    ],
)
def test_what_instagram_cannot_show_is_refused_before_anything_is_sent(
    instagram: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        publisher(instagram).publish(wish(**changes), Kept())
    assert sent(instagram) == []


@pytest.mark.parametrize(("width", "height"), [(800, 1000), (1910, 1000), (0, 0), (1080, 1350)])
def test_ratios_at_the_border_are_taken(width: int, height: int) -> None:
    plan_of(wish(media=(picture(width=width, height=height),)), takes_bytes=True)


def test_thirty_tags_and_twenty_names_are_taken() -> None:
    plan_of(wish(text="#a " * 30 + "@b " * 20, media=(picture(),)), takes_bytes=True)


def test_post_without_words_is_found_by_its_container(instagram: Channel) -> None:
    progress = Kept()
    request = wish(text="", media=(picture(),))
    since = datetime.now(UTC)
    instagram.fault("timeout_after", match="POST */media_publish")
    with pytest.raises(OutcomeUnknown):
        publisher(instagram).publish(request, progress)
    found = publisher(instagram).find(request, progress, since=since)
    assert found is not None
    assert found.remote_id == published(instagram)[0]["id"]


# --- a film as bytes


def test_film_is_sent_as_bytes(instagram: Channel) -> None:
    publisher(instagram).publish(bytes_only(), Kept())
    (request,) = [r for _, r in instagram.sandbox.requests if r.path.startswith("/ig-api-upload")]
    assert request.body == CONTENT
    assert (request.headers["offset"], request.headers["file_size"]) == ("0", str(len(CONTENT)))
    assert request.headers["authorization"] == f"OAuth {instagram.secrets['access_token']}"
    assert published(instagram)[0]["sent"]["media"][0]["kind"] == "video"


@pytest.mark.parametrize(
    ("fault", "begins"),
    [("cut_upload", [0, len(CONTENT) // 2]), ("timeout_before", [0, 0]), ("timeout_after", [0])],
)
def test_cut_upload_goes_on_where_it_stopped(
    instagram: Channel, fault: str, begins: list[int]
) -> None:
    progress = Kept()
    instagram.fault(fault, match=UPLOAD)
    with pytest.raises(Transient):
        publisher(instagram).publish(bytes_only(), progress)
    assert published(instagram) == []
    publisher(instagram).publish(bytes_only(), progress)
    sendings = [r for _, r in instagram.sandbox.requests if r.path.startswith("/ig-api-upload")]
    assert [int(r.headers["offset"]) for r in sendings] == begins
    assert sendings[-1].body == CONTENT[begins[-1] :]
    assert len(published(instagram)) == 1
    assert sent(instagram).count("POST /v26.0/17841400000000001/media") == 1


def test_worker_killed_before_the_upload_goes_on_with_the_container(instagram: Channel) -> None:
    progress = Kept(dies_at=1)
    with pytest.raises(Crash):
        publisher(instagram).publish(bytes_only(), progress)
    publisher(instagram).publish(bytes_only(), progress)
    assert len(published(instagram)) == 1


def test_film_sent_as_bytes_is_waited_for(instagram: Channel) -> None:
    instagram.store.world("instagram").slow = 2  # it is asked first how much has arrived
    progress = Kept()
    with pytest.raises(Pending):
        publisher(instagram).publish(bytes_only(), progress)
    publisher(instagram).publish(bytes_only(), progress)
    assert len([line for line in sent(instagram) if "ig-api-upload" in line]) == 1


def test_place_to_upload_that_is_none_of_instagrams_is_not_used(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Kept(container="", address="")
    request = bytes_only()
    with pytest.raises(Crash):
        publisher(instagram).publish(request, dying := Kept(dies_at=1))
    progress.done = dying.done | {"address": "https://evil.example/take"}
    with pytest.raises(Rejected, match="none of its own"):
        publisher(instagram).publish(request, progress)


# --- with Instagram Login


def test_own_login_takes_no_bytes_and_deletes_nothing(instagram: Channel) -> None:
    instagram.options["login"] = "instagram"
    with pytest.raises(Unsupported):
        publisher(instagram).publish(bytes_only(), Kept())
    with pytest.raises(Unsupported, match="画面で削除"):
        publisher(instagram).withdraw("18000000000000001")
    assert sent(instagram) == []
    publisher(instagram).publish(wish(media=(picture(),)), Kept())
    assert len(published(instagram)) == 1

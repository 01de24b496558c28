"""What only X has: shortened addresses, videos in pieces, duplicates that are refused."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.x import media, posting
from jspm_social.platforms.errors import Pending, Rejected
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import form_parts

from .conftest import Channel
from .outgoing import Kept, film, picture, published, publisher, sent, wish
from .test_publishing import POLL, carry_out

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

T_CO = "https://t.co/abcdefghij"
LONG = "https://www.jspm.ne.jp/meeting/2026/"


@pytest.fixture
def x(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(lookout, "SETTLES", timedelta())
    return Channel(Platform.X, sandbox)


def tweet(text: str, *addresses: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": "1", "text": text, "entities": {"urls": list(addresses)}, **more}


def address(long: str = LONG, short: str = T_CO, **more: str) -> dict[str, str]:
    return {"url": short, "expanded_url": long, "display_url": "www.jspm…", **more}


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (tweet(f"詳しくは{T_CO}へ", address()), f"詳しくは{LONG}へ"),
        (tweet("a &lt; b &amp;&amp; c"), "a < b && c"),
        (tweet(f"画像 {T_CO}", address(media_key="3_1")), "画像"),
        (tweet(f"画像 {T_CO}", address(display_url="pic.x.com/abc")), "画像"),
        (tweet(T_CO, address(media_key="3_1")), ""),
        (tweet("短い…", note_tweet={"text": f"長い {T_CO}", "entities": {"urls": [address()]}}),
         f"長い {LONG}"),
        (tweet("住所なし", {"url": "", "expanded_url": ""}), "住所なし"),
    ],
)  # fmt: skip
def test_words_as_they_were_written(given_: dict[str, Any], words: str) -> None:
    assert posting.words_of(given_) == words


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (LONG, address()),
        ("HTTPS://WWW.JSPM.ne.jp/meeting/2026/", address()),
        ("www.jspm.ne.jp/meeting/2026", address("http://www.jspm.ne.jp/meeting/2026/")),
        ("jspm.ne.jp", address("http://jspm.ne.jp/")),
    ],
)
def test_same_address_written_in_another_way_is_the_same_post(
    written: str, shown: dict[str, str]
) -> None:
    found = tweet(f"か\u3099んの日 {T_CO}\n", shown)
    assert posting.compare(found, {}, wish(text=f"がんの日 {written}"), []) is Likeness.YES
    other = wish(text=f"がんの日 {written}x")
    assert posting.compare(found, {}, other, []) is Likeness.NO


def test_files_and_polls_tell_posts_apart() -> None:
    one = wish(media=(picture(1),))
    found = tweet(one.text, attachments={"media_keys": ["3_11"]})
    assert posting.compare(found, {}, one, ["11"]) is Likeness.YES
    assert posting.compare(found, {}, one, ["12"]) is Likeness.NO
    assert posting.compare(found, {}, wish(), []) is Likeness.NO
    asked = tweet(one.text, attachments={"poll_ids": ["9"]})
    assert (
        posting.compare(asked, {"9": ["対面", "オンライン"]}, wish(poll=POLL), []) is Likeness.YES
    )
    assert posting.compare(asked, {"9": ["はい", "いいえ"]}, wish(poll=POLL), []) is Likeness.NO
    assert posting.compare(asked, {"9": ["対面", "オンライン"]}, wish(), []) is Likeness.NO


PIECES = ["あ", "a", " ", ".", "/", "jspm.ne.jp", LONG, "@", "か", "\u3099"]


@ANY_MACHINE
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_post_is_like_itself(text: str) -> None:
    assert posting.compare(tweet(text), {}, wish(text=text), []) is Likeness.YES


def test_address_without_scheme_is_found_and_read(x: Channel) -> None:
    kept, request = Kept(), wish(text="見て jspm.ne.jp と A&B < C を")
    place = publisher(x).publish(request, kept)
    found = publisher(x).find(request, kept, since=datetime.now(UTC))
    assert found is not None
    assert found.remote_id == place.remote_id
    assert found.text == "見て http://jspm.ne.jp と A&B < C を"


def test_video_arrives_in_pieces_that_make_the_whole(
    x: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "PIECE", 1000)
    content = bytes(range(250)) * 21
    carry_out(x, wish(media=(film(content=content),)), Kept())
    appended = [form_parts(r) for _, r in x.sandbox.requests if r.path.endswith("/append")]
    assert [int(part["segment_index"]) for part in appended] == list(range(6))
    assert b"".join(part["media"] for part in appended) == content


def test_long_video_is_sent_over_several_attempts(
    x: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No attempt outlives the worker's lease, and none sends a piece that was sent."""
    monkeypatch.setattr(media, "PIECE", 1000)
    monkeypatch.setattr(media, "PIECES_AT_ONCE", 2)
    kept, request = Kept(), wish(media=(film(content=b"x" * 5500),))
    for _ in range(2):
        with pytest.raises(Pending) as caught:
            publisher(x).publish(request, kept)
        assert caught.value.until <= datetime.now(UTC)
    assert kept.done["media0_pieces"] == "4"
    carry_out(x, request, kept)
    assert sum(line.endswith("/append") for line in sent(x)) == 6
    assert len(published(x)) == 1


def test_only_what_is_asked_for_is_read_of_the_file(
    x: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in the middle goes on with the piece that follows, not from the beginning."""
    monkeypatch.setattr(media, "PIECE", 1000)
    opened: list[io.BytesIO] = []

    def open_it() -> io.BytesIO:
        opened.append(io.BytesIO(b"x" * 3000))
        return opened[-1]

    request = wish(media=(film(content=b"x" * 3000, open=open_it),))
    carry_out(x, request, Kept(dies_at=4))
    assert len(opened) == 3
    assert all(stream.closed for stream in opened)


def test_video_that_x_cannot_take_is_refused(x: Channel) -> None:
    kept, request = Kept(), wish(media=(film(),))
    with pytest.raises(Pending):
        publisher(x).publish(request, kept)
    x.store.upload("x", kept.done["media0"], state="failed")
    with pytest.raises(Rejected, match="動画"):
        publisher(x).publish(request, kept)


def test_duplicate_is_refused_for_good(x: Channel) -> None:
    publisher(x).publish(wish(), Kept())
    with pytest.raises(Rejected, match="同じ文面"):
        publisher(x).publish(wish(), Kept())
    assert len(published(x)) == 1


def test_plan_with_longer_texts(x: Channel) -> None:
    x.options["limits"] = {"characters": 25_000}
    publisher(x).publish(wish(text="あ" * 12_500), Kept())
    with pytest.raises(Rejected):
        publisher(x).publish(wish(text="あ" * 12_501), Kept())


def test_look_goes_on_to_further_pages(x: Channel) -> None:
    kept = Kept()
    place = publisher(x).publish(wish(), kept)
    for number in range(120):
        at = datetime.now(UTC) + timedelta(seconds=number)
        x.store.publish("x", f"9{number:019}", f"別の投稿{number}", at=at)
    found = publisher(x).find(wish(), kept, since=datetime.now(UTC))
    assert found is not None
    assert found.remote_id == place.remote_id

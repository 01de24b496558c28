"""What only Bluesky has: keys made of time, facets by bytes, cards, the video service."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.adapters.bluesky import posting, tid
from jspm_social.platforms.adapters.bluesky.facets import Found, facets_of, find_facets
from jspm_social.platforms.adapters.bluesky.normalise import parse_uri
from jspm_social.platforms.errors import OutcomeUnknown, Pending, Rejected, Transient, Unsupported
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Card
from jspm_social.platforms.sandbox import ids
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import Channel
from .outgoing import Kept, film, picture, published, publisher, sent, wish
from .test_publishing import carry_out

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MOMENTS = st.integers(0, (1 << 53) - 1).map(  # until the year 2255
    lambda number: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
)
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture
def bluesky(sandbox: Sandbox) -> Channel:
    return Channel(Platform.BLUESKY, sandbox)


# --- keys


@ANY_MACHINE
@given(MOMENTS)
def test_key_holds_its_moment(moment: datetime) -> None:
    key = tid.new_tid(moment)
    assert len(key) == 13
    assert set(key) <= set(tid.LETTERS)
    assert key[0] in tid.LETTERS[:8]  # the highest bit is never set
    assert tid.moment_of(key) == moment


@ANY_MACHINE
@given(MOMENTS, MOMENTS)
def test_keys_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    if one != other:
        assert (tid.new_tid(one) < tid.new_tid(other)) is (one < other)


def test_keys_of_others_are_read_alike() -> None:
    assert tid.moment_of("2222222222222") == datetime(1970, 1, 1, tzinfo=UTC)
    moment = datetime(2026, 11, 29, 1, 2, 3, 456000, tzinfo=UTC)
    read = tid.moment_of(ids.tid(moment, "seed"))  # as the sandbox makes them
    assert read.replace(microsecond=456000) == moment
    with pytest.raises(ValueError, match="substring"):
        tid.moment_of("3jzfcijpj2z20")


def test_post_is_dated_by_its_key_whenever_it_is_sent(bluesky: Channel) -> None:
    kept = Kept(rkey=tid.new_tid(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))
    place = publisher(bluesky).publish(wish(), kept)
    assert parse_uri(place.remote_id).rkey == kept.done["rkey"]
    assert publisher(bluesky).read(place.remote_id).published_at == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )


def test_key_that_is_taken_is_never_written_again(bluesky: Channel) -> None:
    """Even without a look: the second sending is unknown, and the look finds the first."""
    kept = Kept()
    place = publisher(bluesky).publish(wish(), kept)
    with pytest.raises(OutcomeUnknown):
        publisher(bluesky).publish(wish(), kept)
    found = publisher(bluesky).find(wish(), kept, since=datetime.now(UTC))
    assert found is not None
    assert found.remote_id == place.remote_id
    assert len(published(bluesky)) == 1


# --- facets


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("見てhttps://example.com/をご覧", [("link", "https://example.com/")]),
        ("jspm.ne.jp。", [("link", "https://jspm.ne.jp")]),
        ("#緩和ケア #ACP、 ＃がん", [("tag", "緩和ケア"), ("tag", "ACP"), ("tag", "がん")]),
        ("文中の#緩和ケア は違う", []),
        ("#1 #. # #️⃣", []),
        ("#1位", [("tag", "1位")]),
        (f"#{FAMILY}", [("tag", FAMILY)]),
        ("#" + "あ" * 64, [("tag", "あ" * 64)]),
        ("#" + "あ" * 65, []),
        ("（@Jspm.bsky.social）さん", [("mention", "jspm.bsky.social")]),
        ("は@jspm.bsky.socialの", [("mention", "jspm.bsky.social")]),
        ("a@jspm.ne.jp @jspm @@a.b", []),
        ("https://bsky.app/@jspm.bsky.social", [("link", "https://bsky.app/@jspm.bsky.social")]),
        ("#https://example.com/", [("tag", "https://example.com")]),
        ("HTTP://EXAMPLE.COM", [("link", "HTTP://EXAMPLE.COM")]),
    ],
)
def test_what_is_found_in_a_text(text: str, found: list[tuple[str, str]]) -> None:
    assert [(f.kind, f.value) for f in find_facets(text)] == found


def test_offsets_count_bytes() -> None:
    text = f"{FAMILY}緩和 #タグ https://example.com/"
    facets = facets_of(text, lambda handle: "")
    raw = text.encode()
    cut = [raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets]
    assert cut == ["#タグ", "https://example.com/"]
    assert facets[0]["index"] == {"byteStart": 32, "byteEnd": 39}


def test_mention_of_nobody_stays_plain_text() -> None:
    text = "@a.example と @b.example"
    facets = facets_of(text, {"a.example": "did:plc:a", "b.example": ""}.__getitem__)
    assert [f["features"][0]["did"] for f in facets] == ["did:plc:a"]


@ANY_MACHINE
@given(
    st.lists(
        st.sampled_from(
            ["あ", FAMILY, " ", "\n", "#", "＃", "@", "a", ".", "。", "1", "jspm.ne.jp",
             "https://example.com/a", "@a.example", "#タグ", "e\u0301", "\u200b"]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_facets_lie_within_the_text_and_apart(text: str) -> None:
    raw = text.encode()
    place = 0
    for facet in facets_of(text, lambda handle: f"did:web:{handle}"):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert place <= start < end <= len(raw)
        words = raw[start:end].decode()
        (feature,) = facet["features"]
        value = feature.get("uri") or feature.get("tag") or feature["did"]
        assert value.removeprefix("did:web:").removeprefix("https://").lower() in words.lower()
        place = end


def test_found_in_order() -> None:
    assert find_facets("#a https://b.jp") == [
        Found(0, 2, "tag", "a"),
        Found(3, 15, "link", "https://b.jp"),
    ]


@pytest.mark.parametrize("handle", ["nobody.example", "nobody.invalid"])
def test_mention_of_a_handle_that_nobody_has_does_not_hold_up_the_post(
    bluesky: Channel, handle: str
) -> None:
    """The reference server names the refusal differently for handles of its own domain."""
    publisher(bluesky).publish(wish(text=f"@{handle} さん"), Kept())
    (post,) = published(bluesky)
    assert post["text"] == f"@{handle} さん"
    (record,) = [r for _, r in bluesky.sandbox.requests if r.path.endswith("createRecord")]
    assert "facets" not in record.json["record"]


def test_mention_is_resolved_and_a_lost_answer_is_transient(bluesky: Channel) -> None:
    bluesky.say(1)
    text = "@who.example さん、@nobody.example さん"
    bluesky.fault("timeout_after", match="GET *resolveHandle")
    kept = Kept()
    with pytest.raises(Transient):
        publisher(bluesky).publish(wish(text=text), kept)
    assert published(bluesky) == []
    publisher(bluesky).publish(wish(text=text), kept)
    (post,) = published(bluesky)
    (facet,) = post["sent"]["more"]["facets"]
    assert facet["features"][0]["did"].startswith("did:plc:")
    assert facet["index"] == {"byteStart": 0, "byteEnd": 12}


# --- what stands beside the text


def test_card_with_and_without_its_address_in_the_text(bluesky: Channel) -> None:
    card = Card("https://www.jspm.ne.jp/", "日本緩和医療学会", "説明")
    publisher(bluesky).publish(wish(card=card), Kept())
    (post,) = published(bluesky)
    assert post["sent"]["more"]["embed"] == {
        "$type": "app.bsky.embed.external",
        "external": {"uri": card.url, "title": card.title, "description": card.description},
    }
    with pytest.raises(Unsupported):
        publisher(bluesky).publish(wish(card=card, media=(picture(),)), Kept())
    both = wish(text=f"見て {card.url}", card=card, media=(picture(),))
    publisher(bluesky).publish(both, Kept())
    assert published(bluesky)[-1]["sent"]["more"]["embed"]["$type"] == "app.bsky.embed.images"


def test_pictures_keep_their_shape_and_description(bluesky: Channel) -> None:
    media = (picture(1, width=1200, height=630), picture(2, alt="", width=0))
    publisher(bluesky).publish(wish(media=media), Kept())
    (post,) = published(bluesky)
    one, other = post["sent"]["more"]["embed"]["images"]
    assert one["aspectRatio"] == {"width": 1200, "height": 630}
    assert (one["alt"], other["alt"]) == ("説明1", "")
    assert "aspectRatio" not in other
    assert post["sent"]["more"]["langs"] == ["ja"]


@pytest.mark.parametrize(("text", "words"), [("あ" * 301, "300文字"), (FAMILY * 130, "3000バイト")])
def test_too_long_in_letters_or_in_bytes(bluesky: Channel, text: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        publisher(bluesky).publish(wish(text=text), Kept())


def test_picture_beyond_a_million_bytes_is_refused() -> None:
    posting.check(wish(media=(picture(size=1_000_000),)))
    with pytest.raises(Rejected):
        posting.check(wish(media=(picture(size=1_000_001),)))


# --- the video service


def test_token_for_the_video_service_is_for_storing_with_us(bluesky: Channel) -> None:
    carry_out(bluesky, wish(media=(film(),)), Kept())
    asked = {r.path.rpartition("/")[2]: r for _, r in bluesky.sandbox.requests}
    query = asked["com.atproto.server.getServiceAuth"].query
    port = bluesky.sandbox.url.rpartition(":")[2]
    assert query["aud"] == f"did:web:127.0.0.1%3A{port}"
    assert query["lxm"] == "com.atproto.repo.uploadBlob"
    left = datetime.fromtimestamp(int(query["exp"]), UTC) - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    upload = asked["app.bsky.video.uploadVideo"]
    assert upload.body == b"film"
    assert upload.headers["content-type"] == "video/mp4"
    assert upload.bearer not in bluesky.secrets.values()


def test_same_video_again_takes_the_blob_that_is_there(bluesky: Channel) -> None:
    carry_out(bluesky, wish(media=(film(),)), Kept())
    begun = len(sent(bluesky))
    place = publisher(bluesky).publish(wish(media=(film(),)), Kept())
    assert not any("getJobStatus" in line for line in sent(bluesky, begun))
    assert len(published(bluesky)) == 2
    assert publisher(bluesky).read(place.remote_id).text == wish().text


def test_video_that_cannot_be_processed_is_refused(bluesky: Channel) -> None:
    kept, request = Kept(), wish(media=(film(),))
    with pytest.raises(Pending):
        publisher(bluesky).publish(request, kept)
    job = kept.done["blob0_job"]
    answer: dict[str, Any] = {"jobId": job, "state": "JOB_STATE_FAILED", "error": "bad codec"}
    bluesky.store.upload("bluesky", job, failed=answer)
    with pytest.raises(Rejected, match="bad codec"):
        publisher(bluesky).publish(request, kept)


def test_post_of_somebody_else_is_left_alone(bluesky: Channel) -> None:
    theirs = bluesky.say(1)
    for deed in (publisher(bluesky).withdraw, publisher(bluesky).read):
        with pytest.raises(Rejected):
            deed(theirs)

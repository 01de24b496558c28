"""What a channel would be sent, to the last character, and the hash that covers it."""

from dataclasses import replace

from hypothesis import given, strategies as st

from jspm_social.platforms.names import Platform
from posts.content import Content, PollContent, Variant
from posts.payload import Payload, PayloadMedia, content_hash, payload_for

LINK = "https://www.jspm.ne.jp/"
PHOTO = PayloadMedia(7, "image", "ab" * 32, "会場の写真", "撮影：広報委員会")
BASE = Content("ご案内です。", link=LINK, tags=("緩和ケア",), channels={1: Variant()})


def text(platform: Platform, content: Content = BASE) -> str:
    return payload_for(content, 1, platform, {7: PHOTO}).text


def test_a_link_is_written_where_there_is_no_card() -> None:
    assert text(Platform.X) == f"ご案内です。\n\n#緩和ケア\n\n{LINK}"
    assert text(Platform.FACEBOOK) == "ご案内です。\n\n#緩和ケア"
    assert payload_for(BASE, 1, Platform.FACEBOOK, {}).card == LINK


def test_beside_media_there_is_no_card_and_the_credit_is_named() -> None:
    payload = payload_for(replace(BASE, media=(7,)), 1, Platform.BLUESKY, {7: PHOTO})
    assert payload.card == ""
    assert payload.text == f"ご案内です。\n\n#緩和ケア\n\n{LINK}\n\n撮影：広報委員会"
    assert payload.media == (PHOTO,)


def test_a_link_in_the_text_is_not_repeated() -> None:
    written = replace(BASE, body=f"{LINK} をご覧ください。", tags=())
    assert text(Platform.X, written) == f"{LINK} をご覧ください。"


def test_a_channel_overrides_only_what_it_says() -> None:
    content = replace(
        BASE, media=(7,), channels={1: Variant(text="短い文。", title="題", media=())}
    )
    payload = payload_for(content, 1, Platform.X, {7: PHOTO})
    assert payload.text == f"短い文。\n\n#緩和ケア\n\n{LINK}"
    assert (payload.title, payload.media) == ("題", ())


def test_a_poll_goes_only_where_there_are_polls() -> None:
    content = replace(BASE, poll=PollContent(("はい", "いいえ"), 60))
    assert payload_for(content, 1, Platform.X, {}).poll == {
        "options": ["はい", "いいえ"],
        "minutes": 60,
    }
    assert payload_for(content, 1, Platform.LINE, {}).poll is None


def test_content_and_payload_survive_their_json() -> None:
    content = replace(BASE, media=(7,), poll=PollContent(("a", "b"), 5))
    assert Content.from_json(content.to_json()) == content
    payload = payload_for(content, 1, Platform.X, {7: PHOTO})
    assert Payload.from_json(payload.to_json()) == payload


def hashed(payload: Payload, *, window: tuple[str, str] = ("a", "b"), policy: str = "1") -> str:
    return content_hash({1: payload}, window=window, policy_version=policy)


def test_every_part_changes_the_hash() -> None:
    payload = payload_for(replace(BASE, media=(7,)), 1, Platform.X, {7: PHOTO})
    changed = [
        hashed(payload),
        hashed(replace(payload, text=payload.text + " ")),
        hashed(replace(payload, title="題")),
        hashed(replace(payload, card=LINK)),
        hashed(replace(payload, media=())),
        hashed(replace(payload, media=(replace(PHOTO, alt="会場"),))),
        hashed(replace(payload, media=(replace(PHOTO, sha256="cd" * 32),))),
        hashed(replace(payload, poll={"options": ["a"], "minutes": 1})),
        hashed(payload, window=("a", "c")),
        hashed(payload, policy="2"),
        content_hash({2: payload}, window=("a", "b"), policy_version="1"),
    ]
    assert len(set(changed)) == len(changed)


@given(body=st.text(), own=st.none() | st.text())
def test_nothing_that_was_written_is_lost(body: str, own: str | None) -> None:
    content = Content(body, channels={1: Variant(text=own)})
    payload = payload_for(content, 1, Platform.X, {})
    assert payload.text == (body if own is None else own)
    assert Content.from_json(content.to_json()) == content

"""One suite for every publisher that can look whether its post stands there, over real HTTP.

LINE can look at nothing; test_line has what holds there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms import registry
from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.contract import Achieved
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
from jspm_social.platforms.publishing import Card, Poll, Published, PublishRequest
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import Channel
from .outgoing import KEY, TEXT, Crash, Kept, film, picture, published, publisher, sent, wish

URL = "https://www.jspm.ne.jp/meeting/2026/index.html?a=1"
LINKED = f"演題募集のご案内：{URL} をご覧ください。"
OTHER_KEY = "11111111-2222-4333-8444-555555555555"
POLL = Poll(("対面", "オンライン"), timedelta(days=1))


@dataclass(frozen=True)
class Case:
    """What one platform takes, the request that makes a post stand there, and its limit."""

    create: str
    longest: int  # of "あ"
    poll: bool = False
    video_bytes: bool = True  # the sandbox sees the file in one piece
    renews: bool = True  # tokens are refreshed


CASES = {
    Platform.X: Case("POST /2/tweets", 140, poll=True, video_bytes=False),
    Platform.BLUESKY: Case("POST *createRecord", 300),
    Platform.MASTODON: Case("POST */statuses", 500, poll=True, renews=False),
}
ELSEWHERE = {Platform.LINE}

REQUESTS: dict[str, Callable[[], PublishRequest]] = {
    "text": wish,
    "link": lambda: wish(text=LINKED, card=Card(URL, "ご案内", "第31回学術大会")),
    "image": lambda: wish(media=(picture(1),)),
    "images": lambda: wish(media=tuple(picture(n) for n in range(1, 5))),
    "video": lambda: wish(media=(film(content=b"film" * 2_500_000),)),
    "poll": lambda: wish(poll=POLL),
}
LOST = ["5xx", "timeout_before", "timeout_after", "cut_off", "malformed_json"]
DONE = {"timeout_after", "cut_off", "malformed_json"}  # the post stands there all the same


@pytest.fixture(params=CASES)
def outlet(
    request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Channel:
    """A channel to publish on, where a look need not wait until everything has settled."""
    monkeypatch.setattr(lookout, "SETTLES", timedelta())
    return Channel(request.param, sandbox)


def case_of(outlet: Channel) -> Case:
    return CASES[outlet.platform]


def kinds_of(outlet: Channel) -> list[str]:
    return [name for name in REQUESTS if name != "poll" or case_of(outlet).poll]


def now() -> datetime:
    return datetime.now(UTC)


def carry_out(outlet: Channel, request: PublishRequest, kept: Kept) -> Published:
    """Do what a worker does over any number of attempts: look whenever the outcome is unknown."""
    unknown = False
    for _ in range(60):
        try:
            if unknown:
                found = publisher(outlet).find(request, kept, since=now())
                if found:
                    return found
                unknown = False
            return publisher(outlet).publish(request, kept)
        except (Pending, Transient, RateLimited):
            continue
        except (OutcomeUnknown, Crash):
            unknown = True
    raise AssertionError("no end of it")


def stands_once(outlet: Channel, request: PublishRequest, place: Published) -> None:
    """Exactly this post stands there, with its files and their descriptions, and reads back."""
    (post,) = published(outlet)
    assert (post["id"], post["text"]) == (place.remote_id, request.text)
    media = [(m["kind"], m["size"], m["alt"]) for m in post["sent"]["media"]]
    assert media == [(m.kind.value, m.size, m.alt) for m in request.media]
    options = post["sent"]["poll"]["options"] if post["sent"]["poll"] else None
    assert options == (list(request.poll.options) if request.poll else None)
    back = publisher(outlet).read(place.remote_id)
    assert (back.remote_id, back.permalink) == (place.remote_id, place.permalink)
    assert back.text == request.text
    assert back.published_at is not None
    assert abs(back.published_at - now()) < timedelta(minutes=1)


def test_every_publisher_is_tested_here_or_by_itself() -> None:
    assert set(registry.PUBLISHERS) == set(CASES) | ELSEWHERE


# --- what goes out


@pytest.mark.parametrize("kind", REQUESTS)
def test_published_as_it_was_approved(outlet: Channel, kind: str) -> None:
    request, kept = REQUESTS[kind](), Kept()
    if kind not in kinds_of(outlet):
        with pytest.raises(Unsupported):
            publisher(outlet).publish(request, kept)
        assert (sent(outlet), kept.done) == ([], {})
        return
    place = carry_out(outlet, request, kept)
    assert place.permalink.startswith("https://")
    stands_once(outlet, request, place)
    (post,) = published(outlet)
    if kind != "video" or case_of(outlet).video_bytes:
        hashes = [m["sha256"] for m in post["sent"]["media"]]
        assert hashes == [m.sha256 for m in request.media]


def test_find_finds_what_was_published(outlet: Channel) -> None:
    for kind in kinds_of(outlet):
        kept = Kept()
        request = REQUESTS[kind]()
        request = wish(text=f"{request.text}（{kind}）", media=request.media, poll=request.poll)
        place = carry_out(outlet, request, kept)
        found = publisher(outlet).find(request, kept, since=now())
        assert found is not None
        assert (found.remote_id, found.permalink) == (place.remote_id, place.permalink)
    assert len(published(outlet)) == len(kinds_of(outlet))


def test_find_reads_only(outlet: Channel) -> None:
    kept = Kept()
    carry_out(outlet, wish(media=(picture(),)), kept)
    asked, times = len(outlet.sandbox.requests), kept.times
    publisher(outlet).find(wish(media=(picture(),)), kept, since=now())
    assert {line.split()[0] for line in sent(outlet, asked)} == {"GET"}
    assert kept.times == times


def test_nothing_is_found_before_anything_was_sent(outlet: Channel) -> None:
    assert publisher(outlet).find(wish(), Kept(), since=now()) is None
    assert sent(outlet) == []


# --- what does not


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": "題名"}, Unsupported),
        ({"media": (picture(1), film(2))}, Unsupported),
        ({"card": Card("https://a.example/"), "media": (picture(1),)}, Unsupported),
        ({"media": (picture(1),), "poll": POLL}, Unsupported),
        ({"text": ""}, Rejected),
        ({"text": " \n"}, Rejected),
        ({"media": tuple(picture(n) for n in range(5))}, Rejected),
        ({"media": (film(1), film(2))}, Rejected),
        ({"media": (picture(1, mime="image/tiff"),)}, Rejected),
        ({"media": (film(1, mime="video/x-msvideo"),)}, Rejected),
        ({"media": (picture(1, size=50_000_000),)}, Rejected),
        ({"media": (film(1, size=2_000_000_000),)}, Rejected),
        ({"media": (picture(1, alt="あ" * 2001),)}, Rejected),
    ],
)
def test_what_cannot_stand_there_is_refused_before_anything_is_sent(
    outlet: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    kept = Kept()
    with pytest.raises(error) as caught:
        publisher(outlet).publish(wish(**changes), kept)
    assert (sent(outlet), kept.done) == ([], {})
    assert any("ぁ" < letter < "龠" for letter in caught.value.detail)  # words for the author


def test_length_is_the_platforms_own(outlet: Channel) -> None:
    longest = case_of(outlet).longest
    with pytest.raises(Rejected, match="文字"):
        publisher(outlet).publish(wish(text="あ" * (longest + 1)), Kept())
    assert sent(outlet) == []
    publisher(outlet).publish(wish(text="あ" * longest), Kept())
    assert [len(post["text"]) for post in published(outlet)] == [longest]


@pytest.mark.parametrize(
    "poll",
    [
        Poll(("一つ",), timedelta(days=1)),
        Poll(tuple("あいうえお"), timedelta(days=1)),
        Poll(("あ", " "), timedelta(days=1)),
        Poll(("あ", "い" * 51), timedelta(days=1)),
        Poll(("あ", "い"), timedelta(minutes=4)),
        Poll(("あ", "い"), timedelta(days=40)),
    ],
)
def test_poll_beyond_the_limits_is_refused(outlet: Channel, poll: Poll) -> None:
    with pytest.raises(Rejected if case_of(outlet).poll else Unsupported):
        publisher(outlet).publish(wish(poll=poll), Kept())
    assert sent(outlet) == []


def test_file_that_is_not_as_long_as_it_was_said_is_refused(outlet: Channel) -> None:
    short = picture(1, size=1000)
    with pytest.raises(Rejected, match="shorter"):
        publisher(outlet).publish(wish(media=(short,)), Kept())
    with pytest.raises(Rejected):
        publisher(outlet).publish(wish(media=(picture(1, open=None),)), Kept())
    assert published(outlet) == []


# --- nothing stands twice


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("kind", ["text", "link", "image"])
def test_lost_answer_is_unknown_and_find_tells_the_truth(
    outlet: Channel, kind: str, fault: str
) -> None:
    request, kept = REQUESTS[kind](), Kept()
    outlet.fault(fault, match=case_of(outlet).create)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).publish(request, kept)
    found = publisher(outlet).find(request, kept, since=now())
    assert (found is not None) is (fault in DONE)
    assert [post["id"] for post in published(outlet)] == ([found.remote_id] if found else [])
    place = found or publisher(outlet).publish(request, kept)
    stands_once(outlet, request, place)


@pytest.mark.parametrize("fault", [*LOST, "429", "expired_token"])
@pytest.mark.parametrize("kind", ["image", "video"])
def test_any_fault_at_any_request_ends_with_one_post(
    outlet: Channel, kind: str, fault: str
) -> None:
    if fault == "expired_token" and not case_of(outlet).renews:
        return
    request = REQUESTS[kind]()
    carry_out(outlet, request, Kept())
    whole = len(sent(outlet))
    assert whole >= 2
    for number in range(1, whole + 1):
        for post in published(outlet):
            publisher(outlet).withdraw(post["id"])
        outlet.fault("slow", match="*", times=number - 1) if number > 1 else None
        outlet.fault(fault, match="*")
        place = carry_out(outlet, request, Kept())
        outlet.sandbox.faults.clear()
        stands_once(outlet, request, place)


@pytest.mark.parametrize("kind", ["text", "images", "video"])
def test_crash_after_any_step_ends_with_one_post(outlet: Channel, kind: str) -> None:
    """The worker is killed right after each thing it kept; another goes on from there."""
    request = REQUESTS[kind]()
    for step in range(1, 100):
        kept = Kept(dies_at=step)
        place = carry_out(outlet, request, kept)
        stands_once(outlet, request, place)
        publisher(outlet).withdraw(place.remote_id)
        if kept.times < step:
            break
    assert step > (1 if kind == "text" else 4)


def test_crash_after_the_post_stands_there(outlet: Channel) -> None:
    """The worker is killed before it could write down that the platform said yes."""
    request, kept = REQUESTS["image"](), Kept()
    place = publisher(outlet).publish(request, kept)
    found = publisher(outlet).find(request, Kept(**kept.done), since=now())
    assert found is not None
    assert found.remote_id == place.remote_id


def test_steps_that_are_done_are_not_done_again(outlet: Channel) -> None:
    request, kept = REQUESTS["images"](), Kept()
    outlet.fault("timeout_before", match=case_of(outlet).create)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).publish(request, kept)
    asked = len(outlet.sandbox.requests)
    publisher(outlet).publish(request, kept)
    uploads = [line for line in sent(outlet, asked) if "media" in line or "Blob" in line]
    assert uploads == []


def test_files_that_were_uploaded_long_ago_are_uploaded_again(outlet: Channel) -> None:
    request, kept = REQUESTS["image"](), Kept()
    outlet.fault("timeout_before", match=case_of(outlet).create)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).publish(request, kept)
    outlet.store.world(outlet.platform.value).uploads.clear()  # the platform forgot them
    kept.keep(media_begun=(now() - timedelta(days=1)).isoformat())
    stands_once(outlet, request, publisher(outlet).publish(request, kept))


def test_posts_with_the_same_words_are_told_apart_by_their_files(outlet: Channel) -> None:
    one, other = wish(media=(picture(1),)), wish(key=OTHER_KEY, media=(picture(2),))
    kept, kept_other = Kept(), Kept()
    outlet.fault("timeout_before", match=case_of(outlet).create)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).publish(one, kept)
    place = publisher(outlet).publish(other, kept_other)
    assert publisher(outlet).find(one, kept, since=now()) is None
    mine = publisher(outlet).publish(one, kept)
    assert mine.remote_id != place.remote_id
    found = publisher(outlet).find(one, kept, since=now())
    assert found is not None
    assert found.remote_id == mine.remote_id
    assert len(published(outlet)) == 2


def test_post_that_stood_there_before_is_not_taken_for_this_one(outlet: Channel) -> None:
    """The very same post, a moment ago: what was there before the sending is not it."""
    request = wish(media=(picture(1),))
    first = publisher(outlet).publish(request, Kept())
    again, kept = wish(key=OTHER_KEY, media=(picture(1),)), Kept()
    outlet.fault("timeout_before", match=case_of(outlet).create)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).publish(again, kept)
    assert publisher(outlet).find(again, kept, since=now()) is None
    second = publisher(outlet).publish(again, kept)
    assert {post["id"] for post in published(outlet)} == {first.remote_id, second.remote_id}


# --- waiting, tokens, refusals


def test_429_names_the_time_and_nothing_stands_there(outlet: Channel) -> None:
    outlet.fault("429", match=case_of(outlet).create, reset_in=120)
    kept = Kept()
    with pytest.raises(RateLimited) as caught:
        publisher(outlet).publish(wish(), kept)
    assert now() < caught.value.until < now() + timedelta(minutes=3)
    assert published(outlet) == []
    stands_once(outlet, wish(), publisher(outlet).publish(wish(), kept))


def test_video_is_waited_for_until_a_time(outlet: Channel) -> None:
    with pytest.raises(Pending) as caught:
        publisher(outlet).publish(REQUESTS["video"](), Kept())
    assert now() - timedelta(seconds=5) < caught.value.until < now() + timedelta(minutes=1)
    assert published(outlet) == []


def test_expired_token_is_renewed(outlet: Channel) -> None:
    outlet.store.expire_token(outlet.platform.value)
    request = REQUESTS["image"]()
    if not case_of(outlet).renews:
        with pytest.raises(AuthExpired):
            publisher(outlet).publish(request, Kept())
        return
    stands_once(outlet, request, publisher(outlet).publish(request, Kept()))
    tokens = outlet.store.world(outlet.platform.value).tokens
    assert outlet.saved["access_token"] == tokens.access


def test_revoked_token_asks_for_a_person(outlet: Channel) -> None:
    place = publisher(outlet).publish(wish(), Kept())
    outlet.store.expire_token(outlet.platform.value, revoked=True)
    for request in (wish(text="別の投稿"), REQUESTS["image"]()):
        with pytest.raises(AuthExpired):
            publisher(outlet).publish(request, Kept())
    with pytest.raises(AuthExpired):
        publisher(outlet).withdraw(place.remote_id)
    assert len(published(outlet)) == 1


def test_errors_and_reprs_hold_no_secret(outlet: Channel) -> None:
    outlet.store.expire_token(outlet.platform.value, revoked=True)
    carrier = publisher(outlet)
    with pytest.raises(AuthExpired) as caught:
        carrier.publish(wish(), Kept())
    shown = f"{caught.value!r} {caught.value.__cause__!r} {carrier!r} {vars(carrier)!r}"
    assert not [secret for secret in outlet.secrets.values() if secret in shown]


# --- reading and withdrawing


def test_withdrawn_once_and_again(outlet: Channel) -> None:
    place = publisher(outlet).publish(wish(), Kept())
    first = publisher(outlet).withdraw(place.remote_id)
    assert (first.effect, first.achieved) == (Effect.DELETE, Achieved.APPLIED)
    assert published(outlet) == []
    again = publisher(outlet).withdraw(place.remote_id)
    assert (again.effect, again.achieved) == (Effect.DELETE, Achieved.GONE)
    with pytest.raises(Missing):
        publisher(outlet).read(place.remote_id)


@pytest.mark.parametrize("fault", LOST)
def test_withdrawal_with_a_lost_answer_is_repeated(outlet: Channel, fault: str) -> None:
    place = publisher(outlet).publish(wish(), Kept())
    match = "POST *deleteRecord" if outlet.platform is Platform.BLUESKY else "DELETE *"
    outlet.fault(fault, match=match)
    with pytest.raises(OutcomeUnknown):
        publisher(outlet).withdraw(place.remote_id)
    receipt = publisher(outlet).withdraw(place.remote_id)
    assert receipt.achieved is (Achieved.GONE if fault in DONE else Achieved.APPLIED)
    assert published(outlet) == []


@pytest.mark.parametrize("fault", LOST)
def test_reading_with_a_lost_answer_is_transient(outlet: Channel, fault: str) -> None:
    place = publisher(outlet).publish(wish(), Kept())
    outlet.fault(fault, match="GET *")
    with pytest.raises(Transient):
        publisher(outlet).read(place.remote_id)
    assert publisher(outlet).read(place.remote_id).text == TEXT


def test_gone_is_not_believed_from_a_bad_token(outlet: Channel) -> None:
    place = publisher(outlet).publish(wish(), Kept())
    publisher(outlet).withdraw(place.remote_id)
    outlet.fault("revoked_token", match="*", times=9)
    with pytest.raises(AuthExpired):
        publisher(outlet).read(place.remote_id)


def test_key_names_the_post_for_ever(outlet: Channel) -> None:
    """A second look, from nothing but what was kept, finds the same post."""
    request, kept = wish(), Kept()
    place = publisher(outlet).publish(request, kept)
    assert request.key == KEY
    found = publisher(outlet).find(request, Kept(**kept.done), since=now() - timedelta(days=1))
    assert found is not None
    assert found.remote_id == place.remote_id

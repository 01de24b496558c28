"""What only Threads has: posts of words alone, link cards, polls, and what it refuses."""

import json
from datetime import timedelta
from typing import Any

import pytest

from jspm_social.platforms.adapters.threads.publisher import plan_of
from jspm_social.platforms.errors import PlatformError, Rejected, Unsupported
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Card, Poll
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import Channel
from .outgoing import TEXT, Kept, film, picture, published, publisher, sent, wish

DAY = timedelta(hours=24)
CARD = Card("https://www.jspm.ne.jp/", "日本緩和医療学会")
POLL = Poll(("はい", "いいえ", "わからない"), DAY)


@pytest.fixture
def threads(sandbox: Sandbox) -> Channel:
    return Channel(Platform.THREADS, sandbox)


def test_words_alone_take_four_requests_and_a_look(threads: Channel) -> None:
    publisher(threads).publish(wish(), Kept())
    assert [line.partition("/v1.0")[2].rpartition("/")[2] for line in sent(threads)][:2] == [
        "threads_publishing_limit",
        "threads",
    ]
    assert len(sent(threads)) == 5
    assert threads.sandbox.requests[1][1].form == {"media_type": "TEXT", "text": TEXT}


def test_link_goes_out_as_a_card(threads: Channel) -> None:
    publisher(threads).publish(wish(card=CARD), Kept())
    (post,) = published(threads)
    assert (post["text"], post["sent"]["card"]) == (TEXT, {"url": CARD.url})


def test_poll_goes_out_with_its_options_in_order(threads: Channel) -> None:
    publisher(threads).publish(wish(poll=POLL), Kept())
    assert published(threads)[0]["sent"]["poll"] == {"options": list(POLL.options)}
    form = plan_of(wish(poll=POLL)).main
    assert json.loads(form["poll_attachment"]) == {
        "option_a": "はい",
        "option_b": "いいえ",
        "option_c": "わからない",
    }


def test_containers_of_a_series() -> None:
    plan = plan_of(wish(media=(picture(1), film(2, alt=""))))
    assert plan.slow
    assert plan.main == {"media_type": "CAROUSEL", "text": TEXT}
    assert plan.parts == (
        {
            "media_type": "IMAGE",
            "image_url": "https://files.example.jp/1",
            "alt_text": "説明1",
            "is_carousel_item": "true",
        },
        {
            "media_type": "VIDEO",
            "video_url": "https://files.example.jp/2",
            "is_carousel_item": "true",
        },
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": " \n"}, Rejected),
        ({"text": " ", "card": CARD}, Rejected),
        ({"text": " ".join(f"https://a.example/{n}" for n in range(6))}, Rejected),
        ({"text": " ".join(f"https://a.example/{n}" for n in range(5)), "card": CARD}, Rejected),
        ({"card": CARD, "media": (picture(),)}, Unsupported),
        ({"poll": POLL, "media": (picture(),)}, Unsupported),
        ({"poll": POLL, "card": CARD}, Unsupported),
        ({"poll": Poll(("はい",), DAY)}, Rejected),
        ({"poll": Poll(("1", "2", "3", "4", "5"), DAY)}, Rejected),
        ({"poll": Poll(("はい", " "), DAY)}, Rejected),
        ({"poll": Poll(("はい", "いいえ"), timedelta(days=3))}, Rejected),
        ({"poll": Poll(("はい", "い" * 26), DAY)}, Rejected),
        ({"title": "題名"}, Unsupported),
        ({"media": tuple(map(picture, range(21)))}, Rejected),
        ({"media": (picture(public_url=""),)}, Unsupported),
        ({"media": (picture(public_url="http://files.example.jp/1"),)}, Unsupported),
        ({"media": (picture(mime="image/webp"),)}, Rejected),
        ({"media": (picture(size=8_000_001),)}, Rejected),
        ({"media": (picture(alt="長" * 1001),)}, Rejected),
        ({"media": (film(size=1_000_000_001),)}, Rejected),
        ({"media": (film(mime="video/webm"),)}, Rejected),
    ],
)
def test_what_threads_cannot_show_is_refused_before_anything_is_sent(
    threads: Channel, changes: dict[str, Any], error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        publisher(threads).publish(wish(**changes), Kept())
    assert sent(threads) == []


def test_one_link_written_twice_counts_once() -> None:
    links = [f"https://a.example/{n}" for n in range(5)]
    plan_of(wish(text=" ".join(links * 2), card=Card(links[0])))


def test_link_ends_where_japanese_goes_on() -> None:
    text = "".join(f"詳細（https://a.example/{n}）。" for n in [0, 0, 0, 1, 2, 3, 4])
    plan_of(wish(text=text))


def test_link_limit_that_threads_finds_is_rejected(
    threads: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jspm_social.platforms.adapters.threads.publisher.MOST_LINKS", 99)
    text = " ".join(f"https://a.example/{n}" for n in range(6))
    with pytest.raises(Rejected, match="code 100"):
        publisher(threads).publish(wish(text=text), Kept())
    assert published(threads) == []


def test_twenty_pictures_go_out(threads: Channel) -> None:
    publisher(threads).publish(wish(media=tuple(map(picture, range(20)))), Kept())
    assert len(published(threads)[0]["sent"]["media"]) == 20


def test_repost_of_somebody_elses_post_is_not_taken_for_ours(
    threads: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Kept()
    publisher(threads).publish(wish(), progress)
    threads.store.world("threads").uploads.clear()
    monkeypatch.setattr("jspm_social.platforms.sandbox.containers.kind", lambda _: "REPOST_FACADE")
    since = threads.store.world("threads").posts[published(threads)[0]["id"]].created_at
    assert publisher(threads).find(wish(), progress, since=since) is None

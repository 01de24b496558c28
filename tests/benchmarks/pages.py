"""The pages whose time must not grow with the console, each with how to ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from moderation.queries import QueueKey
from moderation.states import ALL_LANES, Lane
from policy.criteria import Criterion, Signal
from tests.benchmarks.fill import RARE_WORD

PER_PAGE = 20


@dataclass(frozen=True)
class Page:
    name: str
    url: str


def pages(*, deep: int) -> Iterator[Page]:
    """Yield the pages of the database in use; `deep` is the number of the deep queue page."""
    yield from _queue(deep)
    yield from _comments()
    yield from _single()


def _queue(deep: int) -> Iterator[Page]:
    yield _filtered("queue, no filter")
    yield _filtered(f"queue, no filter, page {deep}", after=_key_of_page(deep, ALL_LANES))
    for lane in Lane:
        yield _filtered(f"queue, lane {lane}", lane=lane.value)
    for criterion in Criterion:
        yield _filtered(f"queue, criterion {criterion}", criterion=criterion.value)
    for signal in Signal:
        yield _filtered(f"queue, signal {signal}", signal=signal.value)
    for platform in ("x", "facebook", "youtube", "instagram", "bluesky", "mastodon"):
        yield _filtered(f"queue, platform {platform}", platform=platform)
    for channel in range(1, 9):
        yield _filtered(f"queue, channel {channel}", channel=channel)
    yield from _combinations()


def _combinations() -> Iterator[Page]:
    yield _filtered("queue, criterion ソ × platform x (all of them)", criterion="ソ", platform="x")
    yield _filtered("queue, criterion キ × platform x (common)", criterion="キ", platform="x")
    yield _filtered("queue, criterion キ × lane queue (common)", criterion="キ", lane="queue")
    yield _filtered("queue, signal distress × channel 1", signal="distress", channel=1)
    yield _filtered("queue, criterion ソ × channel 3 (empty)", criterion="ソ", channel=3)
    yield _filtered("queue, criterion エ × channel 5 (empty)", criterion="エ", channel=5)
    yield _filtered("queue, platform x × channel 5 (empty)", platform="x", channel=5)
    yield _filtered(
        "queue, lane queue × criterion キ × platform x × channel 1",
        lane="queue",
        criterion="キ",
        platform="x",
        channel=1,
    )


def _filtered(name: str, **query: object) -> Page:
    return Page(name, _url("moderation:queue", **query))


def _comments() -> Iterator[Page]:
    post = _one("SELECT id FROM platforms_remotepost WHERE channel_id = 1 ORDER BY id LIMIT 1")
    for name, query in (
        ("all", {}),
        ("channel 1", {"channel": 1}),
        ("channel 8", {"channel": 8}),
        ("one post", {"post": post}),
        ("route care", {"route": "care"}),
        ("route pass", {"route": "pass"}),
        ("route hold (none)", {"route": "hold"}),
        ("standing hidden", {"standing": "hidden"}),
        ("standing removed (none)", {"standing": "removed"}),
        ("channel 8, standing removed (none)", {"channel": 8, "standing": "removed"}),
        ("search ます (common)", {"q": "ます"}),
        ("search 緩和ケア", {"q": "緩和ケア"}),
        ("search モルヒネ", {"q": "モルヒネ"}),
        ("search 鎮静", {"q": "鎮静"}),
        (f"search {RARE_WORD} (rare)", {"q": RARE_WORD}),
        ("search 鰯の頭 (none)", {"q": "鰯の頭"}),
        ("search ます, channel 8", {"q": "ます", "channel": 8}),
        (f"search {RARE_WORD}, channel 8", {"q": RARE_WORD, "channel": 8}),
        ("search モルヒネ, one post", {"q": "モルヒネ", "post": post}),
    ):
        yield Page(f"comments, {name}", _url("moderation:comments", **query))


def _single() -> Iterator[Page]:
    closed = "SELECT id FROM moderation_case WHERE state = 'closed' ORDER BY id OFFSET 20 LIMIT 1"
    by = (
        "SELECT k.id FROM moderation_case k JOIN moderation_comment c ON c.id = k.comment_id"
        " WHERE k.state = 'open' AND c.commenter_id {} 1 ORDER BY k.id OFFSET 5 LIMIT 1"
    )
    usual, many = by.format("<>"), by.format("=")
    yield Page("case", _url("moderation:case", _one(usual)))
    yield Page("case, its commenter wrote 1 % of all comments", _url("moderation:case", _one(many)))
    yield Page("case, decided", _url("moderation:case", _one(closed)))
    yield Page("comment", _url("moderation:comment", _one(closed)))
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    yield Page("queue, what is new since a minute", _url("moderation:queue_news", since=since))
    yield Page("attention", _url("moderation:attention"))
    yield Page("waiting for a second moderator", _url("moderation:second"))


def _url(view: str, *args: object, **query: object) -> str:
    return reverse(view, args=args) + (f"?{urlencode(query)}" if query else "")


def _one(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _key_of_page(number: int, tag: str) -> str:
    """The key with which page `number` (from 1) of a list begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT urgency, opened_at, case_id FROM moderation_queueentry WHERE filters = %s"
            " ORDER BY urgency, opened_at, case_id OFFSET %s LIMIT 1",
            [tag, (number - 1) * PER_PAGE - 1],
        )
        return str(QueueKey(*cursor.fetchone()))

"""What Facebook, Instagram and Threads share: the budget, the walk through the posts, proofs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from jspm_social.platforms.adapters.meta.graph import after_of
from jspm_social.platforms.adapters.meta.usage import Usage, usage_of
from jspm_social.platforms.adapters.meta.walk import Listed, Walk
from jspm_social.platforms.contract import Page, RemoteAuthor, RemoteComment, RemotePostRef
from jspm_social.platforms.errors import OutcomeUnknown, Rejected, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox import facebook, graph, instagram, threads
from jspm_social.platforms.sandbox.model import VISIBLE
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel, Stored

START = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(params=["facebook", "instagram", "threads"])
def meta(request: pytest.FixtureRequest, sandbox: Sandbox) -> Channel:
    return Channel(Platform(request.param), sandbox)


# --- the budget


@pytest.mark.parametrize(
    ("app", "business", "usage"),
    [
        (None, None, Usage()),
        ({"call_count": 12, "total_time": 76, "total_cputime": 3}, None, Usage(76)),
        (
            {"call_count": 1},
            {"1": [{"type": "instagram", "call_count": 96, "estimated_time_to_regain_access": 7}]},
            Usage(96, timedelta(minutes=7)),
        ),
        (
            None,
            {"1": [{"total_time": 5}], "2": [{"estimated_time_to_regain_access": 10**9}]},
            Usage(5, timedelta(days=1)),
        ),
        ([], {"1": "odd", "2": [None, {"call_count": "x"}]}, Usage()),
    ],
)
def test_usage_is_the_fullest_meter(app: Any, business: Any, usage: Usage) -> None:
    named = {"X-App-Usage": app, "X-Business-Use-Case-Usage": business}
    headers = {name: json.dumps(value) for name, value in named.items() if value is not None}
    assert usage_of(Answer(200, headers, {})) == usage


@pytest.mark.parametrize("header", ["no json", "[" * 100_000, ""])
def test_usage_that_cannot_be_read_counts_as_none(header: str) -> None:
    assert usage_of(Answer(200, {"X-App-Usage": header}, {})) == Usage()


@pytest.mark.parametrize(("percent", "slow"), [(74, False), (75, True)])
def test_usage_is_slow_from_75_percent(percent: int, *, slow: bool) -> None:
    assert Usage(percent).slow is slow


# --- proofs


def test_refusal_of_a_comment_that_is_there_is_not_gone(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost permission looks like a comment that does not exist: a second read tells."""
    made = meta.say(1)
    wire: Any = {"facebook": facebook, "instagram": instagram, "threads": threads}[meta.platform]
    name = "_manage" if meta.platform == Platform.THREADS else "_change"
    monkeypatch.setattr(wire, name, lambda *args: graph.missing(args[-1]))
    with pytest.raises(Unsupported):
        meta.client().apply(Effect.HIDE, meta.target(made))
    assert meta.state(made) == VISIBLE


def test_success_without_the_word_is_unknown(
    meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = meta.say(1)
    wire: Any = {"facebook": facebook, "instagram": instagram, "threads": threads}[meta.platform]
    name = "_manage" if meta.platform == Platform.THREADS else "_change"
    monkeypatch.setattr(wire, name, lambda *_: Reply(body={"success": False}))
    with pytest.raises(OutcomeUnknown):
        meta.client().apply(Effect.HIDE, meta.target(made))


# --- pages


@pytest.mark.parametrize(
    ("paging", "after"),
    [
        ({"cursors": {"after": "A"}, "next": "https://x.example/?after=B"}, "A"),
        ({"next": "https://x.example/?limit=50&after=B"}, "B"),
        ({"cursors": {"after": "A"}}, ""),  # a cursor stands there on the last page, too
        ({"next": "https://[x"}, ""),
        ({"next": 7}, ""),
        (None, ""),
    ],
)
def test_next_page_is_found(paging: Any, after: str) -> None:
    assert after_of({"data": [], "paging": paging}) == after


# --- the walk


class Wall:
    """Posts whose comments are listed newest first, in pages of two; `after` is the last id."""

    def __init__(self) -> None:
        self.posts: dict[str, list[str]] = {"p1": [], "p2": [], "p3": []}
        self.serial = 0

    def say(self, post: str) -> None:
        self.serial += 1
        self.posts[post].insert(0, f"{self.serial:04}")

    def pull(self, cursor: Any) -> Iterator[Page]:
        walk = Walk.of(cursor, spare=True)
        for post in walk.order({p: p for p in self.posts}):
            if len(self.posts[post]) != walk.note(post) or walk.is_under_way(post):
                yield from walk.read(post, self.listing(post), lambda _: {})
        yield walk.close()

    def listing(self, post: str) -> Any:
        count = len(self.posts[post])

        def page(after: str) -> Listed:
            ids = self.posts[post]
            if after and after not in ids:
                raise Rejected("no such place")
            start = ids.index(after) + 1 if after else 0
            shown = ids[start : start + 2]
            more = start + 2 < len(ids)
            return Listed(tuple(remark(i, post) for i in shown), shown[-1] if more else "", count)

        return page


def remark(number: str, post: str) -> RemoteComment:
    return RemoteComment(
        remote_id=number,
        post=RemotePostRef(post),
        author=RemoteAuthor("a"),
        text=number,
        created_at=START + timedelta(minutes=int(number)),
        raw=b"{}",
    )


happenings = st.lists(
    st.one_of(
        st.sampled_from(["p1", "p2", "p3"]),  # a comment is written there
        st.integers(1, 4),  # a pull that dies after so many pages
        st.just("removed"),  # what the walk stopped at is taken away
    ),
    max_size=25,
)


@given(happenings)
@hypothesis_settings(max_examples=200)
def test_walk_dying_anywhere_brings_every_comment(story: list[str | int]) -> None:
    wall, stored = Wall(), Stored()
    for event in story:
        if isinstance(event, int):
            for _, page in zip(range(event), wall.pull(stored.cursor), strict=False):
                stored.take(page)
            stored.cursor = json.loads(json.dumps(stored.cursor))
        elif event == "removed":
            place = stored.cursor.get("after", "")
            wall.posts = {p: [i for i in ids if i != place] for p, ids in wall.posts.items()}
        else:
            wall.say(event)
    for page in wall.pull(stored.cursor):
        stored.take(page)
    for post, ids in wall.posts.items():
        balanced = "removed" in story and stored.cursor["notes"].get(post) == len(ids)
        assert balanced or set(ids) <= set(stored.comments)


def test_walk_stops_where_the_same_place_is_named_again() -> None:
    walk = Walk.of({}, spare=True)
    walk.order({"p1": "p1"})
    pages = list(walk.read("p1", lambda _: Listed((), "same", 1), lambda _: {}))
    assert len(pages) == 2


def test_walk_of_a_post_taken_down_yields_nothing_and_goes_on() -> None:
    walk = Walk.of({"turn": "p1", "after": "x"}, spare=True)
    walk.order({"p1": "p1", "p2": "p2"})
    assert list(walk.read("p1", lambda _: None, lambda _: {})) == []
    assert walk.turn == "p2"


def test_walk_without_budget_to_spare_puts_the_daily_reading_off() -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    cursor = {"swept": long_ago, "notes": {"p1": 4}}
    waiting = Walk.of(cursor, spare=False)
    assert (waiting.note("p1"), waiting.swept) == (4, long_ago)
    assert not waiting.deep
    begun = Walk.of(cursor, spare=True)
    assert (begun.note("p1"), begun.deep) == (-1, True)
    assert Walk.of(begun.to_json(), spare=True).deep  # until all posts were gone through
    assert not Walk.of(begun.close().cursor, spare=True).deep


@pytest.mark.parametrize("platform", ["facebook", "instagram", "threads"])
def test_comment_under_a_post_of_long_ago_is_found_within_a_day(
    sandbox: Sandbox, platform: str
) -> None:
    channel = Channel(Platform(platform), sandbox)
    made = [channel.say(n, post={"id": f"q{n}", "text": f"{n}"}) for n in range(120)]
    stored = Stored()
    for _, page in zip(range(90), channel.client().pull({}), strict=False):
        stored.take(page)
    stored.pull(channel.client())
    assert set(stored.comments) == set(made)
    late = channel.say(5000, post={"id": "q0"})
    assert late not in stored.pull(channel.client()).comments
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    stored.cursor = {**stored.cursor, "swept": yesterday}
    assert late in stored.pull(channel.client()).comments

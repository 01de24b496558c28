"""What only Threads has: flattened conversations, usernames as keys, hiding at the top only."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters.threads import normalise
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Missing, Unsupported
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox import ids, threads as wire
from jspm_social.platforms.sandbox.model import HIDDEN, VISIBLE
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel, Stored
from .test_instagram import a_day_later, sent
from .test_normalise import anything, load

POST = RemotePostRef("18000000000000001", "お知らせ")
names = st.sampled_from(
    [
        "id",
        "text",
        "username",
        "timestamp",
        "permalink",
        "media_type",
        "media_url",
        "gif_url",
        "root_post",
        "replied_to",
        "hide_status",
        "is_reply_owned_by_me",
    ]
)
objects = st.dictionaries(names, anything, max_size=8)


@pytest.fixture
def threads(sandbox: Sandbox) -> Channel:
    return Channel(Platform.THREADS, sandbox)


# --- shapes


def test_a_conversation_is_read() -> None:
    film, own, first = load("threads/conversation.json")["data"]
    assert normalise.comment(first, POST) == RemoteComment(
        remote_id="17100000000000001",
        post=POST,
        author=RemoteAuthor(
            "hanako_kanwa", "", "hanako_kanwa", "https://www.threads.net/@hanako_kanwa"
        ),
        text="参考になりました",
        created_at=datetime(2026, 9, 1, 10, tzinfo=UTC),
        raw=json.dumps(first, separators=(",", ":")).encode(),
        permalink="https://www.threads.net/@hanako_kanwa/post/C1",
        hidden=False,
    )
    nested = normalise.comment(film, POST)
    assert nested is not None
    assert (nested.parent_id, nested.hidden) == ("17100000000000001", True)
    assert nested.attachments == (RemoteAttachment("video", "https://scontent.example/3.mp4"),)
    assert [normalise.is_ours(s, set()) for s in (film, own, first)] == [False, True, False]
    assert normalise.is_ours(first, {"hanako_kanwa"})


@pytest.mark.parametrize(
    ("status", "hidden", "standing"),
    [
        ("NOT_HUSHED", False, Standing.VISIBLE),
        ("UNHUSHED", False, Standing.VISIBLE),
        ("HIDDEN", True, Standing.HIDDEN),
        ("COVERED", True, Standing.UNREADABLE),
        ("BLOCKED", True, Standing.UNREADABLE),
        ("RESTRICTED", True, Standing.UNREADABLE),
        ("NEW_WORD", None, Standing.UNREADABLE),
        ("", None, Standing.UNREADABLE),
    ],
)
def test_hide_status_is_read(
    threads: Channel,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    hidden: bool | None,
    standing: Standing,
) -> None:
    target = threads.target(threads.say(1))
    whole = wire._reply
    monkeypatch.setattr(wire, "_reply", lambda reply: whole(reply) | {"hide_status": status})
    assert Stored().pull(threads.client()).comments[target.comment_id].hidden is hidden
    assert threads.client().read_standing(Effect.HIDE, target) == standing


@pytest.mark.parametrize(
    ("source", "post_id", "top"),
    [
        ({"replied_to": {"id": "p"}, "root_post": {"id": "p"}}, "p", True),
        ({"replied_to": {"id": "p"}}, "p", True),
        ({"replied_to": {"id": "r"}, "root_post": {"id": "p"}}, "p", False),
        ({"replied_to": {"id": "q"}, "root_post": {"id": "p"}}, "q", False),
        ({"root_post": {"id": "p"}}, "p", False),
        ({}, "p", False),
        ({}, "", False),
    ],
)
def test_what_is_not_told_counts_as_nested(
    source: dict[str, Any], post_id: str, *, top: bool
) -> None:
    assert normalise.is_top_level(source, post_id) is top


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ({"media_type": "TEXT_POST"}, ()),
        ({}, ()),
        (
            {"media_type": "IMAGE", "media_url": "https://i.example/1"},
            (RemoteAttachment("image", "https://i.example/1"),),
        ),
        (
            {"media_type": "CAROUSEL_ALBUM", "permalink": "https://t.example/p"},
            (RemoteAttachment("other", "https://t.example/p"),),
        ),
        (
            {"media_type": "TEXT_POST", "gif_url": "https://g.example/1"},
            (RemoteAttachment("image", "https://g.example/1"),),
        ),
    ],
)
def test_attachments(source: dict[str, Any], found: tuple[RemoteAttachment, ...]) -> None:
    comment = normalise.comment({"id": "1", **source}, POST)
    assert comment is not None
    assert comment.attachments == found


@given(objects)
def test_any_json_is_read_without_a_raise(source: dict[str, Any]) -> None:
    found = normalise.comment(source, normalise.post_ref(source))
    assert found is None or found.remote_id
    assert isinstance(normalise.is_ours(source, {"jspm"}), bool)
    assert normalise.is_top_level(source, "p") in {True, False}


# --- reading


def test_replies_of_all_levels_are_read_with_their_parents(threads: Channel) -> None:
    chain = [threads.say(1)]
    chain += [threads.say(1 + 3 * n, parent=f"c{3 * n - 2}") for n in range(1, 6)]
    comments = Stored().pull(threads.client()).comments
    assert [comments[i].parent_id for i in chain] == ["", *chain[:-1]]
    assert {c.post.remote_id for c in comments.values()} == {threads.target(chain[0]).post_id}


def test_author_is_the_username(threads: Channel) -> None:
    made = threads.say(1, author={"id": "threads-1", "name": "名前", "handle": "@hanako"})
    author = Stored().pull(threads.client()).comments[made].author
    assert author == RemoteAuthor("hanako", "", "hanako", "https://www.threads.net/@hanako")


def test_second_pull_reads_one_page_of_each_conversation(threads: Channel) -> None:
    for n in range(400):
        threads.say(n)
    stored = Stored().pull(threads.client())
    before = len(threads.sandbox.requests)
    stored.pull(threads.client())
    assert len([line for line in sent(threads, before) if "conversation" in line]) == 3


def test_post_without_replies_is_not_read(threads: Channel) -> None:
    threads.store.delete_by_author("threads", threads.say(1))
    Stored().pull(threads.client())
    assert sent(threads) == ["GET /v1.0/me/threads"]


def test_last_reply_that_was_deleted_is_told(threads: Channel) -> None:
    made = threads.say(1)
    stored = Stored().pull(threads.client())
    threads.store.delete_by_author("threads", made)
    assert stored.pull(threads.client()).gone == {made}


def test_replies_below_the_page_read_are_not_looked_for(threads: Channel) -> None:
    for n in range(0, 360, 3):
        threads.say(n)
    stored = Stored().pull(threads.client())
    before = len(threads.sandbox.requests)
    stored.pull(threads.client())
    assert stored.gone == set()
    assert len(sent(threads, before)) == 2


def test_edit_of_long_ago_is_found_within_a_day(threads: Channel) -> None:
    made = [threads.say(3 * n) for n in range(120)]
    stored = Stored().pull(threads.client())
    threads.store.edit("threads", made[0], "書き直し")
    assert stored.pull(threads.client()).texts[made[0]] == ["コメント0"]
    assert a_day_later(stored).pull(threads.client()).texts[made[0]] == ["コメント0", "書き直し"]


def test_hidden_upstream_is_noticed(threads: Channel) -> None:
    made = threads.say(1)
    stored = Stored().pull(threads.client())
    threads.store.set_state("threads", made, HIDDEN)
    assert stored.pull(threads.client()).comments[made].hidden is True


def test_hidden_reply_that_is_no_longer_listed_is_not_gone(
    threads: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threads.say(1)
    stored = Stored().pull(threads.client())
    threads.store.set_state("threads", made, HIDDEN)
    monkeypatch.setattr(wire, "_conversation", lambda *_: Reply(body={"data": []}))
    stored.pull(threads.client())
    assert (stored.gone, stored.comments[made].hidden) == (set(), True)


def test_repost_of_somebody_elses_post_is_left_out(
    threads: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads.say(1)
    whole = wire._posts

    def reposted(*args: Any) -> Reply:
        reply = whole(*args)
        for post in reply.body["data"]:
            post["media_type"] = "REPOST_FACADE"
        return reply

    monkeypatch.setattr(wire, "_posts", reposted)
    assert Stored().pull(threads.client()).comments == {}


def test_post_taken_down_does_not_stop_the_pull(threads: Channel) -> None:
    made = {threads.say(n) for n in range(3)}
    world = threads.store.world("threads")
    stored = Stored()
    pages = threads.client().pull({})
    stored.take(next(pages))
    down = next(p for p in world.posts if p not in stored.cursor["notes"])
    del world.posts[down]
    for page in pages:
        stored.take(page)
    assert set(stored.comments) == {i for i in made if world.comments[i].post_id != down}


# --- effects


def test_nested_reply_is_refused_and_its_parent_stays(threads: Channel) -> None:
    top = threads.say(1)
    nested = threads.say(4, parent=top)
    for effect in (Effect.HIDE, Effect.UNHIDE):
        with pytest.raises(Unsupported, match="nested"):
            threads.client().apply(effect, threads.target(nested))
    assert [threads.state(i) for i in (top, nested)] == [VISIBLE, VISIBLE]
    assert not [line for line in sent(threads) if line.startswith("POST")]


def test_hiding_a_top_level_reply_takes_those_below_along(threads: Channel) -> None:
    top = threads.say(1)
    below = [threads.say(4, parent=top), threads.say(7, parent="c4")]
    threads.client().apply(Effect.HIDE, threads.target(top))
    assert [threads.state(i) for i in (top, *below)] == [HIDDEN] * 3
    threads.client().apply(Effect.UNHIDE, threads.target(top))
    assert [threads.state(i) for i in (top, *below)] == [VISIBLE] * 3


def test_unknown_reply_is_missing(threads: Channel) -> None:
    with pytest.raises(Missing):
        threads.client().apply(Effect.HIDE, Target("17100000000000009", "p", "hanako"))


@pytest.mark.parametrize("effect", [Effect.DELETE, Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE])
def test_what_threads_lacks_is_refused_without_a_request(threads: Channel, effect: Effect) -> None:
    target = threads.target(threads.say(1))
    with pytest.raises(Unsupported):
        threads.client().apply(effect, target)
    assert sent(threads) == []


def test_whether_somebody_is_blocked_cannot_be_read(threads: Channel) -> None:
    target = threads.target(threads.say(1))
    assert threads.client().read_standing(Effect.BLOCK, target) == Standing.UNREADABLE


def test_connection_names_the_account(threads: Channel) -> None:
    report = threads.client().test_connection()
    assert report.account_id == ids.OWN_IDS["threads"]
    assert report.account_name == ids.OWN_HANDLE
    assert report.notes == ("利用枠を1%使っています。",)


def test_cursor_of_another_time_is_read_on(threads: Channel) -> None:
    made = threads.say(1)
    stored = Stored(cursor={"notes": {"x": "odd"}, "turn": 7, "after": [], "recent": [[1]]})
    long_ago = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    stored.cursor = {**stored.cursor, "swept": long_ago}
    assert set(stored.pull(threads.client()).comments) == {made}

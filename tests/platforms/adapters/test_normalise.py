"""Platform JSON → our values: the documented shapes exactly, and any other JSON without a raise."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters import reading
from jspm_social.platforms.adapters.facebook import normalise as facebook
from jspm_social.platforms.adapters.listwalk import ListWalk
from jspm_social.platforms.adapters.recent import KEPT, Recent
from jspm_social.platforms.adapters.x import normalise as x
from jspm_social.platforms.adapters.x.walk import Walk, conversation_queries, id_order
from jspm_social.platforms.adapters.youtube import normalise as youtube
from jspm_social.platforms.adapters.youtube.errors import quota_renewal
from jspm_social.platforms.adapters.youtube.walk import Threads
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

PAYLOADS = Path(__file__).parents[2] / "payloads"
POST = RemotePostRef(remote_id="p1", text="お知らせ")

leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
keys = st.sampled_from(
    [
        "id", "text", "author_id", "created_at", "conversation_id", "referenced_posts", "type",
        "edit_history_post_ids", "edit_history_tweet_ids", "attachments", "media_keys", "note_post",
        "message", "created_time", "from", "name", "parent", "is_hidden", "attachment", "media",
        "image", "src", "snippet", "topLevelComment", "replies", "comments", "authorChannelId",
        "value", "publishedAt", "updatedAt", "totalReplyCount", "textOriginal", "moderationStatus",
        "authorDisplayName", "authorChannelUrl", "imageUrl", "videoId", "title", "description",
        "includes", "users", "username", "since", "top", "mark", "lanes", "until", "token",
    ]
)  # fmt: skip
anything = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6)
)
objects = st.dictionaries(keys, anything, max_size=8)


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("dialect", ["post", "tweet"])
def test_x_reads_both_dialects_alike(dialect: str) -> None:
    body = load(f"x/mentions_{dialect}_dialect.json")
    includes = x.Includes.of(body)
    first, second = (x.comment(tweet, includes, POST) for tweet in body["data"])
    assert first == RemoteComment(
        remote_id="2090000000000000003",
        post=POST,
        author=RemoteAuthor("22", "緩和 花子", "hanako", "https://x.com/i/user/22"),
        text="@jspm_example 参考になりました & 共有します <3",
        created_at=datetime(2026, 8, 12, 18, tzinfo=UTC),
        raw=json.dumps(body["data"][0], separators=(",", ":")).encode(),
        parent_id="2080000000000000001",
        permalink="https://x.com/i/status/2090000000000000003",
        attachments=(RemoteAttachment("image", "https://pbs.example/1.jpg", "写真"),),
    )
    assert second is not None
    assert second.text == "長い本文の全体"
    assert second.remote_id == "2090000000000000005"  # the first of its versions
    assert second.edited_at == datetime(2026, 8, 12, 18, 5, tzinfo=UTC)
    assert second.author == RemoteAuthor("23", "", "", "https://x.com/i/user/23")
    assert second.hidden is None


def test_x_unescapes_entities_once() -> None:
    assert x.full_text({"text": "&amp;lt; &lt;b&gt; &quot;"}) == "&lt; <b> &quot;"


def test_facebook_reads_a_page_of_comments() -> None:
    body = load("facebook/comments.json")
    first, second = (facebook.comment(item, POST) for item in body["data"])
    assert first == RemoteComment(
        remote_id="7001_9001",
        post=POST,
        author=RemoteAuthor("5001", "緩和 花子"),
        text="参考になりました",
        created_at=datetime(2026, 9, 1, 10, tzinfo=UTC),
        raw=json.dumps(body["data"][0], separators=(",", ":")).encode(),
        permalink="https://www.facebook.com/100_7001?comment_id=9001",
        hidden=False,
        attachments=(RemoteAttachment("image", "https://scontent.example/1.jpg", "写真"),),
    )
    assert second is not None
    assert (second.author, second.parent_id, second.hidden) == (RemoteAuthor(""), "7001_9001", True)


def test_youtube_reads_a_thread_with_its_replies() -> None:
    thread = load("youtube/comment_threads.json")["items"][0]
    top, reply = (youtube.comment(item, POST) for item in youtube.comments_of(thread))
    assert (youtube.video_of(thread), youtube.reply_count(thread)) == ("vid00000001", 1)
    assert top is not None
    assert reply is not None
    assert top.author == RemoteAuthor(
        "UCa", "緩和 花子", "hanako", "https://www.youtube.com/channel/UCa"
    )
    assert (top.text, top.hidden, top.parent_id) == ("もとの本文", True, "")
    assert top.edited_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert top.attachments == (RemoteAttachment("image", "https://yt3.example/i.png"),)
    assert (reply.text, reply.hidden, reply.parent_id) == ("返信", None, "UgxA")
    assert reply.author == RemoteAuthor("", "@taro", "taro", "")
    assert reply.edited_at is None


def test_youtube_post_text_has_the_title_once() -> None:
    def text(title: str, description: str) -> str:
        return youtube.post_ref({"snippet": {"title": title, "description": description}}).text

    assert text("題", "説明") == "題\n説明"
    assert text("題", "題から始まる説明") == "題から始まる説明"


@given(objects, objects)
def test_normalise_never_raises_whatever_json_says(source: dict[str, Any], body: Any) -> None:
    made = [
        x.comment(source, x.Includes.of(body), x.post_ref(body)),
        facebook.comment(source, facebook.post_ref(body)),
        youtube.comment(source, youtube.post_ref(body)),
        *(youtube.comment(item, POST) for item in youtube.comments_of(source)),
    ]
    for comment in made:
        if comment is not None:
            assert comment.remote_id
            assert comment.created_at.tzinfo is not None
            comment.raw.decode("ascii")
            Recent().take([comment])


@given(anything)
def test_stored_cursors_are_read_whatever_they_hold(stored: Any) -> None:
    Walk.from_json(stored)
    ListWalk.from_json(stored)
    Recent.from_json(stored)
    Threads.from_json(stored)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-09-01T10:00:00+0000", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("2026-09-01T19:00:00+09:00", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("2026-09-01T10:00:00.000Z", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        (1788256800, datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9" * 30, None),
        (10**30, None),
        (True, None),
        (None, None),
        ("きのう", None),
    ],
)
def test_instant(value: Any, expected: datetime | None) -> None:
    assert reading.instant(value) == expected


# --- walks


@given(st.lists(st.integers(10**17, 10**19 - 1).map(str), max_size=120), st.integers(1, 10**19))
def test_queries_hold_every_conversation_once_within_the_limit(ids: list[str], own: int) -> None:
    queries = conversation_queries(ids, str(own))
    assert all(len(query) <= 512 and query.endswith(f" -from:{own}") for query in queries)
    named = [w.strip("()")[16:] for q in queries for w in q.split() if "conversation_id:" in w]
    assert named == ids


@given(st.lists(st.integers(0, 10**20), min_size=2))
def test_ids_are_ordered_as_their_numbers(numbers: list[int]) -> None:
    assert [int(i) for i in sorted(map(str, numbers), key=id_order)] == sorted(numbers)


def test_x_mark_moves_only_when_the_walk_is_complete() -> None:
    def tweet(number: int, minute: int) -> dict[str, Any]:
        return {"id": str(number), "created_at": f"2026-08-12T18:{minute:02}:00Z"}

    walk = Walk()
    walk.begin(["mentions"])
    walk.saw([tweet(130, 30), tweet(129, 29)])
    walk = Walk.from_json(json.loads(json.dumps(walk.to_json())))
    assert (walk.since.id, walk.until, walk.under_way) == ("", "129", True)
    walk.saw([tweet(121, 21), tweet(120, 20), tweet(119, 19)])
    walk.lane_done()
    assert (walk.since.id, walk.under_way) == ("120", False)  # ten minutes behind the newest


def test_youtube_place_moves_only_after_a_reading_in_one_piece() -> None:
    at = datetime(2026, 8, 12, 18, tzinfo=UTC)
    walk = ListWalk()
    walk.begin()
    walk.saw([at], "next")
    walk = ListWalk.from_json(json.loads(json.dumps(walk.to_json())))
    assert (walk.token, walk.since) == ("next", None)
    walk.saw([at - timedelta(days=1)], "")
    assert (walk.token, walk.since) == ("", None)
    walk.begin()
    walk.saw([at + timedelta(hours=1)], "next")
    walk.saw([at], "")
    assert walk.since == at + timedelta(minutes=50)
    walk.begin()
    walk.saw([at + timedelta(hours=2), at], "next")
    assert (walk.token, walk.since) == ("", at + timedelta(minutes=110))


def test_recent_keeps_the_newest_and_tells_changes_once() -> None:
    def made(number: int, text: str = "", hidden: bool | None = None) -> RemoteComment:
        at = datetime.fromtimestamp(number, UTC)
        return RemoteComment(str(number), POST, RemoteAuthor("a"), text, at, b"", hidden=hidden)

    recent = Recent()
    assert len(recent.take(made(n) for n in range(KEPT + 50))) == KEPT + 50
    assert recent.ids == [str(n) for n in range(50, KEPT + 50)]
    recent = Recent.from_json(json.loads(json.dumps(recent.to_json())))
    assert recent.take([made(60)]) == []
    assert recent.take([made(60, "新")]) == [made(60, "新")]
    assert recent.take([made(60, "新", hidden=True)]) == [made(60, "新", hidden=True)]
    assert recent.take([made(60, "新")]) == []  # not told is no change
    assert recent.take([made(60, "新", hidden=False)]) == [made(60, "新", hidden=False)]
    assert recent.take([made(1)]) == [made(1)]
    assert "1" not in recent


@pytest.mark.parametrize(
    ("now", "renewal"),
    [
        ("2026-07-01T06:59:00+00:00", "2026-07-01T07:00:00+00:00"),  # summer time, UTC-7
        ("2026-07-01T07:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-12-01T07:30:00+00:00", "2026-12-01T08:00:00+00:00"),  # winter time, UTC-8
        ("2026-11-01T06:30:00+00:00", "2026-11-01T07:00:00+00:00"),
        ("2026-11-01T20:00:00+00:00", "2026-11-02T08:00:00+00:00"),  # the clocks went back
    ],
)
def test_youtube_quota_is_renewed_at_midnight_pacific(now: str, renewal: str) -> None:
    assert quota_renewal(datetime.fromisoformat(now)) == datetime.fromisoformat(renewal)

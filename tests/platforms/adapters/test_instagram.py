"""What only Instagram has: counts, one level of replies, no blocking, two logins."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters.instagram import normalise
from jspm_social.platforms.adapters.instagram.client import InstagramClient
from jspm_social.platforms.contract import (
    ChannelAccess,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
    Standing,
)
from jspm_social.platforms.errors import Rejected, Unsupported
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox import graph, ids, instagram as wire
from jspm_social.platforms.sandbox.model import HIDDEN
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import Channel, Stored
from .test_normalise import anything, load

POST = RemotePostRef("18000000000000001", "お知らせ", "https://www.instagram.com/p/S/")
names = st.sampled_from(
    [
        "id",
        "text",
        "timestamp",
        "username",
        "from",
        "user",
        "hidden",
        "parent_id",
        "replies",
        "data",
        "paging",
        "next",
        "caption",
    ]
)
objects = st.dictionaries(names, anything, max_size=8)


@pytest.fixture
def instagram(sandbox: Sandbox) -> Channel:
    return Channel(Platform.INSTAGRAM, sandbox)


def sent(channel: Channel, start: int = 0) -> list[str]:
    return [f"{r.method} {r.path}" for _, r in channel.sandbox.requests[start:]]


def a_day_later(stored: Stored) -> Stored:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    stored.cursor = {**stored.cursor, "swept": yesterday}
    return stored


# --- shapes


def test_a_page_of_comments_is_read() -> None:
    first, last = load("instagram/comments.json")["data"]
    top, reply, own = normalise.thread(first, normalise.sample(first))
    bare = {key: value for key, value in first.items() if key != "replies"}
    assert normalise.comment(*(top[0], POST, top[1])) == RemoteComment(
        remote_id="17900000000000001",
        post=POST,
        author=RemoteAuthor("5001", "", "hanako_kanwa", "https://www.instagram.com/hanako_kanwa/"),
        text="参考になりました",
        created_at=datetime(2026, 9, 1, 10, tzinfo=UTC),
        raw=json.dumps(bare, separators=(",", ":")).encode(),
        permalink="https://www.instagram.com/p/S/",
        hidden=False,
    )
    nested = normalise.comment(reply[0], POST, reply[1])
    assert nested is not None
    assert (nested.parent_id, nested.hidden) == ("17900000000000001", True)
    unnamed = normalise.comment(last, POST)
    assert unnamed is not None
    assert (unnamed.author, unnamed.hidden, unnamed.parent_id) == (
        RemoteAuthor("", "", "no_from_told", "https://www.instagram.com/no_from_told/"),
        None,
        "",
    )
    assert [normalise.is_ours(s, "", set()) for s in (top[0], reply[0], own[0])] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ({"from": {"id": "1", "username": "jspm"}}, True),
        ({"from": {"id": "9", "username": "jspm"}}, True),
        ({"from": {"id": "1"}}, True),
        ({"username": "jspm"}, True),
        ({"user": {"id": "7"}}, True),
        ({"from": {"id": "9", "username": "jspm_"}}, False),
        ({}, False),
    ],
)
def test_own_comments_are_known_by_id_name_or_user(source: dict[str, Any], *, ours: bool) -> None:
    assert normalise.is_ours(source, "1", {"jspm"}) is ours


@given(objects)
def test_any_json_is_read_without_a_raise(source: dict[str, Any]) -> None:
    for item, parent in normalise.thread(source, normalise.sample(source)):
        found = normalise.comment(item, normalise.post_ref(source), parent)
        assert found is None or found.remote_id
    assert normalise.is_short(source, 25) in {True, False}
    assert isinstance(normalise.is_ours(source, "1", set()), bool)


@pytest.mark.parametrize(
    ("replies", "short"),
    [
        (None, False),
        ({"data": [{}] * 2}, False),
        ({"data": [{}] * 3}, True),
        ({"data": [{}], "paging": {"next": "https://graph.facebook.com/"}}, True),
        ({"data": [{}], "paging": {"cursors": {"after": "QQ"}}}, False),
    ],
)
def test_sample_of_replies_is_short_when_full_or_followed(replies: Any, *, short: bool) -> None:
    assert normalise.is_short({"replies": replies}, 3) is short


# --- reading


def test_nothing_is_read_again_while_the_count_stays(instagram: Channel) -> None:
    for n in range(6):
        instagram.say(n)
    stored = Stored().pull(instagram.client())
    before = len(instagram.sandbox.requests)
    assert Stored(cursor=stored.cursor).pull(instagram.client()).comments == {}
    assert sent(instagram, before) == [f"GET /v26.0/{ids.OWN_IDS['instagram']}/media"]


def test_only_the_medium_whose_count_grew_is_read(instagram: Channel) -> None:
    for n in range(6):
        instagram.say(n)
    stored = Stored().pull(instagram.client())
    before = len(instagram.sandbox.requests)
    fresh = instagram.say(7)
    assert set(Stored(cursor=stored.cursor).pull(instagram.client()).comments) == {fresh}
    post_id = instagram.target(fresh).post_id
    assert sent(instagram, before)[1:] == [f"GET /v26.0/{post_id}/comments"]


def test_hidden_upstream_is_noticed_within_a_day(instagram: Channel) -> None:
    made = instagram.say(1)
    stored = Stored().pull(instagram.client())
    assert stored.comments[made].hidden is False
    instagram.store.set_state("instagram", made, HIDDEN)
    assert stored.pull(instagram.client()).comments[made].hidden is False
    assert a_day_later(stored).pull(instagram.client()).comments[made].hidden is True


def test_one_more_and_one_less_is_noticed_within_a_day(instagram: Channel) -> None:
    lost = instagram.say(1)
    stored = Stored().pull(instagram.client())
    instagram.store.delete_by_author("instagram", lost)
    fresh = instagram.say(4)
    stored.pull(instagram.client())
    assert (fresh in stored.comments, stored.gone) == (False, set())
    a_day_later(stored).pull(instagram.client())
    assert (fresh in stored.comments, stored.gone) == (True, {lost})


def test_all_replies_are_read_where_the_sample_is_short(instagram: Channel) -> None:
    top = instagram.say(1)
    made = {instagram.say(n, parent=top) for n in range(2, 122)}
    stored = Stored().pull(instagram.client())
    assert set(stored.comments) == made | {top}
    assert {stored.comments[i].parent_id for i in made} == {top}
    assert sent(instagram).count(f"GET /v26.0/{top}/replies") == 3


def test_replies_that_came_along_are_not_asked_for(instagram: Channel) -> None:
    top = instagram.say(1)
    made = {instagram.say(n, parent=top) for n in range(2, 12)}
    assert set(Stored().pull(instagram.client()).comments) == made | {top}
    assert not [line for line in sent(instagram) if line.endswith("/replies")]


def test_replies_of_others_below_our_own_comment_are_read(instagram: Channel) -> None:
    own = instagram.say(1, author={"id": "own"})
    reply = instagram.say(4, parent=own)
    comments = Stored().pull(instagram.client()).comments
    assert {i: c.parent_id for i, c in comments.items()} == {reply: own}


def test_without_cursors_the_newest_fifty_are_read(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [instagram.say(3 * n) for n in range(70)]
    whole = graph.listing

    def uncut(*args: Any, **more: Any) -> dict[str, Any]:
        return {"data": whole(*args, **more)["data"]}

    monkeypatch.setattr(graph, "listing", uncut)
    assert set(Stored().pull(instagram.client()).comments) == set(made[20:])


def test_deletion_is_told_only_when_the_comment_cannot_be_read(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not listed is not gone: the list may simply be short."""
    kept, gone = instagram.say(1), instagram.say(4)
    stored = Stored().pull(instagram.client())
    instagram.store.delete_by_author("instagram", gone)
    monkeypatch.setattr(wire, "_comments", lambda *_: Reply(body={"data": []}))
    stored.pull(instagram.client())
    assert stored.gone == {gone}
    assert kept in stored.cursor["recent"][0]


def test_last_comment_that_was_deleted_is_told(instagram: Channel) -> None:
    made = instagram.say(1)
    stored = Stored().pull(instagram.client())
    instagram.store.delete_by_author("instagram", made)
    assert stored.pull(instagram.client()).gone == {made}


def test_medium_taken_down_does_not_stop_the_pull(instagram: Channel) -> None:
    made = {instagram.say(n) for n in range(3)}
    world = instagram.store.world("instagram")
    stored = Stored()
    pages = instagram.client().pull({})
    stored.take(next(pages))
    down = next(p for p in world.posts if p not in stored.cursor["notes"])
    del world.posts[down]
    for page in pages:
        stored.take(page)
    assert set(stored.comments) == {i for i in made if world.comments[i].post_id != down}


def test_count_that_is_not_told_is_read_every_time(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = instagram.say(1)
    whole = wire._media

    def uncounted(*args: Any) -> Reply:
        reply = whole(*args)
        for medium in reply.body["data"]:
            del medium["comments_count"]
        return reply

    monkeypatch.setattr(wire, "_media", uncounted)
    stored = Stored().pull(instagram.client())
    instagram.store.edit("instagram", made, "書き直し")
    assert stored.pull(instagram.client()).texts[made] == ["コメント1", "書き直し"]


# --- the two logins


def test_facebook_login_names_the_account_behind_the_page(instagram: Channel) -> None:
    report = instagram.client().test_connection()
    assert (report.account_id, report.account_name) == (
        ids.OWN_IDS["instagram"],
        ids.OWN_HANDLE,
    )
    assert report.notes == ("利用枠を1%使っています。",)


def test_facebook_login_with_a_wrong_app_secret_is_refused(instagram: Channel) -> None:
    instagram.secrets["app_secret"] = "wrong"
    with pytest.raises(Rejected):
        instagram.client().test_connection()


def test_page_without_an_account_is_refused(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_me", lambda _: Reply(body={"id": "1", "name": "Page"}))
    with pytest.raises(Rejected):
        instagram.client().test_connection()


def test_instagram_login_reads_and_hides_without_an_app_secret(instagram: Channel) -> None:
    instagram.options["login"] = "instagram"
    del instagram.secrets["app_secret"]
    made = instagram.say(1)
    report = instagram.client().test_connection()
    assert report.account_id == ids.OWN_IDS["instagram"]
    assert set(Stored().pull(instagram.client()).comments) == {made}
    instagram.client().apply(Effect.HIDE, instagram.target(made))
    assert instagram.state(made) == HIDDEN
    assert not any("appsecret_proof" in r.query for _, r in instagram.sandbox.requests)


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "https://graph.facebook.com"),
        ({"login": "instagram"}, "https://graph.instagram.com"),
    ],
)
def test_each_login_has_its_host(options: dict[str, str], host: str) -> None:
    client = InstagramClient(ChannelAccess(Platform.INSTAGRAM, "1", options=options), print)
    assert client._graph._http._origins["graph"] == host


# --- blocking


@pytest.mark.parametrize("effect", [Effect.BLOCK, Effect.UNBLOCK])
def test_blocking_is_left_to_a_person_and_asks_nothing(instagram: Channel, effect: Effect) -> None:
    """The permission for it would also send messages; see platforms.oauth.forbidden."""
    target = instagram.target(instagram.say(1))
    with pytest.raises(Unsupported):
        instagram.client().apply(effect, target)
    assert sent(instagram) == []
    assert instagram.client().read_standing(effect, target) == Standing.UNREADABLE


# --- standing


def test_deletion_reads_as_gone_afterwards(instagram: Channel) -> None:
    target = instagram.target(instagram.say(1))
    instagram.client().apply(Effect.DELETE, target)
    assert instagram.client().read_standing(Effect.DELETE, target) == Standing.GONE


def test_hidden_that_is_not_told_cannot_be_read(
    instagram: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = instagram.target(instagram.say(1))
    monkeypatch.setattr(wire, "_comment", lambda _, comment: {"id": comment.id})
    assert instagram.client().read_standing(Effect.HIDE, target) == Standing.UNREADABLE

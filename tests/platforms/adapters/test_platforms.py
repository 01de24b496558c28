"""What only one platform has."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from jspm_social.platforms import registry
from jspm_social.platforms.adapters.x.walk import Mark, Walk
from jspm_social.platforms.contract import ChannelAccess, Standing, Target
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.registry import client_for, credential_fields
from jspm_social.platforms.sandbox.ids import snowflake
from jspm_social.platforms.sandbox.model import HIDDEN, REMOVED, SPAM, VISIBLE
from jspm_social.platforms.sandbox.server import Sandbox

from .conftest import START, Channel, Stored


@pytest.fixture
def x(sandbox: Sandbox) -> Channel:
    return Channel(Platform.X, sandbox)


@pytest.fixture
def facebook(sandbox: Sandbox) -> Channel:
    return Channel(Platform.FACEBOOK, sandbox)


@pytest.fixture
def youtube(sandbox: Sandbox) -> Channel:
    return Channel(Platform.YOUTUBE, sandbox)


# --- the registry


def test_every_platform_has_an_adapter() -> None:
    assert set(registry.CLIENTS) == set(registry.CREDENTIALS) == set(Platform)


def test_platform_without_an_adapter_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CLIENTS", {})
    monkeypatch.setattr(registry, "CREDENTIALS", {})
    with pytest.raises(Unsupported):
        client_for(ChannelAccess(Platform.LINE, "1"), save_secrets=lambda _: None)
    with pytest.raises(Unsupported):
        credential_fields(Platform.LINE)


@pytest.mark.parametrize("platform", registry.CLIENTS)
def test_credential_fields_are_what_the_sandbox_gives(sandbox: Sandbox, platform: Platform) -> None:
    given = set(sandbox.store.credentials(platform.value))
    fields = credential_fields(platform)
    assert given <= set(fields)
    assert {name for name, required in fields.items() if required} <= given


# --- X


def test_x_search_finds_a_reply_without_our_name(x: Channel) -> None:
    made = x.say(1, mentions=False)
    assert set(Stored().pull(x.client()).comments) == {made}


def test_x_mentions_find_a_reply_older_than_search_reaches(x: Channel) -> None:
    long_ago = (START - timedelta(days=40)).isoformat()
    made = x.say(1, created_at=long_ago)
    x.say(2, created_at=long_ago, mentions=False)  # out of anybody's reach by now
    assert set(Stored().pull(x.client()).comments) == {made}


def test_x_channel_that_was_away_longer_than_search_accepts(x: Channel) -> None:
    old = START - timedelta(days=8)
    cursor = Walk(since=Mark(snowflake(old, ""), old)).to_json()
    fresh = x.say(1, mentions=False)
    assert set(Stored(cursor={"search": cursor}).pull(x.client()).comments) == {fresh}


def test_x_searches_more_conversations_than_one_query_holds(x: Channel) -> None:
    made = {x.say(n, post={"id": f"q{n}", "text": f"知らせ{n}"}, mentions=False) for n in range(30)}
    stored = Stored()
    for _ in range(40):  # also when each page is the last before a crash
        stored.take(next(iter(x.client().pull(stored.cursor))))
    assert set(stored.comments) == made


def test_x_old_posts_are_looked_up_for_their_text(x: Channel) -> None:
    for n in range(110):
        x.say(n, post={"id": f"q{n}", "text": f"知らせ{n}"})
    stored = Stored().pull(x.client())
    assert {c.post.text for c in stored.comments.values()} == {f"知らせ{n}" for n in range(110)}


def test_x_without_an_account_id_asks_who_we_are(x: Channel) -> None:
    made = x.say(1)
    access = ChannelAccess(Platform.X, "", x.sandbox.base_url("x"), x.secrets)
    client = client_for(access, save_secrets=x.saved.update)
    assert set(Stored().pull(client).comments) == {made}


def test_x_text_with_entities_arrives_as_written(x: Channel) -> None:
    made = x.say(1, text="a < b && c > d &lt;")
    assert Stored().pull(x.client()).comments[made].text == "a < b && c > d &lt;"


def test_x_refresh_token_rotates_and_the_old_one_is_refused(x: Channel) -> None:
    before = dict(x.secrets)
    x.store.expire_token("x")
    x.client().test_connection()
    assert x.saved["refresh_token"] != before["refresh_token"]
    x.saved = {}
    x.store.expire_token("x")
    with pytest.raises(AuthExpired):
        x.client().test_connection()


def test_x_lost_answer_of_the_token_endpoint_is_transient_for_an_effect(x: Channel) -> None:
    made = x.say(1)
    x.store.expire_token("x")
    x.fault("timeout_before", match="POST /2/oauth2/token")
    with pytest.raises(Transient):
        x.client().apply(Effect.HIDE, x.target(made))
    assert x.state(made) == VISIBLE


def test_x_usage_cap_waits(x: Channel) -> None:
    x.fault("quota", match="GET *")
    with pytest.raises(RateLimited):
        Stored().pull(x.client())


def test_x_hiding_limit_is_enforced_when_asked_for(x: Channel) -> None:
    made = x.say(1)
    x.store.enforce_limits = True

    def hide_again_and_again() -> None:
        for _ in range(120):  # 50 a quarter of an hour, which may turn once in between
            x.client().apply(Effect.HIDE, x.target(made))

    with pytest.raises(RateLimited) as caught:
        hide_again_and_again()
    assert caught.value.until <= datetime.now(UTC) + timedelta(minutes=15, seconds=1)


# --- Facebook


def test_facebook_hidden_upstream_is_noticed(facebook: Channel) -> None:
    made = facebook.say(1)
    for n in range(2, 50):
        facebook.say(n * 30)
    stored = Stored().pull(facebook.client())
    assert stored.comments[made].hidden is False
    facebook.store.set_state("facebook", made, HIDDEN)
    stored.pull(facebook.client())
    assert stored.comments[made].hidden is True


def test_facebook_block_and_unblock_can_be_read(facebook: Channel) -> None:
    target = facebook.target(facebook.say(1))
    client = facebook.client()
    assert client.read_standing(Effect.BLOCK, target) == Standing.NOT_BLOCKED
    client.apply(Effect.BLOCK, target)
    assert client.read_standing(Effect.BLOCK, target) == Standing.BLOCKED
    client.apply(Effect.UNBLOCK, target)
    assert client.read_standing(Effect.UNBLOCK, target) == Standing.NOT_BLOCKED


def test_facebook_block_of_somebody_unnamed_is_unsupported(facebook: Channel) -> None:
    made = facebook.say(1)
    with pytest.raises(Unsupported):
        facebook.client().apply(Effect.BLOCK, Target(made, "", ""))


def test_facebook_deletion_reads_as_gone_afterwards(facebook: Channel) -> None:
    target = facebook.target(facebook.say(1))
    facebook.client().apply(Effect.DELETE, target)
    assert facebook.client().read_standing(Effect.DELETE, target) == Standing.GONE


def test_facebook_wrong_app_secret_is_refused(facebook: Channel) -> None:
    facebook.secrets["app_secret"] = "wrong"
    with pytest.raises(Rejected):
        facebook.client().test_connection()


def test_facebook_post_taken_down_does_not_stop_the_pull(facebook: Channel) -> None:
    made = {facebook.say(n) for n in range(6)}
    world = facebook.store.world("facebook")
    stored = Stored()
    pages = facebook.client().pull({})
    stored.take(next(pages))  # the posts are listed by now, and the first one is read
    taken_down = next(
        p for p in world.posts if p not in {c.post.remote_id for c in stored.comments.values()}
    )
    del world.posts[taken_down]
    for page in pages:
        stored.take(page)
    assert set(stored.comments) == {i for i in made if world.comments[i].post_id != taken_down}


def test_facebook_several_deletions_at_once_are_each_told(facebook: Channel) -> None:
    made = [facebook.say(n) for n in range(60)]
    stored = Stored().pull(facebook.client())
    for n in (3, 4, 41, 59):
        facebook.store.delete_by_author("facebook", made[n])
    stored.pull(facebook.client())
    assert stored.gone == {made[n] for n in (3, 4, 41, 59)}


# --- YouTube


def test_youtube_held_and_likely_spam_are_read(youtube: Channel) -> None:
    held = youtube.say(1, status=HIDDEN)
    spam = youtube.say(2, status=SPAM)
    public = youtube.say(3)
    comments = Stored().pull(youtube.client()).comments
    assert {i: c.hidden for i, c in comments.items()} == {held: True, spam: True, public: False}


def test_youtube_all_replies_of_a_long_thread_are_read(youtube: Channel) -> None:
    top = youtube.say(0)
    made = {youtube.say(n, parent=top) for n in range(1, 231)}
    stored = Stored().pull(youtube.client())
    assert set(stored.comments) == made | {top}
    assert {stored.comments[i].parent_id for i in made} == {top}


def test_youtube_new_reply_under_an_old_thread_is_found(youtube: Channel) -> None:
    top = youtube.say(0)
    for n in range(1, 60):
        youtube.say(n * 30)
    stored = Stored().pull(youtube.client())
    reply = youtube.say(4000, parent=top)
    stored.pull(youtube.client())
    assert reply in stored.comments


def test_youtube_second_pull_reads_neither_old_pages_nor_known_replies(youtube: Channel) -> None:
    top = youtube.say(400)
    for n in range(401, 421):
        youtube.say(n, parent=top)
    for n in range(30, 330):
        youtube.say(n)
    stored = Stored().pull(youtube.client())
    before = len(youtube.sandbox.requests)
    stored.pull(youtube.client())
    sent = [request for _, request in youtube.sandbox.requests[before:]]
    lists = [r.query["moderationStatus"] for r in sent if "moderationStatus" in r.query]
    assert lists == ["published", "heldForReview", "likelySpam"]
    assert [r for r in sent if "parentId" in r.query] == []


def test_youtube_reply_under_a_thread_of_long_ago_is_found_within_a_day(youtube: Channel) -> None:
    top = youtube.say(0)
    for n in range(1, 220):
        youtube.say(n * 20)
    stored = Stored().pull(youtube.client())
    reply = youtube.say(5000, parent=top)
    stored.pull(youtube.client())
    assert reply not in stored.comments
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    stored.cursor = {**stored.cursor, "swept": yesterday}
    stored.pull(youtube.client())
    assert reply in stored.comments


def test_facebook_edit_of_long_ago_is_found_within_a_day(facebook: Channel) -> None:
    made = [facebook.say(n * 20) for n in range(120)]
    stored = Stored().pull(facebook.client())
    facebook.store.edit("facebook", made[0], "書き直し")
    stored.pull(facebook.client())
    assert stored.texts[made[0]] == ["コメント0"]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    stored.cursor = {**stored.cursor, "swept": yesterday}
    stored.pull(facebook.client())
    assert stored.texts[made[0]] == ["コメント0", "書き直し"]


def test_youtube_pull_dying_at_every_page_reaches_every_list(youtube: Channel) -> None:
    made = {youtube.say(n) for n in range(120)}
    made |= {youtube.say(200, status=HIDDEN), youtube.say(201, status=SPAM)}
    stored = Stored()
    for _ in range(8):
        stored.take(next(iter(youtube.client().pull(stored.cursor))))
    assert set(stored.comments) == made


def test_youtube_rejected_cannot_come_back(youtube: Channel) -> None:
    target = youtube.target(youtube.say(1))
    youtube.client().apply(Effect.DELETE, target)
    with pytest.raises(Rejected):
        youtube.client().apply(Effect.UNHIDE, target)
    assert youtube.client().read_standing(Effect.DELETE, target) == Standing.REMOVED


def test_youtube_block_rejects_and_bans(youtube: Channel) -> None:
    target = youtube.target(youtube.say(1))
    youtube.client().apply(Effect.BLOCK, target)
    world = youtube.store.world("youtube")
    assert target.author_key in world.blocked
    assert youtube.state(youtube.say(8)) == REMOVED  # the same author again
    assert youtube.client().read_standing(Effect.BLOCK, target) == Standing.UNREADABLE


@pytest.mark.parametrize("state", [VISIBLE, HIDDEN, SPAM, REMOVED])
def test_youtube_standing_is_read_from_the_lists(youtube: Channel, state: str) -> None:
    target = youtube.target(youtube.say(1))
    youtube.store.set_state("youtube", target.comment_id, state)
    expected = {
        VISIBLE: Standing.VISIBLE,
        HIDDEN: Standing.HIDDEN,
        SPAM: Standing.HIDDEN,
        REMOVED: Standing.REMOVED,
    }
    assert youtube.client().read_standing(Effect.HIDE, target) == expected[state]


def test_youtube_standing_of_a_reply_cannot_be_read(youtube: Channel) -> None:
    reply = youtube.say(4, parent=youtube.say(1))
    standing = youtube.client().read_standing(Effect.HIDE, youtube.target(reply))
    assert standing == Standing.UNREADABLE


def test_youtube_unknown_id_is_missing(youtube: Channel) -> None:
    with pytest.raises(Missing):
        youtube.client().apply(Effect.HIDE, Target("UgxNobody", "v", "UCa"))


def test_youtube_quota_waits_until_midnight_pacific(youtube: Channel) -> None:
    made = youtube.say(1)
    youtube.store.enforce_limits = True
    youtube.client().test_connection()
    youtube.store.world("youtube").units = 9_960
    with pytest.raises(RateLimited) as caught:
        youtube.client().apply(Effect.HIDE, youtube.target(made))
    assert caught.value.until > datetime.now(UTC)
    assert youtube.state(made) == VISIBLE


def test_youtube_units_are_counted(youtube: Channel) -> None:
    made = youtube.say(1)
    youtube.client().apply(Effect.HIDE, youtube.target(made))
    youtube.client().test_connection()
    assert youtube.store.world("youtube").units == 51


def test_youtube_page_token_that_is_no_longer_valid_begins_at_the_top(youtube: Channel) -> None:
    made = {youtube.say(n) for n in range(150)}
    stored = Stored()
    stored.take(next(iter(youtube.client().pull({}))))
    cursor = json.loads(json.dumps(stored.cursor))
    cursor["lists"]["published"]["token"] = "!"
    stored.cursor = cursor
    stored.pull(youtube.client())
    assert set(stored.comments) == made

"""One suite for every adapter, through real HTTP against the sandbox."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from jspm_social.platforms.contract import Achieved, Standing
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox.model import HIDDEN, REMOVED, VISIBLE

from .conftest import START, Channel, Stored

# The effects each adapter performs, with what becomes of the comment; all others: Unsupported.
EFFECTS = {
    Platform.X: {Effect.HIDE: HIDDEN, Effect.UNHIDE: VISIBLE, Effect.MUTE: VISIBLE},
    Platform.FACEBOOK: {
        Effect.HIDE: HIDDEN,
        Effect.UNHIDE: VISIBLE,
        Effect.DELETE: REMOVED,
        Effect.BLOCK: VISIBLE,
        Effect.UNBLOCK: VISIBLE,
    },
    Platform.YOUTUBE: {
        Effect.HIDE: HIDDEN,
        Effect.UNHIDE: VISIBLE,
        Effect.DELETE: REMOVED,
        Effect.BLOCK: REMOVED,
    },
    Platform.INSTAGRAM: {  # blocking only where a conversation exists: see test_instagram
        Effect.HIDE: HIDDEN,
        Effect.UNHIDE: VISIBLE,
        Effect.DELETE: REMOVED,
    },
    Platform.THREADS: {Effect.HIDE: HIDDEN, Effect.UNHIDE: VISIBLE},
    Platform.BLUESKY: {
        Effect.HIDE: HIDDEN,
        Effect.UNHIDE: VISIBLE,
        Effect.BLOCK: VISIBLE,
        Effect.UNBLOCK: VISIBLE,
        Effect.MUTE: VISIBLE,
    },
    Platform.MASTODON: dict.fromkeys([Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE], VISIBLE),
}
META = {Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS}
FIXED_TOKEN = META | {Platform.MASTODON}  # tokens are not refreshed here
STANDINGS = {  # not done, done
    Effect.HIDE: (Standing.VISIBLE, Standing.HIDDEN),
    Effect.BLOCK: (Standing.NOT_BLOCKED, Standing.BLOCKED),
}
WRITE = {"x": "PUT *", "facebook": "POST *", "youtube": "POST *setModerationStatus"}
WRITE |= {"instagram": "POST *", "threads": "POST *"}
WRITE |= {"bluesky": "POST *putRecord", "mastodon": "POST *"}
HOSTILE = "A\0B\ud83d \u202e逆\u202c <script>alert(1)</script> &amp; é̵̛͔ " + "長" * 20_000


# --- reading


@pytest.mark.parametrize("count", [0, 1, 3, 250])
def test_pull_brings_everything_once(channel: Channel, count: int) -> None:
    made = [channel.say(n) for n in range(count)]
    stored = Stored().pull(channel.client())
    assert sorted(stored.comments) == sorted(made)
    assert {t for texts in stored.texts.values() for t in texts} == {
        f"コメント{n}" for n in range(count)
    }


def test_pull_maps_every_field(channel: Channel) -> None:
    made = channel.say(4)
    comment = Stored().pull(channel.client()).comments[made]
    remote = channel.store.world(channel.platform.value).comments[made]
    assert comment.post.remote_id == remote.post_id
    assert comment.post.text == "お知らせ1"
    assert comment.author.key == remote.author_id
    assert comment.author.name or comment.author.handle
    assert comment.text == "コメント4"
    assert comment.created_at == START + timedelta(minutes=4)
    assert comment.edited_at is None
    assert comment.permalink.startswith("https://")
    assert isinstance(json.loads(comment.raw), dict)


def test_pull_again_brings_only_the_overlap_and_what_is_new(channel: Channel) -> None:
    for n in range(150):
        channel.say(n * 20)
    stored = Stored().pull(channel.client())
    fresh = channel.say(4000)
    again = Stored(cursor=stored.cursor).pull(channel.client())
    assert fresh in again.comments
    assert len(again.comments) <= 101  # the newest hundred are read again by id


def test_pull_notices_a_late_comment_within_the_overlap(channel: Channel) -> None:
    """Lists lag: one that was written earlier may show after many that were written later."""
    for n in range(130):
        channel.say(3 * n, created_at=(START + timedelta(hours=1, seconds=n)).isoformat())
    stored = Stored().pull(channel.client())
    late = channel.say(999, created_at=(START + timedelta(minutes=55)).isoformat())
    assert late in stored.pull(channel.client()).comments


def test_cursor_is_plain_json(channel: Channel) -> None:
    channel.say(1)
    cursor = Stored().pull(channel.client()).cursor
    assert json.loads(json.dumps(cursor)) == cursor


@pytest.mark.parametrize("dies_after", [1, 2, 3, 4])
def test_pull_dying_between_pages_loses_nothing(channel: Channel, dies_after: int) -> None:
    made = {channel.say(n) for n in range(260)}
    stored = Stored()
    for _, page in zip(range(dies_after), channel.client().pull({}), strict=False):
        stored.take(page)
    stored.cursor = json.loads(json.dumps(stored.cursor))
    made |= {channel.say(n) for n in range(300, 420)}  # more come while nobody is looking
    stored.pull(channel.client())
    assert set(stored.comments) == made


def test_pull_dying_at_every_page_still_arrives(channel: Channel) -> None:
    made = {channel.say(n) for n in range(330)}
    stored = Stored()
    for _ in range(60):
        page = next(iter(channel.client().pull(stored.cursor)))
        stored.take(page)
    assert set(stored.comments) == made


def test_pull_shows_an_edited_text(channel: Channel) -> None:
    made = [channel.say(n) for n in range(5)]
    stored = Stored().pull(channel.client())
    channel.store.edit(channel.platform.value, made[2], "書き直し")
    if channel.platform == Platform.INSTAGRAM:  # an edit does not change the count: found in a day
        stored.cursor = {**stored.cursor, "swept": (START - timedelta(days=1)).isoformat()}
    stored.pull(channel.client())
    assert stored.texts[made[2]] == ["コメント2", "書き直し"]
    assert set(stored.comments) == set(made)


def test_pull_tells_what_its_author_deleted(channel: Channel) -> None:
    made = [channel.say(n) for n in range(5)]
    stored = Stored().pull(channel.client())
    channel.store.delete_by_author(channel.platform.value, made[3])
    stored.pull(channel.client())
    assert stored.gone == {made[3]}
    again = Stored(cursor=stored.cursor).pull(channel.client())
    assert again.gone == set()  # told once


def test_pull_leaves_our_own_comments_out(channel: Channel) -> None:
    theirs = channel.say(1)
    channel.say(2, author={"id": "own"})
    assert set(Stored().pull(channel.client()).comments) == {theirs}


def test_pull_brings_nested_replies_with_their_parent(channel: Channel) -> None:
    top = channel.say(1)
    nested = channel.say(4, parent=top)
    comment = Stored().pull(channel.client()).comments[nested]
    assert comment.parent_id == top


def test_pull_passes_a_duplicate_in_a_page(channel: Channel) -> None:
    made = [channel.say(n) for n in range(5)]
    channel.fault("duplicate", match="GET *", times=9)
    assert sorted(Stored().pull(channel.client()).comments) == sorted(made)


def test_pull_carries_hostile_text(channel: Channel) -> None:
    author = {"id": "a1", "name": "<b>\0\ud800名</b>", "handle": "h\u202e"}
    made = channel.say(1, text=HOSTILE, author=author)
    comment = Stored().pull(channel.client()).comments[made]
    assert comment.text == HOSTILE
    assert "名" in comment.author.name or comment.author.handle == "h\u202e"
    comment.raw.decode("ascii")


# --- reading goes wrong


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("5xx", Transient),
        ("timeout_before", Transient),
        ("timeout_after", Transient),
        ("malformed_json", Transient),
        ("cut_off", Transient),
        ("429", RateLimited),
    ],
)
def test_pull_with_a_fault_then_again(
    channel: Channel, fault: str, error: type[PlatformError]
) -> None:
    made = channel.say(1)
    channel.fault(fault, match="GET *")
    with pytest.raises(error):
        Stored().pull(channel.client())
    assert set(Stored().pull(channel.client()).comments) == {made}


def test_pull_with_faults_on_every_third_request_ends_with_the_same(channel: Channel) -> None:
    made = {channel.say(n) for n in range(230)}
    kinds = ["5xx", "cut_off", "malformed_json", "timeout_after"]
    stored = Stored()
    for attempt in range(200):
        channel.sandbox.faults.clear()
        channel.fault("slow", match="GET *", times=attempt % 3 + 2)
        channel.fault(kinds[attempt % 4], match="GET *")
        try:
            stored.pull(channel.client())
        except Transient:
            continue
        break
    channel.sandbox.faults.clear()
    stored.pull(channel.client())
    assert set(stored.comments) == made


# --- effects


def test_effects_of_the_platform_are_exactly_the_listed_ones(channel: Channel) -> None:
    made = channel.say(1)
    for effect in set(Effect) - set(EFFECTS[channel.platform]):
        with pytest.raises(Unsupported):
            channel.client().apply(effect, channel.target(made))
    assert channel.calls() == {}


@pytest.mark.parametrize("effect", list(Effect))
def test_effect_applied_and_repeated(channel: Channel, effect: Effect) -> None:
    if effect not in EFFECTS[channel.platform]:
        return
    made = channel.say(1)
    if effect == Effect.UNHIDE:
        channel.client().apply(Effect.HIDE, channel.target(made))
    first = channel.client().apply(effect, channel.target(made))
    assert (first.effect, first.achieved) == (effect, Achieved.APPLIED)
    assert channel.state(made) == EFFECTS[channel.platform][effect]
    if effect == Effect.DELETE and channel.platform in META:
        with pytest.raises(Missing):  # nobody can tell who took it away: the caller knows
            channel.client().apply(effect, channel.target(made))
    else:
        again = channel.client().apply(effect, channel.target(made))
        assert again.achieved == Achieved.APPLIED
    assert channel.state(made) == EFFECTS[channel.platform][effect]


@pytest.mark.parametrize("effect", [Effect.HIDE, Effect.UNHIDE, Effect.DELETE])
def test_effect_on_a_comment_that_is_gone(channel: Channel, effect: Effect) -> None:
    if effect not in EFFECTS[channel.platform]:
        return
    made = channel.say(1)
    channel.store.delete_by_author(channel.platform.value, made)
    with pytest.raises(Missing):
        channel.client().apply(effect, channel.target(made))
    assert channel.client().read_standing(effect, channel.target(made)) == Standing.GONE


def test_gone_is_not_believed_from_a_bad_token(channel: Channel) -> None:
    made = channel.say(1)
    channel.store.delete_by_author(channel.platform.value, made)
    proof = {"x": "GET /2/users/me", "facebook": "GET /v26.0/me", "youtube": "GET *"}
    proof |= {"instagram": "GET /v26.0/me", "threads": "GET /v1.0/me"}
    proof |= {"bluesky": "GET *getPostThread", "mastodon": "*"}
    channel.fault("expired_token", match=proof[channel.platform.value], times=9)
    with pytest.raises(AuthExpired):
        channel.client().apply(channel.main, channel.target(made))


def test_effect_with_429_names_the_time(channel: Channel) -> None:
    made = channel.say(1)
    channel.fault("429", match=WRITE[channel.platform.value], reset_in=120)
    with pytest.raises(RateLimited) as caught:
        channel.client().apply(channel.main, channel.target(made))
    assert caught.value.until > datetime.now(UTC)
    assert not channel.done(made)


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("5xx", False),
        ("timeout_before", False),
        ("timeout_after", True),
        ("cut_off", True),
        ("malformed_json", True),
    ],
)
def test_effect_with_a_lost_answer_is_unknown(channel: Channel, fault: str, *, done: bool) -> None:
    if channel.platform == Platform.YOUTUBE and fault in {"cut_off", "malformed_json"}:
        return  # its answer is an empty 204: nothing to cut
    made = channel.say(1)
    channel.fault(fault, match=WRITE[channel.platform.value])
    with pytest.raises(OutcomeUnknown):
        channel.client().apply(channel.main, channel.target(made))
    assert channel.done(made) is done
    standing = channel.client().read_standing(channel.main, channel.target(made))
    known = STANDINGS[channel.main][done]
    assert standing == (Standing.UNREADABLE if channel.platform == Platform.X else known)
    channel.client().apply(channel.main, channel.target(made))
    assert channel.done(made)


def test_effect_with_a_slow_answer_beyond_the_timeout_is_unknown(channel: Channel) -> None:
    made = channel.say(1)
    channel.options["read_timeout"] = 0.2
    channel.fault("slow", match=WRITE[channel.platform.value], delay=0.6)
    with pytest.raises(OutcomeUnknown):
        channel.client().apply(channel.main, channel.target(made))


# --- tokens


def test_expired_token_is_renewed_and_saved(channel: Channel) -> None:
    made = channel.say(1)
    channel.store.expire_token(channel.platform.value)
    if channel.platform in FIXED_TOKEN:
        with pytest.raises(AuthExpired):
            channel.client().apply(channel.main, channel.target(made))
        return
    channel.client().apply(channel.main, channel.target(made))
    assert channel.done(made)
    tokens = channel.store.world(channel.platform.value).tokens
    assert channel.saved["access_token"] == tokens.access
    assert {**channel.secrets, **channel.saved}["refresh_token"] == tokens.refresh
    channel.client().apply(channel.main, channel.target(made))  # with what was saved


def test_revoked_token_asks_for_a_person(channel: Channel) -> None:
    made = channel.say(1)
    channel.store.expire_token(channel.platform.value, revoked=True)
    with pytest.raises(AuthExpired):
        channel.client().apply(channel.main, channel.target(made))
    with pytest.raises(AuthExpired):
        Stored().pull(channel.client())
    assert channel.saved == {}


def test_connection_test_names_the_account_and_changes_nothing(account: Channel) -> None:
    before = account.store.state()[account.platform.value]
    report = account.client().test_connection()
    after = account.store.state()[account.platform.value]
    assert report.account_id in account.store.world(account.platform.value).people
    assert report.account_name
    assert before["calls"] == after["calls"] == {}


def test_errors_and_reprs_hold_no_secret(account: Channel) -> None:
    account.store.expire_token(account.platform.value, revoked=True)
    with pytest.raises(AuthExpired) as caught:
        account.client().test_connection()
    client = account.client()
    shown = f"{caught.value!r} {caught.value.__cause__!r} {client!r} {vars(client)!r}"
    for secret in account.secrets.values():
        assert secret not in shown


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("5xx", Transient),
        ("timeout_after", Transient),
        ("malformed_json", Transient),
        ("429", RateLimited),
    ],
)
def test_connection_test_with_a_fault(
    account: Channel, fault: str, error: type[PlatformError]
) -> None:
    account.fault(fault, match="GET *")
    with pytest.raises(error):
        account.client().test_connection()

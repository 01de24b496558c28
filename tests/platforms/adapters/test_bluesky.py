"""What only Bluesky has: sessions, threads as trees, threadgates, blocks as records."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters.bluesky import normalise, reader, records, session, thread
from jspm_social.platforms.adapters.bluesky.errors import problem_of
from jspm_social.platforms.contract import Achieved, ChannelAccess, RemotePostRef, Standing, Target
from jspm_social.platforms.errors import (
    AuthExpired,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox import bluesky as wire
from jspm_social.platforms.sandbox.model import HIDDEN, VISIBLE, Post
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply

from .conftest import START, Channel, Stored

PAYLOADS = Path(__file__).parents[2] / "payloads"
PUT = "com.atproto.repo.putRecord"
US = "did:plc:ourownaccount2222222222a"


@pytest.fixture
def bluesky(sandbox: Sandbox) -> Channel:
    return Channel(Platform.BLUESKY, sandbox)


def asked(channel: Channel, name: str) -> int:
    return sum(request.path.endswith(name) for _, request in channel.sandbox.requests)


def gate_uri(comment_post: str) -> str:
    return f"at://{wire.OWN}/{records.GATE}/{comment_post.rpartition('/')[2]}"


# --- reading


def test_replies_nobody_was_notified_of_are_found_in_the_thread(bluesky: Channel) -> None:
    top = bluesky.say(1, mentions=False)
    nested = bluesky.say(4, mentions=False, parent=top)
    comments = Stored().pull(bluesky.client()).comments
    assert {i: c.parent_id for i, c in comments.items()} == {top: "", nested: top}


def test_a_thread_deeper_than_one_slice_is_read_to_its_end(
    bluesky: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "DEPTH", 3)
    monkeypatch.setattr(thread, "DEPTH", 3)
    made = [bluesky.say(0, mentions=False)]
    for n in range(1, 11):
        made.append(bluesky.say(3 * n, mentions=False, parent=made[-1]))
    assert set(Stored().pull(bluesky.client()).comments) == set(made)


def test_comments_under_posts_that_are_not_watched_any_more(bluesky: Channel) -> None:
    for n in range(70):
        at = (START + timedelta(minutes=n)).isoformat()
        bluesky.say(n, post={"id": f"q{n}", "text": f"知らせ{n}"}, created_at=at)
    stored = Stored().pull(bluesky.client())
    assert {c.post.text for c in stored.comments.values()} == {f"知らせ{n}" for n in range(70)}
    oldest = next(i for i, c in stored.comments.items() if c.post.text == "知らせ0")
    bluesky.store.edit("bluesky", oldest, "書き直し")
    assert stored.pull(bluesky.client()).texts[oldest] == ["コメント0", "書き直し"]


def test_an_edit_keeps_the_uri_and_changes_the_cid(bluesky: Channel) -> None:
    made = bluesky.say(1)
    stored = Stored().pull(bluesky.client())
    first = json.loads(stored.comments[made].raw)["cid"]
    bluesky.store.edit("bluesky", made, "書き直し")
    stored.pull(bluesky.client())
    assert stored.texts[made] == ["コメント1", "書き直し"]
    assert json.loads(stored.comments[made].raw)["cid"] != first


def test_hidden_and_shown_upstream_is_noticed(bluesky: Channel) -> None:
    made = bluesky.say(1)
    stored = Stored().pull(bluesky.client())
    assert stored.comments[made].hidden is False
    bluesky.store.set_state("bluesky", made, HIDDEN)
    assert stored.pull(bluesky.client()).comments[made].hidden is True
    bluesky.store.set_state("bluesky", made, VISIBLE)
    assert stored.pull(bluesky.client()).comments[made].hidden is False


def test_an_unchanged_thread_tells_nothing(bluesky: Channel) -> None:
    for n in range(130):  # more than are remembered one by one
        bluesky.say(n)
    cursor = Stored().pull(bluesky.client()).cursor
    cursor = json.loads(json.dumps(cursor))
    cursor["notifications"]["since"] = (START + timedelta(days=9)).isoformat()
    cursor["recent"] = []
    again = [c for page in bluesky.client().pull(cursor) for c in page.comments]
    assert len(again) <= 100  # one page of notifications; no thread


def test_replies_below_a_deleted_reply_are_not_gone(bluesky: Channel) -> None:
    top = bluesky.say(1)
    nested = bluesky.say(4, parent=top)
    stored = Stored().pull(bluesky.client())
    bluesky.store.delete_by_author("bluesky", top)
    stored.pull(bluesky.client())
    assert stored.gone == {top}
    assert nested in stored.comments


def test_what_a_blocked_person_wrote_is_out_of_sight_and_not_gone(bluesky: Channel) -> None:
    direct = bluesky.say(1)
    nested = bluesky.say(7, parent=bluesky.say(4, author={"id": "a1"}), author={"id": "a2"})
    stored = Stored().pull(bluesky.client())
    for made in (direct, nested):
        bluesky.client().apply(Effect.BLOCK, bluesky.target(made))
    stored.pull(bluesky.client())
    assert stored.gone == set()
    again = Stored(cursor=stored.cursor).pull(bluesky.client())
    assert (again.comments, again.gone) == ({}, set())


def test_a_thread_of_somebody_else_is_left_alone(bluesky: Channel) -> None:
    theirs = "at://did:plc:somebodyelse222222222222/app.bsky.feed.post/3lroot2222222"
    world = bluesky.store.world("bluesky")
    world.posts[theirs] = Post(theirs, "other", "よその投稿", START)
    made = bluesky.say(1, post={"id": "other"})
    assert Stored().pull(bluesky.client()).comments == {}
    with pytest.raises(Unsupported):
        bluesky.client().apply(Effect.HIDE, bluesky.target(made))
    assert bluesky.client().read_standing(Effect.HIDE, bluesky.target(made)) == Standing.UNREADABLE
    assert bluesky.calls() == {}


# --- a thread as it is documented


def test_thread_payload_is_read_with_all_kinds_of_nodes() -> None:
    found = thread.Thread()
    found.add(json.loads((PAYLOADS / "bluesky/post_thread.json").read_text(encoding="utf-8")))
    assert {uri.rpartition("/")[2] for uri in found.views} == {
        "3lroot2222222",
        "3lreply222222",
        "3lnested22222",
    }
    assert {uri.rpartition("/")[2] for uri in found.blocked} == {"3lblocked2222"}
    assert {uri.rpartition("/")[2] for uri in found.hidden} == {"3lnested22222"}


def test_view_payload_is_mapped() -> None:
    found = thread.Thread()
    found.add(json.loads((PAYLOADS / "bluesky/post_thread.json").read_text(encoding="utf-8")))
    by_key = {uri.rpartition("/")[2]: view for uri, view in found.views.items()}
    post = normalise.post_ref(by_key["3lroot2222222"])
    assert (post.text, normalise.is_post_of(post.remote_id, US)) == ("セミナーのお知らせ", True)
    reply = normalise.comment(by_key["3lreply222222"], post)
    nested = normalise.comment(by_key["3lnested22222"], post, hidden=True)
    assert reply is not None
    assert nested is not None
    assert reply.created_at == datetime(2026, 11, 2, 3, 4, 5, 678000, tzinfo=UTC)  # as indexed
    assert (reply.author.key, reply.author.name) == ("did:plc:somebodyelse222222222222", "だれか")
    assert [(a.kind, a.url, a.alt) for a in reply.attachments] == [
        ("image", "https://cdn.bsky.app/f.jpg", "会場の写真")
    ]
    assert (reply.parent_id, nested.parent_id) == ("", reply.remote_id)
    assert (nested.hidden, nested.attachments[0].kind) == (True, "link")


@pytest.mark.parametrize(
    "embed",
    [
        {"record": {"uri": f"at://{US}/app.bsky.feed.post/3l", "cid": "c"}},
        {"record": {"record": {"uri": f"at://{US}/app.bsky.feed.post/3l", "cid": "c"}}},
    ],
)
def test_a_quote_names_the_post_it_quotes(embed: dict[str, Any]) -> None:
    assert normalise.quoted_of({"record": {"embed": embed}}) == f"at://{US}/app.bsky.feed.post/3l"


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["uri", "record", "reply", "root", "author", "embed", "post", "thread",
                     "replies", "threadgate", "images", "external", "text"]), x)))  # fmt: skip
def test_any_json_is_survived(value: Any) -> None:
    view = value if isinstance(value, dict) else {}
    thread.Thread().add(view)
    normalise.comment({**view, "uri": "at://did:plc:a/b/c"}, RemotePostRef("p"))
    normalise.root_of(view)
    normalise.quoted_of(view)


# --- hiding


def test_hiding_keeps_who_may_reply(bluesky: Channel) -> None:
    made = bluesky.say(1)
    target = bluesky.target(made)
    rule = {"$type": f"{records.GATE}#mentionRule"}
    gate = {"$type": records.GATE, "post": target.post_id, "createdAt": "2026-11-01T00:00:00Z"}
    bluesky.store.set_record("bluesky", gate_uri(target.post_id), {**gate, "allow": [rule]})
    bluesky.client().apply(Effect.HIDE, target)
    kept = bluesky.store.world("bluesky").records[gate_uri(target.post_id)]
    assert kept == {**gate, "allow": [rule], "hiddenReplies": [made]}


def test_a_new_threadgate_leaves_replying_open(bluesky: Channel) -> None:
    target = bluesky.target(bluesky.say(1))
    bluesky.client().apply(Effect.HIDE, target)
    assert "allow" not in bluesky.store.world("bluesky").records[gate_uri(target.post_id)]


def test_hiding_one_keeps_the_others_hidden(bluesky: Channel) -> None:
    first, second = bluesky.say(1), bluesky.say(4)
    for made in (first, second):
        bluesky.client().apply(Effect.HIDE, bluesky.target(made))
    bluesky.client().apply(Effect.UNHIDE, bluesky.target(first))
    assert (bluesky.state(first), bluesky.state(second)) == (VISIBLE, HIDDEN)


@pytest.mark.parametrize(("others", "error"), [(2, None), (99, Transient)])
def test_a_threadgate_changed_in_between_is_read_again(
    bluesky: Channel, monkeypatch: pytest.MonkeyPatch, others: int, error: type[Exception] | None
) -> None:
    made = bluesky.say(1)
    target = bluesky.target(made)
    put, count = wire.WRITES[PUT], 0
    hidden = f"at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/{wire.POST}/3l"

    def overtaken(request: Any, store: Any) -> Reply:
        nonlocal count
        count += 1
        if count <= others:
            gate = {
                "$type": records.GATE,
                "post": target.post_id,
                "createdAt": "2026-11-01T00:00:00Z",
                "hiddenReplies": [f"{hidden}{count}"],
            }
            store.set_record("bluesky", gate_uri(target.post_id), gate)
        return put(request, store)

    monkeypatch.setitem(cast("dict[str, Any]", wire.WRITES), PUT, overtaken)
    if error:
        with pytest.raises(error):
            bluesky.client().apply(Effect.HIDE, target)
        assert (bluesky.state(made), count) == (VISIBLE, 5)
    else:
        bluesky.client().apply(Effect.HIDE, target)
        kept = bluesky.store.world("bluesky").records[gate_uri(target.post_id)]
        assert kept["hiddenReplies"] == [f"{hidden}2", made]


def test_a_write_that_is_taken_and_forgotten_is_unknown(
    bluesky: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bluesky.say(1)
    lost = {PUT: lambda *_: Reply(body={"uri": "at://x/y/z", "cid": "c"})}
    monkeypatch.setitem(cast("dict[str, Any]", wire.WRITES), PUT, lost[PUT])
    with pytest.raises(OutcomeUnknown):
        bluesky.client().apply(Effect.HIDE, bluesky.target(made))
    assert bluesky.client().read_standing(Effect.HIDE, bluesky.target(made)) == Standing.VISIBLE


def test_the_three_hundred_and_first_is_unsupported(bluesky: Channel) -> None:
    made = bluesky.say(1)
    target = bluesky.target(made)
    full = {"post": target.post_id, "hiddenReplies": [f"at://x/y/{n}" for n in range(300)]}
    bluesky.store.set_record("bluesky", gate_uri(target.post_id), full)
    with pytest.raises(Unsupported):
        bluesky.client().apply(Effect.HIDE, target)
    assert asked(bluesky, "putRecord") == 0
    assert bluesky.state(made) == VISIBLE


uris = st.lists(st.text("abc", min_size=1), unique=True, max_size=20)


@given(listed=uris, reply=st.text("abc", min_size=1), hidden=st.booleans())
def test_a_reply_is_put_into_the_list_once_and_nothing_else_changes(
    listed: list[str], reply: str, *, hidden: bool
) -> None:
    gate = {"post": "p", "allow": [], "hiddenReplies": listed, "x": 1}
    changed = records.with_reply(gate, root="p", reply=reply, hidden=hidden)
    if changed is None:
        assert (reply in listed) is hidden
        return
    assert changed["hiddenReplies"].count(reply) == int(hidden)
    assert [u for u in changed["hiddenReplies"] if u != reply] == [u for u in listed if u != reply]
    assert {**changed, "hiddenReplies": listed} == gate
    assert records.with_reply(changed, root="p", reply=reply, hidden=hidden) is None


# --- blocking


def block_records(channel: Channel) -> list[str]:
    found = channel.store.world("bluesky").records.items()
    return [uri for uri, value in found if value is not None and f"/{records.BLOCK}/" in uri]


def test_blocking_again_writes_no_second_record(bluesky: Channel) -> None:
    target = bluesky.target(bluesky.say(1))
    for _ in range(2):
        bluesky.client().apply(Effect.BLOCK, target)
    assert len(block_records(bluesky)) == 1
    assert bluesky.client().read_standing(Effect.BLOCK, target) == Standing.BLOCKED


def test_unblocking_deletes_every_record_of_the_person_and_no_other(bluesky: Channel) -> None:
    target, other = bluesky.target(bluesky.say(1)), bluesky.target(bluesky.say(2))
    bluesky.client().apply(Effect.BLOCK, other)
    for number in range(130):  # more than one page of records
        uri = f"at://{wire.OWN}/{records.BLOCK}/3l{number:011}"
        bluesky.store.set_record("bluesky", uri, records.new_block(target.author_key))
    for _ in range(2):
        receipt = bluesky.client().apply(Effect.UNBLOCK, target)
        assert receipt.achieved == Achieved.APPLIED
    assert bluesky.client().read_standing(Effect.UNBLOCK, target) == Standing.NOT_BLOCKED
    assert bluesky.client().read_standing(Effect.BLOCK, other) == Standing.BLOCKED


def test_nobody_can_be_blocked_without_being_named(bluesky: Channel) -> None:
    made = bluesky.say(1)
    for effect in (Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE):
        with pytest.raises(Unsupported):
            bluesky.client().apply(effect, Target(made, "", ""))


# --- sessions


def test_revoked_refresh_token_signs_in_again_once(bluesky: Channel) -> None:
    bluesky.secrets["refresh_token"] = "revoked-long-ago"
    bluesky.store.expire_token("bluesky")
    bluesky.client().test_connection()
    assert asked(bluesky, "createSession") == 1
    tokens = bluesky.store.world("bluesky").tokens
    assert (bluesky.saved["access_token"], bluesky.saved["refresh_token"]) == (
        tokens.access,
        tokens.refresh,
    )


def test_channel_that_has_never_signed_in(bluesky: Channel) -> None:
    made = bluesky.say(1)
    for name in ("access_token", "refresh_token", "pds"):
        del bluesky.secrets[name]
    access = ChannelAccess(
        Platform.BLUESKY, "", bluesky.sandbox.base_url("bluesky"), bluesky.secrets
    )
    from jspm_social.platforms.registry import client_for

    client = client_for(access, save_secrets=bluesky.saved.update)
    assert set(Stored().pull(client).comments) == {made}
    assert bluesky.saved["pds"] == "https://pds.sandbox.example"
    assert asked(bluesky, "createSession") == 1


def test_wrong_app_password_is_tried_once(bluesky: Channel) -> None:
    bluesky.secrets |= {"refresh_token": "revoked-long-ago", "app_password": "wrong"}
    bluesky.store.expire_token("bluesky")
    with pytest.raises(AuthExpired):
        bluesky.client().test_connection()
    assert asked(bluesky, "createSession") == 1
    assert bluesky.saved == {}


def test_tokens_that_are_never_good_enough_end(bluesky: Channel) -> None:
    bluesky.fault("expired_token", match="GET *", times=99)
    with pytest.raises(AuthExpired):
        Stored().pull(bluesky.client())
    assert (asked(bluesky, "refreshSession"), asked(bluesky, "createSession")) == (1, 0)


def test_refresh_that_must_wait_does_not_sign_in(bluesky: Channel) -> None:
    bluesky.store.expire_token("bluesky")
    bluesky.fault("429", match="POST *refreshSession", reset_in=90)
    with pytest.raises(RateLimited) as caught:
        bluesky.client().test_connection()
    assert caught.value.until > datetime.now(UTC) + timedelta(seconds=60)
    assert asked(bluesky, "createSession") == 0


def test_deactivated_account_is_told_although_it_signs_in(
    bluesky: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    bluesky.store.expire_token("bluesky")
    body = {"accessJwt": "a", "refreshJwt": "b", "did": wire.OWN, "active": False}
    sessions = cast("dict[str, Any]", wire.SESSIONS)
    for name in sessions:
        monkeypatch.setitem(
            sessions, name, lambda *_: Reply(body={**body, "status": "deactivated"})
        )
    with pytest.raises(AuthExpired, match="deactivated"):
        bluesky.client().test_connection()
    assert bluesky.saved == {}


class _Door:
    """Stands for the network: every host answers, and is noted."""

    asked: list[tuple[str, str]] = []

    def __init__(self, access: ChannelAccess, hosts: dict[str, str]) -> None:
        self._host = access.base_url or hosts["pds"]

    def call(self, _: str, __: str, path: str, **___: Any) -> Answer:
        self.asked.append((self._host, path.rpartition(".")[2]))
        document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://own.example"}]}
        tokens = {"accessJwt": "a", "refreshJwt": "b", "didDoc": document}
        return Answer(200, {}, tokens if path.endswith("Session") else {})


@pytest.mark.parametrize(
    ("base_url", "first", "then"),
    [
        ("", session.ENTRYWAY, "https://own.example"),
        ("https://self.example", "https://self.example", "https://self.example"),
    ],
)
def test_calls_go_to_the_server_that_the_did_document_names(
    monkeypatch: pytest.MonkeyPatch, base_url: str, first: str, then: str
) -> None:
    monkeypatch.setattr(session, "ChannelHttp", _Door)
    monkeypatch.setattr(_Door, "asked", [])
    given = {"identifier": "we.example", "app_password": "p"}
    access = ChannelAccess(Platform.BLUESKY, US, base_url, given)
    saved: dict[str, str] = {}
    session.Session(access, saved.update).call("GET", "app.bsky.feed.getPosts")
    assert _Door.asked == [(first, "createSession"), (then, "getPosts")]
    later = ChannelAccess(Platform.BLUESKY, US, base_url, saved)
    session.Session(later, saved.update).call("GET", "app.bsky.feed.getPosts")
    assert _Door.asked[2:] == [(then, "getPosts")]


def test_a_server_without_https_is_not_believed() -> None:
    service = {"id": "#atproto_pds", "serviceEndpoint": "http://10.0.0.1"}
    assert session._named_server({"service": [service]}) == {}


# --- errors


def refusal(status: int, name: str, **headers: str) -> Answer:
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, {"error": name})


@pytest.mark.parametrize(
    ("got", "error"),
    [
        (Answer(200, {}, None), None),
        (refusal(400, "ExpiredToken"), AuthExpired),
        (refusal(400, "InvalidToken"), AuthExpired),
        (refusal(401, "AuthMissing"), AuthExpired),
        (refusal(401, "AccountTakedown"), AuthExpired),
        (refusal(401, "AccountDeactivated"), AuthExpired),
        (refusal(401, "AuthFactorTokenRequired"), AuthExpired),
        (refusal(400, "InvalidSwap"), Transient),
        (refusal(400, "NotFound"), Rejected),
        (refusal(400, "RecordNotFound"), Rejected),
        (refusal(400, "InvalidRequest"), Rejected),
        (refusal(429, "RateLimitExceeded"), RateLimited),
        (Answer(413, {}, None), Rejected),
    ],
)
def test_refusals(got: Answer, error: type[PlatformError] | None) -> None:
    assert type(problem_of(got)) is (error or type(None))


def test_waits_until_the_stated_time() -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    stated = str(int(at.timestamp()))
    problem = problem_of(refusal(429, "RateLimitExceeded", RateLimit_Reset=stated))
    assert isinstance(problem, RateLimited)
    assert problem.until == at

"""What only Mastodon has: servers that differ, HTML, private messages, effects on people only."""

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given, strategies as st

from jspm_social.platforms.adapters.mastodon import normalise, reader
from jspm_social.platforms.adapters.mastodon.errors import problem_of
from jspm_social.platforms.adapters.mastodon.markup import text_of
from jspm_social.platforms.contract import ChannelAccess, RemotePostRef, Standing, Target
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.registry import client_for
from jspm_social.platforms.sandbox import mastodon as wire, server
from jspm_social.platforms.sandbox.model import VISIBLE
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Reply, Request

from .conftest import START, Channel, Stored

PAYLOADS = Path(__file__).parents[2] / "payloads"
PAGE = "<!DOCTYPE html><title>404</title>" + "<p>ページが見つかりません</p>" * 5000  # 150 KB


@pytest.fixture
def mastodon(sandbox: Sandbox) -> Channel:
    return Channel(Platform.MASTODON, sandbox)


def notification(number: int) -> dict[str, Any]:
    found = json.loads((PAYLOADS / "mastodon/notifications.json").read_text(encoding="utf-8"))
    one: dict[str, Any] = next(item for item in found if item["id"] == str(number))
    return one


# --- reading


def test_replies_nobody_was_notified_of_are_found_in_the_context(mastodon: Channel) -> None:
    top = mastodon.say(1, mentions=False)
    nested = mastodon.say(4, mentions=False, parent=top)
    comments = Stored().pull(mastodon.client()).comments
    assert {i: c.parent_id for i, c in comments.items()} == {top: "", nested: top}


def test_comments_under_posts_that_are_not_watched_any_more(mastodon: Channel) -> None:
    for n in range(50):
        at = (START + timedelta(minutes=n)).isoformat()
        mastodon.say(n, post={"id": f"q{n}", "text": f"知らせ{n}"}, created_at=at)
    parent = mastodon.store.remote_id("mastodon", "c0")
    nested = mastodon.say(100, post={"id": "q0", "text": "知らせ0"}, parent=parent)
    stored = Stored().pull(mastodon.client())
    assert {c.post.text for c in stored.comments.values()} == {f"知らせ{n}" for n in range(50)}
    assert stored.comments[nested].parent_id == parent
    mastodon.store.edit("mastodon", parent, "書き直し")
    assert stored.pull(mastodon.client()).texts[parent] == ["コメント0", "書き直し"]


def test_an_edit_names_its_time(mastodon: Channel) -> None:
    made = mastodon.say(1)
    edited = START + timedelta(hours=3)
    mastodon.store.edit("mastodon", made, "書き直し", edited)
    assert Stored().pull(mastodon.client()).comments[made].edited_at == edited


@pytest.mark.parametrize("visibility", ["direct", "private"])  # snac calls a message private
def test_private_messages_to_us_are_no_comments(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch, visibility: str
) -> None:
    public, private = mastodon.say(1), mastodon.say(2)
    mastodon.say(3, mentions=False, text="返信の中の内緒話", parent=public)
    said = wire._status

    def with_visibility(world: Any, item: Any) -> dict[str, Any]:
        secret = item.id == private or item.text == "返信の中の内緒話"
        return said(world, item) | {"visibility": visibility if secret else "unlisted"}

    monkeypatch.setattr(wire, "_status", with_visibility)
    assert set(Stored().pull(mastodon.client()).comments) == {public}


def test_a_mention_in_somebody_elses_thread_is_left_out(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = mastodon.say(1)
    theirs = mastodon.say(4, parent=ours)
    monkeypatch.setattr(wire, "_statuses", lambda *_: Reply(body=[]))
    monkeypatch.setattr(wire, "_context", lambda *_: Reply(body={"ancestors": []}))
    found = set(Stored().pull(mastodon.client()).comments)
    assert theirs not in found


def test_notifications_of_other_kinds_and_without_a_status_are_passed_over(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on servers that ignore `types[]`; the page is the documented payload."""
    mastodon.say(1)
    (post,) = mastodon.store.world("mastodon").posts.values()
    payload = (PAYLOADS / "mastodon/notifications.json").read_text(encoding="utf-8")
    told = json.loads(payload.replace('"in_reply_to_id": "1"', f'"in_reply_to_id": "{post.id.rpartition("/")[2]}"'))  # fmt: skip
    later = lambda request, _: Reply(body=[] if request.query.get("max_id") else told)  # noqa: E731
    monkeypatch.setattr(wire, "_notifications", later)
    found = set(Stored().pull(mastodon.client()).comments)
    assert "https://far.example/users/dareka/statuses/113" in found
    assert len(found) == 2  # that one, and the sandbox's own


def test_a_server_that_ignores_max_id_ends(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {mastodon.say(n) for n in range(3)}
    monkeypatch.setattr(wire, "_listing", lambda _, shapes: Reply(body=shapes))
    assert set(Stored().pull(mastodon.client()).comments) == made


def contexts(mastodon: Channel) -> int:
    return sum(request.path.endswith("/context") for _, request in mastodon.sandbox.requests)


@pytest.fixture
def direct_replies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server tell of each status what stands directly below it, as snac does."""

    def is_child(_: Any, comment: Any, uri: str) -> bool:
        return bool((comment.parent_id or comment.post_id) == uri)

    monkeypatch.setattr(wire, "_is_below", is_child)


@pytest.mark.usefixtures("direct_replies_alone")
def test_replies_of_replies_are_asked_for_where_only_direct_ones_are_told(
    mastodon: Channel,
) -> None:
    chain = [mastodon.say(0, mentions=False)]
    for n in range(1, 8):
        chain.append(mastodon.say(3 * n, mentions=False, parent=chain[-1]))
    stored = Stored().pull(mastodon.client())  # a few, until it is known what the server does
    stored.pull(mastodon.client())
    assert [stored.comments[i].parent_id for i in chain] == ["", *chain[:-1]]
    mastodon.store.edit("mastodon", chain[5], "書き直し")
    stored.pull(mastodon.client())
    assert stored.texts[chain[5]] == ["コメント15", "書き直し"]
    assert stored.gone == set()


@pytest.mark.usefixtures("direct_replies_alone")
def test_no_more_contexts_are_read_in_a_pull_than_are_good_for_the_server(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "DEEPER", 5)
    for n in range(20):
        mastodon.say(3 * n + 60, mentions=False, parent=mastodon.say(3 * n, mentions=False))
    stored = Stored().pull(mastodon.client())
    before = contexts(mastodon)
    stored.pull(mastodon.client())
    assert contexts(mastodon) - before == 1 + 5


def test_a_server_that_tells_whole_trees_is_asked_once(mastodon: Channel) -> None:
    for n in range(5):
        mastodon.say(3 * n + 60, mentions=False, parent=mastodon.say(3 * n, mentions=False))
    stored = Stored().pull(mastodon.client())
    assert contexts(mastodon) == 1
    stored.pull(mastodon.client())
    assert contexts(mastodon) == 2


def test_a_server_that_shows_less_than_it_counts_is_asked_a_few_times(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies to replies are private, say: nobody can tell yet what the server does."""
    for n in range(9):
        mastodon.say(3 * n, mentions=False)
    said = wire._status
    counted = lambda *given: said(*given) | {"replies_count": 1}  # noqa: E731
    monkeypatch.setattr(wire, "_status", counted)
    stored = Stored().pull(mastodon.client())
    assert len(stored.comments) == 9
    assert contexts(mastodon) == 1 + reader.PROBES


def test_the_place_of_a_known_reply_is_not_asked_for_again(mastodon: Channel) -> None:
    tops = [mastodon.say(3 * n) for n in range(5)]
    for n, top in enumerate(tops):
        mastodon.say(3 * n + 60, parent=top)
    stored = Stored().pull(mastodon.client())
    before = contexts(mastodon)
    fresh = mastodon.say(300, parent=tops[2])
    stored.pull(mastodon.client())
    assert stored.comments[fresh].parent_id == tops[2]
    assert contexts(mastodon) - before == 1  # the watched post's


def test_every_request_has_a_connection_of_its_own(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some servers close it after an answer and do not say so; this one would keep it open."""
    made = [mastodon.say(n) for n in range(5)]
    opened: list[Any] = []
    accept = server._Server.process_request

    def counted(self: Any, *given: Any) -> None:
        opened.append(given)
        accept(self, *given)

    monkeypatch.setattr(server, "HANGS_UP", set())
    monkeypatch.setattr(server._Server, "process_request", counted)
    assert set(Stored().pull(mastodon.client()).comments) == set(made)
    assert len(opened) == len(mastodon.sandbox.requests) > 3


def test_an_edit_that_changes_the_local_id_is_an_edit(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on snac: the uri stays."""
    made = mastodon.say(1)
    stored = Stored().pull(mastodon.client())
    mastodon.store.edit("mastodon", made, "書き直し")
    local_id = wire.local_id
    monkeypatch.setattr(
        wire, "local_id", lambda item: local_id(item) + "7" * (len(getattr(item, "versions", "x")) - 1)
    )  # fmt: skip
    stored.pull(mastodon.client())
    assert stored.texts == {made: ["コメント1", "書き直し"]}
    assert stored.gone == set()


def test_what_a_blocked_person_wrote_is_out_of_sight_and_not_gone(mastodon: Channel) -> None:
    made = mastodon.say(1)
    stored = Stored().pull(mastodon.client())
    mastodon.client().apply(Effect.BLOCK, mastodon.target(made))
    stored.pull(mastodon.client())
    assert stored.gone == set()
    mastodon.client().apply(Effect.UNBLOCK, mastodon.target(made))
    again = Stored(cursor=stored.cursor).pull(mastodon.client())
    assert (set(again.comments), again.gone) == ({made}, set())


def test_nothing_is_gone_while_the_token_is_bad(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mastodon.say(1)
    stored = Stored().pull(mastodon.client())
    mastodon.store.delete_by_author("mastodon", made)
    mastodon.fault("expired_token", match="GET *verify_credentials")
    with pytest.raises(AuthExpired):
        stored.pull(mastodon.client())
    assert stored.gone == set()
    assert stored.pull(mastodon.client()).gone == {made}


def test_a_channel_needs_its_server() -> None:
    access = ChannelAccess(Platform.MASTODON, "1", "", {"access_token": "t"})
    with pytest.raises(Rejected):
        client_for(access, save_secrets=lambda _: None)


# --- what a status says


def test_status_payload_is_mapped() -> None:
    status = notification(33)["status"]
    comment = normalise.comment(status, RemotePostRef("https://our.example/s/1"))
    assert comment is not None
    assert comment.text == (
        "痛みの話\n\n"
        "@gakkai 続きは\nhttps://far.example/very/long/address\n\n"
        "二段落目 & https://our.example (https://evil.example/)\n\n"
        "はい\nいいえ"
    )
    assert comment.author.handle == "dareka@far.example"  # acct came without its host
    assert comment.edited_at == datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
    assert [(a.kind, a.url, a.alt) for a in comment.attachments] == [
        ("image", "https://far.example/i.png", "写真"),
        ("video", "", ""),
        ("other", "https://far.example/x", ""),
    ]


def test_a_uri_of_absurd_length_still_names_one_comment() -> None:
    long = ["https://far.example/" + "a" * 5000 + end for end in "bc"]
    keys = {normalise.key_of({"uri": uri}) for uri in long}
    assert len(keys) == 2
    assert all(len(key) <= 255 for key in keys)


def test_addresses_of_other_kinds_are_dropped() -> None:
    status = {"uri": "javascript:alert(1)", "account": {"id": "1", "url": "data:text/html,x"}}
    comment = normalise.comment(status, RemotePostRef("p"))
    assert comment is not None
    assert (comment.permalink, comment.author.url) == ("", "")


def test_a_quote_of_ours_is_recognised() -> None:
    inner = {"id": "1", "uri": "u", "account": {"id": "7"}}
    assert normalise.quoted({"quote": {"state": "accepted", "quoted_status": inner}}) == inner
    assert normalise.quoted({"quote": inner}) == inner
    assert normalise.quoted({"quote": None}) == {}


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["uri", "id", "account", "content", "quote", "poll", "options", "acct", "url",
                     "media_attachments", "quoted_status", "created_at", "title"]), x)))  # fmt: skip
def test_any_json_is_survived(value: Any) -> None:
    status = value if isinstance(value, dict) else {}
    normalise.comment({**status, "uri": "u"}, RemotePostRef("p"))
    normalise.quoted(status)


# --- HTML


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("<p>一</p><p>二</p>", "一\n\n二"),
        ("<p>一</p>\n\n<p>二</p>\n", "一\n\n二"),
        ("一<br>二<br/><br />三", "一\n二\n\n三"),
        ("<p>前</p><ul><li>い</li><li>ろ</li></ul><div>後</div>", "前\n\nい\nろ\n\n後"),
        ("<blockquote>引用</blockquote>本文", "引用\n\n本文"),
        ("a &lt;b&gt; &amp;amp; &#12354;&hearts;", "a <b> &amp; あ♥"),
        ("<script>alert(1)</script>後", "alert(1)後"),
        ("前<script>alert(1) 後", "前alert(1) 後"),
        ("<style>p{}</style><textarea><b>太", "p{}太"),
        ("<img src=x onerror=alert(1)>字<img alt=':neko:'>", "字:neko:"),
        ("<!-- 隠れた -->見える", "見える"),
        ('<a href="https://a.example/">a.example</a>', "a.example"),
        ('<a href="https://evil.example">無料</a>です', "無料 (https://evil.example)です"),
        ('<a href="javascript:alert(1)">押す</a>', "押す (javascript:alert(1))"),
        ('<a href="https://a.example"></a>', "https://a.example"),
        ('<a href="https://b.example">閉じない', "閉じない (https://b.example)"),
        ('<a href="https://our.example/@we" class="mention">@<span>we</span></a> 様', "@we 様"),
        ('<a href="https://our.example/tags/x" rel="tag">#<span>緩和</span></a>', "#緩和"),
        ("<p>二つの  空白</p>", "二つの  空白"),
    ],
)
def test_markup_becomes_text(given: str, expected: str) -> None:
    assert text_of(given) == expected


@given(st.text(st.characters(exclude_characters="\r\n")))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    shown = "" if text.isspace() else text
    assert text_of(f"<p>{html.escape(text)}</p>").strip() == shown.strip()


pieces = st.sampled_from(["<", ">", "</", "<a href=", "'", '"', "<!--", "<![CDATA[", "&#", "&", ";",
                          "<script", "<p", "<br>", "</a>", "x", " ", "\0", "\ud800", "<?"])  # fmt: skip


@given(st.lists(pieces, max_size=60).map("".join))
def test_broken_markup_is_survived(text: str) -> None:
    text_of(text)


# --- effects


def test_block_and_unblock_can_be_read(mastodon: Channel) -> None:
    target = mastodon.target(mastodon.say(1))
    client = mastodon.client()
    assert client.read_standing(Effect.BLOCK, target) == Standing.NOT_BLOCKED
    client.apply(Effect.BLOCK, target)
    assert client.read_standing(Effect.BLOCK, target) == Standing.BLOCKED
    client.apply(Effect.UNBLOCK, target)
    assert client.read_standing(Effect.UNBLOCK, target) == Standing.NOT_BLOCKED
    assert client.read_standing(Effect.MUTE, target) == Standing.UNREADABLE


def test_a_person_who_is_gone(mastodon: Channel) -> None:
    with pytest.raises(Missing):
        mastodon.client().apply(Effect.BLOCK, Target("c", "p", "404404404"))


def test_a_person_who_is_not_named(mastodon: Channel) -> None:
    with pytest.raises(Unsupported):
        mastodon.client().apply(Effect.BLOCK, Target("c", "p", ""))


@pytest.mark.parametrize(
    "answer", [Reply(404, html=PAGE), Reply(405, {"error": "no"}), Reply(403, html="no")]
)
def test_a_server_without_mute(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch, answer: Reply
) -> None:
    monkeypatch.setattr(wire, "_change", lambda *_: answer)
    with pytest.raises(Unsupported):
        mastodon.client().apply(Effect.MUTE, mastodon.target(mastodon.say(1)))


def test_a_block_whose_answer_says_nothing_is_read_back(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, change = mastodon.target(mastodon.say(1)), wire._change
    monkeypatch.setattr(wire, "_change", lambda *_: Reply(body={}))
    with pytest.raises(OutcomeUnknown):
        mastodon.client().apply(Effect.BLOCK, target)

    def silent(*given: Any) -> Reply:
        change(*given)
        return Reply()

    monkeypatch.setattr(wire, "_change", silent)
    mastodon.client().apply(Effect.BLOCK, target)
    assert mastodon.done(target.comment_id)


# --- tokens and refusals


def _plain() -> Reply:
    return Reply(400, html="invalid_token")


def _empty() -> Reply:
    return Reply(422)


@pytest.mark.parametrize("refused", [_plain, _empty, wire.expired])
def test_a_token_that_is_not_known_in_every_servers_words(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch, refused: Callable[[], Reply]
) -> None:
    target = mastodon.target(mastodon.say(1))
    monkeypatch.setattr(wire, "expired", refused)
    mastodon.secrets["access_token"] = "unknown"
    for attempt in (
        lambda: mastodon.client().test_connection(),
        lambda: Stored().pull(mastodon.client()),
        lambda: mastodon.client().apply(Effect.BLOCK, target),
    ):
        with pytest.raises(AuthExpired):
            attempt()
    assert mastodon.state(target.comment_id) == VISIBLE


def test_a_refusal_with_a_good_token_is_a_refusal(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = mastodon.target(mastodon.say(1))
    monkeypatch.setattr(wire, "_change", lambda *_: Reply(422, {"error": "Validation failed"}))
    with pytest.raises(Rejected):
        mastodon.client().apply(Effect.BLOCK, target)


@pytest.mark.parametrize(
    ("status", "reading", "changing"),
    [
        (200, None, None),
        (400, Rejected, Rejected),
        (401, AuthExpired, AuthExpired),
        (403, AuthExpired, Unsupported),
        (404, Rejected, Rejected),
        (405, Unsupported, Unsupported),
        (410, Rejected, Rejected),
        (422, Rejected, Rejected),
        (429, RateLimited, RateLimited),
    ],
)
def test_refusals(
    status: int,
    reading: type[PlatformError] | None,
    changing: type[PlatformError] | None,
) -> None:
    got = Answer(status, {}, None)
    assert type(problem_of(got, changes=False)) is (reading or type(None))
    assert type(problem_of(got, changes=True)) is (changing or type(None))


@pytest.mark.parametrize("reset", ["2026-09-01T10:00:00.000Z", "1788256800"])
def test_waits_until_the_stated_time(reset: str) -> None:
    with time_machine.travel(datetime(2026, 9, 1, 9, 50, tzinfo=UTC)):
        problem = problem_of(Answer(429, {"X-RateLimit-Reset": reset}, None), changes=False)
    assert isinstance(problem, RateLimited)
    assert problem.until == datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_waits_a_window_where_no_time_is_stated() -> None:
    problem = problem_of(Answer(429, {}, None), changes=False)
    assert isinstance(problem, RateLimited)
    assert problem.until > datetime.now(UTC) + timedelta(minutes=4)


def test_nothing_that_is_sent_asks_for_a_reply(mastodon: Channel) -> None:
    mastodon.say(1)
    Stored().pull(mastodon.client())
    sent: list[Request] = [request for _, request in mastodon.sandbox.requests]
    assert {request.method for request in sent} == {"GET"}
    assert sum("/context" in request.path for request in sent) == 1

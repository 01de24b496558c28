"""What only Mastodon has: servers that differ, limits of their own, text that comes back as HTML."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.mastodon import posting
from jspm_social.platforms.adapters.mastodon.instance import USUAL, limits_of, usual_for
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import (
    Missing,
    OutcomeUnknown,
    Pending,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Poll
from jspm_social.platforms.sandbox import mastodon as wire, mastodon_posts
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.store import SandboxStore
from jspm_social.platforms.sandbox.wire import Reply, Request

from .conftest import Channel
from .outgoing import Kept, film, picture, published, publisher, sent, wish
from .test_publishing import POLL, carry_out

Change = Callable[[Request, Reply], Reply]


@pytest.fixture
def mastodon(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(lookout, "SETTLES", timedelta())
    return Channel(Platform.MASTODON, sandbox)


def another_server(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let the sandbox answer as another server would."""
    usual = wire.handle

    def handle(request: Request, store: SandboxStore) -> Reply:
        return change(request, usual(request, store))

    monkeypatch.setattr(wire, "handle", handle)


def each_status(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(body, list):
        return [each_status(item, change) for item in body]
    return change(body) if isinstance(body, dict) and "content" in body else body


# --- what the server allows


def test_limits_are_read_from_the_instance(mastodon: Channel) -> None:
    limits = mastodon.client().test_connection().limits
    told = {name: value for name, value in limits.items() if name != "mimes"}
    assert told == {**USUAL, "video_bytes": 103_809_024}
    assert limits["mimes"] == sorted(mastodon_posts.MIMES)


def test_older_server_tells_them_in_the_first_version(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def old(request: Request, reply: Reply) -> Reply:
        if request.path == "/api/v2/instance":
            return Reply(404, {"error": "Not Found"})
        if request.path == "/api/v1/instance":
            return Reply(body={"max_toot_chars": 5000, "configuration": None})
        return reply

    another_server(monkeypatch, old)
    assert mastodon.client().test_connection().limits == {"characters": 5000}


def test_server_that_tells_nothing(mastodon: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    another_server(
        monkeypatch,
        lambda request, reply: (
            Reply(404, html="<p>404</p>") if "instance" in request.path else reply
        ),
    )
    assert mastodon.client().test_connection().limits == {}
    assert usual_for({}) == USUAL


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"configuration": []},
        {"configuration": {"statuses": {"max_characters": "x"}}},
        {"configuration": {"media_attachments": {"supported_mime_types": "image/png"}}},
    ],
)
def test_nonsense_about_limits_is_left_out(told: dict[str, Any]) -> None:
    assert limits_of(told) == {}


def test_limits_of_the_channel_count(mastodon: Channel) -> None:
    mastodon.options["limits"] = {
        "characters": 10,
        "media": 1,
        "alt_characters": 3,
        "mimes": ["image/png"],
        "poll_options": 2,
    }
    refused = [
        wish(text="あ" * 11),
        wish(text="あ", media=(picture(1, alt="あ", mime="image/jpeg"),)),
        wish(text="あ", media=(picture(1, alt="あ" * 4, mime="image/png"),)),
        wish(text="あ", media=tuple(picture(n, alt="", mime="image/png") for n in range(2))),
        wish(text="あ", poll=Poll(("一", "二", "三"), timedelta(days=1))),
    ]
    for request in refused:
        with pytest.raises(Rejected):
            publisher(mastodon).publish(request, Kept())
    assert sent(mastodon) == []
    publisher(mastodon).publish(wish(text="あ" * 10), Kept())


def test_never_scheduled_and_always_public(mastodon: Channel) -> None:
    publisher(mastodon).publish(wish(poll=POLL), Kept())
    (request,) = (r for _, r in mastodon.sandbox.requests if r.method == "POST")
    assert request.json == {
        "status": wish().text,
        "visibility": "public",
        "language": "ja",
        "poll": {"options": ["対面", "オンライン"], "expires_in": 86_400},
    }
    assert request.headers["idempotency-key"] == wish().key


# --- how it comes back


LINK = (
    '<p>見て <a href="https://example.com/long"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.com/lo</span><span class="invisible">ng</span></a></p>'
)
MENTION = (
    '<p><span class="h-card"><a href="https://b.example/@a">@<span>a</span></a></span> さん</p>'
)


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("一行目\n二行目\n\n三行目", "<p>一行目<br>二行目</p><p>三行目</p>"),
        ("一行目\n二行目\n\n三行目", "一行目<br/>二行目<br/><br/>三行目"),
        ("A & B < C", "<p>A &amp; B &lt; C</p>"),
        ("見て https://example.com/long", LINK),
        (
            "https://日本語.jp/",
            '<p><a href="https://xn--wgv71a119e.jp/">https://日本語.jp/</a></p>',
        ),
        ("緩和 <b>&ケア", "緩和 <b>&ケア<br>"),  # snac escapes nothing
        ("**緩和** `ケア` 1*2*3", "<p><strong>緩和</strong> <code>ケア</code> 1*2*3</p>"),
        ("「緩和」…ケア", "<p>“緩和”…ケア</p>"),
        ("🌸🌸", "<p>🌸🌸</p>"),
        ("……", "<p>……</p>"),
        ("@a@b.example さん", MENTION),
        ("@a@b.example さん", '<a href="https://b.example/@a">@a@b.example</a> さん'),
        (
            "#緩和ケア",
            '<p><a href="https://x/tags/a" class="hashtag">#<span>緩和ケア</span></a></p>',
        ),
    ],
)
def test_html_is_recognised(written: str, html: str) -> None:
    assert posting.compare({"content": html}, wish(text=written), []) is Likeness.YES
    assert posting.compare({"content": html}, wish(text=f"{written}追記"), []) is Likeness.NO
    assert posting.compare({"text": written}, wish(text=written), []) is Likeness.YES


def test_files_and_polls_tell_posts_apart() -> None:
    request, content = wish(media=(picture(1),)), wish().text

    def found(file_id: str, alt: str) -> dict[str, Any]:
        return {"content": content, "media_attachments": [{"id": file_id, "description": alt}]}

    assert posting.compare(found("7", "説明1"), request, ["7"]) is Likeness.YES
    assert posting.compare(found("8", "別の説明"), request, ["7"]) is Likeness.NO
    assert posting.compare(found("8", "説明1"), request, ["7"]) is Likeness.DOUBT
    assert posting.compare({"content": content}, request, ["7"]) is Likeness.DOUBT  # left out
    assert posting.compare(found("7", "説明1"), wish(), []) is Likeness.NO
    snac = found("p/1_0", "説明1")
    snac["media_attachments"][0]["url"] = "https://snac.example/jspm/s/7"
    assert posting.compare(snac, request, ["7"]) is Likeness.YES
    asked = {"content": content, "poll": {"options": [{"title": "対面"}, {"title": "オンライン"}]}}
    assert posting.compare(asked, wish(poll=POLL), []) is Likeness.YES
    assert posting.compare(asked, wish(), []) is Likeness.NO
    assert posting.compare({"content": content}, wish(poll=POLL), []) is Likeness.DOUBT  # left out
    unsure = Poll(("対面", "未定"), POLL.runs)
    assert posting.compare(asked, wish(poll=unsure), []) is Likeness.NO
    assert posting.compare({"content": "別"}, wish(poll=POLL), []) is Likeness.NO


def test_text_is_read_as_shown_where_the_source_is_not_told(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = publisher(mastodon).publish(wish(text="一行目\n二行目 https://jspm.ne.jp/ "), Kept())
    another_server(
        monkeypatch,
        lambda request, reply: (
            Reply(404, {"error": "Not Found"}) if request.path.endswith("/source") else reply
        ),
    )
    back = publisher(mastodon).read(place.remote_id)
    assert back.text.strip() == "一行目\n二行目 https://jspm.ne.jp/"


# --- servers that differ


def foreign_uri(status: dict[str, Any]) -> dict[str, Any]:
    """Name a status in a way that does not end with its id."""
    return {**status, "uri": f"https://snac.example/jspm/p/{status['id']}.123456"}


def test_server_whose_uris_do_not_end_with_ids(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_server(
        monkeypatch,
        lambda request, reply: Reply(
            reply.status, each_status(reply.body, foreign_uri), reply.headers
        ),
    )
    places = [publisher(mastodon).publish(wish(text=f"投稿{n}"), Kept()) for n in range(3)]
    assert places[1].remote_id.startswith("https://snac.example/jspm/p/")
    assert publisher(mastodon).read(places[1].remote_id).text == "投稿1"
    assert publisher(mastodon).withdraw(places[1].remote_id).achieved is Achieved.APPLIED
    assert publisher(mastodon).withdraw(places[1].remote_id).achieved is Achieved.GONE
    assert [post["text"] for post in published(mastodon)] == ["投稿0", "投稿2"]


def test_server_that_cannot_delete(mastodon: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = wire.handle

    def handle(request: Request, store: SandboxStore) -> Reply:
        return wire.missing() if request.method == "DELETE" else usual(request, store)

    monkeypatch.setattr(wire, "handle", handle)
    place = publisher(mastodon).publish(wish(), Kept())
    with pytest.raises(Unsupported):
        publisher(mastodon).withdraw(place.remote_id)


def test_server_that_gives_files_other_ids_leaves_the_doubt_to_a_person(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renamed(status: dict[str, Any]) -> dict[str, Any]:
        files = [{**f, "id": "x1", "url": None} for f in status["media_attachments"]]
        return {**status, "media_attachments": files}

    another_server(
        monkeypatch,
        lambda request, reply: Reply(reply.status, each_status(reply.body, renamed)),
    )
    kept, request = Kept(), wish(media=(picture(),))
    mastodon.fault("timeout_after", match="POST */statuses")
    with pytest.raises(OutcomeUnknown):
        publisher(mastodon).publish(request, kept)
    with pytest.raises(Unsupported, match="同じ文面"):
        publisher(mastodon).find(request, kept, since=datetime.now(UTC))


def without_polls(status: dict[str, Any]) -> dict[str, Any]:
    return {**status, "poll": None}


def test_server_that_passes_over_a_poll_is_found_out_and_the_rest_taken_back(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_server(
        monkeypatch,
        lambda request, reply: Reply(reply.status, each_status(reply.body, without_polls)),
    )
    with pytest.raises(Unsupported, match="受け付けません"):
        publisher(mastodon).publish(wish(poll=POLL), Kept())
    assert published(mastodon) == []


def test_server_that_passes_over_a_poll_and_deletes_nothing_leaves_it_to_a_person(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = wire.handle

    def handle(request: Request, store: SandboxStore) -> Reply:
        if request.method == "DELETE":
            return wire.missing()
        return Reply(body=each_status(usual(request, store).body, without_polls))

    monkeypatch.setattr(wire, "handle", handle)
    kept = Kept()
    with pytest.raises(OutcomeUnknown, match="抜かして"):
        publisher(mastodon).publish(wish(poll=POLL), kept)
    with pytest.raises(Unsupported, match="判別"):
        publisher(mastodon).find(wish(poll=POLL), kept, since=datetime.now(UTC))


def test_server_that_ignores_max_id_ends(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = wire._listing

    def listing(request: Request, shapes: list[dict[str, Any]]) -> Reply:
        return usual(Request(request.method, request.path, {}, request.headers), shapes)

    monkeypatch.setattr(wire, "_listing", listing)
    kept = Kept()
    publisher(mastodon).publish(wish(), kept)
    found = publisher(mastodon).find(wish(text="別の投稿"), kept, since=datetime.now(UTC))
    assert found is None


def test_list_of_own_posts_that_does_not_end_is_no_proof(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    publisher(mastodon).publish(wish(), kept)
    numbers = iter(range(10_000))

    def endless(request: Request, reply: Reply) -> Reply:
        if not request.path.endswith("/statuses") or request.method != "GET":
            return reply
        statuses = [{**reply.body[0], "id": f"{next(numbers)}"} for _ in range(2)]
        return Reply(body=[{**s, "content": "別"} for s in statuses])

    another_server(monkeypatch, endless)
    with pytest.raises(Transient):
        publisher(mastodon).find(wish(), kept, since=datetime.now(UTC))


def test_reply_and_reblog_that_a_server_mixes_in_are_not_ours(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    mastodon.fault("timeout_before", match="POST */statuses")
    with pytest.raises(OutcomeUnknown):
        publisher(mastodon).publish(wish(), kept)

    def mixed(request: Request, reply: Reply) -> Reply:
        if not request.path.endswith("/statuses"):
            return reply
        own = {"id": "9", "uri": "https://a/9", "content": wish().text, "account": {"id": "other"}}
        at = datetime.now(UTC).isoformat()
        return Reply(body=[{**own, "created_at": at}, {**own, "created_at": at, "reblog": {}}])

    another_server(monkeypatch, mixed)
    assert publisher(mastodon).find(wish(), kept, since=datetime.now(UTC)) is None


def test_older_server_takes_files_at_the_older_address(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = wire.handle

    def handle(request: Request, store: SandboxStore) -> Reply:
        if request.path == "/api/v2/media":
            return wire.missing()
        if (request.method, request.path) == ("POST", "/api/v1/media"):
            return mastodon_posts._upload(request, store)
        return usual(request, store)

    monkeypatch.setattr(wire, "handle", handle)
    carry_out(mastodon, wish(media=(picture(),)), Kept())
    (post,) = published(mastodon)
    assert [m["alt"] for m in post["sent"]["media"]] == ["説明1"]


def test_file_that_the_server_cannot_process_is_refused(
    mastodon: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, request = Kept(), wish(media=(film(),))
    with pytest.raises(Pending):
        publisher(mastodon).publish(request, kept)
    another_server(
        monkeypatch,
        lambda request, reply: (
            Reply(422, {"error": "cannot process"}) if "/media/" in request.path else reply
        ),
    )
    with pytest.raises(Rejected, match="処理できません"):
        publisher(mastodon).publish(request, kept)


def test_post_of_somebody_else_is_left_alone(mastodon: Channel) -> None:
    theirs = mastodon.say(1)
    with pytest.raises(Unsupported):
        publisher(mastodon).withdraw(theirs)
    with pytest.raises(Missing):
        publisher(mastodon).read("https://nowhere.example/1")

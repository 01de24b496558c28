"""Each validator lets a right request pass and names what is wrong with another."""

import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from jspm_social.platforms.sandbox.app import WIRES, SandboxApp
from jspm_social.platforms.sandbox.store import SandboxStore
from jspm_social.platforms.sandbox.wire import Request
from tests.platforms import specs
from tests.platforms.specs import EXCEPTIONS, SPECIFIED, problems
from tests.platforms.specs.watching import watched

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
POST = f"at://{DID}/app.bsky.feed.post/3jt6walwmos2y"
NOW = "2026-11-01T00:00:00Z"
GATE = {"$type": "app.bsky.feed.threadgate", "post": POST, "createdAt": NOW}
BROADCAST = "/v2/bot/message/broadcast"


def request(line: str, body: Any = None) -> Request:
    """Make a request from 'VERB /path?query'; a body that is a text is a form."""
    method, _, address = line.partition(" ")
    parts = urlsplit(address)
    is_form = isinstance(body, str)
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    content = body if is_form else json.dumps(body)
    return Request(
        method=method,
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={} if body is None else {"content-type": kind},
        body=b"" if body is None else str(content).encode(),
        repeated=parse_qs(parts.query, keep_blank_values=True),
    )


def record(**changes: Any) -> dict[str, Any]:
    place = {"repo": DID, "collection": GATE["$type"], "rkey": "3jt6walwmos2y"}
    return {**place, "record": GATE | changes}


RIGHT: list[tuple[str, str, Any]] = [
    ("x", "GET /2/users/1/mentions?max_results=100&since_id=5&post.fields=created_at,lang", None),
    ("x", "PUT /2/tweets/12/hidden", {"hidden": True}),
    ("x", "POST /2/tweets", {"text": "お知らせ", "media": {"media_ids": ["1"]}}),
    ("youtube", "GET /youtube/v3/commentThreads?part=id,snippet&videoId=v&maxResults=100", None),
    (
        "youtube",
        "POST /youtube/v3/comments/setModerationStatus?id=a,b&moderationStatus=rejected",
        None,
    ),
    (
        "youtube",
        "POST /resumable/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
        {"snippet": {"title": "題"}},
    ),
    ("facebook", "GET /v26.0/1_2/comments?filter=stream&fields=id,from{id,name},parent{id}", None),
    ("facebook", "POST /v26.0/1_2?appsecret_proof=a", "is_hidden=true"),
    ("facebook", "DELETE /v26.0/1/blocked?user=2", None),
    ("facebook", "POST /v26.0/1/feed", "message=a&attached_media[0]={}"),
    ("facebook", "POST /v26.0/1/photos", "published=false&alt_text_custom=a"),
    ("instagram", "POST /v26.0/1/media", "image_url=a&alt_text=b&caption=c"),
    ("instagram", "GET /v26.0/1/comments?fields=id,replies{id,text}&limit=50", None),
    ("instagram", "POST /v26.0/1?hide=true", None),
    ("bluesky", f"GET /xrpc/app.bsky.feed.getPosts?uris={POST}&uris={POST}", None),
    ("bluesky", f"GET /xrpc/app.bsky.feed.getPostThread?uri={POST}&depth=200", None),
    ("bluesky", "POST /xrpc/com.atproto.repo.putRecord", {**record(), "swapRecord": None}),
    ("bluesky", "POST /xrpc/com.atproto.server.refreshSession", None),
    ("mastodon", "GET /api/v1/notifications?types[]=mention&types[]=quote&limit=40&max_id=1", None),
    ("mastodon", "POST /api/v1/statuses", "status=お知らせ&media_ids[]=1"),
    ("line", f"POST {BROADCAST}", {"messages": [{"type": "text", "text": "お知らせ"}]}),
]

WRONG: list[tuple[str, str, Any, str]] = [
    ("x", "GET /2/users/1/mention", None, "no such operation"),
    ("x", "DELETE /2/tweets/1/hidden", None, "no such operation"),
    ("facebook", "POST /v26.0/1/photos", "alt_text=a", "Page.create_photo: alt_text is not known"),
    ("facebook", "POST /v26.0/1/feed", "mesage=a", "Page.create_feed: mesage is not known"),
    ("facebook", "GET /v26.0/1?fields=id,post_ids,status", None, "AdVideo has no field post_ids"),
    ("instagram", "POST /v26.0/1/media", "alt=a", "IGUser.create_media: alt is not known"),
    (
        "youtube",
        "POST /upload/youtube/v3/videos?uploadType=resumable&part=snippet",
        {"snippet": {"titel": "題"}},
        "body.snippet.titel is not known",
    ),
    ("x", "GET /2/users/1/mentions?max_result=5", None, "max_result is not known"),
    ("x", "GET /2/users/1/mentions?post.fields=autor", None, "post.fields=autor is not allowed"),
    (
        "x",
        "GET /2/users/1/mentions?pagination_token=a&next_token=b",
        None,
        "next_token is not known",
    ),
    (
        "x",
        "GET /2/tweets/search/recent?query=a&since_id=1&start_time=2026-11-01T00:00:00Z",
        None,
        "since_id and start_time exclude one another",
    ),
    ("x", "PUT /2/tweets/1/hidden", {"hide": True}, "body: ('hidden',) Field required"),
    ("x", "PUT /2/tweets/1/hidden", {"hidden": True, "why": "x"}, "why is not known"),
    ("x", "POST /2/tweets", {"text": "a", "media": {"ids": []}}, "body: "),
    ("youtube", "GET /youtube/v3/comment?part=id", None, "no such method"),
    ("youtube", "GET /youtube/v3/comments?id=a", None, "part is missing"),
    ("youtube", "GET /youtube/v3/comments?part=id&maxResults=101", None, "maxResults=101 is not"),
    ("youtube", "GET /youtube/v3/comments?part=id&textFormat=text", None, "textFormat=text is not"),
    ("youtube", "GET /youtube/v3/comments?part=id&ids=a", None, "ids is not known"),
    (
        "youtube",
        "POST /youtube/v3/comments/setModerationStatus?id=a&moderationStatus=hidden",
        None,
        "moderationStatus=hidden is not",
    ),
    ("youtube", "PUT /youtube/v3/comments?part=id", {"snipet": {}}, "body.snipet is not known"),
    ("youtube", "PUT /youtube/v3/comments?part=id", {"snippet": 1}, "body.snippet is no object"),
    ("facebook", "GET /1_2/comments", None, "no version in the path"),
    ("facebook", "GET /v26.0/1_2/coments", None, "no such edge"),
    ("facebook", "GET /v26.0/1_2/comments?filter=all", None, "filter=all is not one of"),
    ("facebook", "GET /v26.0/1_2/comments?fields=id,text", None, "Comment has no field text"),
    (
        "facebook",
        "GET /v26.0/1_2/comments?fields=parent{ident}",
        None,
        "Comment has no field ident",
    ),
    ("facebook", "POST /v26.0/1_2", "hidden=true", "hidden is not known"),
    ("facebook", "POST /v26.0/1_2", "is_hidden=yes", "is_hidden=yes is no boolean"),
    ("instagram", "POST /v26.0/1?is_hidden=true", None, "is_hidden is not known"),
    ("instagram", "GET /v26.0/1/comments?fields=replies{message}", None, "no field message"),
    ("instagram", "GET /v26.0/1/comments?filter=stream", None, "filter is not known"),
    ("instagram", "POST /v26.0/1/moderate_conversations", {}, "no such edge"),
    ("bluesky", "GET /xrpc/app.bsky.feed.getPostsThread", None, "no such method"),
    ("bluesky", f"POST /xrpc/app.bsky.feed.getPosts?uris={POST}", None, "POST for a query"),
    ("bluesky", "GET /xrpc/app.bsky.feed.getPosts?uris=nonsense", None, "uris.0"),
    (
        "bluesky",
        f"GET /xrpc/app.bsky.feed.getPosts?{'&'.join([f'uris={POST}'] * 26)}",
        None,
        "uris",
    ),
    (
        "bluesky",
        f"GET /xrpc/app.bsky.feed.getPostThread?uri={POST}&deep=1",
        None,
        "deep is not known",
    ),
    ("bluesky", f"GET /xrpc/app.bsky.feed.getPostThread?uri={POST}&depth=1001", None, "depth"),
    ("bluesky", "POST /xrpc/com.atproto.repo.putRecord", record(post="nonsense"), "post"),
    ("bluesky", "POST /xrpc/com.atproto.repo.putRecord", record(hidden=[]), "hidden is not known"),
    (
        "bluesky",
        "POST /xrpc/com.atproto.repo.putRecord",
        record(hiddenReplies=[POST] * 301),
        "hiddenReplies",
    ),
    (
        "bluesky",
        "POST /xrpc/com.atproto.repo.putRecord",
        record(**{"$type": "app.bsky.feed.post"}),
        "a record of app.bsky.feed.post among those of app.bsky.feed.threadgate",
    ),
    ("bluesky", "POST /xrpc/com.atproto.server.refreshSession", {}, "a body where none"),
    ("mastodon", "GET /api/v1/notification", None, "no such method"),
    ("mastodon", "POST /api/v1/accounts/1/hide", None, "no such method"),
    ("mastodon", "GET /api/v1/notifications?kinds[]=mention", None, "kinds[] is not known"),
    ("mastodon", "POST /api/v1/statuses", "text=a", "text is not known"),
    ("line", "POST /v2/bot/message/broadcasts", {}, "no such method"),
    ("line", f"POST {BROADCAST}", {"messages": []}, "body: "),
    ("line", f"POST {BROADCAST}", {"messages": [{"type": "text"}]}, "body: "),
    (
        "line",
        f"POST {BROADCAST}",
        {"messages": [{"type": "text", "text": "a"}], "silent": True},
        "body.silent is not known",
    ),
]


@pytest.mark.parametrize(("platform", "line", "body"), RIGHT)
def test_what_is_right_passes(platform: str, line: str, body: Any) -> None:
    assert list(problems(platform, request(line, body))) == []


@pytest.mark.parametrize(("platform", "line", "body", "told"), WRONG)
def test_what_is_wrong_is_named(platform: str, line: str, body: Any, told: str) -> None:
    found = list(problems(platform, request(line, body)))
    assert any(told in problem for problem in found), found


def test_every_platform_is_checked_but_threads_which_publishes_no_specification() -> None:
    assert set(WIRES) - SPECIFIED == {"threads"}


@pytest.mark.parametrize("exception", sorted(EXCEPTIONS))
def test_no_exception_is_needless(
    exception: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, method, path = exception
    sent = request(f"{method} {path}", "method=get&input_token=a")
    assert list(problems(platform, sent)) == []
    monkeypatch.setattr(specs, "EXCEPTIONS", set())
    assert list(problems(platform, sent)) != []


def test_a_wrong_request_to_a_sandbox_fails_the_test_that_sent_it() -> None:
    app = SandboxApp(SandboxStore())
    with (
        pytest.raises(AssertionError, match="x GET /2/users/1/mention: no such operation"),
        watched(),
    ):
        app.answer("x", request("GET /2/users/1/mention"))
    with watched():
        app.answer("x", request("GET /2/users/1/mentions"))


@pytest.mark.parametrize(("name", "told"), [("description", []), ("alt", ["alt is not known"])])
def test_parts_of_a_form_are_checked_too(name: str, told: list[str]) -> None:
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{part}"\r\n\r\nあ\r\n'
        for part in (name, "file")
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    request = Request("POST", "/api/v2/media", {}, headers, f"{parts}--x--\r\n".encode())
    assert list(problems("mastodon", request)) == told

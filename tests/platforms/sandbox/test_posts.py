"""What the sandbox remembers and shows of our own posts."""

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from jspm_social.platforms.sandbox import page
from jspm_social.platforms.sandbox.model import GONE
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import PLATFORMS, SandboxStore
from jspm_social.platforms.sandbox.wire import Request, form_parts

IMAGE = {"kind": "image", "mime": "image/png", "size": 1234, "sha256": "ab", "alt": "<図> & 写真"}
CARD = {"title": "大会<1>", "url": "https://www.jspm.ne.jp/"}
POLL = {"options": ["はい", "<いいえ>"]}


def fill(store: SandboxStore, platform: str) -> None:
    store.publish(platform, "p1", "本文 <b>", media=[IMAGE, {**IMAGE, "alt": ""}], card=CARD)
    store.publish(platform, "p2", "投票", poll=POLL)
    store.upload(platform, "u1", kind="image", size=1)
    store.upload(platform, "u1", alt="説明")
    store.publish(platform, "p3", "取り下げ")
    store.withdraw(platform, "p3")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_posts_and_uploads_survive_a_restart(tmp_path: Path, platform: str) -> None:
    journal = tmp_path / "journal.jsonl"
    store = SandboxStore(journal)
    fill(store, platform)
    before, uploads = store.state(), store.world(platform).uploads
    store.close()
    again = SandboxStore(journal)
    assert again.state() == before
    assert (
        again.world(platform).uploads
        == uploads
        == {"u1": {"kind": "image", "size": 1, "alt": "説明"}}
    )
    again.close()


def test_state_tells_what_was_published() -> None:
    store = SandboxStore()
    fill(store, "x")
    told = store.state()["x"]
    assert [
        (p["id"], p["sent"]["media"], p["sent"]["card"], p["sent"]["poll"]) for p in told["posts"]
    ] == [
        ("p1", [IMAGE, {**IMAGE, "alt": ""}], CARD, None),
        ("p2", [], None, POLL),
    ]
    assert told["withdrawn"] == ["p3"]
    assert json.loads(json.dumps(told)) == told


def test_what_stood_under_a_withdrawn_post_goes_with_it() -> None:
    store = SandboxStore()
    record: dict[str, Any] = {"id": "c1", "platform": "x", "post": {"id": "p", "text": "お知らせ"}}
    made = store.add_comment({**record, "author": {"id": "a"}, "text": "コメント"})
    assert made
    store.withdraw("x", store.world("x").comments[made].post_id)
    assert store.world("x").comments[made].state == GONE
    assert store.world("x").posts == {}


def test_page_shows_files_with_their_alternative_texts() -> None:
    store = SandboxStore()
    fill(store, "bluesky")
    shown = page.render(store, "bluesky")
    assert "本文 &lt;b&gt;" in shown
    assert "画像(1,234 バイト)・代替テキスト:&lt;図&gt; &amp; 写真" in shown
    assert "画像(1,234 バイト)・代替テキスト:なし" in shown
    assert shown.count("代替テキスト") == 2
    assert "大会&lt;1&gt; https://www.jspm.ne.jp/" in shown
    assert "はい、&lt;いいえ&gt;" in shown
    assert "取り下げ" not in shown


def test_form_is_read_back_byte_for_byte() -> None:
    file = b"\r\n--x\r\n\0\xff--\r\n"
    body = b'--x1\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xe3\x81\x82\r\n'
    body += b'--x1\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
    body += b"Content-Type: image/png\r\n\r\n" + file + b"\r\n--x1--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x1"}
    assert form_parts(Request("POST", "/", {}, headers, body)) == {"a": "あ".encode(), "file": file}
    assert form_parts(Request("POST", "/", {}, {"content-type": "text/plain"}, body)) == {}


# --- what the wires refuse


@pytest.fixture
def sandbox() -> Any:
    with running_sandbox() as sandbox:
        yield sandbox


def post(sandbox: Sandbox, platform: str, path: str, body: Any) -> int:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    token = sandbox.store.credentials(platform)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", f"/{platform}{path}", json.dumps(body), headers)
    status = connection.getresponse().status
    connection.close()
    return status


BLUESKY = {"repo": "did:plc:jspmsandbox2official2222", "collection": "app.bsky.feed.post"}
RECORD = {"$type": "app.bsky.feed.post", "text": "あ", "createdAt": "2026-01-01T00:00:00Z"}
REF = {"uri": "at://a/b/c", "cid": "d"}


@pytest.mark.parametrize(
    ("platform", "path", "body", "status"),
    [
        ("x", "/2/tweets", {"text": "あ", "reply": {"in_reply_to_tweet_id": "1"}}, 400),
        ("x", "/2/tweets", {"text": "あ", "quote_tweet_id": "1"}, 400),
        ("x", "/2/tweets", {"text": "あ", "media": {"media_ids": ["1"]}}, 400),
        ("x", "/2/tweets", {}, 400),
        ("x", "/2/tweets", {"text": "あ"}, 201),
        ("mastodon", "/api/v1/statuses", {"status": "あ", "in_reply_to_id": "1"}, 422),
        ("mastodon", "/api/v1/statuses", {"status": "あ", "visibility": "direct"}, 422),
        ("mastodon", "/api/v1/statuses", {"status": "あ", "scheduled_at": "2027-01-01"}, 422),
        ("mastodon", "/api/v1/statuses", {"status": "あ" * 501, "visibility": "public"}, 422),
        ("mastodon", "/api/v1/statuses", {"status": "あ", "visibility": "public"}, 200),
        ("bluesky", "", {**RECORD, "reply": {"root": REF, "parent": REF}}, 400),
        (
            "bluesky",
            "",
            {**RECORD, "embed": {"$type": "app.bsky.embed.record", "record": REF}},
            400,
        ),
        ("bluesky", "", {**RECORD, "text": "あ" * 301}, 400),
        ("bluesky", "", {**RECORD, "facets": [{"index": {"byteStart": 0, "byteEnd": 4}}]}, 400),
        ("bluesky", "", {**RECORD, "facets": [{"index": {"byteStart": 1, "byteEnd": 3}}]}, 400),
        ("bluesky", "", RECORD, 200),
    ],
)
def test_what_must_never_be_sent_is_refused(
    sandbox: Sandbox, platform: str, path: str, body: dict[str, Any], status: int
) -> None:
    if platform == "bluesky":
        path = "/xrpc/com.atproto.repo.createRecord"
        body = {**BLUESKY, "record": body}
    assert post(sandbox, platform, path, body) == status
    assert len(sandbox.store.world(platform).posts) == (status < 300)

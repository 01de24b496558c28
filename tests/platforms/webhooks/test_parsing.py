"""From a body to what it means: comments that are whole, what is gone, and what is left out."""

import ast
import importlib
import inspect
import json
import pkgutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jspm_social.platforms import webhooks
from jspm_social.platforms.contract import RemoteAttachment
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies
from jspm_social.platforms.webhooks.news import Account, News, Sifted, dump, load
from jspm_social.platforms.webhooks.wires import WIRES

from .bodies import OWN, PLATFORMS, WHO, body_of, unsend

AT = datetime(2026, 11, 4, 12, 30, tzinfo=UTC)


def sifted(platform: Platform, body: dict[str, Any]) -> Sifted:
    raw = json.dumps(body).encode()
    return WIRES[platform].sift(body, raw, Account(OWN[platform], "jspm"))


def news(platform: Platform, body: dict[str, Any]) -> News:
    """What a body means once it was stored and read again."""
    return WIRES[platform].read(load(dump(sifted(platform, body).items)))


def entry(platform: Platform, value: dict[str, Any], field: str) -> dict[str, Any]:
    changes = [{"field": field, "value": value}]
    return {"object": "page", "entry": [{"id": OWN[platform], "time": 1, "changes": changes}]}


# --- X


def test_x_reply_is_whole_when_its_author_came_along() -> None:
    found = news(
        Platform.X, body_of(Platform.X, text="a &lt; b &amp; c".replace("&lt;", "<"), at=AT)
    )
    (comment,) = found.comments
    assert (comment.remote_id, comment.post.remote_id) == ("5001", "1001")
    assert comment.author.key == WHO["id"]
    assert (comment.author.name, comment.author.handle) == ("名前", "who")
    assert (comment.text, comment.created_at) == ("a < b &amp; c", AT)
    assert (comment.parent_id, comment.permalink) == ("1001", "https://x.com/i/status/5001")
    assert not found.read_channel


@pytest.mark.parametrize(
    "change",
    [
        {"bare": True},
        {"text": "長い文章の途中で切れています…"},
        {"text": "切れています… https://t.co/abc"},
    ],
)
def test_x_reply_that_is_not_whole_is_read(change: dict[str, Any]) -> None:
    assert news(Platform.X, body_of(Platform.X, **change)) == News(read_channel=True)


def test_x_long_post_with_its_whole_text_is_whole() -> None:
    body = body_of(Platform.X, text="途中まで…")
    body["data"]["payload"]["note_tweet"] = {"text": "途中までと、その続き"}
    assert [c.text for c in news(Platform.X, body).comments] == ["途中までと、その続き"]


def test_x_reply_with_pictures_is_read() -> None:
    body = body_of(Platform.X)
    body["data"]["payload"]["attachments"] = {"media_keys": ["3_1"]}
    assert news(Platform.X, body) == News(read_channel=True)


def test_x_edit_keeps_the_first_id() -> None:
    body = body_of(Platform.X, post_id="5009", versions=["5001", "5009"], text="直しました")
    (comment,) = news(Platform.X, body).comments
    assert (comment.remote_id, comment.text) == ("5001", "直しました")


@pytest.mark.parametrize(
    "body",
    [
        body_of(Platform.X, author={"id": OWN[Platform.X], "name": "学会", "username": "jspm"}),
        body_of(Platform.X, kind="post.mention.create", conversation="5001"),  # its own thread
        body_of(Platform.X, kind="post.quote.create"),
        body_of(Platform.X, kind="post.repost.create"),
        body_of(Platform.X, kind="post.create"),
        hook_bodies.x_direct_message(own=OWN[Platform.X], text="HIMITSU", sender="9"),
        hook_bodies.x_event(
            "chat.received", own=OWN[Platform.X], payload={"k": "HIMITSU"}, users=[]
        ),
        hook_bodies.x_event("like.create", own=OWN[Platform.X], payload={"id": "1"}, users=[]),
        hook_bodies.x_event("post.delete", own=OWN[Platform.X], payload={"id": "1"}, users=[]),
        hook_bodies.x_event("post.reply.create", own="another", payload={"id": "1"}, users=[]),
    ],
    ids=lambda body: body["data"]["event_type"],
)
def test_x_leaves_out(body: dict[str, Any]) -> None:
    assert sifted(Platform.X, body).items == ()


def test_x_revoked_permission_is_found_out_by_reading() -> None:
    body = hook_bodies.x_event("oauth.revoke", own=OWN[Platform.X], payload={}, users=[])
    assert news(Platform.X, body) == News(read_channel=True)


def test_x_keeps_no_more_of_the_author_than_the_name() -> None:
    body = body_of(Platform.X)
    body["data"]["includes"]["users"][0]["description"] = "HIMITSU"
    body["data"]["includes"]["users"].append({"id": "other", "name": "HIMITSU"})
    assert "HIMITSU" not in dump(sifted(Platform.X, body).items).decode("unicode_escape")


# --- Facebook


def test_facebook_comment() -> None:
    found = news(Platform.FACEBOOK, body_of(Platform.FACEBOOK, text="ありがとう", at=AT))
    (comment,) = found.comments
    assert (comment.remote_id, comment.post.remote_id) == ("5_1", "100000000000001_5")
    assert (comment.author.key, comment.author.name) == (WHO["id"], "名前")
    assert (comment.text, comment.created_at, comment.parent_id) == ("ありがとう", AT, "")
    assert comment.hidden is None
    assert not found.read_channel


def test_facebook_answer_to_a_comment_has_its_parent() -> None:
    (comment,) = news(Platform.FACEBOOK, body_of(Platform.FACEBOOK, parent_id="5_9")).comments
    assert comment.parent_id == "5_9"


def test_facebook_older_shape_names_the_sender() -> None:
    body = body_of(Platform.FACEBOOK)
    value = body["entry"][0]["changes"][0]["value"]
    del value["from"]
    value |= {"sender_id": 77, "sender_name": "旧い形"}
    (comment,) = news(Platform.FACEBOOK, body).comments
    assert (comment.author.key, comment.author.name) == ("77", "旧い形")


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("remove", News(gone=("5_1",))),
        ("hide", News(read_channel=True)),
        ("unhide", News(read_channel=True)),
    ],
)
def test_facebook_verbs(verb: str, expected: News) -> None:
    assert news(Platform.FACEBOOK, body_of(Platform.FACEBOOK, verb=verb)) == expected


def test_facebook_without_author_is_read() -> None:
    body = body_of(Platform.FACEBOOK)
    del body["entry"][0]["changes"][0]["value"]["from"]
    assert news(Platform.FACEBOOK, body) == News(read_channel=True)


def test_facebook_batches_are_read_whole() -> None:
    one, two = body_of(Platform.FACEBOOK, 1), body_of(Platform.FACEBOOK, 2)
    gone = body_of(Platform.FACEBOOK, 3, verb="remove")
    one["entry"][0]["changes"] += two["entry"][0]["changes"]
    one["entry"] += gone["entry"]
    found = news(Platform.FACEBOOK, one)
    assert [c.remote_id for c in found.comments] == ["5_1", "5_2"]
    assert found.gone == ("5_3",)


@pytest.mark.parametrize(
    "body",
    [
        body_of(Platform.FACEBOOK, author={"id": OWN[Platform.FACEBOOK], "name": "学会"}),
        entry(Platform.FACEBOOK, {"item": "reaction", "verb": "add", "comment_id": "1"}, "feed"),
        entry(Platform.FACEBOOK, {"item": "post", "verb": "add", "post_id": "1"}, "feed"),
        entry(Platform.FACEBOOK, {"item": "comment", "verb": "block", "comment_id": "1"}, "feed"),
        entry(Platform.FACEBOOK, {"message": "HIMITSU"}, "messages"),
        entry(Platform.X, {"item": "comment", "verb": "remove", "comment_id": "1"}, "feed"),
        hook_bodies.messenger(
            kind="page", own=OWN[Platform.FACEBOOK], text="HIMITSU", sender="9", now=AT
        ),
    ],
)
def test_facebook_leaves_out(body: dict[str, Any]) -> None:
    assert sifted(Platform.FACEBOOK, body).items == ()


# --- Instagram


def test_instagram_comment_is_read_and_no_word_of_it_is_kept() -> None:
    body = body_of(Platform.INSTAGRAM, text="HIMITSU")
    assert news(Platform.INSTAGRAM, body) == News(read_channel=True)
    assert b"HIMITSU" not in dump(sifted(Platform.INSTAGRAM, body).items)


def test_instagram_login_has_another_shape() -> None:
    body = body_of(Platform.INSTAGRAM)
    (one,) = body["entry"]
    (change,) = one.pop("changes")
    one |= change
    assert news(Platform.INSTAGRAM, body) == News(read_channel=True)


@pytest.mark.parametrize(
    "body",
    [
        body_of(Platform.INSTAGRAM, author={"id": OWN[Platform.INSTAGRAM], "username": "jspm"}),
        entry(Platform.INSTAGRAM, {"message": {"text": "HIMITSU"}}, "messages"),
        entry(Platform.INSTAGRAM, {"media_id": "1"}, "mentions"),
        hook_bodies.messenger(
            kind="instagram", own=OWN[Platform.INSTAGRAM], text="HIMITSU", sender="9", now=AT
        ),
    ],
)
def test_instagram_leaves_out(body: dict[str, Any]) -> None:
    assert sifted(Platform.INSTAGRAM, body).items == ()


# --- Threads


def test_threads_reply() -> None:
    found = news(Platform.THREADS, body_of(Platform.THREADS, text="なるほど", at=AT))
    (comment,) = found.comments
    assert (comment.remote_id, comment.post.remote_id, comment.parent_id) == ("181", "1001", "")
    assert (comment.author.key, comment.author.handle) == ("who", "who")
    assert (comment.text, comment.created_at) == ("なるほど", AT)
    assert comment.permalink == "https://www.threads.net/@who/post/181"
    assert not found.read_channel


def test_threads_nested_reply_has_its_parent() -> None:
    (comment,) = news(Platform.THREADS, body_of(Platform.THREADS, parent_id="189")).comments
    assert comment.parent_id == "189"


def test_threads_picture_is_read() -> None:
    body = body_of(Platform.THREADS)
    body["values"]["value"]["media_type"] = "IMAGE"
    assert news(Platform.THREADS, body) == News(read_channel=True)


@pytest.mark.parametrize(
    "body",
    [
        body_of(Platform.THREADS, username="jspm"),
        body_of(Platform.THREADS, username="renamed", own_name="renamed"),
        body_of(Platform.THREADS) | {"target_id": "another"},
        body_of(Platform.THREADS) | {"values": {"field": "mentions", "value": {"id": "1"}}},
        {"topic": "delete", "values": {"field": "delete", "value": {"id": "1"}}},
    ],
)
def test_threads_leaves_out(body: dict[str, Any]) -> None:
    assert sifted(Platform.THREADS, body).items == ()


# --- LINE


def test_line_text() -> None:
    found = news(Platform.LINE, body_of(Platform.LINE, text="つらいです", at=AT))
    (message,) = found.comments
    assert (message.remote_id, message.text, message.created_at) == ("41", "つらいです", AT)
    assert (message.author.key, message.author.name) == ("Uwho", "")
    assert message.post.remote_id == "chat:userId:Uwho"
    assert message.attachments == ()


def test_line_group_is_a_conversation_of_its_own() -> None:
    (message,) = news(Platform.LINE, body_of(Platform.LINE, group="C1")).comments
    assert (message.post.remote_id, message.author.key) == ("chat:groupId:C1", "Uwho")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("image", "画像"),
        ("video", "動画"),
        ("audio", "音声"),
        ("file", "ファイル"),
        ("location", "位置情報"),
        ("sticker", "スタンプ"),
        ("something new", "文字以外のメッセージ"),
    ],
)
def test_line_other_kinds_are_noted_without_content(kind: str, name: str) -> None:
    body = body_of(Platform.LINE, kind=kind)
    secret = {"fileName": "HIMITSU", "title": "HIMITSU", "address": "HIMITSU", "text": "HIMITSU"}
    body["events"][0]["message"] |= secret
    (message,) = news(Platform.LINE, body).comments
    assert message.text == ""
    assert [(a.url, a.alt) for a in message.attachments] == [("", name)]
    assert isinstance(message.attachments[0], RemoteAttachment)
    assert b"HIMITSU" not in dump(sifted(Platform.LINE, body).items)


def test_line_unsend() -> None:
    assert news(Platform.LINE, unsend(1)) == News(unsent=("41",))


def test_line_keeps_nothing_to_answer_with() -> None:
    body = body_of(Platform.LINE)
    assert "replyToken" in body["events"][0]
    stored = dump(sifted(Platform.LINE, body).items)
    for token in (b"reply-", b"quote-", b"read-"):
        assert token not in stored


@pytest.mark.parametrize(
    "kind",
    [
        "follow", "unfollow", "join", "leave", "memberJoined", "postback", "beacon",
        "accountLink", "videoPlayComplete", "botSuspended",
    ],
)  # fmt: skip
def test_line_leaves_out(kind: str) -> None:
    body = body_of(Platform.LINE)
    body["events"][0] |= {"type": kind, "postback": {"data": "HIMITSU"}}
    assert sifted(Platform.LINE, body).items == ()


def test_line_standby_belongs_to_another_program() -> None:
    body = body_of(Platform.LINE)
    body["events"][0]["mode"] = "standby"
    assert sifted(Platform.LINE, body).items == ()


def test_line_of_another_account_is_left_out() -> None:
    assert sifted(Platform.LINE, body_of(Platform.LINE) | {"destination": "Uother"}).items == ()


# --- all


def test_nothing_here_can_send_or_fetch_anything() -> None:
    """No reply, and nobody's profile is asked for: the package has no way to the outside."""
    outside = {"requests", "urllib", "http", "socket", "httpx"}
    modules = [m.name for m in pkgutil.walk_packages(webhooks.__path__, f"{webhooks.__name__}.")]
    assert f"{webhooks.__name__}.line" in modules
    for module in [webhooks.__name__, *modules]:
        tree = ast.parse(Path(inspect.getfile(importlib.import_module(module))).read_text("utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(alias.name for alias in node.names)]
            words = {word for name in names for word in name.split(".")}
            if module.endswith(".views"):
                words -= {"http"} if "django" in words else set()
            assert not words & outside, module


@pytest.mark.parametrize("platform", PLATFORMS, ids=str)
def test_an_account_whose_id_is_not_known_hears_nothing_of_others(platform: Platform) -> None:
    """`account_id` is '' only for channels of imported comments, which have no address."""
    body = body_of(platform)
    assert sifted(platform, body).key != sifted(platform, body_of(platform, 2)).key


@pytest.mark.parametrize("platform", PLATFORMS, ids=str)
def test_lone_surrogates_survive_the_way(platform: Platform) -> None:
    found = news(platform, body_of(platform, text="a\ud800b\0"))
    assert [c.text for c in found.comments] in ([], ["a\ud800b\0"])


@pytest.mark.parametrize("platform", PLATFORMS, ids=str)
def test_the_signed_time_is_read(platform: Platform) -> None:
    body = body_of(platform, now=AT, at=AT)
    assert sifted(platform, body).at == AT

"""No adapter can answer a comment or send a message (policy §4(1), §5(2)(7)): by construction."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from jspm_social.platforms import (
    adapters,
    contract,
    engaging,
    oauth,
    own_posts,
    publishing,
    registry,
)
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth import forbidden
from jspm_social.platforms.oauth.scopes import SCOPES, Use
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.sandbox.wire import Request, form_parts

from .conftest import Channel, Stored
from .outgoing import Kept, published, publisher
from .test_engaging import address, engager
from .test_publishing import CASES, REQUESTS, asked, carry_out

MODULES = sorted(
    module.name
    for package in (adapters, oauth)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if module.name != forbidden.__name__  # which names what is refused
)
ALLOWED = {"apply", "pull", "read_standing", "test_connection"}
SEVERAL = {"apply_many"}  # the same effects, on several comments in one request
# Scopes that publish our own posts, and nothing else here may name: see below.
PUBLISHING = {"tweet.write", "threads_content_publish", "write:statuses"}
FORBIDDEN_NAMES = ("reply_to", "send_reply", "post_reply", "message_to", "direct_message", "dm_")
FORBIDDEN_TEXTS = (
    "dm_conversations", "direct_messages", "/dm/", "dm.write", "dm.read", "tweet.write",
    "in_reply_to_tweet_id", "private_replies", "pages_messaging", "instagram_manage_messages",
    "me/messages", "/messages", "liveChat",
    "/message/reply", "/message/push", "/message/multicast", "/message/narrowcast", "replyToken",
    "/bot/profile", "/bot/group", "/bot/room", "/bot/chat", "/bot/followers",
    "chat.bsky", "visibility=direct",
)  # fmt: skip


def strings_of(module: str) -> list[str]:
    """All strings of a module's code; docstrings may say what does not exist."""
    tree = ast.parse(Path(inspect.getfile(importlib.import_module(module))).read_text("utf-8"))
    spoken = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken
    ]


def client_class(path: str) -> type[Any]:
    module, _, name = path.rpartition(".")
    found: type[Any] = getattr(importlib.import_module(module), name)
    return found


def test_the_walk_really_sees_the_adapters() -> None:
    assert {path.rpartition(".")[0] for path in registry.CLIENTS.values()} <= set(MODULES)
    assert "/comments/setModerationStatus" in strings_of(f"{adapters.__name__}.youtube.client")


@pytest.mark.parametrize("path", registry.CLIENTS.values())
def test_client_offers_nothing_beyond_the_contract(path: str) -> None:
    public = {name for name in vars(client_class(path)) if not name.startswith("_")}
    assert public - SEVERAL == ALLOWED
    assert {name for name in vars(contract.PlatformClient) if not name.startswith("_")} == ALLOWED
    assert {name for name in vars(contract.BatchClient) if not name.startswith("_")} == SEVERAL


@pytest.mark.parametrize("path", registry.PUBLISHERS.values())
def test_publisher_offers_nothing_beyond_the_contract(path: str) -> None:
    offered = {"find", "publish", "read", "repeatable", "withdraw"}
    assert {name for name in vars(client_class(path)) if not name.startswith("_")} == offered
    named = {name for name in vars(publishing.Publisher) if not name.startswith("_")}
    assert named | set(publishing.Publisher.__annotations__) == offered


@pytest.mark.parametrize("path", registry.OWN_POSTS.values())
def test_who_looks_at_our_posts_only_looks(path: str) -> None:
    offered = {"at_once", "numbers", "recent"}
    assert {name for name in vars(client_class(path)) if not name.startswith("_")} == offered
    named = {name for name in vars(own_posts.OwnPosts) if not name.startswith("_")}
    assert named | set(own_posts.OwnPosts.__annotations__) == offered


@pytest.mark.parametrize("path", registry.ENGAGERS.values())
def test_who_shares_likes_and_follows_carries_no_word_of_ours(path: str) -> None:
    offered = {"resolve", "stands", "perform"}
    assert {name for name in vars(client_class(path)) if not name.startswith("_")} == offered
    named = {name for name in vars(engaging.Engager) if not name.startswith("_")}
    assert named == offered
    assert {e.value for e in engaging.Engagement} == {"share", "like", "follow"}
    assert {f.name for f in dataclasses.fields(engaging.Subject)} == {"id", "version", "to_us"}


# All that is ever sent to share, like or follow: the address, and every field of its body.
ENGAGES = {
    Platform.X: {"POST /2/users/*/retweets": {"tweet_id"}},
    Platform.BLUESKY: {
        "POST /xrpc/com.atproto.repo.createRecord": {
            "repo", "collection", "rkey", "record", "record.$type", "record.subject",
            "record.subject.uri", "record.subject.cid", "record.createdAt",
        },
    },
    Platform.MASTODON: {
        "POST /api/v1/statuses/*/reblog": set(),
        "POST /api/v1/statuses/*/favourite": set(),
        "POST /api/v1/accounts/*/follow": set(),
    },
}  # fmt: skip


@pytest.mark.parametrize("platform", ENGAGES)
def test_all_that_is_ever_sent_to_share_like_or_follow(
    sandbox: Sandbox, platform: Platform
) -> None:
    channel = Channel(platform, sandbox)
    for deed in engaging.OFFERED[platform]:
        subject = engager(channel).resolve(deed, address(channel, deed))
        engager(channel).perform(deed, subject, Kept())
    writes: dict[str, set[str]] = {}
    for _, request in sandbox.requests:
        if request.method != "GET":
            place = re.sub(r"(?<=/)\d{6,}(?=/|$)", "*", request.path)
            writes.setdefault(f"{request.method} {place}", set()).update(fields_in(request))
    assert writes == ENGAGES[platform]


def test_nothing_that_goes_out_can_name_anothers_post() -> None:
    """All that a publisher is told. Whoever adds a field thinks about §4(1) here."""
    named = {kind: {f.name for f in dataclasses.fields(kind)} for kind in OUTGOING}
    assert named == OUTGOING


def test_line_knows_no_address_that_reaches_one_person() -> None:
    """LINE's only message is a broadcast to all friends."""
    modules = [module for module in MODULES if ".line" in module]
    found = {s for module in modules for s in strings_of(module) if s.startswith("/v2/bot")}
    assert found == {
        "/v2/bot/info",
        "/v2/bot/insight/followers",
        "/v2/bot/insight/message/event",  # how many opened a broadcast; nobody is named
        "/v2/bot/message/quota",
        "/v2/bot/message/quota/consumption",
        "/v2/bot/message/validate/broadcast",
        "/v2/bot/message/broadcast",
    }


def test_effects_hold_no_answer() -> None:
    assert {e.value for e in Effect} == {"hide", "unhide", "delete", "block", "unblock", "mute"}


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_named_like_an_answer(module: str) -> None:
    source = Path(inspect.getfile(importlib.import_module(module))).read_text("utf-8")
    names = [n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    assert [n for n in names if any(word in n for word in FORBIDDEN_NAMES)] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_address_or_scope_that_answers(module: str) -> None:
    strings = set(strings_of(module))
    if module == "jspm_social.platforms.oauth.scopes":
        strings -= PUBLISHING
    assert [s for s in strings if any(word in s for word in FORBIDDEN_TEXTS)] == []


# --- what is asked for

# Permissions that exist for answering people or writing to them, from the platforms' lists and
# not from the code. X has no narrower scope than tweet.write to publish with.
TO_ANSWER_OR_WRITE = re.compile(
    r"^dm\.|messag|conversation|^write:conversations|chat|^threads_manage_mentions|inbox"
    r"|private_repl|^write$|^follow$|^instagram_business|^https://mail|youtube$|partner"
)
# What can technically answer, too, each with its place; the person who grants it is told.
CAN_ANSWER_TOO = {
    Platform.X: {"tweet.write"},
    Platform.FACEBOOK: {"pages_manage_engagement"},
    Platform.INSTAGRAM: {"instagram_manage_comments"},
    Platform.THREADS: {"threads_manage_replies", "threads_content_publish"},
    Platform.YOUTUBE: {"https://www.googleapis.com/auth/youtube.force-ssl"},
    Platform.MASTODON: {"write:statuses"},
    Platform.BLUESKY: set(),
    Platform.LINE: set(),
}


def test_scopes_are_named_for_every_platform_once() -> None:
    assert set(SCOPES) == set(Platform)
    for scopes in SCOPES.values():
        names = [scope.name for scope in scopes]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("platform", Platform)
def test_no_scope_is_for_answering_or_messages(platform: Platform) -> None:
    names = [scope.name for scope in SCOPES[platform]]
    assert [name for name in names if TO_ANSWER_OR_WRITE.search(name)] == []
    assert forbidden.excess(platform, frozenset(names)) == frozenset()


@pytest.mark.parametrize("name", ["dm.write", "pages_messaging", "instagram_manage_messages"])
def test_pattern_finds_what_it_is_for(name: str) -> None:
    assert TO_ANSWER_OR_WRITE.search(name)


@pytest.mark.parametrize("platform", Platform)
def test_what_could_answer_too_is_said_to_the_person(platform: Platform) -> None:
    told = {scope.name for scope in SCOPES[platform] if scope.could_reply}
    assert told == CAN_ANSWER_TOO[platform]


def test_scopes_that_publish_are_for_publishing() -> None:
    uses = {
        scope.name: scope.use
        for scopes in SCOPES.values()
        for scope in scopes
        if scope.name in PUBLISHING
    }
    assert uses == dict.fromkeys(PUBLISHING, Use.PUBLISH)


def test_every_scope_has_its_reason() -> None:
    scopes = [scope for found in SCOPES.values() for scope in found]
    assert all(re.search(r"[ぁ-ん]", s.reason) and s.reason.endswith("。") for s in scopes)
    # What an effect needs is a permission for effects, and such a permission is for some effect.
    assert all((scope.use == Use.EFFECTS) == bool(scope.effects) for scope in scopes)


OUTGOING: dict[Any, set[str]] = {
    publishing.PublishRequest: {
        "key", "text", "title", "card", "media", "poll", "language",
    },
    publishing.Card: {"url", "title", "description"},
    publishing.Poll: {"options", "runs"},
    publishing.Media: {
        "kind", "mime", "size", "sha256", "alt", "width", "height", "public_url", "preview_url",
        "open",
    },
}  # fmt: skip

WRITES = {
    Platform.X: {"PUT /2/tweets/*/hidden", "POST /2/users/*/muting", "POST /2/oauth2/token"},
    Platform.FACEBOOK: {
        "POST /v26.0/*",
        "DELETE /v26.0/*",
        "POST /v26.0/*/blocked",
        "DELETE /v26.0/*/blocked",
        "POST /v26.0/debug_token",  # a reading; see test_trying_a_connection_changes_nothing
    },
    Platform.YOUTUBE: {
        "POST /youtube/v3/comments/setModerationStatus",
        "POST /token",
        "POST /tokeninfo",  # a reading
    },
    Platform.INSTAGRAM: {
        "POST /v26.0/*",
        "DELETE /v26.0/*",
        "POST /v26.0/debug_token",  # a reading
    },
    Platform.THREADS: {
        "POST /v1.0/*/manage_reply",
        "POST /v1.0/debug_token",  # a reading
    },
    Platform.BLUESKY: {
        "POST /xrpc/com.atproto.server.refreshSession",
        "POST /xrpc/com.atproto.repo.putRecord",
        "POST /xrpc/com.atproto.repo.createRecord",
        "POST /xrpc/com.atproto.repo.deleteRecord",
        "POST /xrpc/app.bsky.graph.muteActor",
    },
    Platform.MASTODON: {
        "POST /api/v1/accounts/*/block",
        "POST /api/v1/accounts/*/unblock",
        "POST /api/v1/accounts/*/mute",
    },
}


def test_all_that_a_client_ever_sends_to_change_something(channel: Channel) -> None:
    """Every method of the contract with every effect, seen from the other end of the wire."""
    channel.store.expire_token(channel.platform.value)
    if "refresh_token" not in channel.secrets:
        channel.store.rotate_tokens(channel.platform.value)
        channel.secrets = channel.store.credentials(channel.platform.value)
    client = channel.client()
    client.test_connection()
    for number, effect in enumerate(Effect):
        target = channel.target(channel.say(number, author={"id": "a1", "name": "名前"}))
        Stored().pull(client)
        with suppress(Unsupported):
            client.apply(effect, target)
        client.read_standing(effect, target)
    ids = re.compile(r"(?<=/)(\d{6,}(_\d+)?|UC[\w-]+|Ugx[\w.-]+)(?=/|$)")
    sent = {
        f"{request.method} {ids.sub('*', request.path)}"
        for _, request in channel.sandbox.requests
        if request.method != "GET"
    }
    assert sent == WRITES[channel.platform]
    bodies = b" ".join(request.body for _, request in channel.sandbox.requests)
    assert not any(word in bodies for word in (b"message", b"text", b"reply", b"comment="))
    kinds = {kind.decode() for kind in re.findall(rb'"collection": ?"([^"]*)"', bodies)}
    if channel.platform == Platform.BLUESKY:  # its records could be posts
        assert kinds == {"app.bsky.feed.threadgate", "app.bsky.graph.block"}


# --- what publishers send

# Every request by which a publisher changes something, and every field of what makes a post.
PUBLISHES = {
    Platform.X: {
        "POST /2/oauth2/token",
        "POST /2/media/upload",
        "POST /2/media/upload/initialize",
        "POST /2/media/upload/*/append",
        "POST /2/media/upload/*/finalize",
        "POST /2/media/metadata",
        "POST /2/tweets",
        "DELETE /2/tweets/*",
    },
    Platform.BLUESKY: {
        "POST /xrpc/com.atproto.server.refreshSession",
        "POST /xrpc/com.atproto.repo.uploadBlob",
        "POST /xrpc/app.bsky.video.uploadVideo",
        "POST /xrpc/com.atproto.repo.createRecord",
        "POST /xrpc/com.atproto.repo.deleteRecord",
    },
    Platform.MASTODON: {
        "POST /api/v2/media",
        "POST /api/v1/statuses",
        "DELETE /api/v1/statuses/*",
    },
    Platform.FACEBOOK: {
        "POST /v26.0/*/photos",
        "POST /v26.0/*/videos",
        "POST /v26.0/*/feed",
        "DELETE /v26.0/*",
    },
    Platform.INSTAGRAM: {
        "POST /v26.0/*/media",
        "POST /v26.0/*/media_publish",
        "DELETE /v26.0/*",
    },
    Platform.THREADS: {
        "POST /v1.0/me/threads",
        "POST /v1.0/me/threads_publish",
        "DELETE /v1.0/*",
    },
    Platform.YOUTUBE: {
        "POST /token",
        "POST /upload/youtube/v3/videos",
        "PUT /upload/youtube/v3/videos",
        "PUT /youtube/v3/videos",
        "DELETE /youtube/v3/videos",
    },
    Platform.LINE: {
        "POST /v2/bot/message/validate/broadcast",
        "POST /v2/bot/message/broadcast",
    },
}
FIELDS = {
    Platform.X: {
        "text", "media", "media.media_ids", "poll", "poll.options", "poll.duration_minutes",
    },
    Platform.BLUESKY: {
        "repo", "collection", "rkey", "record", "record.$type", "record.text", "record.createdAt",
        "record.langs", "record.facets", "record.facets.$type", "record.facets.index",
        "record.facets.index.byteStart", "record.facets.index.byteEnd", "record.facets.features",
        "record.facets.features.$type", "record.facets.features.uri",
        "record.facets.features.tag", "record.facets.features.did", "record.embed", "record.embed.$type",
        "record.embed.external", "record.embed.external.uri", "record.embed.external.title",
        "record.embed.external.description", "record.embed.images", "record.embed.images.alt",
        "record.embed.images.image", "record.embed.images.image.$type",
        "record.embed.images.image.ref", "record.embed.images.image.ref.$link",
        "record.embed.images.image.mimeType", "record.embed.images.image.size",
        "record.embed.images.aspectRatio", "record.embed.images.aspectRatio.width",
        "record.embed.images.aspectRatio.height", "record.embed.video", "record.embed.video.$type",
        "record.embed.video.ref", "record.embed.video.ref.$link", "record.embed.video.mimeType",
        "record.embed.video.size", "record.embed.alt", "record.embed.aspectRatio",
        "record.embed.aspectRatio.width", "record.embed.aspectRatio.height",
    },
    Platform.MASTODON: {
        "status", "visibility", "language", "media_ids", "poll", "poll.options", "poll.expires_in",
    },
    Platform.FACEBOOK: {
        "message", "link", "attached_media[*]", "published", "alt_text_custom", "source",
        "upload_phase", "file_size", "upload_session_id", "start_offset", "video_file_chunk",
        "description",
    },
    Platform.INSTAGRAM: {
        "image_url", "video_url", "alt_text", "caption", "media_type", "share_to_feed",
        "is_carousel_item", "children", "creation_id",
    },
    Platform.THREADS: {
        "image_url", "video_url", "alt_text", "text", "media_type", "link_attachment",
        "poll_attachment", "is_carousel_item", "children", "creation_id",
    },
    Platform.YOUTUBE: {
        "id", "snippet", "snippet.title", "snippet.description", "snippet.categoryId",
        "snippet.defaultLanguage", "snippet.defaultAudioLanguage", "status",
        "status.privacyStatus", "status.selfDeclaredMadeForKids", "status.embeddable",
        "status.license", "status.publicStatsViewable",
    },
    Platform.LINE: {
        "messages", "messages.type", "messages.text", "messages.originalContentUrl",
        "messages.previewImageUrl",
    },
}  # fmt: skip
CREATES = {
    Platform.X: "/2/tweets",
    Platform.BLUESKY: "/xrpc/com.atproto.repo.createRecord",
    Platform.MASTODON: "/api/v1/statuses",
    Platform.FACEBOOK: "/v26.0/*",
    Platform.INSTAGRAM: "/v26.0/*",
    Platform.THREADS: "/v1.0/*",
    Platform.YOUTUBE: "*/youtube/v3/videos",
    Platform.LINE: "*/broadcast",
}


def fields_in(request: Request) -> set[str]:
    """Return the name of every field in a body, whether JSON or a form of either kind."""
    if request.headers.get("content-type", "").startswith("video/"):
        return set()
    named = fields_of(request.json) or form_parts(request) or request.form
    return {re.sub(r"\d+", "*", name) for name in named}


def fields_of(value: Any, place: str = "") -> set[str]:
    """Return the dotted name of every field in a JSON value."""
    if isinstance(value, list):
        return {name for item in value for name in fields_of(item, place)}
    if not isinstance(value, dict):
        return set()
    named = {f"{place}.{key}".lstrip("."): item for key, item in value.items()}
    return named.keys() | {n for name, item in named.items() for n in fields_of(item, name)}


@pytest.mark.parametrize("platform", PUBLISHES)
def test_all_that_a_publisher_ever_sends_to_change_something(
    sandbox: Sandbox, platform: Platform
) -> None:
    """Every kind of post, with everything that it may hold, seen from the other end of the wire."""
    outlet = Channel(platform, sandbox)
    line = platform is Platform.LINE  # where nobody comments, and nothing is taken back
    if not line:
        outlet.say(1)  # somebody called "who"
    if "refresh_token" in outlet.secrets:
        outlet.store.expire_token(platform.value)
    for kind in ("text", "image", "video") if line else CASES[platform].kinds:
        given = REQUESTS[kind]() if line else asked(outlet, kind)
        text = f"@who.example {given.text} #緩和ケア {kind}"  # a mention is no answer
        carry_out(outlet, dataclasses.replace(given, text=text), Kept())
    for post in published(outlet) if not line else ():
        publisher(outlet).withdraw(post["id"])
    writes = [request for _, request in sandbox.requests if request.method != "GET"]
    numbers = re.compile(r"(?<=/)(\d{6,}(_\d+)?)(?=/|$)")
    assert {f"{r.method} {numbers.sub('*', r.path)}" for r in writes} == PUBLISHES[platform]
    made = [r for r in writes if fnmatchcase(r.path, CREATES[platform])]
    assert {name for request in made for name in fields_in(request)} == FIELDS[platform]
    everything = b" ".join(r.body for r in writes if len(r.body) < 10_000)
    assert not re.search(rb"repl(y|ies)|quote|app\.bsky\.embed\.record|direct", everything)

"""No adapter can answer a comment or send a message (policy §4(1), §5(2)(7)): by construction."""

import ast
import importlib
import inspect
import pkgutil
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jspm_social.platforms import adapters, contract, oauth, registry
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth import forbidden
from jspm_social.platforms.oauth.scopes import SCOPES, Use

from .conftest import Channel, Stored

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
    "me/messages", "/messages", "liveChat", "/v2/bot/message",
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

"""The sandbox answers for Bluesky as the real network does.

The same questions, in this order, are put to both, about two worlds that are alike. Two answers are
alike when status and error are the same, and every field that the sandbox sends stands in the
real one too, with a value of the same type. What the lexicons forbid is not asked: the adapter
sends nothing of the kind (tests/platforms/specs), and the sandbox does not check it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import BLUESKY_APP_PASSWORD
from tests.real.atproto import Network, society_of

GATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
PROFILE = "app.bsky.actor.profile"
PLACE = {"repo": "{us}", "collection": GATE, "rkey": "{rkey}"}
HIDING = {
    "$type": GATE,
    "post": "{root}",
    "createdAt": "2026-11-01T00:00:00Z",
    "hiddenReplies": ["{top}"],
}
BLOCKING = {"$type": BLOCK, "subject": "{patient}", "createdAt": "2026-11-01T00:00:00Z"}
OTHER_CID = "bafyreigg4r7ivbejqxy4u7aoaqcvxuwlxrzi4tgkhdsxkwxp5rmvebwuxq"
THREAD = {"uri": "{root}", "depth": "200", "parentHeight": "0"}
SIGN_IN = {"identifier": "{handle}", "password": "{app_password}"}

# method, name, query or body, whose token: what the adapter asks, and what may befall it
QUESTIONS: list[tuple[str, str, Any, str]] = [
    ("GET", "com.atproto.server.getSession", {}, "access"),
    ("GET", "com.atproto.server.getSession", {}, ""),
    ("GET", "com.atproto.server.getSession", {}, "expired"),
    ("GET", "com.atproto.server.getSession", {}, "refresh"),
    ("GET", "com.atproto.server.getSession", {}, "handle"),
    ("GET", "app.bsky.feed.getAuthorFeed", {"actor": "{us}", "limit": "50"}, "access"),
    ("GET", "app.bsky.notification.listNotifications", {"limit": "100"}, "access"),
    ("GET", "app.bsky.notification.listNotifications", {"limit": "1"}, "access"),
    ("GET", "app.bsky.feed.getPosts", {"uris": ["{top}", "{root}", "{gone}"]}, "access"),
    ("GET", "app.bsky.feed.getPosts", {"uris": ["{top}"] * 26}, "access"),
    ("GET", "app.bsky.feed.getPostThread", THREAD, "access"),
    ("GET", "app.bsky.feed.getPostThread", THREAD, "expired"),
    ("GET", "app.bsky.feed.getPostThread", {"uri": "{top}", "depth": "0"}, "access"),
    ("GET", "app.bsky.feed.getPostThread", {"uri": "{nested}", "depth": "1"}, "access"),
    ("GET", "app.bsky.feed.getPostThread", {"uri": "{gone}", "depth": "0"}, "access"),
    # a threadgate: none, made, changed by somebody else, for another's repository
    ("GET", "com.atproto.repo.getRecord", PLACE, "access"),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "record": HIDING, "swapRecord": None},
        "access",
    ),
    ("GET", "com.atproto.repo.getRecord", PLACE, "access"),
    ("GET", "app.bsky.feed.getPostThread", THREAD, "access"),
    ("GET", "app.bsky.feed.getPosts", {"uris": ["{top}"]}, "access"),
    ("GET", "app.bsky.notification.listNotifications", {"limit": "100"}, "access"),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "record": HIDING, "swapRecord": None},
        "access",
    ),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "record": {**HIDING, "hiddenReplies": []}, "swapRecord": None},
        "access",
    ),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "record": {**HIDING, "hiddenReplies": []}, "swapRecord": OTHER_CID},
        "access",
    ),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "record": {**HIDING, "hiddenReplies": ["{top}"] * 301}},
        "access",
    ),
    (
        "POST",
        "com.atproto.repo.putRecord",
        {**PLACE, "repo": "{patient}", "record": HIDING},
        "access",
    ),
    ("POST", "com.atproto.repo.putRecord", {**PLACE, "record": HIDING}, "expired"),
    ("POST", "com.atproto.repo.putRecord", {**PLACE, "record": HIDING}, ""),
    ("POST", "com.atproto.repo.createRecord", {**PLACE, "record": HIDING}, "access"),
    ("POST", "com.atproto.repo.deleteRecord", PLACE, "access"),
    ("POST", "com.atproto.repo.deleteRecord", PLACE, "access"),
    ("GET", "com.atproto.repo.getRecord", PLACE, "access"),
    ("GET", "app.bsky.feed.getPostThread", THREAD, "access"),
    # a block
    (
        "POST",
        "com.atproto.repo.createRecord",
        {"repo": "{us}", "collection": BLOCK, "record": BLOCKING},
        "access",
    ),
    (
        "GET",
        "com.atproto.repo.listRecords",
        {"repo": "{us}", "collection": BLOCK, "limit": "100"},
        "access",
    ),
    ("GET", "app.bsky.feed.getPostThread", THREAD, "access"),
    ("GET", "app.bsky.feed.getPostThread", {"uri": "{top}", "depth": "0"}, "access"),
    ("GET", "app.bsky.feed.getPostThread", {"uri": "{nested}", "depth": "0"}, "access"),
    ("GET", "app.bsky.feed.getPosts", {"uris": ["{top}", "{nested}"]}, "access"),
    ("GET", "app.bsky.notification.listNotifications", {"limit": "100"}, "access"),
    # a mute
    ("POST", "app.bsky.graph.muteActor", {"actor": "{other}"}, "access"),
    ("POST", "app.bsky.graph.muteActor", {"actor": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}, "access"),
    ("POST", "app.bsky.graph.muteActor", {"actor": "nobody"}, "access"),
    ("GET", "app.bsky.notification.listNotifications", {"limit": "100"}, "access"),
    ("GET", "app.bsky.feed.getPosts", {"uris": ["{nested}"]}, "access"),
    # what nobody offers, and sessions: these at the end, because tokens change
    ("POST", "app.bsky.graph.nonsense", {}, "access"),
    ("GET", "app.bsky.graph.nonsense", {}, "access"),
    ("POST", "com.atproto.server.refreshSession", {}, "refresh"),
    ("POST", "com.atproto.server.refreshSession", None, "access"),
    ("POST", "com.atproto.server.refreshSession", None, ""),
    ("POST", "com.atproto.server.refreshSession", None, "refresh"),
    ("POST", "com.atproto.server.createSession", SIGN_IN | {"password": "wrong"}, ""),
    ("POST", "com.atproto.server.createSession", SIGN_IN | {"identifier": "nobody.test"}, ""),
    ("POST", "com.atproto.server.createSession", SIGN_IN | {"identifier": "{us}"}, ""),
    ("POST", "com.atproto.server.createSession", SIGN_IN, ""),
]


@dataclass(frozen=True)
class World:
    """A server, our account on it, and a thread: our post, a reply, and a reply to that."""

    url: str
    names: Mapping[str, str]  # how the things of this world are called

    def ask(self, method: str, name: str, given: Any, token: str = "access") -> requests.Response:
        """Send a request in which {name} stands for what it is called here."""
        filled = self.fill(given)
        headers = {"Authorization": f"Bearer {self.names[token]}"} if token else {}
        kind = "params" if method == "GET" else "json"
        return requests.request(
            method, f"{self.url}/xrpc/{name}", headers=headers, timeout=30, **{kind: filled}
        )

    def fill(self, given: Any) -> Any:
        if isinstance(given, dict):
            return {key: self.fill(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self.fill(value) for value in given]
        return given.format_map(self.names) if isinstance(given, str) else given


def real_world(network: Network) -> World:
    society = society_of(network)
    patient, other = network.join("patient"), network.join("other")
    for person in (society.person, patient, other):
        profile = {"$type": PROFILE, "displayName": person.handle}
        place = {"repo": person.did, "collection": PROFILE, "rkey": "self"}
        person.call("com.atproto.repo.putRecord", {**place, "record": profile})
    root = society.person.post("お知らせ", langs=["ja"])
    top = patient.reply("返信", root, langs=["ja"])
    network.settle()  # nobody is notified of what is seen before its parent
    nested = other.reply("その下", top, root, langs=["ja"])
    gone = patient.reply("消した", root, langs=["ja"])
    patient.delete(gone)
    network.settle()
    body = {"identifier": society.person.handle, "password": society.app_password}
    url = f"{network.pds}/xrpc/com.atproto.server.createSession"
    tokens = requests.post(url, json=body, timeout=30).json()
    return World(
        network.pds,
        {
            "us": society.person.did,
            "handle": society.person.handle,
            "patient": patient.did,
            "other": other.did,
            "root": root.uri,
            "rkey": root.rkey,
            "top": top.uri,
            "nested": nested.uri,
            "gone": gone.uri,
            "app_password": society.app_password,
            "access": tokens["accessJwt"],
            "refresh": tokens["refreshJwt"],
            "expired": network.expired(tokens["accessJwt"]),
        },
    )


def sandbox_world(sandbox: Sandbox) -> World:
    store = sandbox.store
    post = {"id": "p1", "text": "お知らせ"}

    def say(key: str, author: str, parent: str = "") -> str:
        record = {"id": key, "platform": "bluesky", "post": post, "text": key, "parent": parent}
        made = store.add_comment(
            {
                **record,
                "author": {"id": author, "name": author, "handle": author},
                "created_at": "2026-11-01T00:00:00Z",
            }
        )
        assert made
        return made

    top = say("返信", "patient")
    nested = say("その下", "other", parent=top)
    gone = say("消した", "patient")
    store.delete_by_author("bluesky", gone)
    world, secrets = store.world("bluesky"), store.credentials("bluesky")
    root = world.comments[top].post_id
    return World(
        sandbox.base_url("bluesky"),
        {
            "us": root.split("/")[2],
            "handle": secrets["identifier"],
            "patient": top.split("/")[2],
            "other": nested.split("/")[2],
            "root": root,
            "rkey": root.rpartition("/")[2],
            "top": top,
            "nested": nested,
            "gone": gone,
            "app_password": BLUESKY_APP_PASSWORD,
            "access": secrets["access_token"],
            "refresh": secrets["refresh_token"],
            "expired": secrets["access_token"],  # a fault makes it so
        },
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def worlds(sandbox: Sandbox, network: Network) -> tuple[World, World]:
    return sandbox_world(sandbox), real_world(network)


def unlike(ours: Any, real: Any, where: str = "") -> list[str]:
    """What the sandbox's JSON has that the real one has not, or has differently."""
    if isinstance(ours, dict) and isinstance(real, dict):
        found = [f"{where}.{key} is not there" for key in ours if key not in real]
        for key in ours.keys() & real.keys():
            found += unlike(ours[key], real[key], f"{where}.{key}")
        return found
    if isinstance(ours, list) and isinstance(real, list):
        found = []
        for one, other in zip(ours, real, strict=False):
            found += unlike(one, other, f"{where}[]")
        return found
    return [] if type(ours) is type(real) else [f"{where}: {ours!r} is not like {real!r}"]


@pytest.mark.parametrize(
    "question",
    QUESTIONS,
    ids=[
        f"{n}-{name.rpartition('.')[2]}-{token}" for n, (_, name, _, token) in enumerate(QUESTIONS)
    ],
)
def test_the_sandbox_answers_as_the_network_does(
    worlds: tuple[World, World],
    sandbox: Sandbox,
    network: Network,
    question: tuple[str, str, Any, str],
) -> None:
    if question[-1] == "expired":
        sandbox.faults.add("expired_token")
    ours, real = (world.ask(*question) for world in worlds)
    if question[0] == "POST":
        network.settle()
    assert ours.status_code == real.status_code, (ours.text, real.text)
    if not real.ok:
        assert ours.json()["error"] == real.json()["error"]
    elif not real.content:
        assert not ours.content
    else:
        assert unlike(ours.json(), real.json()) == []

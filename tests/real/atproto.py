"""A real AT Protocol network, and the people on it: they write, edit and delete as anybody does."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import requests

from jspm_social.platforms.contract import ChannelAccess, Target
from jspm_social.platforms.names import Platform
from tests.real.programs import node, postgres, read_line, redis, room

SCRIPT = Path(__file__).with_name("network.mjs")
POST = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True)
class Written:
    """A record as it was written; `root` and `parent` are those of a reply."""

    uri: str
    cid: str

    @property
    def ref(self) -> dict[str, str]:
        return {"uri": self.uri, "cid": self.cid}

    @property
    def rkey(self) -> str:
        return self.uri.rpartition("/")[2]


@dataclass
class Person:
    """An account of the network."""

    network: "Network"
    did: str
    handle: str
    password: str
    token: str = field(repr=False)

    def post(self, text: str, **more: Any) -> Written:
        return self.create(POST, {"text": text, **more})

    def reply(
        self, text: str, parent: Written, root: Written | None = None, **more: Any
    ) -> Written:
        return self.post(text, reply={"root": (root or parent).ref, "parent": parent.ref}, **more)

    def create(self, collection: str, record: Mapping[str, Any]) -> Written:
        body = {"$type": collection, "createdAt": now(), **record}
        given = {"repo": self.did, "collection": collection, "record": body}
        made = self.call("com.atproto.repo.createRecord", given)
        return Written(made["uri"], made["cid"])

    def edit(self, written: Written, text: str, **more: Any) -> Written:
        place = self._place(POST, written.rkey)
        was = self.get("com.atproto.repo.getRecord", **place)["value"]
        record = was | {"text": text} | more
        made = self.call("com.atproto.repo.putRecord", {**place, "record": record})
        return Written(made["uri"], made["cid"])

    def delete(self, written: Written) -> None:
        collection = written.uri.split("/")[3]
        self.call("com.atproto.repo.deleteRecord", self._place(collection, written.rkey))

    def record(self, collection: str, rkey: str) -> dict[str, Any]:
        """Return the value of a record of one's own; {} for none."""
        answer = self._send("GET", "com.atproto.repo.getRecord", self._place(collection, rkey))
        value: dict[str, Any] = answer.json().get("value", {}) if answer.ok else {}
        return value

    def records(self, collection: str) -> list[dict[str, Any]]:
        found = self.get("com.atproto.repo.listRecords", repo=self.did, collection=collection)
        return [record["value"] for record in found["records"]]

    def thread(self, root: Written) -> dict[str, Any]:
        """Return the root's thread as this person sees it."""
        found = self.get("app.bsky.feed.getPostThread", uri=root.uri, depth="1000")
        thread: dict[str, Any] = found["thread"]
        return thread

    def upload(self, content: bytes, mime: str) -> dict[str, Any]:
        answer = requests.post(
            self._url("com.atproto.repo.uploadBlob"),
            data=content,
            headers=self._headers | {"Content-Type": mime},
            timeout=30,
        )
        answer.raise_for_status()
        blob: dict[str, Any] = answer.json()["blob"]
        return blob

    def get(self, name: str, **params: str) -> dict[str, Any]:
        return _json(self._send("GET", name, params))

    def call(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = requests.post(self._url(name), json=body, headers=self._headers, timeout=30)
        return _json(answer)

    def _send(self, method: str, name: str, params: Mapping[str, str]) -> requests.Response:
        return requests.request(
            method, self._url(name), params=params, headers=self._headers, timeout=30
        )

    def _place(self, collection: str, rkey: str) -> dict[str, str]:
        return {"repo": self.did, "collection": collection, "rkey": rkey}

    def _url(self, name: str) -> str:
        return f"{self.network.pds}/xrpc/{name}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Network:
    """`pds` is the server of everybody's data, which passes on what the app view answers."""

    pds: str
    secret: str = field(repr=False)
    stdin: IO[str] = field(repr=False)
    stdout: IO[str] = field(repr=False)
    joined: int = 0

    def join(self, name: str) -> Person:
        """Somebody signs up; the handle is unique also when the name was taken."""
        self.joined += 1
        handle, password = f"{name}{self.joined}.test", f"password-of-{name}"
        body = {"email": f"{name}{self.joined}@example.org", "handle": handle, "password": password}
        url = f"{self.pds}/xrpc/com.atproto.server.createAccount"
        made = _json(requests.post(url, json=body, timeout=30))
        person = Person(self, made["did"], handle, password, made["accessJwt"])
        self.settle()
        return person

    @cached_property
    def onlooker(self) -> Person:
        """Somebody who has to do with nobody."""
        return self.join("onlooker")

    def settle(self) -> None:
        """Wait until everything that was written is seen everywhere."""
        self.stdin.write("settle\n")
        self.stdin.flush()
        read_line(self.stdout)

    def expired(self, token: str) -> str:
        """Return the same token as it will be when its time is over, signed by the server."""
        head, claims, _ = token.split(".")
        over = {**_decoded(claims), "iat": int(time.time()) - 9000, "exp": int(time.time()) - 1800}
        signed = f"{head}.{_encoded(json.dumps(over).encode())}"
        digest = hmac.digest(self.secret.encode(), signed.encode(), hashlib.sha256)
        return f"{signed}.{_encoded(digest)}"


@dataclass
class Society:
    """The channel under test: an account of the network that we reach by an app password."""

    person: Person
    app_password: str
    saved: dict[str, str] = field(default_factory=dict)

    def access(self, **changed: str) -> ChannelAccess:
        secrets = {"identifier": self.person.handle, "app_password": self.app_password}
        return ChannelAccess(
            platform=Platform.BLUESKY,
            account_id=self.person.did,
            base_url=self.person.network.pds,
            secrets=secrets | self.saved | changed,
        )

    def target(self, comment: Written, root: Written) -> Target:
        return Target(comment.uri, root.uri, comment.uri.split("/")[2])


def society_of(network: Network) -> Society:
    person = network.join("society")
    made = person.call("com.atproto.server.createAppPassword", {"name": "console"})
    return Society(person, made["password"])


@contextmanager
def running_network() -> Iterator[Network]:
    with (
        room() as folder,
        postgres(folder) as database,
        redis(folder) as cache,
        node(SCRIPT, Path("atproto"), POSTGRES_URL=database, REDIS_HOST=cache) as (stdin, stdout),
    ):
        told = read_line(stdout)
        yield Network(told["pds"], told["jwtSecret"], stdin, stdout)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(answer: requests.Response) -> dict[str, Any]:
    if not answer.ok:
        raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
    value: dict[str, Any] = answer.json() if answer.content else {}
    return value


def _decoded(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

"""Servers with the Mastodon API, and the people on them: they write, edit and delete as anybody does."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import requests

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.names import Platform
from tests.real.programs import INSTALLED, answers, free_port, process, room, wait_for

SNAC = INSTALLED / "snac" / "root" / "usr"
LIBRARIES = SNAC / "lib" / "x86_64-linux-gnu"
LOADER = LIBRARIES / "ld-linux-x86-64.so.2"  # of the C library that it was built for
MOCK = INSTALLED / "mock" / "bin" / "mastodon_mock"
PEOPLE = 200  # whom the mock knows from its start


@dataclass(frozen=True, slots=True)
class Written:
    """A status: `id` on the server of whoever wrote it, `uri` everywhere."""

    id: str
    uri: str


class Server(Protocol):
    url: str

    def join(self, name: str) -> "Person":
        """Somebody signs up."""

    def guest(self, name: str) -> "Person":
        """Somebody signs up where the public is: on another server, if this one speaks with any."""

    def fetch(self, person: "Person", written: "Written") -> str:
        """Let the server know a status from another one; return what it is called here."""

    def delete(self, person: "Person", written: "Written") -> None:
        """Delete a status of the person's own."""

    def follow(self, person: "Person", other: "Person") -> None:
        """Let a person of this server be told whatever the other one writes."""


@dataclass
class Person:
    """An account with a token that may do everything."""

    server: Server
    name: str
    token: str = field(repr=False)
    password: str = field(repr=False, default="")
    id: str = ""

    def __post_init__(self) -> None:
        self.id = str(self.get("accounts/verify_credentials")["id"])

    def post(self, text: str, **form: Any) -> Written:
        return _written(self.call("POST", "statuses", {"status": text, **form}))

    def reply(self, text: str, parent: Written, **form: Any) -> Written:
        """Reply to a status of somebody on any server."""
        return self.post(text, in_reply_to_id=self.find(parent), **form)

    def find(self, written: Written) -> str:
        """Return what a status is called on this person's server."""
        if written.uri.startswith(self.server.url):
            return written.id
        return self.server.fetch(self, written)

    def edit(self, written: Written, text: str) -> Written:
        return _written(self.call("PUT", f"statuses/{written.id}", {"status": text}))

    def delete(self, written: Written) -> None:
        self.server.delete(self, written)

    def upload(self, content: bytes, description: str) -> str:
        """Return the id of a picture that can be attached to a status."""
        answer = requests.post(
            f"{self.server.url}/api/v2/media",
            files={"file": ("picture.png", content, "image/png")},
            data={"description": description},
            headers=self._headers,
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def get(self, path: str, **params: str) -> Any:
        return self.call("GET", path, params)

    def call(self, method: str, path: str, given: Mapping[str, Any] | None = None) -> Any:
        """Call below /api/v1; `given` is the query or the form."""
        answer = requests.request(
            method,
            f"{self.server.url}/api/v1/{path}",
            params=given if method == "GET" else None,
            data=given if method != "GET" else None,
            headers=self._headers,
            timeout=30,
        )
        if not answer.ok:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Society:
    """The channel under test: an account that we reach by a token."""

    person: Person

    def access(self, token: str | None = None) -> ChannelAccess:
        return ChannelAccess(
            platform=Platform.MASTODON,
            account_id=self.person.id,
            base_url=self.person.server.url,
            secrets={"access_token": self.person.token if token is None else token},
        )


@dataclass
class Snac:
    """snac: small, without a database; it delivers in the background. The public is on `other`."""

    url: str
    data: Path
    other: "Snac | None" = None
    joined: int = 0

    def join(self, name: str) -> Person:
        self.joined += 1
        uid = f"{name}{self.joined}"
        told = snac("adduser", self.data, uid)
        found = re.search(r"password is (\S+)", told)
        assert found, told
        login = {"login": uid, "passwd": found[1]}
        answer = requests.post(f"{self.url}/oauth/x-snac-get-token", data=login, timeout=30)
        return Person(self, uid, answer.text.strip(), found[1])

    def guest(self, name: str) -> Person:
        assert self.other
        return self.other.join(name)

    def fetch(self, person: Person, written: Written) -> str:
        snac("insert", self.data, person.name, written.uri)
        return written.id  # made from time and uri, and so the same on every snac

    def delete(self, person: Person, written: Written) -> None:
        """By the form of its web page: its API has no such call."""
        answer = requests.post(
            f"{self.url}/{person.name}/admin/action",
            data={"action": "Delete", "id": written.uri},
            auth=(person.name, person.password),
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 303

    def follow(self, person: Person, other: Person) -> None:
        snac("follow", self.data, person.name, f"{other.server.url}/{other.name}")


def snac(*words: str | Path, told: str = "") -> str:
    """Run one of its commands and return what it said."""
    done = subprocess.run(_snac(*words), input=told, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def _snac(*words: str | Path) -> list[str]:
    program = [str(LOADER), "--library-path", str(LIBRARIES), str(SNAC / "bin" / "snac")]
    return [*program, *map(str, words)]


@contextmanager
def running_snac() -> Iterator[Snac]:
    """Two of them, which speak with each other."""
    with _one_snac() as first, _one_snac() as first.other:
        yield first


@contextmanager
def _one_snac() -> Iterator[Snac]:
    with room() as folder:
        data, port = folder / "data", free_port()
        url = f"http://127.0.0.1:{port}"
        snac("init", data, told=f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\n\n")
        settings = data / "server.json"
        changed = json.loads(settings.read_text()) | {"protocol": "http"}
        settings.write_text(json.dumps(changed))
        with (
            (folder / "log").open("w") as log,
            process(*_snac("httpd", data), stdout=log, stderr=log),
        ):
            wait_for(lambda: answers(url), "snac")
            yield Snac(url, data)


@dataclass
class Mock:
    """mastodon-mock: another reading of Mastodon's documentation than ours. Knows no other server."""

    url: str
    joined: int = 0

    def join(self, name: str) -> Person:
        self.joined += 1
        return Person(self, f"person{self.joined}", f"token{self.joined}")

    def guest(self, name: str) -> Person:
        return self.join(name)

    def fetch(self, person: Person, written: Written) -> str:
        raise NotImplementedError

    def delete(self, person: Person, written: Written) -> None:
        person.call("DELETE", f"statuses/{written.id}")

    def follow(self, person: Person, other: Person) -> None:
        person.call("POST", f"accounts/{other.id}/follow")


@contextmanager
def running_mock() -> Iterator[Mock]:
    with room() as folder:
        port = free_port()
        people = [
            f'[[seed.accounts]]\nusername = "person{n}"\naccess_token = "token{n}"\n'
            for n in range(1, PEOPLE + 1)
        ]
        config = folder / "config.toml"
        config.write_text("\n".join(people))
        serve = [str(MOCK), "serve", "--config", str(config), "--in-memory", "--log-level", "error"]
        url = f"http://127.0.0.1:{port}"
        place = ["--host", "127.0.0.1", "--port", str(port), "--domain", f"127.0.0.1:{port}"]
        quiet: dict[str, Any] = {
            "cwd": folder,
            "stdout": subprocess.DEVNULL,
            "env": {"PATH": os.defpath},
        }
        with process(*serve, *place, **quiet):
            wait_for(lambda: answers(url), "mastodon-mock")
            yield Mock(url)


def _written(status: Mapping[str, Any]) -> Written:
    return Written(str(status["id"]), str(status["uri"]))

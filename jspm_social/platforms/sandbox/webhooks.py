"""The sandbox tells by itself: signed deliveries to the addresses that were set, one by one.

At least once: what is not answered with 2xx is sent again, a few times. On demand (faults) a
delivery comes twice, only after the one that follows it, or without what stands beside it.
LINE, which has no comments, sends through `line_chats`.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from . import hook_bodies, ids
from .faults import Faults
from .model import GONE, HIDDEN, VISIBLE, Comment, World
from .store import HOOK_SECRETS, SandboxStore

PATIENCE = 10.0  # seconds for one answer, as the platforms have
ATTEMPTS, PAUSE = 5, 0.5
CHALLENGE = "1158201444"
_open = build_opener(ProxyHandler({})).open  # to this machine, whatever proxy is set


@dataclass(frozen=True, slots=True)
class Delivery:
    platform: str
    url: str
    body: bytes


class Webhooks:
    """Subscriptions, and the one thread that sends. `sent` counts the deliveries by platform."""

    def __init__(self, store: SandboxStore, faults: Faults) -> None:
        self._store, self._faults = store, faults
        self._urls: dict[str, str] = {}
        self._waiting: deque[Delivery] = deque()
        self._late: list[Delivery] = []
        self._wake = threading.Condition()
        self._busy = self._stopped = False
        self.answers: deque[tuple[str, int]] = deque(maxlen=1000)  # platform, status (0: none)
        store.listen = self._heard
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def subscribe(self, platform: str, url: str, verify_token: str = "") -> None:
        """Set a platform's address, after the handshake that this platform does first.

        Raises ValueError when the handshake fails or the address is not on this machine.
        """
        if platform not in HOOK_SECRETS:
            raise ValueError(f"{platform} has no webhook")
        if not is_loopback(url):
            raise ValueError("only addresses on this machine")
        if not handshake(platform, url, HOOK_SECRETS[platform], verify_token):
            raise ValueError("the handshake failed")
        self._urls[platform] = url

    def send(self, platform: str, body: Mapping[str, Any]) -> bool:
        """Let a body go out; False where nobody subscribed."""
        url = self._urls.get(platform)
        if url is None:
            return False
        delivery = Delivery(
            platform, url, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        )
        fault = self._faults.take_delivery(platform)
        with self._wake:
            if fault == "webhook_late":
                self._late.append(delivery)
            else:
                self._waiting.extend([delivery] * (2 if fault == "webhook_twice" else 1))
                self._waiting.extend(self._late)
                self._late.clear()
            self._wake.notify_all()
        return True

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until everything has gone out, held-back deliveries included."""
        end = time.monotonic() + seconds
        with self._wake:
            self._waiting.extend(self._late)
            self._late.clear()
            self._wake.notify_all()
            while self._waiting or self._busy:
                if not self._wake.wait(max(0.0, end - time.monotonic())):
                    raise TimeoutError("deliveries still wait")

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._waiting or self._stopped):
                    self._wake.wait()
                if self._stopped:
                    return
                delivery, self._busy = self._waiting.popleft(), True
            self._deliver(delivery)
            with self._wake:
                self._busy = False
                self._wake.notify_all()

    def _deliver(self, delivery: Delivery) -> None:
        for attempt in range(ATTEMPTS):
            secret = HOOK_SECRETS[delivery.platform]
            status = post(delivery.platform, delivery.url, delivery.body, secret)
            self.answers.append((delivery.platform, status))
            if 200 <= status < 300 or self._stopped:
                return
            time.sleep(PAUSE * attempt)

    def _heard(self, op: str, platform: str, values: Mapping[str, Any]) -> None:
        """Something happened in a world. Called with the store locked: only build and queue."""
        if platform not in self._urls or op not in {"comment", "edit", "state"}:
            return
        world = self._store.world(platform)
        comment = world.comments[values["id"]]
        bare = platform == "x" and self._faults.take_bare(platform)
        body = BODIES[platform](op, world, comment, bare=bare)
        if body is not None:
            self.send(platform, body)


# --- signing and sending, as the platforms do


def post(platform: str, url: str, body: bytes, secret: str) -> int:
    """Send one signed body; returns the status, 0 when there was no answer."""
    name, value = signature(platform, body, secret)
    headers = {"Content-Type": "application/json", name: value}
    return _fetch(Request(url, data=body, headers=headers))[0]  # noqa: S310 - checked: loopback


def signature(platform: str, body: bytes, secret: str) -> tuple[str, str]:
    """Return the header of a platform's signature and its value."""
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    if platform == "x":
        return "x-twitter-webhooks-signature", "sha256=" + base64.b64encode(mac.digest()).decode()
    if platform == "line":
        return "x-line-signature", base64.b64encode(mac.digest()).decode()
    return "X-Hub-Signature-256", "sha256=" + mac.hexdigest()


def handshake(platform: str, url: str, secret: str, verify_token: str) -> bool:
    """Do what the platform does before it sends; tell whether the answer is right."""
    if platform == "line":
        return 200 <= post("line", url, b'{"destination":"U0","events":[]}', secret) < 300
    if platform == "x":
        token = base64.b64encode(hashlib.sha256(url.encode()).digest()).decode()
        status, content = _fetch(Request(f"{url}?{urlencode({'crc_token': token})}"))  # noqa: S310
        right = signature("x", token.encode(), secret)[1]
        with contextlib.suppress(ValueError, AttributeError):
            return status == 200 and json.loads(content).get("response_token") == right
        return False
    asked = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": CHALLENGE}
    status, content = _fetch(Request(f"{url}?{urlencode(asked)}"))  # noqa: S310
    return status == 200 and content == CHALLENGE.encode()


def is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _fetch(request: Request) -> tuple[int, bytes]:
    try:
        with _open(request, timeout=PATIENCE) as reply:
            return reply.status, reply.read(65_536)
    except URLError as error:
        return getattr(error, "code", 0) or 0, b""
    except OSError:
        return 0, b""


# --- what each platform tells of a comment


def _x(op: str, world: World, comment: Comment, *, bare: bool) -> dict[str, Any] | None:
    """X tells of direct replies and of mentions; what others delete it does not tell."""
    if op == "state" or not (comment.mentions or not comment.parent_id):
        return None
    person = world.people[comment.author_id]
    return hook_bodies.x_post(
        "post.mention.create" if comment.parent_id else "post.reply.create",
        own=ids.OWN_IDS["x"],
        post_id=comment.versions[-1],
        text=comment.text,
        author={"id": person.id, "name": person.name, "username": person.handle},
        conversation=comment.post_id,
        parent=comment.parent_id or comment.post_id,
        at=comment.updated_at,
        versions=list(comment.versions),
        bare=bare,
    )


def _facebook(op: str, world: World, comment: Comment, *, bare: bool) -> dict[str, Any] | None:  # noqa: ARG001
    states = {HIDDEN: "hide", VISIBLE: "unhide", GONE: "remove"}
    verb = {"comment": "add", "edit": "edited"}.get(op) or states.get(comment.state, "remove")
    person = world.people[comment.author_id]
    return hook_bodies.facebook_comment(
        verb,
        own=ids.OWN_IDS["facebook"],
        comment_id=comment.id,
        post_id=comment.post_id,
        parent_id=comment.parent_id,
        author={"id": person.id, "name": person.name},
        text=comment.text,
        at=comment.created_at,
        now=datetime.now(UTC),
    )


def _instagram(op: str, world: World, comment: Comment, *, bare: bool) -> dict[str, Any] | None:  # noqa: ARG001
    if op != "comment":
        return None
    person = world.people[comment.author_id]
    return hook_bodies.instagram_comment(
        own=ids.OWN_IDS["instagram"],
        comment_id=comment.id,
        media_id=comment.post_id,
        parent_id=comment.parent_id,
        author={"id": person.id, "username": person.handle},
        text=comment.text,
        now=datetime.now(UTC),
    )


def _threads(op: str, world: World, comment: Comment, *, bare: bool) -> dict[str, Any] | None:  # noqa: ARG001
    if op != "comment":
        return None
    own = ids.OWN_IDS["threads"]
    return hook_bodies.threads_reply(
        own=own,
        own_name=ids.OWN_HANDLE,
        reply_id=comment.id,
        root_id=comment.post_id,
        parent_id=comment.parent_id,
        username=ids.OWN_HANDLE if comment.author_id == own else comment.author_id,
        text=comment.text,
        at=comment.created_at,
        now=datetime.now(UTC),
    )


BODIES: Mapping[str, Callable[..., dict[str, Any] | None]] = {
    "x": _x,
    "facebook": _facebook,
    "instagram": _instagram,
    "threads": _threads,
}

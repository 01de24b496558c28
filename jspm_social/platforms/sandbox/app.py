"""From a request to what is sent back, faults and rate limits included; knows no sockets."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType

from . import bluesky, facebook, instagram, line, mastodon, threads, x, youtube
from .faults import Fault, Faults
from .limits import Limiter
from .oauth import routes
from .store import SandboxStore
from .webhooks import Webhooks
from .wire import Reply, Request

WIRES: Mapping[str, ModuleType] = {
    "x": x,
    "facebook": facebook,
    "youtube": youtube,
    "instagram": instagram,
    "threads": threads,
    "bluesky": bluesky,
    "mastodon": mastodon,
    "line": line,
}
REFUSALS = {"429", "quota", "5xx", "expired_token", "revoked_token", "timeout_before"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server does with the connection. `reply` None: close without an answer."""

    reply: Reply | None
    delay: float = 0.0
    malformed: bool = False
    cut_off: bool = False


class SandboxApp:
    """The platforms behind one store."""

    def __init__(self, store: SandboxStore) -> None:
        self.store = store
        self.faults = Faults()
        self.webhooks = Webhooks(store, self.faults)
        self.requests: deque[tuple[str, Request]] = deque(maxlen=1000)  # what came last
        self.limiter = Limiter()

    def answer(self, platform: str, request: Request) -> Outcome:
        self.requests.append((platform, request))
        fault = self.faults.take(platform, request.method, request.path)
        wire = WIRES[platform]
        kind = fault.fault if fault else ""
        if fault and kind in REFUSALS:
            return Outcome(self._refusal(platform, wire, fault), fault.delay)
        if kind == "cut_upload":
            request = replace(request, body=request.body[: len(request.body) // 2])
        with self.store.lock:
            self.store.world(platform).reads += 1
            reply = (
                self._limited(platform, wire, request)
                or routes.handle(platform, request, self.store)
                or wire.handle(request, self.store)
            )
        if kind == "duplicate":
            _double(reply)
        return Outcome(
            None if kind in {"timeout_after", "cut_upload"} else reply,
            fault.delay if fault else 0.0,
            malformed=kind == "malformed_json",
            cut_off=kind == "cut_off",
        )

    def _refusal(self, platform: str, wire: ModuleType, fault: Fault) -> Reply | None:
        if fault.fault == "revoked_token":
            self.store.expire_token(platform, revoked=True)
        made: Reply | None = {
            "429": lambda: wire.limited(fault.reset_in),
            "quota": wire.quota,
            "5xx": wire.broken,
            "timeout_before": lambda: None,
        }.get(fault.fault, wire.expired)()
        return made

    def _limited(self, platform: str, wire: ModuleType, request: Request) -> Reply | None:
        """Count the call; refuse only where limits are enforced."""
        seconds = self.limiter.wait(platform, request)
        if not self.store.enforce_limits or not seconds:
            return None
        reply: Reply = wire.limited(seconds)
        return reply


def _double(reply: Reply) -> None:
    if isinstance(reply.body, list):
        reply.body = [*reply.body[:1], *reply.body]
    for key in ("data", "items", "notifications", "feed", "posts", "descendants"):
        if isinstance(reply.body, dict) and isinstance(reply.body.get(key), list):
            reply.body[key] = [*reply.body[key][:1], *reply.body[key]]

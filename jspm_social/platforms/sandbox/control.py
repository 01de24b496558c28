"""The sandbox's control plane (`/_sandbox/…`, loopback only, JSON) for tests and the demo.

POST comments          one labelled record, or {"records": […]}; times may be left out
POST comments/edit     {"platform", "id", "text"}
POST comments/delete   {"platform", "id"}: deleted by its author
POST faults            {"platform", "match", "fault", "times", "reset_in", "delay"}
POST faults/clear
POST posts             {"platform", "text"}: posted on the platform's own pages, not by us
POST counts            {"platform", "id", "likes", "reposts", "views"}, as many as shall change
POST webhooks          {"platform", "url", "verify_token"}: the handshake, then deliveries to there
POST line              {"user", "text"}, or {"user", "unsend": a message's id}
GET  state             all comments with their state, what was published, blocks, and effect
                       calls with counts
GET  credentials/<platform>
"""

from collections.abc import Callable, Mapping
from typing import Any

from . import line_chats
from .app import SandboxApp
from .store import PLATFORMS
from .wire import Reply, Request


def handle(request: Request, app: SandboxApp) -> Reply:
    """Answer one request below /_sandbox; mistakes of the caller are 400 with the reason."""
    name = "/".join(request.parts)
    if request.method == "GET":
        return _read(name, app)
    if request.method != "POST" or name not in VERBS:
        return Reply(404, {"error": "no such verb"})
    if not request.headers.get("content-type", "").startswith("application/json"):
        return Reply(415, {"error": "send application/json"})  # a web page cannot do so unasked
    try:
        return Reply(body=VERBS[name](request.json, app))
    except KeyError as error:
        return Reply(404, {"error": f"not known or missing: {error}"})
    except (ValueError, TypeError) as error:
        return Reply(400, {"error": str(error)})


def _read(name: str, app: SandboxApp) -> Reply:
    if name == "state":
        return Reply(body=app.store.state())
    kind, _, platform = name.partition("/")
    if kind == "credentials" and platform in PLATFORMS:
        return Reply(body=app.store.credentials(platform))
    return Reply(404, {"error": "nothing here"})


def _comments(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    records = body.get("records")
    return {"added": app.store.seed(records if isinstance(records, list) else [body])}


def _edit(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    app.store.edit(body["platform"], body["id"], body["text"])
    return {"edited": True}


def _delete(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    app.store.delete_by_author(body["platform"], body["id"])
    return {"deleted": True}


def _post(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    return {"id": app.store.post_natively(str(body["platform"]), str(body["text"]))}


def _counts(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    counts = {name: int(body[name]) for name in ("likes", "reposts", "views") if name in body}
    app.store.count(str(body["platform"]), str(body["id"]), **counts)
    return {"counted": True}


def _fault(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    app.faults.add_json(body)
    return {"waiting": True}


def _clear(_: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    app.faults.clear()
    return {"cleared": True}


def _webhooks(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    app.webhooks.subscribe(
        str(body["platform"]), str(body["url"]), str(body.get("verify_token", ""))
    )
    return {"subscribed": True}


def _line(body: Mapping[str, Any], app: SandboxApp) -> dict[str, Any]:
    return line_chats.handle(body, app.webhooks)


VERBS: Mapping[str, Callable[[Mapping[str, Any], SandboxApp], dict[str, Any]]] = {
    "comments": _comments,
    "comments/edit": _edit,
    "comments/delete": _delete,
    "posts": _post,
    "counts": _counts,
    "faults": _fault,
    "faults/clear": _clear,
    "webhooks": _webhooks,
    "line": _line,
}

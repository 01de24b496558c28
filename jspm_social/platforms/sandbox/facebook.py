"""The sandbox's Facebook: the Graph API of one Page, with appsecret_proof and its error bodies."""

import base64
import hashlib
import hmac
import json
import math
from datetime import UTC, datetime
from typing import Any

from . import ids
from .model import GONE, HIDDEN, REMOVED, VISIBLE, Comment, World
from .store import FACEBOOK_APP_SECRET, SandboxStore
from .wire import Reply, Request, page_of

OWN = ids.OWN_IDS["facebook"]
USAGE = {"X-App-Usage": json.dumps({"call_count": 1, "total_time": 1, "total_cputime": 1})}


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /facebook."""
    refused = _refused(request, store.world("facebook"))
    if refused:
        return refused
    if not request.parts or not request.parts[0].startswith("v"):
        return _error(400, 2500, "Unknown path components")
    reply = _route(request, store, request.parts[1:])
    reply.headers |= USAGE
    return reply


def _route(request: Request, store: SandboxStore, parts: tuple[str, ...]) -> Reply:  # noqa: PLR0911 - routes
    world = store.world("facebook")
    match request.method, parts:
        case "GET", ():
            return _read_many(request, world)
        case "GET", ("me",):
            return Reply(body={"id": OWN, "name": ids.OWN_NAME})
        case "GET", (page, "published_posts") if page == OWN:
            return _posts(request, world)
        case _, (page, "blocked") if page == OWN:
            return _blocked(request, store)
        case "GET", (post_id, "comments"):
            return _comments(request, world, post_id)
        case "GET", (object_id,):
            found = _readable(world, object_id)
            return Reply(body=_comment(world, found)) if found else missing(object_id)
        case "POST" | "DELETE", (comment_id,):
            return _change(request, store, comment_id)
        case _:
            return _error(400, 2500, "Unknown path components")


def expired() -> Reply:
    return _error(400, 190, "Error validating access token: Session has expired", 463)


def limited(reset_in: float) -> Reply:
    reply = _error(400, 32, "Page request limit reached")
    wait = {
        "type": "pages",
        "call_count": 100,
        "estimated_time_to_regain_access": _minutes(reset_in),
    }
    reply.headers["X-Business-Use-Case-Usage"] = json.dumps({OWN: [wait]})
    return reply


def quota() -> Reply:
    return _error(400, 4, "Application request limit reached")


def broken() -> Reply:
    return _error(503, 2, "Service temporarily unavailable", transient=True)


def missing(object_id: str) -> Reply:
    return _error(
        400,
        100,
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        33,
        kind="GraphMethodException",
    )


def _refused(request: Request, world: World) -> Reply | None:
    token = request.bearer or request.query.get("access_token", "")
    if token != world.tokens.access or world.tokens.expired:
        return expired()
    proof = hmac.new(FACEBOOK_APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    given = request.query.get("appsecret_proof") or request.form.get("appsecret_proof", "")
    if not hmac.compare_digest(given, proof):
        return _error(
            400,
            100,
            "Invalid appsecret_proof provided in the API argument",
            kind="GraphMethodException",
        )
    return None


# --- reading


def _posts(request: Request, world: World) -> Reply:
    newest = sorted(world.posts.values(), key=lambda p: p.created_at, reverse=True)
    shapes = [
        {
            "id": post.id,
            "message": post.text,
            "created_time": _time(post.created_at),
            "permalink_url": f"https://www.facebook.com/{post.id}",
        }
        for post in newest
    ]
    return _listing(request, shapes)


def _comments(request: Request, world: World, post_id: str) -> Reply:
    if post_id not in world.posts:
        return missing(post_id)
    since = int(request.query.get("since") or 0)
    everything = request.query.get("filter") == "stream"
    found = [
        c
        for c in world.comments.values()
        if c.post_id == post_id
        and c.there
        and c.created_at.timestamp() >= since
        and (everything or not c.parent_id)
    ]
    backwards = request.query.get("order") == "reverse_chronological"
    ordered = sorted(found, key=lambda c: (c.created_at, c.id), reverse=backwards)
    return _listing(request, [_comment(world, c) for c in ordered])


def _listing(request: Request, shapes: list[dict[str, Any]]) -> Reply:
    """Page by `after`, which names the last object seen: it keeps its place when others go."""
    size = request.limit("limit", default=25, most=100)
    after = _uncode(request.query.get("after", ""))
    known = [shape["id"] for shape in shapes]
    start = known.index(after) + 1 if after in known else 0
    page, following = page_of(shapes, start, size)
    body: dict[str, Any] = {"data": page}
    if page:
        cursors = {"before": _code(page[0]["id"]), "after": _code(page[-1]["id"])}
        body["paging"] = {"cursors": cursors}
        if following:
            body["paging"]["next"] = (
                f"https://graph.facebook.com{request.path}?after={cursors['after']}"
            )
    return Reply(body=body)


def _read_many(request: Request, world: World) -> Reply:
    wanted = [i for i in request.query.get("ids", "").split(",") if i]
    if not 1 <= len(wanted) <= 50:
        return _error(400, 100, "ids: 1 to 50")
    found = {i: _readable(world, i) for i in wanted}
    if not all(found.values()):
        absent = next(i for i, comment in found.items() if not comment)
        return _error(400, 803, f"(#803) Some of the aliases you requested do not exist: {absent}")
    return Reply(body={i: _comment(world, comment) for i, comment in found.items() if comment})


# --- effects


def _change(request: Request, store: SandboxStore, comment_id: str) -> Reply:
    comment = _readable(store.world("facebook"), comment_id)
    if comment is None:
        return missing(comment_id)
    wanted = request.form.get("is_hidden") or request.query.get("is_hidden")
    if request.method == "DELETE":
        store.set_state("facebook", comment.id, REMOVED)
        store.saw_call("facebook", "delete", comment.id)
    elif wanted in {"true", "false"}:
        store.set_state("facebook", comment.id, HIDDEN if wanted == "true" else VISIBLE)
        store.saw_call("facebook", "hide" if wanted == "true" else "unhide", comment.id)
    else:
        return _error(400, 100, "is_hidden: true or false")
    return Reply(body={"success": True})


def _blocked(request: Request, store: SandboxStore) -> Reply:
    world = store.world("facebook")
    user = request.form.get("user") or request.query.get("user", "")
    if request.method == "GET":
        listed = [user] if user else sorted(world.blocked)
        people = [world.people[i] for i in listed if i in world.blocked]
        return Reply(body={"data": [{"id": p.id, "name": p.name} for p in people]})
    if user not in world.people:
        return _error(400, 100, "user: not a person of this Page")
    blocking = request.method == "POST"
    store.set_person("facebook", "blocked", user, on=blocking)
    store.saw_call("facebook", "block" if blocking else "unblock", user)
    return Reply(body={user: True} if blocking else {"success": True})


# --- shapes


def _readable(world: World, comment_id: str) -> Comment | None:
    comment = world.comments.get(comment_id)
    return comment if comment and comment.state not in {REMOVED, GONE} else None


def _comment(world: World, comment: Comment) -> dict[str, Any]:
    person = world.people[comment.author_id]
    shape: dict[str, Any] = {
        "id": comment.id,
        "message": comment.text,
        "created_time": _time(comment.created_at),
        "from": {"id": person.id, "name": person.name},
        "is_hidden": comment.state == HIDDEN,
        "can_hide": comment.author_id != OWN,
        "can_remove": True,
        "permalink_url": f"https://www.facebook.com/{comment.post_id}?comment_id={comment.id}",
    }
    if comment.parent_id:
        shape["parent"] = {"id": comment.parent_id}
    return shape


def _error(
    status: int,
    code: int,
    message: str,
    subcode: int = 0,
    *,
    kind: str = "OAuthException",
    transient: bool = False,
) -> Reply:
    error: dict[str, Any] = {
        "message": message,
        "type": kind,
        "code": code,
        "fbtrace_id": "sandbox",
    }
    if subcode:
        error["error_subcode"] = subcode
    if transient:
        error["is_transient"] = True
    return Reply(status, {"error": error})


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _minutes(seconds: float) -> int:
    return max(1, math.ceil(seconds / 60))


def _code(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode()


def _uncode(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value).decode()
    except ValueError:
        return ""

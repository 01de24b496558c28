"""What the sandbox's Facebook, Instagram and Threads share: Meta's errors, paging and usage."""

import base64
import hashlib
import hmac
import json
import math
from datetime import UTC, datetime
from typing import Any

from .model import GONE, REMOVED, Comment, World
from .store import FACEBOOK_APP_SECRET
from .wire import Reply, Request, page_of

REGAIN_MINUTES = 7  # named once the budget is nearly used up


def refused(request: Request, world: World, *, proof: bool) -> Reply | None:
    """Check the token, and the appsecret_proof: where it is asked for, and where it is given."""
    token = request.bearer or request.query.get("access_token", "")
    if token != world.tokens.access or world.expired(datetime.now(UTC)):
        return expired()
    given = request.query.get("appsecret_proof") or request.form.get("appsecret_proof", "")
    right = hmac.new(FACEBOOK_APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    if (proof or given) and not hmac.compare_digest(given, right):
        told = "Invalid appsecret_proof provided in the API argument"
        return error(400, 100, told, kind="GraphMethodException")
    return None


def usage(world: World, business: str) -> dict[str, str]:
    """Return the headers that tell how much of the budget is used."""
    meters = {"call_count": world.usage, "total_time": 1, "total_cputime": 1}
    regain = REGAIN_MINUTES if world.usage >= 95 else 0
    entry = {"type": "pages", **meters, "estimated_time_to_regain_access": regain}
    return {
        "X-App-Usage": json.dumps(meters),
        "X-Business-Use-Case-Usage": json.dumps({business: [entry]}),
    }


def expired() -> Reply:
    return error(400, 190, "Error validating access token: Session has expired", 463)


def limited(reset_in: float, *, code: int, business: str) -> Reply:
    reply = error(400, code, "Request limit reached")
    wait = {"call_count": 100, "estimated_time_to_regain_access": _minutes(reset_in)}
    reply.headers["X-Business-Use-Case-Usage"] = json.dumps({business: [wait]})
    return reply


def quota() -> Reply:
    return error(400, 4, "Application request limit reached")


def broken() -> Reply:
    return error(503, 2, "Service temporarily unavailable", transient=True)


def unknown_path() -> Reply:
    return error(400, 2500, "Unknown path components")


def missing(object_id: str, kind: str = "GraphMethodException") -> Reply:
    return error(
        400,
        100,
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        33,
        kind=kind,
    )


def error(
    status: int,
    code: int,
    message: str,
    subcode: int = 0,
    *,
    kind: str = "OAuthException",
    transient: bool = False,
) -> Reply:
    told: dict[str, Any] = {"message": message, "type": kind, "code": code, "fbtrace_id": "sandbox"}
    if subcode:
        told["error_subcode"] = subcode
    if transient:
        told["is_transient"] = True
    return Reply(status, {"error": told})


def listing(
    request: Request, shapes: list[dict[str, Any]], *, host: str, most: int = 100
) -> dict[str, Any]:
    """Page by `after`, which names the last object seen: it keeps its place when others go."""
    size = request.limit("limit", default=25, most=most)
    after = _uncode(request.query.get("after", ""))
    known = [shape["id"] for shape in shapes]
    start = known.index(after) + 1 if after in known else 0
    page, following = page_of(shapes, start, size)
    body: dict[str, Any] = {"data": page}
    if page:
        cursors = {"before": _code(page[0]["id"]), "after": _code(page[-1]["id"])}
        body["paging"] = {"cursors": cursors}
        if following:
            body["paging"]["next"] = f"https://{host}{request.path}?after={cursors['after']}"
    return body


def readable(world: World, comment_id: str) -> Comment | None:
    comment = world.comments.get(comment_id)
    return comment if comment and comment.state not in {REMOVED, GONE} else None


def time(at: datetime) -> str:
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

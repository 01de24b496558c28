"""The sandbox's LINE: one official account that broadcasts; chats come by webhook only.

Where the documentation leaves open what happens, this answers: a broadcast costs one message per
friend; a retry key holds for 24 hours; the friends of yesterday are counted.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from . import ids
from .model import World
from .store import SandboxStore
from .wire import Reply, Request

OWN = ids.OWN_IDS["line"]
KEY_LASTS = timedelta(hours=24)
MOST_UNITS = 5000
LEAST_TOLD = 20  # people
KINDS = {"text", "image", "video"}


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /line."""
    world = store.world("line")
    if request.bearer != world.tokens.access or world.tokens.expired:
        return expired()
    reply = _route(request, store)
    reply.headers.setdefault("X-Line-Request-Id", str(uuid.uuid4()))
    return reply


def _route(request: Request, store: SandboxStore) -> Reply:  # noqa: PLR0911 - routes
    world = store.world("line")
    match request.method, "/".join(request.parts):
        case "GET", "v2/bot/info":
            return Reply(body=_info())
        case "GET", "v2/bot/message/quota":
            return Reply(body={"type": "limited", "value": world.allowance})
        case "GET", "v2/bot/message/quota/consumption":
            return Reply(body={"totalUsage": _used(world)})
        case "GET", "v2/bot/insight/followers":
            return Reply(body=_followers(world))
        case "GET", "v2/bot/insight/message/event":
            return _statistics(world, request.query.get("requestId", ""))
        case "POST", "v2/bot/message/validate/broadcast":
            return _refusal(request) or Reply(body={})
        case "POST", "v2/bot/message/broadcast":
            return _broadcast(request, store)
        case _:
            return Reply(404, {"message": "Not found"})


def expired() -> Reply:
    told = "Authentication failed. Confirm that the access token in the header is valid."
    return Reply(401, {"message": told})


def limited(_: float) -> Reply:
    return Reply(429, {"message": "The API rate limit has been exceeded. Try again later."})


def quota() -> Reply:
    return Reply(429, {"message": "You have reached your monthly limit."})


def broken() -> Reply:
    return Reply(500, {"message": "Internal Server Error"})


# --- what the account has


def _info() -> dict[str, Any]:
    return {
        "userId": OWN,
        "basicId": "@sandbox",
        "displayName": ids.OWN_NAME,
        "chatMode": "bot",
        "markAsReadMode": "auto",
    }


def _used(world: World) -> int:
    """Count one message per friend for each broadcast; a sandbox lives within one month."""
    return sum(int(post.sent["more"]["friends"]) for post in world.posts.values() if post.sent)


def _followers(world: World) -> dict[str, Any]:
    count = world.friends
    return {"status": "ready", "followers": count + 5, "targetedReaches": count, "blocks": 5}


def _statistics(world: World, request_id: str) -> Reply:
    """Tell how a broadcast was met with; of fewer than twenty people it is not told (null)."""
    post = world.posts.get(request_id)
    if post is None:
        return Reply(404, {"message": "Not found"})
    opened = post.count("views")
    overview = {
        "requestId": request_id,
        "timestamp": int(post.created_at.timestamp()),
        "delivered": world.friends,
        "uniqueImpression": opened if opened >= LEAST_TOLD else None,
        "uniqueClick": None,
    }
    return Reply(body={"overview": overview, "messages": [], "clicks": []})


# --- broadcasting


def _broadcast(request: Request, store: SandboxStore) -> Reply:
    world = store.world("line")
    key = request.headers.get("x-line-retry-key", "")
    if key and not _is_uuid(key):
        return Reply(400, {"message": "The retry key is invalid"})
    accepted = _accepted(world, key)
    if accepted:
        told = {"message": "The retry key is already accepted"}
        return Reply(409, told, {"X-Line-Accepted-Request-Id": accepted})
    refused = _refusal(request)
    if refused:
        return refused
    if _used(world) + world.friends > world.allowance:
        return quota()
    post_id = str(uuid.uuid4())
    messages: list[dict[str, str]] = request.json["messages"]
    store.publish(
        "line",
        post_id,
        "\n".join(m["text"] for m in messages if m["type"] == "text"),
        media=[
            {"kind": m["type"], "alt": "", "url": m["originalContentUrl"]}
            for m in messages
            if m["type"] != "text"
        ],
        more={"key": key, "friends": world.friends},
    )
    store.saw_call("line", "broadcast", key)
    return Reply(200, {}, {"X-Line-Request-Id": post_id})


def _accepted(world: World, key: str) -> str:
    """Return the request that was accepted with this key within 24 hours, else ''."""
    since = datetime.now(UTC) - KEY_LASTS
    for post in world.posts.values():
        known = post.sent["more"]["key"] if post.sent else ""
        if key and key == known and post.created_at > since:
            return post.id
    return ""


def _refusal(request: Request) -> Reply | None:
    messages = request.json.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return _invalid("messages", "Size must be between 1 and 5")
    for number, message in enumerate(messages):
        wrong = _wrong(message)
        if wrong:
            return _invalid(
                f"messages[{number}].{wrong}", "May not be empty, too long or not https"
            )
    return None


def _wrong(message: dict[str, Any]) -> str:
    """Return the name of the property that is not right, else ''."""
    kind = message.get("type")
    if kind not in KINDS:
        return "type"
    if kind == "text":
        text = str(message.get("text", ""))
        right = 0 < len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MOST_UNITS
        return "" if right else "text"
    for name in ("originalContentUrl", "previewImageUrl"):
        if not str(message.get(name, "")).startswith("https://"):
            return name
    return ""


def _invalid(place: str, message: str) -> Reply:
    details = [{"message": message, "property": place}]
    told = "The request body has 1 error(s)"
    return Reply(400, {"message": told, "details": details})


def _is_uuid(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key.lower()
    except ValueError:
        return False

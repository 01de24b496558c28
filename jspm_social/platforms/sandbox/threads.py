"""The sandbox's Threads: one account's posts and the conversations under them."""

from typing import Any

from . import containers, graph, ids, renewal
from .graph import broken, expired, missing, quota
from .model import HIDDEN, VISIBLE, Comment, Post, World
from .store import SandboxStore
from .wire import Reply, Request

__all__ = ["broken", "expired", "handle", "limited", "quota"]
OWN = ids.OWN_IDS["threads"]
HOST = "graph.threads.net"


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /threads."""
    world = store.world("threads")
    about_tokens = renewal.answer("threads", request, store)
    if about_tokens:
        return about_tokens
    refused = graph.refused(request, world, proof=False)
    if refused:
        return refused
    if not request.parts or not request.parts[0].startswith("v"):
        return graph.unknown_path()
    parts = request.parts[1:]
    made = containers.route(request, store, containers.THREADS, parts)
    reply = made or _route(request, store, parts)
    reply.headers |= graph.usage(world, OWN)
    return reply


def limited(reset_in: float) -> Reply:
    return graph.limited(reset_in, code=17, business=OWN)


def _route(request: Request, store: SandboxStore, parts: tuple[str, ...]) -> Reply:  # noqa: PLR0911 - routes
    world = store.world("threads")
    match request.method, parts:
        case "GET", ("me",):
            return Reply(body={"id": OWN, "username": ids.OWN_HANDLE, "name": ids.OWN_NAME})
        case "GET", ("me", "threads"):
            return _posts(request, world)
        case "GET", (post_id,) if post_id in world.posts:
            return Reply(body=_post(world, world.posts[post_id]))
        case "GET", (post_id, "insights"):
            return _insights(request, world, post_id)
        case "GET", (post_id, "conversation"):
            return _conversation(request, world, post_id)
        case "POST", (reply_id, "manage_reply"):
            return _manage(request, store, reply_id)
        case "GET", (object_id,):
            found = graph.readable(world, object_id)
            return Reply(body=_reply(found)) if found else missing(object_id)
        case "DELETE", (object_id,):
            return missing(object_id)
        case _:
            return graph.unknown_path()


def _posts(request: Request, world: World) -> Reply:
    newest = sorted(world.posts.values(), key=lambda p: p.created_at, reverse=True)
    return Reply(body=graph.listing(request, [_post(world, p) for p in newest], host=HOST))


def _post(world: World, post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "text": post.text,
        "timestamp": graph.time(post.created_at),
        "permalink": f"https://www.threads.net/@{ids.OWN_HANDLE}/post/{post.id}",
        "username": ids.OWN_HANDLE,
        "has_replies": any(c.post_id == post.id and c.there for c in world.comments.values()),
        "media_type": containers.kind(post),
    }


def _insights(request: Request, world: World, post_id: str) -> Reply:
    """Tell the counts that were asked for, each as a metric of its own."""
    if post_id not in world.posts:
        return missing(post_id)
    if not world.tells_numbers:
        return graph.error(400, 10, "Application does not have permission for this action")
    post = world.posts[post_id]
    told = {name: post.count(name) for name in ("views", "likes", "reposts")}
    told |= {"replies": world.answers(post_id), "quotes": 0, "shares": 0}
    wanted = request.query.get("metric", "").split(",")
    if not set(wanted) <= set(told):
        return graph.error(400, 100, f"metric: one of {', '.join(sorted(told))}")
    metrics = [
        {"name": name, "period": "lifetime", "values": [{"value": told[name]}]} for name in wanted
    ]
    return Reply(body={"data": metrics})


def _conversation(request: Request, world: World, post_id: str) -> Reply:
    """List the replies of all levels in one."""
    if post_id not in world.posts:
        return missing(post_id)
    found = [c for c in world.comments.values() if c.post_id == post_id and c.there]
    newest_first = request.query.get("reverse", "true") == "true"
    ordered = sorted(found, key=lambda c: (c.created_at, c.id), reverse=newest_first)
    return Reply(body=graph.listing(request, [_reply(c) for c in ordered], host=HOST))


def _manage(request: Request, store: SandboxStore, reply_id: str) -> Reply:
    """Hide or show a top-level reply; those below it follow."""
    world = store.world("threads")
    reply = graph.readable(world, reply_id)
    if reply is None:
        return missing(reply_id)
    wanted = request.form.get("hide") or request.query.get("hide")
    if reply.parent_id or wanted not in {"true", "false"}:
        return graph.error(400, 100, "Only top-level replies can be hidden, by true or false")
    for each in (reply, *_below(world, reply)):
        store.set_state("threads", each.id, HIDDEN if wanted == "true" else VISIBLE)
    store.saw_call("threads", "hide" if wanted == "true" else "unhide", reply.id)
    return Reply(body={"success": True})


def _below(world: World, reply: Comment) -> list[Comment]:
    direct = [world.comments[i] for i in reply.replies]
    return [c for c in direct if c.there] + [c for each in direct for c in _below(world, each)]


def _reply(reply: Comment) -> dict[str, Any]:
    own = reply.author_id == OWN
    username = ids.OWN_HANDLE if own else reply.author_id
    return {
        "id": reply.id,
        "text": reply.text,
        "timestamp": graph.time(reply.created_at),
        "permalink": f"https://www.threads.net/@{username}/post/{reply.id}",
        "username": username,
        "media_type": "TEXT_POST",
        "root_post": {"id": reply.post_id},
        "replied_to": {"id": reply.parent_id or reply.post_id},
        "is_reply_owned_by_me": own,
        "hide_status": "HIDDEN" if reply.state == HIDDEN else "NOT_HUSHED",
    }

"""The sandbox's Facebook: the Graph API of one Page, with appsecret_proof and its error bodies."""

from typing import Any

from . import facebook_posts, graph, ids, renewal
from .graph import broken, expired, missing, quota
from .model import HIDDEN, REMOVED, VISIBLE, Comment, World
from .store import SandboxStore
from .wire import Reply, Request

__all__ = ["broken", "expired", "handle", "limited", "quota"]
OWN = ids.OWN_IDS["facebook"]
HOST = "graph.facebook.com"


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /facebook."""
    world = store.world("facebook")
    about_tokens = renewal.answer("facebook", request, store)
    if about_tokens:
        return about_tokens
    refused = graph.refused(request, world, proof=True)
    if refused:
        return refused
    if not request.parts or not request.parts[0].startswith("v"):
        return graph.unknown_path()
    parts = request.parts[1:]
    made = facebook_posts.route(request, store, parts)
    reply = made or _route(request, store, parts)
    reply.headers |= graph.usage(world, OWN)
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
            found = graph.readable(world, object_id)
            return Reply(body=_comment(world, found)) if found else missing(object_id)
        case "POST" | "DELETE", (comment_id,):
            return _change(request, store, comment_id)
        case _:
            return graph.unknown_path()


def limited(reset_in: float) -> Reply:
    return graph.limited(reset_in, code=32, business=OWN)


# --- reading


def _posts(request: Request, world: World) -> Reply:
    since = int(request.query.get("since") or 0)
    found = [p for p in world.posts.values() if p.created_at.timestamp() >= since]
    newest = sorted(found, key=lambda p: p.created_at, reverse=True)
    shapes = [facebook_posts.post_shape(post) for post in newest]
    return Reply(body=graph.listing(request, shapes, host=HOST))


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
    return Reply(body=graph.listing(request, [_comment(world, c) for c in ordered], host=HOST))


def _read_many(request: Request, world: World) -> Reply:
    wanted = [i for i in request.query.get("ids", "").split(",") if i]
    if not 1 <= len(wanted) <= 50:
        return graph.error(400, 100, "ids: 1 to 50")
    found = {i: graph.readable(world, i) for i in wanted}
    if not all(found.values()):
        absent = next(i for i, comment in found.items() if not comment)
        return graph.error(
            400, 803, f"(#803) Some of the aliases you requested do not exist: {absent}"
        )
    return Reply(body={i: _comment(world, comment) for i, comment in found.items() if comment})


# --- effects


def _change(request: Request, store: SandboxStore, comment_id: str) -> Reply:
    comment = graph.readable(store.world("facebook"), comment_id)
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
        return graph.error(400, 100, "is_hidden: true or false")
    return Reply(body={"success": True})


def _blocked(request: Request, store: SandboxStore) -> Reply:
    world = store.world("facebook")
    user = request.form.get("user") or request.query.get("user", "")
    if request.method == "GET":
        listed = [user] if user else sorted(world.blocked)
        people = [world.people[i] for i in listed if i in world.blocked]
        return Reply(body={"data": [{"id": p.id, "name": p.name} for p in people]})
    if user not in world.people:
        return graph.error(400, 100, "user: not a person of this Page")
    blocking = request.method == "POST"
    store.set_person("facebook", "blocked", user, on=blocking)
    store.saw_call("facebook", "block" if blocking else "unblock", user)
    return Reply(body={user: True} if blocking else {"success": True})


# --- shapes


def _comment(world: World, comment: Comment) -> dict[str, Any]:
    person = world.people[comment.author_id]
    shape: dict[str, Any] = {
        "id": comment.id,
        "message": comment.text,
        "created_time": graph.time(comment.created_at),
        "from": {"id": person.id, "name": person.name},
        "is_hidden": comment.state == HIDDEN,
        "can_hide": comment.author_id != OWN,
        "can_remove": True,
        "permalink_url": f"https://www.facebook.com/{comment.post_id}?comment_id={comment.id}",
    }
    if comment.parent_id:
        shape["parent"] = {"id": comment.parent_id}
    return shape

"""The sandbox's Instagram: one professional account, by Facebook Login or Instagram Login.

`/me` answers as the Page or as the account itself, by the fields it is asked for.
"""

from typing import Any

from . import containers, graph, ids, renewal
from .graph import broken, expired, quota
from .model import HIDDEN, REMOVED, VISIBLE, Comment, Post, World
from .store import SandboxStore
from .wire import Reply, Request

__all__ = ["broken", "expired", "handle", "limited", "quota"]
OWN, PAGE = ids.OWN_IDS["instagram"], ids.OWN_IDS["facebook"]
HOST = "graph.facebook.com"
MOST = 50  # comments in one answer
SAMPLE = 25  # replies that come along


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /instagram."""
    world = store.world("instagram")
    if request.parts[:1] == ("ig-api-upload",):  # the host that takes files
        return _receive(request, store)
    about_tokens = renewal.answer("instagram", request, store)
    if about_tokens:
        return about_tokens
    refused = graph.refused(request, world, proof=False)
    if refused:
        return refused
    if not request.parts or not request.parts[0].startswith("v"):
        return graph.unknown_path()
    parts = request.parts[1:]
    made = containers.route(request, store, containers.INSTAGRAM, parts)
    reply = made or _route(request, store, parts)
    reply.headers |= graph.usage(world, OWN)
    return reply


def limited(reset_in: float) -> Reply:
    return graph.limited(reset_in, code=80002, business=OWN)


def missing(object_id: str) -> Reply:
    return graph.missing(object_id, "IGApiException")


def _route(request: Request, store: SandboxStore, parts: tuple[str, ...]) -> Reply:  # noqa: PLR0911 - routes
    world = store.world("instagram")
    match request.method, parts:
        case "GET", ("me",):
            return _me(request.query.get("fields", ""))
        case "GET", (account, "media") if account == OWN:
            return _media(request, world)
        case "GET", (post_id,) if post_id in world.posts:
            return Reply(body=_medium(world, world.posts[post_id]))
        case "GET", (medium, "comments"):
            return _comments(request, world, medium)
        case "GET", (comment, "replies"):
            return _replies(request, world, comment)
        case "GET", (object_id,):
            found = graph.readable(world, object_id)
            return Reply(body=_comment(world, found)) if found else missing(object_id)
        case "POST" | "DELETE", (comment_id,):
            return _change(request, store, comment_id)
        case _:
            return graph.unknown_path()


def _receive(request: Request, store: SandboxStore) -> Reply:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "OAuth" or token != store.world("instagram").tokens.access:
        return expired()
    return containers.receive(request, store, containers.INSTAGRAM, request.parts[-1])


# --- reading


def _me(fields: str) -> Reply:
    if "user_id" in fields:
        return Reply(body={"user_id": OWN, "username": ids.OWN_HANDLE, "id": f"app-{OWN}"})
    page: dict[str, Any] = {"id": PAGE, "name": ids.OWN_NAME}
    if "instagram_business_account" in fields:
        page["instagram_business_account"] = {"id": OWN, "username": ids.OWN_HANDLE}
    return Reply(body=page)


def _media(request: Request, world: World) -> Reply:
    newest = sorted(world.posts.values(), key=lambda p: p.created_at, reverse=True)
    return Reply(body=graph.listing(request, [_medium(world, p) for p in newest], host=HOST))


def _medium(world: World, post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "caption": post.text,
        "timestamp": graph.time(post.created_at),
        "permalink": f"https://www.instagram.com/p/{post.id}/",
        "username": ids.OWN_HANDLE,
        "media_type": containers.kind(post),
        "like_count": post.count("likes"),
        "comments_count": world.answers(post.id),
    }


def _comments(request: Request, world: World, medium: str) -> Reply:
    if medium not in world.posts:
        return missing(medium)
    found = [
        c for c in world.comments.values() if c.post_id == medium and c.there and not c.parent_id
    ]
    newest = sorted(found, key=lambda c: (c.created_at, c.id), reverse=True)
    expanded = "replies" in request.query.get("fields", "")
    shapes = [_thread(world, c) if expanded else _comment(world, c) for c in newest]
    return Reply(body=graph.listing(request, shapes, host=HOST, most=MOST))


def _thread(world: World, comment: Comment) -> dict[str, Any]:
    shape = _comment(world, comment)
    replies = _below(world, comment)
    if replies:
        shape["replies"] = {"data": [_comment(world, reply) for reply in replies[:SAMPLE]]}
    if len(replies) > SAMPLE:
        following = f"https://{HOST}/{comment.id}/replies?after=x"
        shape["replies"]["paging"] = {"next": following}
    return shape


def _replies(request: Request, world: World, comment_id: str) -> Reply:
    comment = graph.readable(world, comment_id)
    if comment is None:
        return missing(comment_id)
    shapes = [_comment(world, reply) for reply in _below(world, comment)]
    return Reply(body=graph.listing(request, shapes, host=HOST, most=MOST))


def _below(world: World, comment: Comment) -> list[Comment]:
    found = [world.comments[i] for i in comment.replies if world.comments[i].there]
    return sorted(found, key=lambda c: (c.created_at, c.id))


# --- effects


def _change(request: Request, store: SandboxStore, comment_id: str) -> Reply:
    comment = graph.readable(store.world("instagram"), comment_id)
    if comment is None:
        return missing(comment_id)
    wanted = request.query.get("hide") or request.form.get("hide")
    if request.method == "DELETE":
        store.set_state("instagram", comment.id, REMOVED)
        store.saw_call("instagram", "delete", comment.id)
    elif wanted not in {"true", "false"}:
        return graph.error(400, 100, "hide: true or false")
    else:
        if comment.author_id != OWN:  # what the account itself wrote always stays visible
            store.set_state("instagram", comment.id, HIDDEN if wanted == "true" else VISIBLE)
        store.saw_call("instagram", "hide" if wanted == "true" else "unhide", comment.id)
    return Reply(body={"success": True})


def _comment(world: World, comment: Comment) -> dict[str, Any]:
    person = world.people[comment.author_id]
    shape: dict[str, Any] = {
        "id": comment.id,
        "text": comment.text,
        "timestamp": graph.time(comment.created_at),
        "username": person.handle,
        "from": {"id": person.id, "username": person.handle},
        "hidden": comment.state == HIDDEN,
    }
    if comment.author_id == OWN:
        shape["user"] = {"id": OWN}
    if comment.parent_id:
        shape["parent_id"] = comment.parent_id
    return shape

"""The sandbox's Mastodon: the REST API of one server, as far as reading and blocking go.

A comment's id here is its uri; its last part is the local id. What a blocked person wrote is
out of our sight (404), as on GoToSocial: the strictest of what real servers do. Each connection is
closed after one answer, unannounced, as on snac.
"""

import html
import time
from datetime import UTC, datetime
from typing import Any

from . import ids, mastodon_posts
from .model import Comment, Post, World
from .store import SandboxStore
from .wire import TIME_Z, Reply, Request

OWN = ids.OWN_IDS["mastodon"]
DEEDS = {
    "block": ("blocked", True),
    "unblock": ("blocked", False),
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "follow": ("", True),
}
MARKS = {"reblog": "reblogged", "favourite": "favourited"}


def handle(request: Request, store: SandboxStore) -> Reply:  # noqa: C901,PLR0911,PLR0912 - routes
    """Answer one request below /mastodon."""
    world = store.world("mastodon")
    if request.bearer != world.tokens.access or world.tokens.expired:
        return expired()
    posted = mastodon_posts.handle(request, store)
    if posted:
        return _whole(world, posted)
    match request.method, request.parts[2:]:
        case "GET", ("accounts", "verify_credentials"):
            return Reply(body=_account(world, OWN))
        case "GET", ("accounts", "relationships"):
            wanted = request.repeated.get("id[]", [])
            return Reply(body=[_relationship(world, i) for i in wanted if i in world.people])
        case "GET", ("accounts", account, "statuses") if account == OWN:
            return _statuses(request, world)
        case "GET", ("accounts", account) if account in world.people:
            return Reply(body=_account(world, account))
        case "POST", ("accounts", account, deed) if account in world.people and deed in DEEDS:
            return _change(store, account, deed)
        case "GET", ("notifications",):
            return _notifications(request, world)
        case "GET", ("search",):
            return _search(request, world)
        case "POST", ("statuses", local, verb) if verb in MARKS:
            return _mark(store, local, verb)
        case "GET", ("statuses", local):
            found = _find(world, local)
            return Reply(body=_status(world, found)) if found else missing()
        case "GET", ("statuses", local, "context"):
            return _context(world, local)
        case _:
            return missing()


def _whole(world: World, reply: Reply) -> Reply:
    """Put the whole status in place of the name of one that was just made."""
    made = (reply.body or {}).get("created")
    return Reply(body=_status(world, world.posts[made])) if made else reply


def expired() -> Reply:
    return Reply(401, {"error": "The access token is invalid"})


def limited(reset_in: float) -> Reply:
    reset = datetime.fromtimestamp(time.time() + reset_in, UTC).strftime(TIME_Z)
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    return Reply(429, {"error": "Too many requests"}, headers)


def quota() -> Reply:
    return limited(300)


def broken() -> Reply:
    return Reply(503, html="<!DOCTYPE html><title>503</title>" + "<p>We are sorry.</p>" * 8000)


def missing() -> Reply:
    return Reply(404, {"error": "Record not found"})


# --- reading


def _statuses(request: Request, world: World) -> Reply:
    newest = sorted(world.posts.values(), key=lambda p: (p.created_at, p.id), reverse=True)
    return _listing(request, [_status(world, post) for post in newest])


def _notifications(request: Request, world: World) -> Reply:
    told = [c for c in world.comments.values() if c.mentions and _in_sight(world, c)]
    newest = sorted(told, key=lambda c: int(local_id(c)), reverse=True)
    shapes = [
        {
            "id": local_id(comment),
            "type": "mention",
            "created_at": _time(comment.created_at),
            "account": _account(world, comment.author_id),
            "status": _status(world, comment),
        }
        for comment in newest
        if comment.author_id not in world.muted | {OWN}
    ]
    return _listing(request, shapes)


def _listing(request: Request, shapes: list[dict[str, Any]]) -> Reply:
    size = request.limit("limit", default=20, most=40)
    before = request.query.get("max_id", "")
    rest = [s for s in shapes if not before or int(s["id"]) < int(before)]
    return Reply(body=rest[:size])


def _context(world: World, local: str) -> Reply:
    item = _find(world, local)
    if item is None:
        return missing()
    root = item.post_id if isinstance(item, Comment) else item.id
    above: list[Comment | Post] = []
    parent = item.parent_id if isinstance(item, Comment) else ""
    while parent:
        above.insert(0, world.comments[parent])
        parent = world.comments[parent].parent_id
    if isinstance(item, Comment):
        above.insert(0, world.posts[root])
    below = [
        c
        for c in world.comments.values()
        if c.post_id == root and _in_sight(world, c) and _is_below(world, c, item.id)
    ]
    return Reply(
        body={
            "ancestors": [_status(world, a) for a in above],
            "descendants": [_status(world, c) for c in below],
        }
    )


def _is_below(world: World, comment: Comment, uri: str) -> bool:
    parent = comment.parent_id or comment.post_id
    while parent != uri and parent in world.comments:
        parent = world.comments[parent].parent_id or world.comments[parent].post_id
    return parent == uri


# --- effects


def _change(store: SandboxStore, account: str, deed: str) -> Reply:
    if deed == "follow":
        store.upload("mastodon", f"follow {account}", looks=0)
        store.saw_call("mastodon", deed, account)
        return Reply(body=_relationship(store.world("mastodon"), account))
    kind, on = DEEDS[deed]
    store.set_person("mastodon", kind, account, on=on)
    store.saw_call("mastodon", deed, account)
    return Reply(body=_relationship(store.world("mastodon"), account))


# --- shapes


def local_id(item: Comment | Post) -> str:
    return item.id.rpartition("/")[2]


def _find(world: World, local: str) -> Comment | Post | None:
    for comment in world.comments.values():
        if local_id(comment) == local and _in_sight(world, comment):
            return comment
    return next((p for p in world.posts.values() if local_id(p) == local), None)


def _in_sight(world: World, comment: Comment) -> bool:
    return comment.there and comment.author_id not in world.blocked


def _status(world: World, item: Comment | Post) -> dict[str, Any]:
    comment = item if isinstance(item, Comment) else None
    edited = comment is not None and comment.updated_at != comment.created_at
    parent = (comment.parent_id or comment.post_id) if comment else ""
    escaped = html.escape(item.text, quote=False)
    sent = mastodon_posts.shape(item) if isinstance(item, Post) and item.sent else {}
    return {
        "id": local_id(item),
        "uri": item.id,
        "url": item.id.replace("/users/", "/@").replace("/statuses/", "/"),
        "created_at": _time(item.created_at),
        "edited_at": _time(comment.updated_at) if comment and edited else None,
        "in_reply_to_id": parent.rpartition("/")[2] or None,
        **_counts(world, item),
        "account": _account(world, comment.author_id if comment else OWN),
        "content": "<p>" + escaped.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>",
        "spoiler_text": "",
        "visibility": "public",
        "language": "ja",
        "media_attachments": [],
        "mentions": [],
        "reblog": None,
        "poll": None,
        **{told: f"{verb} {item.id}" in world.uploads for verb, told in MARKS.items()},
        "in_reply_to_account_id": _answered(world, parent),
        **sent,
    }


def _answered(world: World, parent: str) -> str | None:
    if not parent:
        return None
    comment = world.comments.get(parent)
    return comment.author_id if comment else OWN


def _counts(world: World, item: Comment | Post) -> dict[str, int]:
    if isinstance(item, Comment):
        return {"replies_count": len(item.replies), "reblogs_count": 0, "favourites_count": 0}
    return {
        "replies_count": world.answers(item.id),
        "reblogs_count": item.count("reposts"),
        "favourites_count": item.count("likes"),
    }


def _search(request: Request, world: World) -> Reply:
    """Find what an address names: a status or a person."""
    wanted = request.query.get("q", "")
    items: list[Comment | Post] = list(world.posts.values())
    items += [c for c in world.comments.values() if c.there]
    statuses = [s for s in (_status(world, i) for i in items) if wanted in {s["url"], s["uri"]}]
    people = [a for a in (_account(world, p) for p in world.people) if a["url"] == wanted]
    kind = request.query.get("type", "")
    found = {"statuses": statuses, "accounts": people}
    return Reply(body={name: i if kind in {"", name} else [] for name, i in found.items()})


def _mark(store: SandboxStore, local: str, verb: str) -> Reply:
    """Boost or favourite a status, as often as one likes: it is done once."""
    world = store.world("mastodon")
    item = _find(world, local)
    if item is None:
        return missing()
    mark = f"{verb} {item.id}"
    if mark not in world.uploads:
        store.upload("mastodon", mark, looks=0)
        store.saw_call("mastodon", verb, item.id)
    status = _status(world, item)
    boost = {**status, "id": f"9{local}", "reblog": status}
    return Reply(body=boost if verb == "reblog" else status)


def _account(world: World, account: str) -> dict[str, Any]:
    person = world.people[account]
    return {
        "id": person.id,
        "username": person.handle.partition("@")[0],
        "acct": person.handle,
        "display_name": person.name,
        "url": f"{ids.INSTANCE}/@{person.id}",
    }


def _relationship(world: World, account: str) -> dict[str, Any]:
    return {
        "id": account,
        "blocking": account in world.blocked,
        "muting": account in world.muted,
        "following": f"follow {account}" in world.uploads,
        "requested": False,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

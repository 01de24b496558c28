"""The sandbox's Bluesky: a PDS and an AppView in one, XRPC under /xrpc/<nsid>.

As observed on the reference servers: an expired token is 400 `ExpiredToken`, a refresh takes no
body, a mute answers with an empty one, and a threadgate under any other record key than its
root's is stored and does nothing. A blocked person's direct replies are gone from a thread,
nested ones stand in it as `blockedPost`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from . import bluesky_posts, ids
from .model import HIDDEN, VISIBLE, Comment, Post, World
from .store import BLUESKY_APP_PASSWORD, SandboxStore
from .wire import Reply, Request, page_of

OWN = ids.OWN_IDS["bluesky"]
HANDLE = f"{ids.OWN_HANDLE}.example"
POST = "app.bsky.feed.post"
GATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
DEFS = "app.bsky.feed.defs"
MAX_HIDDEN = 300
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def handle(request: Request, store: SandboxStore) -> Reply:
    """Answer one request below /bluesky."""
    name = request.parts[1] if len(request.parts) == 2 else ""
    if name in SESSIONS and request.method == "POST":
        return SESSIONS[name](request, store)
    if (request.method, name) in bluesky_posts.VIDEO:  # a host of its own, with tokens of its own
        return bluesky_posts.VIDEO[request.method, name](request, store)
    known = (READS if request.method == "GET" else WRITES).get(name)
    if known is None:
        return _error(501, "MethodNotImplemented")
    tokens = store.world("bluesky").tokens
    if request.bearer == tokens.access and not tokens.expired:
        return known(request, store)
    return expired() if request.bearer == tokens.access else _not_a_token(request)


def expired() -> Reply:
    return _error(400, "ExpiredToken", "Token has expired")


def _not_a_token(request: Request) -> Reply:
    if not request.bearer:
        return _error(401, "AuthMissing", "Authentication Required")
    return _error(400, "InvalidToken", "Token could not be verified")


def limited(reset_in: float) -> Reply:
    reply = _error(429, "RateLimitExceeded", "Rate Limit Exceeded")
    reset = int(time.time() + reset_in) + 1
    reply.headers |= {"RateLimit-Reset": str(reset), "RateLimit-Remaining": "0"}
    reply.headers["Retry-After"] = str(int(reset_in) + 1)
    return reply


def quota() -> Reply:
    return limited(3600)


def broken() -> Reply:
    return _error(502, "UpstreamFailure", "Upstream service unreachable")


# --- sessions


def _create_session(request: Request, store: SandboxStore) -> Reply:
    given = (request.json.get("identifier"), request.json.get("password"))
    known = given[0] in {HANDLE, OWN} and given[1] == BLUESKY_APP_PASSWORD
    if not known or store.world("bluesky").tokens.revoked:
        return _error(401, "AuthenticationRequired", "Invalid identifier or password")
    return _session(store)


def _refresh_session(request: Request, store: SandboxStore) -> Reply:
    tokens = store.world("bluesky").tokens
    if request.body:
        return _error(400, "InvalidRequest", "A request body was provided when none was expected")
    if request.bearer in {"", tokens.access}:
        return _not_a_token(request)
    if request.bearer != tokens.refresh or tokens.revoked:
        return _error(400, "ExpiredToken", "Token has been revoked")
    return _session(store)


def _session(store: SandboxStore) -> Reply:
    fresh = store.rotate_tokens("bluesky")
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": "https://pds.sandbox.example",
    }
    return Reply(
        body={
            "accessJwt": fresh.access,
            "refreshJwt": fresh.refresh,
            "did": OWN,
            "handle": HANDLE,
            "didDoc": {"id": OWN, "service": [service]},
            "active": True,
        }
    )


def _get_session(_: Request, __: SandboxStore) -> Reply:
    return Reply(body={"did": OWN, "handle": HANDLE, "active": True})


# --- reading


def _author_feed(request: Request, store: SandboxStore) -> Reply:
    world = store.world("bluesky")
    newest = sorted(world.posts.values(), key=lambda p: (p.created_at, p.id), reverse=True)
    return _listing(request, "feed", [{"post": _post_view(world, p)} for p in newest])


def _notifications(request: Request, store: SandboxStore) -> Reply:
    """Newest first; what was deleted, hidden, muted or blocked drops out."""
    world = store.world("bluesky")
    told = [
        c
        for c in world.comments.values()
        if c.state == VISIBLE
        and c.mentions
        and c.author_id not in world.blocked | world.muted | {OWN}
    ]
    newest = sorted(told, key=lambda c: (c.created_at, c.id), reverse=True)
    shapes = [_notification(world, c) for c in newest]
    return _listing(request, "notifications", shapes)


def _notification(world: World, comment: Comment) -> dict[str, Any]:
    view = _post_view(world, comment)
    return {
        **{key: view[key] for key in ("uri", "cid", "author", "record", "indexedAt")},
        "reason": "reply",
        "reasonSubject": comment.parent_id or comment.post_id,
        "isRead": False,
        "labels": [],
    }


def _listing(request: Request, name: str, shapes: list[dict[str, Any]]) -> Reply:
    size = request.limit("limit", default=50, most=100)
    start = request.query.get("cursor", "0")
    page, following = page_of(shapes, int(start) if start.isdigit() else 0, size)
    return Reply(body={name: page} | ({"cursor": following} if following else {}))


def _posts(request: Request, store: SandboxStore) -> Reply:
    world, wanted = store.world("bluesky"), request.repeated.get("uris", [])
    if not 1 <= len(wanted) <= 25:
        return _error(400, "InvalidRequest", "uris: 1 to 25")
    found = [_there(world, uri) for uri in wanted]
    shown = [i for i in found if i and _author_id(i) not in world.blocked]
    return Reply(body={"posts": [_post_view(world, item) for item in shown]})


def _thread(request: Request, store: SandboxStore) -> Reply:
    world = store.world("bluesky")
    item = _there(world, request.query.get("uri", ""))
    if item is None:
        return _error(400, "NotFound", f"Post not found: {request.query.get('uri', '')[:100]}")
    deep = min(int(request.query.get("depth", "6")), 1000)
    body: dict[str, Any] = {"thread": _node(world, item, deep)}
    gate = _gate(world, item.id) if isinstance(item, Post) else None
    if gate:
        uri = _gate_uri(item.id)
        view = {"uri": uri, "cid": _cid(gate), "record": gate, "lists": []}
        body["threadgate"] = body["thread"]["post"]["threadgate"] = view
    return Reply(body=body)


def _node(world: World, item: Comment | Post, deep: int) -> dict[str, Any]:
    if _author_id(item) in world.blocked:
        author = {"did": _author_id(item), "viewer": {}}
        return {
            "$type": f"{DEFS}#blockedPost",
            "uri": item.id,
            "blocked": True,
            "author": author,
        }
    node: dict[str, Any] = {"$type": f"{DEFS}#threadViewPost", "post": _post_view(world, item)}
    if deep:
        node["replies"] = [_node(world, reply, deep - 1) for reply in _replies(world, item)]
    return node


def _replies(world: World, item: Comment | Post) -> list[Comment]:
    if isinstance(item, Comment):
        return [c for c in (world.comments[i] for i in item.replies) if c.there]
    return [
        c
        for c in world.comments.values()
        if c.post_id == item.id and _on_top(c) and c.there and c.author_id not in world.blocked
    ]


def _on_top(comment: Comment) -> bool:
    return not comment.parent_id


# --- our repository


def _get_record(request: Request, store: SandboxStore) -> Reply:
    uri = _uri(request.query)
    value = _record(store.world("bluesky"), uri)
    if value is None:
        return _error(400, "RecordNotFound", f"Could not locate record: {uri}")
    return Reply(body={"uri": uri, "cid": _cid(value), "value": value})


def _list_records(request: Request, store: SandboxStore) -> Reply:
    prefix = f"at://{request.query.get('repo', '')}/{request.query.get('collection', '')}/"
    found = {
        uri: value
        for uri, value in sorted(store.world("bluesky").records.items())
        if uri.startswith(prefix) and value is not None
    }
    shapes = [{"uri": uri, "cid": _cid(value), "value": value} for uri, value in found.items()]
    return _listing(request, "records", shapes)


def _put_record(request: Request, store: SandboxStore) -> Reply:
    body, uri = request.json, _uri(request.json)
    if body.get("repo") != OWN:
        return _error(401, "AuthenticationRequired", "Authentication Required")
    known, record = _record(store.world("bluesky"), uri), body.get("record") or {}
    swaps = "swapRecord" in body and record != known  # the same once more is always taken
    if swaps and body["swapRecord"] != (_cid(known) if known else None):
        return _error(400, "InvalidSwap", "Record was at another cid")
    if len(record.get("hiddenReplies", [])) > MAX_HIDDEN:
        return _error(400, "InvalidRequest", "hiddenReplies must not have more than 300 elements")
    _write(store, uri, record)
    return Reply(body={"uri": uri, "cid": _cid(record), "validationStatus": "valid"})


def _create_record(request: Request, store: SandboxStore) -> Reply:
    body = dict(request.json)
    world = store.world("bluesky")
    body.setdefault("rkey", ids.tid(datetime.now(UTC), str(len(world.records))))
    uri = _uri(body)
    if body.get("repo") != OWN:
        return _error(401, "AuthenticationRequired", "Authentication Required")
    if _record(world, uri):
        return _error(500, "InternalServerError")  # as the reference server does
    record = body.get("record") or {}
    if body.get("collection") == POST:
        refused = bluesky_posts.refusal(world, record)
        if refused:
            return _error(400, "InvalidRequest", refused)
        bluesky_posts.publish(store, uri, record)
    _write(store, uri, record)
    return Reply(body={"uri": uri, "cid": _cid(body.get("record") or {})})


def _delete_record(request: Request, store: SandboxStore) -> Reply:
    world, uri = store.world("bluesky"), _uri(request.json)
    value = _record(world, uri)
    if value is None:
        return Reply(body={})
    store.set_record("bluesky", uri, None)
    if uri in world.posts:
        store.withdraw("bluesky", uri)
        store.saw_call("bluesky", "withdraw", uri)
    _hide(store, uri, {**value, "hiddenReplies": []})
    subject = str(value.get("subject", ""))
    if f"/{BLOCK}/" in uri and subject not in _blocked_people(world):
        store.set_person("bluesky", "blocked", subject, on=False)
        store.saw_call("bluesky", "unblock", subject)
    return Reply(body={"commit": {"cid": _cid(value), "rev": "sandbox"}})


def _write(store: SandboxStore, uri: str, record: Mapping[str, Any]) -> None:
    store.set_record("bluesky", uri, record)
    if f"/{BLOCK}/" in uri:
        store.set_person("bluesky", "blocked", str(record.get("subject", "")), on=True)
        store.saw_call("bluesky", "block", str(record.get("subject", "")))
    _hide(store, uri, record)


def _hide(store: SandboxStore, uri: str, record: Mapping[str, Any]) -> None:
    """Let a threadgate have its effect: hide what it lists, show the rest of its thread."""
    world, root = store.world("bluesky"), str(record.get("post", ""))
    if uri != _gate_uri(root) or root not in world.posts:
        return  # another key than the root's, or not our thread: it does nothing
    hidden = set(record.get("hiddenReplies", []))
    for comment in [c for c in world.comments.values() if c.post_id == root and c.there]:
        state = HIDDEN if comment.id in hidden else VISIBLE
        if comment.state != state:
            store.set_state("bluesky", comment.id, state)
            store.saw_call("bluesky", "hide" if state == HIDDEN else "unhide", comment.id)


def _mute(request: Request, store: SandboxStore) -> Reply:
    actor = str(request.json.get("actor", ""))
    if not actor.startswith("did:"):  # whether there is such a person is not asked
        return _error(400, "InvalidRequest", "Actor not found")
    store.set_person("bluesky", "muted", actor, on=True)
    store.saw_call("bluesky", "mute", actor)
    return Reply()


def _record(world: World, uri: str) -> dict[str, Any] | None:
    """Return a record; a threadgate's hidden replies follow the states of the comments."""
    root = uri.replace(f"/{GATE}/", f"/{POST}/")
    if f"/{GATE}/" in uri and root in world.posts:
        return _gate(world, root)
    found: dict[str, Any] | None = world.records.get(uri)
    return found


def _gate(world: World, root: str) -> dict[str, Any] | None:
    stored = world.records.get(_gate_uri(root))
    hidden = [c.id for c in world.comments.values() if c.post_id == root and c.state == HIDDEN]
    if stored is None and not hidden:
        return None
    kept = stored or {"$type": GATE, "post": root, "createdAt": _time(datetime.now(UTC))}
    others = [uri for uri in kept.get("hiddenReplies", []) if uri not in world.comments]
    return {**kept, "hiddenReplies": others + hidden}


def _blocked_people(world: World) -> set[str]:
    return {
        str(value.get("subject", ""))
        for uri, value in world.records.items()
        if value is not None and f"/{BLOCK}/" in uri
    }


# --- shapes


def _there(world: World, uri: str) -> Comment | Post | None:
    comment = world.comments.get(uri)
    return comment if comment and comment.there else world.posts.get(uri)


def _author_id(item: Comment | Post) -> str:
    return item.author_id if isinstance(item, Comment) else OWN


def _post_view(world: World, item: Comment | Post) -> dict[str, Any]:
    person = world.people[_author_id(item)]
    record: dict[str, Any] = {
        "$type": POST,
        "text": item.text,
        "createdAt": _time(item.created_at),
        "langs": ["ja"],
    }
    version, replies = 0, _replies(world, item)
    if isinstance(item, Comment):
        version = len(item.versions)
        record["reply"] = {
            "root": {"uri": item.post_id, "cid": _cid(item.post_id)},
            "parent": {"uri": item.parent_id or item.post_id, "cid": _cid(item.parent_id)},
        }
    return {
        "uri": item.id,
        "cid": _cid([item.id, version, item.text]),
        "author": {"did": person.id, "handle": person.handle, "displayName": person.name},
        "record": record,
        "replyCount": len(replies),
        "likeCount": item.count("likes") if isinstance(item, Post) else 0,
        "repostCount": item.count("reposts") if isinstance(item, Post) else 0,
        "quoteCount": 0,
        "viewer": _viewer(world, item.id),
        "indexedAt": _time(item.created_at),
        "labels": [],
    }


def _viewer(world: World, uri: str) -> dict[str, str]:
    """Return how we stand to a post: by which records of ours."""
    names = {"app.bsky.feed.like": "like", "app.bsky.feed.repost": "repost"}
    return {
        names[value["$type"]]: own
        for own, value in world.records.items()
        if value and value.get("$type") in names and value["subject"]["uri"] == uri
    }


def _profile(request: Request, store: SandboxStore) -> Reply:
    world, did = store.world("bluesky"), request.query.get("actor", "")
    person = world.people.get(did)
    if person is None:
        return _error(400, "InvalidRequest", "Profile not found")
    own = [uri for uri, value in world.records.items() if value and value.get("subject") == did]
    follow = next((uri for uri in own if "/app.bsky.graph.follow/" in uri), "")
    viewer = {"following": follow} if follow else {}
    return Reply(body={"did": did, "handle": f"{person.handle}.example", "viewer": viewer})


def _uri(source: Mapping[str, Any]) -> str:
    return f"at://{source.get('repo', '')}/{source.get('collection', '')}/{source.get('rkey', '')}"


def _gate_uri(root: str) -> str:
    return f"at://{OWN}/{GATE}/{root.rpartition('/')[2]}"


def _cid(value: Any) -> str:
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f"bafyrei{digest[:52]}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME)


def _error(status: int, name: str, message: str = "") -> Reply:
    return Reply(status, {"error": name, "message": message or name})


_Handler = Callable[[Request, SandboxStore], Reply]
SESSIONS: Mapping[str, _Handler] = {
    "com.atproto.server.createSession": _create_session,
    "com.atproto.server.refreshSession": _refresh_session,
}
READS: Mapping[str, _Handler] = {
    "com.atproto.server.getSession": _get_session,
    "app.bsky.actor.getProfile": _profile,
    "app.bsky.feed.getAuthorFeed": _author_feed,
    "app.bsky.feed.getPosts": _posts,
    "app.bsky.feed.getPostThread": _thread,
    "app.bsky.notification.listNotifications": _notifications,
    "com.atproto.repo.getRecord": _get_record,
    "com.atproto.repo.listRecords": _list_records,
    **bluesky_posts.READS,
}
WRITES: Mapping[str, _Handler] = {
    "com.atproto.repo.putRecord": _put_record,
    "com.atproto.repo.createRecord": _create_record,
    "com.atproto.repo.deleteRecord": _delete_record,
    "app.bsky.graph.muteActor": _mute,
    **bluesky_posts.WRITES,
}

"""The sandbox's X: API v2, bearer tokens with rotation, both field dialects, problem bodies."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from . import ids, x_posts
from .model import GONE, HIDDEN, VISIBLE, Comment, Post, World
from .store import CLIENT_ID, CLIENT_SECRET, SandboxStore
from .wire import TIME_Z, Reply, Request, page_of

OWN = ids.OWN_IDS["x"]
PROBLEMS = "https://api.x.com/2/problems/"
MENTIONS_REACH = 800
SEARCH_REACH = timedelta(days=7)
LIMITS = {"hidden": 50, "muting": 50}  # per 15 minutes; everything else 300


def handle(request: Request, store: SandboxStore) -> Reply:  # noqa: C901,PLR0911,PLR0912 - routes
    """Answer one request below /x."""
    world = store.world("x")
    if request.parts == ("2", "oauth2", "token") and request.method == "POST":
        return _token(request, store)
    if request.bearer != world.tokens.access or world.tokens.expired:
        return expired()
    posted = x_posts.handle(request, store)
    if posted:
        return posted
    match request.method, request.parts:
        case "GET", ("2", "users", "me"):
            return Reply(body={"data": _user(world, OWN)})
        case "GET", ("2", "users", user, "tweets") if user == OWN:
            return _own_posts(request, world)
        case "GET", ("2", "users", user, "mentions") if user == OWN:
            return _mentions(request, world)
        case "GET", ("2", "tweets", "search", "recent"):
            return _search(request, world)
        case "GET", ("2", "tweets"):
            return _lookup(request, world, request.query.get("ids", "").split(","))
        case "GET", ("2", "tweets", tweet_id):
            return _single(_lookup(request, world, [tweet_id]))
        case "PUT", ("2", "tweets", tweet_id, "hidden"):
            return _set_hidden(request, store, tweet_id)
        case "POST", ("2", "users", user, "retweets") if user == OWN:
            return _repost(request, store)
        case "POST", ("2", "users", user, "muting") if user == OWN:
            return _mute(request, store)
        case "DELETE", ("2", "users", user, "muting", target) if user == OWN:
            store.set_person("x", "muted", target, on=False)
            return Reply(body={"data": {"muting": False}})
        case _, ("2", "users", user, "blocking", *_) if user == OWN and request.method != "GET":
            return _problem(403, "client-forbidden", "Client Forbidden", "Enterprise only")
        case _:
            return _problem(404, "resource-not-found", "Not Found Error", "no such route")


def expired() -> Reply:
    return Reply(401, {"title": "Unauthorized", "type": "about:blank", "status": 401})


def limited(reset_in: float) -> Reply:
    reset = datetime.now(UTC) + timedelta(seconds=reset_in)
    reply = _problem(429, "rate-limit-exceeded", "Too Many Requests", "Too Many Requests")
    reply.headers = {
        "x-rate-limit-reset": str(int(reset.timestamp())),
        "x-rate-limit-remaining": "0",
    }
    return reply


def quota() -> Reply:
    return _problem(
        429, "usage-capped", "UsageCapExceeded", "Usage cap exceeded: Monthly product cap"
    )


def broken() -> Reply:
    return Reply(503, {"title": "Service Unavailable", "type": "about:blank", "status": 503})


def bucket(request: Request) -> tuple[str, int]:
    """Return the rate-limit bucket of a request and its size per 15 minutes."""
    name = f"{request.method} {request.parts[-1] if request.parts else ''}"
    if request.parts[:2] == ("2", "tweets") and request.method == "GET":
        name = "GET tweets"
    if (request.method, request.parts) == ("POST", ("2", "tweets")):
        return name, 100
    return name, LIMITS.get(request.parts[-1] if request.parts else "", 300)


# --- tokens


def _token(request: Request, store: SandboxStore) -> Reply:
    tokens = store.world("x").tokens
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {basic}":
        return Reply(401, {"error": "unauthorized_client"})
    form = request.form
    right = (
        form.get("grant_type") == "refresh_token" and form.get("refresh_token") == tokens.refresh
    )
    if not right or tokens.revoked:
        return Reply(400, {"error": "invalid_request", "error_description": "token was invalid"})
    fresh = store.rotate_tokens("x")
    return Reply(
        body={
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": fresh.access,
            "refresh_token": fresh.refresh,
            "scope": "tweet.read users.read tweet.moderate.write mute.write offline.access",
        }
    )


# --- lists


def _own_posts(request: Request, world: World) -> Reply:
    start = request.query.get("start_time", "")
    since = datetime.fromisoformat(start) if start else datetime.min.replace(tzinfo=UTC)
    own = [post for post in world.posts.values() if post.created_at >= since]
    posts = sorted(own, key=lambda p: ids_order(p.id), reverse=True)
    reply = _listing(request, world, posts[:3200], least=5)
    noun = "post" if "posts" in request.query.get("expansions", "") else "tweet"
    wants_all = "retweets" not in request.query.get("exclude", "")
    if reply.status == 200 and wants_all and "pagination_token" not in request.query:
        reply.body.setdefault("data", []).extend(x_posts.reposts(world, noun))
    return reply


def _mentions(request: Request, world: World) -> Reply:
    found = [c for c in world.comments.values() if c.there and c.mentions and c.author_id != OWN]
    newest = sorted(found, key=lambda c: ids_order(c.versions[-1]), reverse=True)
    return _listing(request, world, newest[:MENTIONS_REACH], least=5)


def _search(request: Request, world: World) -> Reply:
    query = request.query.get("query", "")
    if not query or len(query) > 512:
        return _problem(400, "invalid-request", "Invalid Request", "query: 1 to 512 characters")
    roots = {
        word[16:]
        for word in query.replace("(", " ").replace(")", " ").split()
        if word.startswith("conversation_id:")
    }
    without = {word[6:] for word in query.split() if word.startswith("-from:")}
    oldest = datetime.now(UTC) - SEARCH_REACH
    since = request.query.get("since_id", "")
    if since and ids_order(since) < ids_order(ids.snowflake(oldest, "")):
        return _problem(400, "invalid-request", "Invalid Request", "since_id is too old")
    found = [
        c
        for c in world.comments.values()
        if c.there and c.post_id in roots and c.author_id not in without and c.updated_at > oldest
    ]
    newest = sorted(found, key=lambda c: ids_order(c.versions[-1]), reverse=True)
    return _listing(request, world, newest, least=10, token="next_token")  # noqa: S106


def _listing(
    request: Request,
    world: World,
    items: Iterable[Comment | Post],
    *,
    least: int,
    token: str = "pagination_token",  # noqa: S107 - a page token
) -> Reply:
    """Cut by since_id and until_id (both exclusive), page, and add what stands beside."""
    size = request.limit("max_results", default=10, most=100)
    if size < least:
        return _problem(400, "invalid-request", "Invalid Request", f"max_results: {least}..100")
    since, until = request.query.get("since_id", ""), request.query.get("until_id", "")
    kept = [
        item
        for item in items
        if (not since or ids_order(_id(item)) > ids_order(since))
        and (not until or ids_order(_id(item)) < ids_order(until))
    ]
    before = request.query.get(token, "")
    if before:  # a page token keeps its place even while newer ones arrive
        kept = [item for item in kept if ids_order(_id(item)) < ids_order(before.removeprefix("p"))]
    page, following = page_of(kept, 0, size)
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": _id(page[0]), "oldest_id": _id(page[-1])}
    if following:
        meta["next_token"] = f"p{_id(page[-1])}"
    body: dict[str, Any] = {"meta": meta}
    if page:
        body = {
            "data": [_tweet(request, world, i) for i in page],
            **_includes(request, world, page),
            **body,
        }
    return Reply(body=body)


def _lookup(request: Request, world: World, wanted: list[str]) -> Reply:
    if not 1 <= len(wanted) <= 100:
        return _problem(400, "invalid-request", "Invalid Request", "ids: 1 to 100")
    found: list[Comment | Post] = []
    errors = []
    for tweet_id in wanted:
        comment = world.find(tweet_id)
        item = world.posts.get(tweet_id) or (comment if comment and comment.there else None)
        if item:
            found.append(item)
        else:
            errors.append(_not_found(tweet_id))
    body: dict[str, Any] = {"errors": errors} if errors else {}
    if found:
        shown = [_tweet(request, world, item) for item in found]
        body |= {"data": shown, **_includes(request, world, found)}
    return Reply(body=body)


def _single(reply: Reply) -> Reply:
    if isinstance(reply.body, dict) and reply.body.get("data"):
        reply.body["data"] = reply.body["data"][0]
    return reply


# --- effects


def _set_hidden(request: Request, store: SandboxStore, tweet_id: str) -> Reply:
    hidden = request.json.get("hidden")
    if not isinstance(hidden, bool):
        return _problem(400, "invalid-request", "Invalid Request", "hidden: true or false")
    comment = store.world("x").find(tweet_id)
    if comment is None or comment.state == GONE:
        return Reply(404, {"errors": [_not_found(tweet_id)], "title": "Not Found Error"})
    store.set_state("x", comment.id, HIDDEN if hidden else VISIBLE)
    store.saw_call("x", "hide" if hidden else "unhide", comment.id)
    return Reply(body={"data": {"hidden": hidden}})


def _repost(request: Request, store: SandboxStore) -> Reply:
    """Pass a post on. It stands among our own posts from then on, and once only."""
    world, target = store.world("x"), str(request.json.get("tweet_id", ""))
    if not (world.posts.get(target) or world.find(target)):
        return Reply(404, {"errors": [_not_found(target)], "title": "Not Found Error"})
    if target not in x_posts.reposted(world):
        store.upload("x", f"repost {target}", repost_of=target, at=datetime.now(UTC).isoformat())
        store.saw_call("x", "repost", target)
    return Reply(body={"data": {"rest_id": target, "retweeted": True}})


def _mute(request: Request, store: SandboxStore) -> Reply:
    target = str(request.json.get("target_user_id", ""))
    if target not in store.world("x").people:
        return Reply(404, {"errors": [_not_found(target)], "title": "Not Found Error"})
    store.set_person("x", "muted", target, on=True)
    store.saw_call("x", "mute", target)
    return Reply(body={"data": {"muting": True}})


# --- shapes


def _tweet(request: Request, world: World, item: Comment | Post) -> dict[str, Any]:
    """Write a tweet in the dialect that was asked for, with &, < and > escaped as X does."""
    comment = item if isinstance(item, Comment) else None
    at = comment.updated_at if comment else item.created_at
    sent = x_posts.shape(item) if isinstance(item, Post) and item.sent else {"text": item.text}
    tweet: dict[str, Any] = {
        **sent,
        "id": _id(item),
        "text": sent["text"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "author_id": comment.author_id if comment else OWN,
        "created_at": at.astimezone(UTC).strftime(TIME_Z),
        "conversation_id": comment.post_id if comment else item.id,
        "lang": "ja",
    }
    noun = "post" if "post.fields" in request.query else "tweet"
    tweet[f"edit_history_{noun}_ids"] = comment.versions if comment else [item.id]
    if "public_metrics" in request.query.get(f"{noun}.fields", ""):
        tweet["public_metrics"] = x_posts.metrics(world, item, noun)
    if comment:
        tweet["in_reply_to_user_id"] = OWN
        replied = comment.parent_id or comment.post_id
        tweet[f"referenced_{noun}s"] = [{"type": "replied_to", "id": replied}]
    return tweet


def _includes(request: Request, world: World, page: Iterable[Comment | Post]) -> dict[str, Any]:
    if "author_id" not in request.query.get("expansions", ""):
        return {}
    authors = {item.author_id if isinstance(item, Comment) else OWN for item in page}
    users = [_user(world, author) for author in sorted(authors)]
    posts = [item for item in page if isinstance(item, Post)]
    return {"includes": {"users": users, **x_posts.beside(request, posts)}}


def _user(world: World, user_id: str) -> dict[str, str]:
    person = world.people[user_id]
    return {"id": person.id, "name": person.name, "username": person.handle}


def _not_found(tweet_id: str) -> dict[str, str]:
    return {
        "resource_id": tweet_id,
        "parameter": "id",
        "resource_type": "tweet",
        "title": "Not Found Error",
        "detail": f"Could not find tweet with id: [{tweet_id}].",
        "type": f"{PROBLEMS}resource-not-found",
    }


def _problem(status: int, kind: str, title: str, detail: str) -> Reply:
    body = {"type": PROBLEMS + kind, "title": title, "detail": detail, "status": status}
    return Reply(status, body, {"Content-Type": "application/problem+json"})


def _id(item: Comment | Post) -> str:
    return item.versions[-1] if isinstance(item, Comment) else item.id


def ids_order(snowflake: str) -> tuple[int, str]:
    return (len(snowflake), snowflake)

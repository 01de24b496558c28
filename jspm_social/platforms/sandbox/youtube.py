"""The sandbox's YouTube: Data API v3 for one channel's comments, with quota units counted.

Where the documentation leaves open what happens, this answers: a rejected comment is still found
by its id but in no list and cannot be published again; held replies are in no list.
"""

import base64
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from . import ids, youtube_posts
from .model import GONE, HIDDEN, REMOVED, SPAM, VISIBLE, Comment, World
from .store import CLIENT_ID, CLIENT_SECRET, SandboxStore
from .wire import Reply, Request

OWN = ids.OWN_IDS["youtube"]
STATUS = {VISIBLE: "published", HIDDEN: "heldForReview", SPAM: "likelySpam", REMOVED: "rejected"}
STATES = {status: state for state, status in STATUS.items()}
UNITS_A_DAY = 10_000
PACIFIC = ZoneInfo("America/Los_Angeles")
TIME = "%Y-%m-%dT%H:%M:%SZ"


def handle(request: Request, store: SandboxStore) -> Reply:  # noqa: C901, PLR0911 - routes
    """Answer one request below /youtube."""
    world = store.world("youtube")
    if request.parts == ("token",) and request.method == "POST":
        return _token(request, store)
    if request.bearer != world.tokens.access or world.tokens.expired:
        return expired()
    if _charge(world, youtube_posts.cost(request)) and store.enforce_limits:
        return quota()
    made = youtube_posts.route(request, store)
    if made:
        return made
    if request.parts[:2] != ("youtube", "v3"):
        return _error(404, "notFound", "no such route")
    match request.method, request.parts[2:]:
        case "GET", ("channels",):
            item = {"kind": "youtube#channel", "id": OWN, "snippet": {"title": ids.OWN_NAME}}
            return Reply(body={"items": [item]})
        case "GET", ("videos",):
            return _videos(request, world)
        case "GET", ("commentThreads",):
            return _threads(request, world)
        case "GET", ("comments",):
            return _comments(request, world)
        case "POST", ("comments", "setModerationStatus"):
            return _set_status(request, store)
        case _:
            return _error(404, "notFound", "no such route")


def expired() -> Reply:
    return _error(401, "authError", "Invalid Credentials")


def limited(_: float) -> Reply:
    return _error(429, "rateLimitExceeded", "Too many requests")


def quota() -> Reply:
    return _error(403, "quotaExceeded", "The request cannot be completed: quota exceeded")


def broken() -> Reply:
    return _error(503, "backendError", "Backend Error")


def _charge(world: World, units: int) -> bool:
    """Count quota units until midnight Pacific time; True when they are used up."""
    today = datetime.now(PACIFIC).date().isoformat()
    if world.units_day != today:
        world.units_day, world.units = today, 0
    world.units += units
    return world.units > UNITS_A_DAY


def _token(request: Request, store: SandboxStore) -> Reply:
    form, tokens = request.form, store.world("youtube").tokens
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return Reply(401, {"error": "invalid_client"})
    right = (
        form.get("grant_type") == "refresh_token" and form.get("refresh_token") == tokens.refresh
    )
    if not right or tokens.revoked:
        return Reply(400, {"error": "invalid_grant", "error_description": "Bad Request"})
    fresh = store.rotate_tokens("youtube")
    scope = "https://www.googleapis.com/auth/youtube.force-ssl"
    return Reply(
        body={
            "access_token": fresh.access,
            "expires_in": 3599,
            "scope": scope,
            "token_type": "Bearer",
        }
    )


# --- reading


def _videos(request: Request, world: World) -> Reply:
    wanted = request.query.get("id", "").split(",")
    if len(wanted) > 50:
        return _error(400, "invalidParameter", "id: 50 at most")
    items = [_video(world, i) for i in wanted]
    found = [item for item in items if item]
    if "statistics" in request.query.get("part", ""):
        found = [{**item, "statistics": _statistics(world, item["id"])} for item in found]
    return Reply(body={"items": found})


def _statistics(world: World, video_id: str) -> dict[str, str]:
    """Return the counts of a video, written as YouTube writes them."""
    post = world.posts.get(video_id)
    counts = {"viewCount": "views", "likeCount": "likes"}
    told = {key: str(post.count(name) if post else 0) for key, name in counts.items()}
    return {**told, "favoriteCount": "0", "commentCount": str(world.answers(video_id))}


def _video(world: World, video_id: str) -> dict[str, Any] | None:
    post = world.posts.get(video_id)
    older = youtube_posts.older(post) if post and video_id not in world.uploads else None
    return older or youtube_posts.video(world, video_id)


def _threads(request: Request, world: World) -> Reply:
    query = request.query
    filters = [f for f in ("allThreadsRelatedToChannelId", "videoId", "id") if query.get(f)]
    if len(filters) != 1:
        return _error(400, "invalidFilters", "exactly one filter")
    if filters == ["id"]:
        wanted = [world.comments.get(i) for i in query["id"].split(",")]
        found = [c for c in wanted if c and c.state != GONE and not c.parent_id]
        if len(wanted) > 50:
            return _error(400, "invalidParameter", "id: 50 at most")
        return Reply(body={"items": [_thread(world, c, by_id=True) for c in found]})
    state = STATES.get(query.get("moderationStatus", "published"))
    if state is None or state == REMOVED:
        return _error(400, "invalidParameter", "moderationStatus")
    found = [
        c
        for c in world.comments.values()
        if not c.parent_id
        and c.state == state
        and ("videoId" not in query or c.post_id == query["videoId"])
    ]
    newest = sorted(found, key=_place, reverse=True)
    return _listing(request, world, newest, threads=True)


def _comments(request: Request, world: World) -> Reply:
    query = request.query
    if query.get("id"):
        wanted = [world.comments.get(i) for i in query["id"].split(",")]
        if len(wanted) > 50:
            return _error(400, "invalidParameter", "id: 50 at most")
        items = [_comment(world, c, by_id=True) for c in wanted if c and c.state != GONE]
        return Reply(body={"items": items})
    parent = world.comments.get(query.get("parentId", ""))
    if parent is None or parent.state == GONE:
        return _error(404, "commentNotFound", "parentId")
    newest = sorted(_replies(world, parent), key=_place, reverse=True)
    return _listing(request, world, newest, threads=False)


def _listing(request: Request, world: World, newest: list[Comment], *, threads: bool) -> Reply:
    """Page by a token that keeps its place even while newer ones arrive and others go."""
    size = request.limit("maxResults", default=20, most=100)
    token = request.query.get("pageToken", "")
    try:
        before = base64.urlsafe_b64decode(token).decode() if token else ""
    except ValueError:
        return _error(400, "invalidPageToken", "pageToken")
    rest = [c for c in newest if not before or "|".join(_place(c)) < before]
    page = rest[:size]
    shape = _thread if threads else _comment
    body: dict[str, Any] = {
        "items": [shape(world, c) for c in page],
        "pageInfo": {"totalResults": len(newest), "resultsPerPage": size},
    }
    if len(rest) > size:
        body["nextPageToken"] = base64.urlsafe_b64encode(
            "|".join(_place(page[-1])).encode()
        ).decode()
    return Reply(body=body)


# --- effects


def _set_status(request: Request, store: SandboxStore) -> Reply:
    world, query = store.world("youtube"), request.query
    state = STATES.get(query.get("moderationStatus", ""))
    ban = query.get("banAuthor") == "true"
    wanted = query.get("id", "").split(",")
    if state not in {VISIBLE, HIDDEN, REMOVED} or not 1 <= len(wanted) <= 50:
        return _error(400, "invalidParameter", "id, moderationStatus")
    if ban and state != REMOVED:
        return _error(400, "banWithoutReject", "banAuthor needs rejected")
    found = [world.comments.get(comment_id) for comment_id in wanted]
    if any(c is None for c in found):
        return _error(404, "commentNotFound", "no such comment")
    comments = [c for c in found if c]
    if any(c.state == GONE or (c.state == REMOVED and state != REMOVED) for c in comments):
        return _error(400, "processingFailure", "The request could not be processed")
    for comment in comments:
        store.set_state("youtube", comment.id, state)
        store.saw_call("youtube", query["moderationStatus"] + ("+ban" if ban else ""), comment.id)
        if ban:
            store.set_person("youtube", "blocked", comment.author_id, on=True)
    return Reply(204)


# --- shapes


def _thread(world: World, comment: Comment, *, by_id: bool = False) -> dict[str, Any]:
    replies = _replies(world, comment)
    thread: dict[str, Any] = {
        "kind": "youtube#commentThread",
        "id": comment.id,
        "snippet": {
            "channelId": OWN,
            "videoId": comment.post_id,
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": comment.state == VISIBLE,
            "topLevelComment": _comment(world, comment, by_id=by_id),
        },
    }
    if replies:
        sample = sorted(replies, key=_place)[:5]
        thread["replies"] = {"comments": [_comment(world, c, by_id=by_id) for c in sample]}
    return thread


def _comment(world: World, comment: Comment, *, by_id: bool = False) -> dict[str, Any]:
    person = world.people[comment.author_id]
    snippet: dict[str, Any] = {
        "channelId": OWN,
        "videoId": comment.post_id,
        "textDisplay": comment.text,
        "textOriginal": comment.text,
        "authorDisplayName": person.name,
        "authorChannelUrl": f"http://www.youtube.com/@{person.handle}",
        "authorChannelId": {"value": person.id},
        "likeCount": 0,
        "publishedAt": _time(comment.created_at),
        "updatedAt": _time(comment.updated_at),
    }
    if comment.parent_id:
        snippet["parentId"] = comment.parent_id
    if not by_id:
        snippet["moderationStatus"] = STATUS[comment.state]
    return {"kind": "youtube#comment", "id": comment.id, "snippet": snippet}


def _replies(world: World, parent: Comment) -> list[Comment]:
    if not parent.replies or parent.state == REMOVED:
        return []
    found = (world.comments[i] for i in parent.replies)
    return [c for c in found if c.state == VISIBLE]


def _place(comment: Comment) -> tuple[str, str]:
    return (comment.created_at.astimezone(UTC).isoformat(), comment.id)


def _error(status: int, reason: str, message: str) -> Reply:
    entry = {"domain": "youtube", "reason": reason, "message": message}
    return Reply(status, {"error": {"code": status, "message": message, "errors": [entry]}})


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME)

"""How the sandbox's YouTube channel publishes: resumable uploads, and videos that become public.

Where the documentation leaves open what happens, this answers: what arrived of a cut piece is kept
in whole grains of 256 KiB; a session that made its video still tells it when it is asked.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from . import ids
from .model import Post, World
from .store import SandboxStore
from .wire import Reply, Request

OWN = ids.OWN_IDS["youtube"]
UPLOADS = "UU" + OWN.removeprefix("UC")
HOST = "https://youtube.googleapis.com"
GRAIN = 256 * 1024
A_DAY = 100  # uploads
TIME = "%Y-%m-%dT%H:%M:%SZ"
PIECE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def route(request: Request, store: SandboxStore) -> Reply | None:  # noqa: PLR0911 - routes
    """Answer a request that publishes; None for any other."""
    world = store.world("youtube")
    match request.method, request.parts:
        case "POST", ("upload", "youtube", "v3", "videos"):
            return _begin(request, store)
        case "PUT", ("upload", "youtube", "v3", "videos"):
            return _receive(request, store)
        case "PUT", ("youtube", "v3", "videos"):
            return _update(request, store)
        case "DELETE", ("youtube", "v3", "videos"):
            return _delete(request, store)
        case "GET", ("youtube", "v3", "channels") if request.query.get("part") == "contentDetails":
            related = {"relatedPlaylists": {"uploads": UPLOADS}}
            return Reply(body={"items": [{"id": OWN, "contentDetails": related}]})
        case "GET", ("youtube", "v3", "playlistItems"):
            return _list(request, world)
    return None


def cost(request: Request) -> int:
    """Return the units a request costs. Uploads have a bucket of their own."""
    if request.parts[:1] == ("upload",):
        return 0
    return 1 if request.method == "GET" else 50


def video(world: World, video_id: str) -> dict[str, Any] | None:
    """Return a video of ours as its owner sees it, unseen ones too; None for one of before."""
    made = world.uploads.get(video_id)
    return None if made is None or made["deleted"] else _shape(world, video_id, made)


# --- uploads


def _begin(request: Request, store: SandboxStore) -> Reply:
    world, body = store.world("youtube"), request.json
    snippet, status = body.get("snippet") or {}, body.get("status") or {}
    refused = _refusal(snippet)
    if refused:
        return refused
    today = datetime.now(UTC).date().isoformat()
    if sum(1 for made in world.uploads.values() if made.get("day") == today) >= A_DAY:
        return _error(400, "uploadLimitExceeded", "The user has exceeded the number of videos")
    session = uuid.uuid4().hex
    size = int(request.headers.get("x-upload-content-length", "0"))
    store.upload(
        "youtube",
        session,
        size=size,
        arrived=0,
        snippet=snippet,
        status=status,
        video="",
        day=today,
    )
    query = f"uploadType=resumable&upload_id={session}"
    return Reply(200, None, {"Location": f"{HOST}/upload/youtube/v3/videos?{query}"})


def _receive(request: Request, store: SandboxStore) -> Reply:
    world, session = store.world("youtube"), request.query.get("upload_id", "")
    known = world.uploads.get(session)
    if known is None:
        return Reply(404)
    place = PIECE.fullmatch(request.headers.get("content-range", ""))
    if place and not known["video"]:
        refused = _take(store, session, known, int(place[1]), len(request.body))
        if refused:
            return refused
    if known["video"]:
        return Reply(201, _shape(world, known["video"], world.uploads[known["video"]]))
    arrived = known["arrived"]
    return Reply(308, None, {"Range": f"bytes=0-{arrived - 1}"} if arrived else {})


def _take(
    store: SandboxStore, session: str, known: dict[str, Any], start: int, size: int
) -> Reply | None:
    if start != known["arrived"]:
        return _error(400, "badRequest", "The piece does not begin where it should")
    arrived = start + size
    if arrived < known["size"]:
        arrived -= arrived % GRAIN
    store.upload("youtube", session, arrived=arrived)
    if arrived == known["size"]:
        _make(store, session, known)
    return None


def _make(store: SandboxStore, session: str, known: Mapping[str, Any]) -> None:
    now = datetime.now(UTC)
    video_id = ids.published_id("youtube", session, now)
    store.upload(
        "youtube",
        video_id,
        made=now.isoformat(),
        size=known["size"],
        snippet=known["snippet"],
        status=known["status"],
        asked=0,
        deleted=False,
    )
    store.upload("youtube", session, video=video_id)
    store.saw_call("youtube", "upload", video_id)


# --- videos


def _update(request: Request, store: SandboxStore) -> Reply:
    world, body = store.world("youtube"), request.json
    video_id = str(body.get("id", ""))
    made = world.uploads.get(video_id)
    if made is None or made["deleted"]:
        return _error(404, "videoNotFound", "no such video")
    if request.query.get("part") != "status":
        return _error(400, "unexpectedPart", "part: status")
    store.upload("youtube", video_id, status=body.get("status") or {})
    store.saw_call("youtube", "update", video_id)
    if made["status"].get("privacyStatus") == "public" and video_id not in world.posts:
        snippet = made["snippet"]
        film = {"kind": "video", "alt": "", "size": made["size"]}
        words = "\n".join([snippet["title"], snippet.get("description", "")])
        store.publish("youtube", video_id, words, media=[film], more=snippet)
    return Reply(body={"id": video_id, "status": _status(world, made)})


def _delete(request: Request, store: SandboxStore) -> Reply:
    world, video_id = store.world("youtube"), request.query.get("id", "")
    made = world.uploads.get(video_id)
    if (made is None or made["deleted"]) and video_id not in world.posts:
        return _error(404, "videoNotFound", "no such video")
    if made is not None:
        store.upload("youtube", video_id, deleted=True)
    store.withdraw("youtube", video_id)
    store.saw_call("youtube", "withdraw", video_id)
    return Reply(204)


def _list(request: Request, world: World) -> Reply:
    """List our own uploads, the newest first, unseen ones among them."""
    if request.query.get("playlistId") != UPLOADS:
        return _error(404, "playlistNotFound", "playlistId")
    mine = [(i, made) for i, made in world.uploads.items() if made.get("deleted") is False]
    newest = sorted(mine, key=lambda entry: entry[1]["made"], reverse=True)
    items = [
        {
            "snippet": {**_shape(world, i, made)["snippet"]},
            "contentDetails": {"videoId": i, "videoPublishedAt": _time(made["made"])},
        }
        for i, made in newest
    ]
    others = [older(post) for post in world.posts.values() if post.id not in world.uploads]
    items += [{"snippet": o["snippet"], "contentDetails": {"videoId": o["id"]}} for o in others]
    items.sort(key=lambda item: str(item["snippet"]["publishedAt"]), reverse=True)
    return Reply(body={"items": items})


# --- shapes


def _shape(world: World, video_id: str, made: dict[str, Any]) -> dict[str, Any]:
    made["asked"] += 1
    snippet = {**made["snippet"], "channelId": OWN, "publishedAt": _time(made["made"])}
    status = _status(world, made)
    return {"kind": "youtube#video", "id": video_id, "snippet": snippet, "status": status}


def older(post: Post) -> dict[str, Any]:
    """Return a video that was not uploaded by us."""
    snippet = {
        "title": post.text[:100],
        "description": post.text,
        "channelId": OWN,
        "publishedAt": _time(post.created_at.isoformat()),
    }
    status = {"privacyStatus": "public", "uploadStatus": "processed"}
    return {"kind": "youtube#video", "id": post.id, "snippet": snippet, "status": status}


def _status(world: World, made: Mapping[str, Any]) -> dict[str, Any]:
    """Tell how a video stands. It is processed as often as `slow` says when it is asked for."""
    if str(made["snippet"].get("title", "")).endswith("broken"):
        return {**made["status"], "uploadStatus": "failed", "failureReason": "codec"}
    done = made["asked"] > world.slow + 1  # the answer to the upload counts as one
    return {**made["status"], "uploadStatus": "processed" if done else "uploaded"}


def _refusal(snippet: Mapping[str, Any]) -> Reply | None:
    title, words = str(snippet.get("title", "")), str(snippet.get("description", ""))
    if not 0 < len(title) <= 100 or {"<", ">"} & set(title):
        return _error(400, "invalidTitle", "title")
    if len(words.encode("utf-8", "replace")) > 5000 or {"<", ">"} & set(words):
        return _error(400, "invalidDescription", "description")
    return None


def _error(status: int, reason: str, message: str) -> Reply:
    entry = {"domain": "youtube", "reason": reason, "message": message}
    return Reply(status, {"error": {"code": status, "message": message, "errors": [entry]}})


def _time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).strftime(TIME)

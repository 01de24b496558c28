"""How the sandbox's Facebook Page publishes: unseen pictures, films in pieces, posts.

Where the documentation leaves open what happens, this answers: until `finish` a film is told as
still being uploaded; a piece that does not begin where it should is refused with the right place.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from . import graph, ids
from .model import Post, World
from .store import SandboxStore
from .wire import Reply, Request, form_parts

OWN = ids.OWN_IDS["facebook"]
PIECE = 4 * 1024 * 1024  # bytes that are asked for at once
SITE = "https://www.facebook.com"


def route(request: Request, store: SandboxStore, parts: tuple[str, ...]) -> Reply | None:
    """Answer a request that publishes; None for any other. `parts` are below the version."""
    world = store.world("facebook")
    match request.method, parts:
        case "POST", (page, "feed") if page == OWN:
            return _feed(request, store)
        case "POST", (page, "photos") if page == OWN:
            return _photo(request, store)
        case "POST", (page, "videos") if page == OWN:
            return _video(request, store)
        case "GET", (object_id,):
            return _read(world, object_id, request.query.get("fields", ""))
        case "DELETE", (object_id,):
            return _delete(store, object_id)
    return None


def post_shape(post: Post) -> dict[str, Any]:
    """Return a post as the lists tell it."""
    shape: dict[str, Any] = {
        "id": post.id,
        "message": post.text,
        "created_time": graph.time(post.created_at),
        "permalink_url": f"{SITE}/{post.id}",
    }
    shown = post.sent["more"].get("ids", []) if post.sent else []
    kind = "video_inline" if post.sent and post.sent["more"].get("video") else "photo"
    targets = [{"type": kind, "target": {"id": i}} for i in shown]
    if len(targets) > 1:
        shape["attachments"] = {"data": [{"type": "album", "subattachments": {"data": targets}}]}
    elif targets:
        shape["attachments"] = {"data": targets}
    if post.sent and post.sent["card"]:
        shape["attachments"] = {"data": [{"type": "share", "target": {"id": "1"}}]}
    return shape


def _feed(request: Request, store: SandboxStore) -> Reply:
    form, world = request.form, store.world("facebook")
    wanted = [json.loads(form[key])["media_fbid"] for key in _numbered(form)]
    photos = [world.uploads.get(i, {}) for i in wanted]
    if not all(photo.get("kind") == "image" for photo in photos):
        return graph.error(400, 100, "attached_media: no such photo")
    if not (form.get("message") or form.get("link") or photos):
        return graph.error(400, 100, "message, link or attached_media: one of these")
    post = _publish(
        store,
        form.get("message", ""),
        media=photos,
        card={"url": form["link"]} if form.get("link") else None,
        more={"ids": wanted},
    )
    return Reply(body={"id": post.id})


def _photo(request: Request, store: SandboxStore) -> Reply:
    """Take a picture that a later post will show. One to be seen at once is not wanted here."""
    parts = form_parts(request)
    fields = {k: v.decode("utf-8", "replace") for k, v in parts.items() if k != "source"}
    fields = fields or request.form
    if fields.get("published") != "false":
        return graph.error(400, 100, "The sandbox takes unseen photos only")
    content = parts.get("source", b"")
    if not content and not fields.get("url", "").startswith("https://"):
        return graph.error(400, 324, "Missing or invalid image file")
    photo = ids.upload_id(str(uuid.uuid4()))
    store.upload(
        "facebook",
        photo,
        kind="image",
        alt=fields.get("alt_text_custom", ""),
        url=fields.get("url", ""),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return Reply(body={"id": photo})


def _video(request: Request, store: SandboxStore) -> Reply:
    fields = {k: v.decode("utf-8", "replace") for k, v in form_parts(request).items()}
    form = fields or request.form
    if form.get("upload_phase") == "start":
        return _begin_video(store, int(form.get("file_size", "0")))
    session = store.world("facebook").uploads.get(form.get("upload_session_id", ""))
    if session is None or session["finished"]:
        return graph.error(400, 6000, "There was a problem with the upload session", 1363019)
    if form.get("upload_phase") == "finish":
        return _finish_video(store, session, form)
    start, arrived = int(form.get("start_offset", "-1")), session["arrived"]
    if start != arrived:
        reply = graph.error(400, 6001, "The chunk does not begin where it should", 1363037)
        reply.body["error"]["error_data"] = _place(session)
        return reply
    arrived += len(form_parts(request).get("video_file_chunk", b""))
    return Reply(body=_place(store.upload("facebook", session["session"], arrived=arrived)))


def _begin_video(store: SandboxStore, size: int) -> Reply:
    session, video = (ids.upload_id(str(uuid.uuid4())) for _ in range(2))
    values = {"video": video, "session": session, "size": size}
    known = store.upload("facebook", session, **values, arrived=0, finished=False, asked=0)
    return Reply(body={"upload_session_id": session, "video_id": video, **_place(known)})


def _finish_video(
    store: SandboxStore, session: Mapping[str, Any], form: Mapping[str, str]
) -> Reply:
    if session["arrived"] < session["size"]:
        return graph.error(400, 6000, "The upload is not complete", 1363030)
    words = form.get("description", "")
    film = {"kind": "video", "alt": "", "size": session["size"]}
    more = {"ids": [session["video"]], "video": session["video"], "title": form.get("title", "")}
    post = _publish(store, words, media=[film], more=more)
    store.upload("facebook", session["session"], finished=True, post=post.id)
    return Reply(body={"success": True})


def _publish(store: SandboxStore, words: str, **shown: Any) -> Post:
    now = datetime.now(UTC)
    post_id = ids.published_id("facebook", str(uuid.uuid4()), now)
    store.saw_call("facebook", "publish", post_id)
    return store.publish("facebook", post_id, words, at=now, **shown)


def _read(world: World, object_id: str, fields: str) -> Reply | None:
    if object_id in world.posts:
        post = world.posts[object_id]
        return Reply(body={**post_shape(post), **_counts(world, post, fields)})
    session = _session(world, object_id)
    if session is None:
        return None
    shown = world.posts.get(session.get("post", ""))
    counts = _counts(world, shown, fields) if shown else {}
    return Reply(body={**_film(world, session), **counts})


def _counts(world: World, post: Post, fields: str) -> dict[str, Any]:
    """Return what was asked for of a post's counts. Nobody shared it yet: no `shares` at all."""
    likes = {"data": [], "summary": {"total_count": post.count("likes")}}
    comments = {"data": [], "summary": {"total_count": world.answers(post.id)}}
    told = {"reactions": likes, "likes": likes, "comments": comments, "views": post.count("views")}
    if post.count("reposts"):
        told["shares"] = {"count": post.count("reposts")}
    wanted = {part.partition(".")[0] for part in fields.split(",")}
    return {name: value for name, value in told.items() if name in wanted}


def _delete(store: SandboxStore, object_id: str) -> Reply | None:
    world = store.world("facebook")
    session = _session(world, object_id)
    post_id = session.get("post", "") if session else object_id
    if post_id not in world.posts:
        return graph.missing(object_id) if session else None
    store.withdraw("facebook", post_id)
    store.saw_call("facebook", "withdraw", post_id)
    return Reply(body={"success": True})


def _session(world: World, video: str) -> dict[str, Any] | None:
    """Return the upload of a film by the film's id, while the film is there."""
    for known in world.uploads.values():
        if known.get("video") == video and known.get("post", "") not in world.withdrawn:
            return known
    return None


def _film(world: World, session: dict[str, Any]) -> dict[str, Any]:
    """Return a film. It is processed as often as `slow` says when it is asked for."""
    post = world.posts.get(session.get("post", ""))
    session["asked"] += bool(post)
    done = post is not None and session["asked"] > world.slow
    processing = "complete" if done else "in_progress" if post else "not_started"
    shape: dict[str, Any] = {
        "id": session["video"],
        "permalink_url": f"/{OWN}/videos/{session['video']}/",
        "status": {
            "video_status": "ready" if done else "processing" if post else "uploading",
            "uploading_phase": {"status": "complete" if post else "in_progress"},
            "processing_phase": {"status": processing},
            "publishing_phase": {"status": "complete" if done else "not_started"},
        },
    }
    if post:
        shape |= {"description": post.text, "created_time": graph.time(post.created_at)}
        shape |= {"post_id": post.id.partition("_")[2]} if done else {}
    return shape


def _place(session: Mapping[str, Any]) -> dict[str, str]:
    start, size = session["arrived"], session["size"]
    return {"start_offset": str(start), "end_offset": str(min(start + PIECE, size))}


def _numbered(form: Mapping[str, str]) -> list[str]:
    found = [key for key in form if key.startswith("attached_media[")]
    return sorted(found, key=lambda key: int(key.partition("[")[2].rstrip("]")))

"""How the sandbox's Instagram and Threads publish: containers, which expire after 24 hours.

Where the documentation leaves open what happens, this answers: a container that was published
cannot be published again (100); a medium whose address or name ends in "broken" fails.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from . import graph, ids
from .model import Post, World
from .store import SandboxStore
from .wire import Reply, Request

LASTS = timedelta(hours=24)
FORBIDDEN = {"reply_to_id", "quote_post_id", "reply_control"}


@dataclass(frozen=True, slots=True)
class Manner:
    """What differs between the two."""

    platform: str
    account: str
    edge: str
    publish: str
    limit: str
    stage: str
    reason: str
    words: str
    most_words: int
    most_parts: int
    a_day: int
    failure: str


INSTAGRAM = Manner(
    platform="instagram",
    account=ids.OWN_IDS["instagram"],
    edge="media",
    publish="media_publish",
    limit="content_publishing_limit",
    stage="status_code",
    reason="status",
    words="caption",
    most_words=2200,
    most_parts=10,
    a_day=100,
    failure="Error: Media upload has failed with error code 2207026",
)
THREADS = Manner(
    platform="threads",
    account="me",
    edge="threads",
    publish="threads_publish",
    limit="threads_publishing_limit",
    stage="status",
    reason="error_message",
    words="text",
    most_words=500,
    most_parts=20,
    a_day=250,
    failure="FAILED_DOWNLOADING_VIDEO",
)


def route(
    request: Request, store: SandboxStore, manner: Manner, parts: tuple[str, ...]
) -> Reply | None:
    """Answer a request that publishes; None for any other. `parts` are below the version."""
    match request.method, parts:
        case "POST", (account, edge) if account == manner.account and edge == manner.edge:
            return _create(request, store, manner)
        case "POST", (account, edge) if account == manner.account and edge == manner.publish:
            return _publish(request, store, manner)
        case "GET", (account, edge) if account == manner.account and edge == manner.limit:
            return _limit(store.world(manner.platform), manner)
        case "GET", (container,):
            return _look(store, manner, container)
        case "DELETE", (post_id,) if post_id in store.world(manner.platform).posts:
            return _delete(store, manner, post_id)
    return None


def _create(request: Request, store: SandboxStore, manner: Manner) -> Reply:
    """Make a container, unseen."""
    form, world = request.form, store.world(manner.platform)
    refused = _refusal(form, world, manner)
    if refused:
        return refused
    container = ids.upload_id(str(uuid.uuid4()))
    made = datetime.now(UTC).isoformat()
    expected = -1 if form.get("upload_type") == "resumable" else 0
    store.upload(
        manner.platform,
        container,
        form=form,
        made=made,
        published=False,
        asked=0,
        arrived=0,
        expected=expected,
    )
    if not expected:
        return Reply(body={"id": container})
    path = f"ig-api-upload/v26.0/{container}"
    return Reply(body={"id": container, "uri": f"https://rupload.facebook.com/{path}"})


def receive(request: Request, store: SandboxStore, manner: Manner, container: str) -> Reply:
    """Take a file's bytes from `offset` on; what arrived before a cut stays."""
    known = store.world(manner.platform).uploads.get(container)
    if known is None:
        return Reply(404, {"debug_info": {"type": "NotFoundError", "message": "no container"}})
    offset, size = (int(request.headers.get(name, "-1")) for name in ("offset", "file_size"))
    if offset != known["arrived"] or size < 0:
        return Reply(412, {"debug_info": {"type": "OffsetInvalidError", "retriable": True}})
    arrived = offset + len(request.body)
    store.upload(manner.platform, container, arrived=arrived, expected=size)
    return Reply(body={"success": arrived == size, "message": "Upload successful."})


def _publish(request: Request, store: SandboxStore, manner: Manner) -> Reply:
    """Publish a container that is ready, once."""
    world, container = store.world(manner.platform), request.form.get("creation_id", "")
    known = world.uploads.get(container)
    if known is None:
        return graph.error(400, 24, "The media could not be found", 2207008)
    stage = _stage(known, world)
    if stage == "EXPIRED":
        return graph.error(400, -2, "The media you are trying to access has expired", 2207020)
    if stage == "PUBLISHED":
        return graph.error(400, 100, "The media was published already")
    if stage != "FINISHED":
        return graph.error(400, 9007, "The media is not ready for publishing", 2207027)
    now = datetime.now(UTC)
    post_id = ids.published_id(manner.platform, container, now)
    form = known["form"]
    store.publish(
        manner.platform,
        post_id,
        form.get(manner.words, ""),
        at=now,
        media=[_medium(f) for f in _shown(form, world)],
        card={"url": form["link_attachment"]} if form.get("link_attachment") else None,
        poll={"options": list(_poll(form).values())} if form.get("poll_attachment") else None,
    )
    store.upload(manner.platform, container, published=True)
    store.saw_call(manner.platform, "publish", container)
    return Reply(body={"id": post_id})


def _limit(world: World, manner: Manner) -> Reply:
    """Tell how many of the posts of 24 hours are used."""
    since = datetime.now(UTC) - LASTS
    used = sum(1 for post in world.posts.values() if post.sent and post.created_at > since)
    config = {"quota_total": manner.a_day, "quota_duration": 86400}
    return Reply(body={"data": [{"quota_usage": used, "config": config}]})


def _look(store: SandboxStore, manner: Manner, container: str) -> Reply | None:
    """Tell how a container stands; None when there is none of this id."""
    world = store.world(manner.platform)
    known = world.uploads.get(container)
    if known is None:
        return None
    store.upload(manner.platform, container, asked=known["asked"] + 1)
    stage = _stage(known, world)
    told: dict[str, Any] = {"id": container, manner.stage: stage}
    if stage == "ERROR":
        told[manner.reason] = manner.failure
    if known["expected"]:
        told["video_status"] = {"uploading_phase": {"bytes_transferred": known["arrived"]}}
    return Reply(body=told)


def _delete(store: SandboxStore, manner: Manner, post_id: str) -> Reply:
    store.withdraw(manner.platform, post_id)
    store.saw_call(manner.platform, "withdraw", post_id)
    return Reply(body={"success": True, "deleted_id": post_id})


def kind(post: Post) -> str:
    """Return a post's media_type as the lists tell it."""
    media = post.sent["media"] if post.sent else []
    if len(media) > 1:
        return "CAROUSEL_ALBUM"
    return media[0]["kind"].upper() if media else "TEXT_POST"


def _stage(known: Mapping[str, Any], world: World) -> str:
    if known["published"]:
        return "PUBLISHED"
    if datetime.now(UTC) - datetime.fromisoformat(known["made"]) > LASTS:
        return "EXPIRED"
    if any(str(value).endswith("broken") for value in known["form"].values()):
        return "ERROR"
    is_here = known["arrived"] == known["expected"]
    return "FINISHED" if is_here and known["asked"] > world.slow else "IN_PROGRESS"


def _refusal(form: Mapping[str, str], world: World, manner: Manner) -> Reply | None:
    words = form.get(manner.words, "")
    children = [i for i in form.get("children", "").split(",") if i]
    if FORBIDDEN & set(form):
        return graph.error(400, 100, "The sandbox lets nobody reply or quote")
    if len(words) > manner.most_words:
        return graph.error(400, 36004, "The caption is too long", 2207010)
    if manner is THREADS and len(set(re.findall(r"https?://\S+", words))) > 5:
        return graph.error(400, 100, "THREADS_API__LINK_LIMIT_EXCEEDED")
    if form.get("media_type") == "CAROUSEL":
        right = 2 <= len(children) <= manner.most_parts and all(
            i in world.uploads for i in children
        )
        return None if right else graph.error(400, 100, "children: containers, two or more")
    if form.get("media_type") == "TEXT":
        return None if words else graph.error(400, 100, "text is required")
    return _refusal_of_file(form)


def _refusal_of_file(form: Mapping[str, str]) -> Reply | None:
    address = form.get("image_url") or form.get("video_url", "")
    if form.get("upload_type") == "resumable" or address.startswith("https://"):
        return None
    return graph.error(400, 9004, "The media could not be fetched from this URI", 2207052)


def _shown(form: Mapping[str, str], world: World) -> list[Mapping[str, str]]:
    if form.get("media_type") == "TEXT":
        return []
    children = [i for i in form.get("children", "").split(",") if i]
    return [world.uploads[i]["form"] for i in children] or [form]


def _medium(form: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "image" if form.get("image_url") else "video",
        "alt": form.get("alt_text", ""),
        "url": form.get("image_url") or form.get("video_url", ""),
    }


def _poll(form: Mapping[str, str]) -> dict[str, str]:
    options: dict[str, str] = json.loads(form["poll_attachment"])
    return options

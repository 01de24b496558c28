"""The sandbox's Mastodon, as far as posting goes: what the server allows, files, statuses.

It ignores `Idempotency-Key`, as compatible servers do, works on a video for a while, shows text as
HTML with shortened addresses and mentions, and refuses anything that answers or quotes.
"""

import hashlib
import html
from datetime import UTC, datetime
from typing import Any

import regex

from jspm_social.platforms.counting import measure
from jspm_social.platforms.counting.urls import mastodon_urls
from jspm_social.platforms.names import Platform

from . import ids
from .model import Post, World
from .store import SandboxStore
from .wire import Reply, Request, form_parts

STATUS_FIELDS = {"status", "visibility", "language", "media_ids", "poll"}
MIMES = ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm"]
LIMITS = {
    "statuses": {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    },
    "media_attachments": {
        "supported_mime_types": MIMES,
        "image_size_limit": 16_777_216,
        "video_size_limit": 103_809_024,
        "description_limit": 1500,
    },
    "polls": {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2_629_746,
    },
}


def handle(request: Request, store: SandboxStore) -> Reply | None:  # noqa: PLR0911 - routes
    """Answer what has to do with posting, None for everything else."""
    world = store.world("mastodon")
    match request.method, request.parts[1:]:
        case "GET", ("v2", "instance"):
            return Reply(body={"version": "4.5.0", "configuration": LIMITS})
        case "POST", ("v2", "media"):
            return _upload(request, store)
        case "GET", ("v1", "media", media_id) if media_id in world.uploads:
            return _look(store, media_id)
        case "POST", ("v1", "statuses"):
            return _create(request, store)
        case "GET", ("v1", "statuses", local, "source") if own(world, local):
            text = world.posts[own(world, local)].text
            return Reply(body={"id": local, "text": text, "spoiler_text": ""})
        case "DELETE", ("v1", "statuses", local) if own(world, local):
            return _delete(store, own(world, local))
        case _:
            return None


def own(world: World, local: str) -> str:
    """Return the uri of a post of ours by its local id, '' for none."""
    return next((uri for uri in world.posts if uri.rpartition("/")[2] == local), "")


# --- files


def _upload(request: Request, store: SandboxStore) -> Reply:
    parts, uploads = form_parts(request), store.world("mastodon").uploads
    file, alt = parts.get("file", b""), parts.get("description", b"").decode()
    if not file or len(alt) > 1500:
        return _invalid("Validation failed: File can't be blank")
    media_id = ids.snowflake(datetime.now(UTC), f"media {len(uploads)}")
    video = b"Content-Type: video/" in request.body
    store.upload(
        "mastodon",
        media_id,
        kind="video" if video else "image",
        size=len(file),
        sha256=hashlib.sha256(file).hexdigest(),
        alt=alt,
        looks=2 if video else 0,  # how often it is looked for until it is ready
    )
    return _file(store.world("mastodon"), media_id, working=202)


def _look(store: SandboxStore, media_id: str) -> Reply:
    looks = store.world("mastodon").uploads[media_id]["looks"]
    store.upload("mastodon", media_id, looks=max(looks - 1, 0))
    return _file(store.world("mastodon"), media_id, working=206)


def _file(world: World, media_id: str, *, working: int) -> Reply:
    ready = not world.uploads[media_id]["looks"]
    return Reply(200 if ready else working, attachment({**world.uploads[media_id], "id": media_id}))


def attachment(item: dict[str, Any]) -> dict[str, Any]:
    url = None if item["looks"] else f"{ids.INSTANCE}/media/{item['id']}"
    shown = {"id": item["id"], "type": item["kind"], "url": url, "preview_url": url}
    return {**shown, "description": item["alt"] or None}


# --- statuses


def _create(request: Request, store: SandboxStore) -> Reply:
    body, world = request.json, store.world("mastodon")
    if set(body) - STATUS_FIELDS or body.get("visibility") != "public":
        return _invalid("unknown fields")
    text, media_ids = str(body.get("status", "")), [str(i) for i in body.get("media_ids", [])]
    poll = body.get("poll")
    if not text and not media_ids:
        return _invalid("Validation failed: Text can't be blank")
    if not measure(Platform.MASTODON, text).fits:
        return _invalid("Validation failed: Text character limit of 500 exceeded")
    if (poll and media_ids) or len(media_ids) > 4:
        return _invalid("Cannot attach more than 4 files, or files and a poll")
    if any(i not in world.uploads or world.uploads[i]["looks"] for i in media_ids):
        return _invalid("Cannot attach files that have not finished processing.")
    now = datetime.now(UTC)
    seed = f"published {len(world.posts) + len(world.withdrawn)}"
    uri = ids.post_id("mastodon", seed, now)
    store.publish(
        "mastodon",
        uri,
        text,
        at=now,
        media=[{**world.uploads[i], "id": i} for i in media_ids],
        poll={"options": poll["options"], "seconds": poll["expires_in"]} if poll else None,
        more={"language": body.get("language", ""), "key": request.headers.get("idempotency-key")},
    )
    store.saw_call("mastodon", "publish", uri)
    return Reply(body={"created": uri})  # the caller shows the whole status


def _delete(store: SandboxStore, uri: str) -> Reply:
    store.withdraw("mastodon", uri)
    store.saw_call("mastodon", "withdraw", uri)
    return Reply(body={"id": uri.rpartition("/")[2]})


# --- shapes


def shape(post: Post) -> dict[str, Any]:
    """Return what a post that was published here has beyond others."""
    sent = post.sent or {"media": [], "poll": None}
    poll = {"options": [{"title": o} for o in sent["poll"]["options"]]} if sent["poll"] else None
    files = [attachment(item) for item in sent["media"]]
    return {"content": _html(post.text), "media_attachments": files, "poll": poll}


def _html(text: str) -> str:
    parts, place = [], 0
    for start, end in mastodon_urls(text):
        parts += [_words(text[place:start]), _link(text[start:end])]
        place = end
    parts.append(_words(text[place:]))
    inner = "".join(parts).replace("\n\n", "</p><p>").replace("\n", "<br />")
    return f"<p>{inner}</p>"


def _words(text: str) -> str:
    """Escape, and show a mention of somebody elsewhere without the host."""
    escaped = html.escape(text, quote=False)
    mention = (
        r'<span class="h-card"><a href="https://\2/@\1" class="u-url">@<span>\1</span></a></span>'
    )
    return regex.sub(r"@(\w+)@([\w.-]+)", mention, escaped)


def _link(address: str) -> str:
    scheme, _, rest = html.escape(address).partition("://")
    return (
        f'<a href="{scheme}://{rest}" rel="nofollow noopener" target="_blank">'
        f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:30]}</span>'
        f'<span class="invisible">{rest[30:]}</span></a>'
    )


def _invalid(message: str) -> Reply:
    return Reply(422, {"error": message})

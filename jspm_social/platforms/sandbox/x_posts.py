"""The sandbox's X, as far as posting goes: posts, media in one piece or in several, withdrawal.

As X does, it shortens every address (t.co), adds one for the pictures, refuses a second post with
the very same words, and works on a video for a while. Anything that answers or quotes is refused.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.counting.urls import x_urls

from . import ids
from .model import Comment, Post, World
from .store import SandboxStore
from .wire import Reply, Request, form_parts

OWN = ids.OWN_IDS["x"]
POST_FIELDS = {"text", "media", "poll"}
PREFIXES = {"image": "3", "video": "7"}
PROBLEMS = "https://api.x.com/2/problems/"


def handle(request: Request, store: SandboxStore) -> Reply | None:  # noqa: PLR0911 - routes
    """Answer what has to do with posting, None for everything else."""
    match request.method, request.parts[1:]:
        case "POST", ("tweets",):
            return _create(request, store)
        case "DELETE", ("tweets", post_id):
            return _delete(store, post_id)
        case "POST", ("media", "upload"):
            return _upload_image(request, store)
        case "POST", ("media", "upload", "initialize"):
            return _begin(request, store)
        case "POST", ("media", "upload", upload_id, "append"):
            return _append(request, store, upload_id)
        case "POST", ("media", "upload", upload_id, "finalize"):
            return _finish(store, upload_id)
        case "GET", ("media", "upload"):
            return _status(request, store)
        case "POST", ("media", "metadata"):
            return _describe(request, store)
        case _:
            return None


# --- posts


def _create(request: Request, store: SandboxStore) -> Reply:
    body, world = request.json, store.world("x")
    if set(body) - POST_FIELDS:
        return _invalid("unknown fields")
    text = str(body.get("text", ""))
    media_ids = [str(i) for i in (body.get("media") or {}).get("media_ids", [])]
    poll = body.get("poll")
    if (not text and not media_ids) or (poll and media_ids) or len(media_ids) > 4:
        return _invalid("text, media or poll")
    if any(not _is_usable(world, media_id) for media_id in media_ids):
        return _invalid("Your media IDs are invalid.")
    if not media_ids and not poll and _stands_already(world, text):
        detail = "You are not allowed to create a Tweet with duplicate content."
        return Reply(403, {"detail": detail, "title": "Forbidden", "status": 403})
    now = datetime.now(UTC)
    post_id = ids.snowflake(now, f"{text} {len(world.posts) + len(world.withdrawn)}")
    store.publish(
        "x",
        post_id,
        text,
        at=now,
        media=[{**world.uploads[i], "id": i} for i in media_ids],
        poll={"options": poll["options"], "minutes": poll["duration_minutes"]} if poll else None,
    )
    store.saw_call("x", "publish", post_id)
    shown = {"id": post_id, "text": shape(world.posts[post_id])["text"]}
    return Reply(201, {"data": {**shown, "edit_history_tweet_ids": [post_id]}})


def _is_usable(world: World, media_id: str) -> bool:
    known = world.uploads.get(media_id)
    return known is not None and known.get("state", "succeeded") == "succeeded"


def _stands_already(world: World, text: str) -> bool:
    return any(
        post.sent and not post.sent["media"] and post.text == text for post in world.posts.values()
    )


def _delete(store: SandboxStore, post_id: str) -> Reply:
    if post_id not in store.world("x").posts:
        return _missing(post_id)
    store.withdraw("x", post_id)
    store.saw_call("x", "withdraw", post_id)
    return Reply(body={"data": {"deleted": True}})


# --- media


def _upload_image(request: Request, store: SandboxStore) -> Reply:
    parts = form_parts(request)
    file = parts.get("media", b"")
    if parts.get("media_category") != b"tweet_image" or not file or len(file) > 5_000_000:
        return _invalid("media, media_category")
    upload_id = _new_id(store)
    store.upload(
        "x",
        upload_id,
        kind="image",
        mime=parts.get("media_type", b"").decode(),
        size=len(file),
        sha256=hashlib.sha256(file).hexdigest(),
        alt="",
    )
    return _told(upload_id, media_key=f"3_{upload_id}")


def _begin(request: Request, store: SandboxStore) -> Reply:
    body = request.json
    if body.get("media_category") != "tweet_video" or not body.get("total_bytes"):
        return _invalid("media_category, total_bytes")
    upload_id = _new_id(store)
    size, mime = int(body["total_bytes"]), str(body.get("media_type", ""))
    store.upload(
        "x", upload_id, kind="video", mime=mime, size=size, alt="", pieces={}, state="begun"
    )
    return _told(upload_id)


def _append(request: Request, store: SandboxStore, upload_id: str) -> Reply:
    known = store.world("x").uploads.get(upload_id)
    parts = form_parts(request)
    if known is None or known.get("state") != "begun" or not parts.get("media"):
        return _invalid("media, segment_index")
    piece = {parts["segment_index"].decode(): len(parts["media"])}  # a repeated one replaces it
    store.upload("x", upload_id, pieces={**known["pieces"], **piece})
    return Reply(status=204)


def _finish(store: SandboxStore, upload_id: str) -> Reply:
    known = store.world("x").uploads.get(upload_id)
    if known is None or known.get("state") not in {"begun", "in_progress"}:
        return _invalid("no such upload")
    pieces = known["pieces"]
    whole = set(pieces) == {str(n) for n in range(len(pieces))}
    if not whole or sum(pieces.values()) != known["size"]:
        return _invalid("segments are missing")
    store.upload("x", upload_id, state="in_progress")
    return _told(upload_id, processing_info={"state": "pending", "check_after_secs": 1})


def _status(request: Request, store: SandboxStore) -> Reply:
    """The first look finds X at work, the second finds it done."""
    upload_id = request.query.get("media_id", "")
    known = store.world("x").uploads.get(upload_id)
    if known is None or request.query.get("command") != "STATUS":
        return _missing(upload_id)
    looked = known.get("looked", False)
    state = "succeeded" if looked and known["state"] == "in_progress" else known["state"]
    store.upload("x", upload_id, state=state, looked=True)
    info = {"state": state} | ({} if state == "succeeded" else {"check_after_secs": 1})
    return _told(upload_id, processing_info=info)


def _describe(request: Request, store: SandboxStore) -> Reply:
    upload_id = str(request.json.get("id", ""))
    alt = str(((request.json.get("metadata") or {}).get("alt_text") or {}).get("text", ""))
    if upload_id not in store.world("x").uploads or not 0 < len(alt) <= 1000:
        return _invalid("id, metadata.alt_text.text")
    store.upload("x", upload_id, alt=alt)
    return Reply(body={"data": {"id": upload_id, "associated_metadata": {}}})


def _new_id(store: SandboxStore) -> str:
    return ids.snowflake(datetime.now(UTC), f"media {len(store.world('x').uploads)}")


def _told(upload_id: str, **more: Any) -> Reply:
    return Reply(body={"data": {"id": upload_id, "expires_after_secs": 86_400, **more}})


# --- shapes


def reposted(world: World) -> list[str]:
    return [str(u["repost_of"]) for u in world.uploads.values() if "repost_of" in u]


def reposts(world: World, noun: str) -> list[dict[str, Any]]:
    """Return our reposts as the list of our own posts tells them."""
    return [
        {
            "id": f"8{target[1:]}",
            "text": "RT",
            "author_id": OWN,
            f"referenced_{noun}s": [{"type": "retweeted", "id": target}],
        }
        for target in reposted(world)
    ]


def shape(post: Post) -> dict[str, Any]:
    """Return text, entities and attachments of a post that was published here."""
    sent = post.sent or {"media": [], "poll": None}
    text, addresses, place = "", [], 0
    for start, end in x_urls(post.text):
        address = post.text[start:end]
        long = address if "://" in address else f"http://{address}"
        short = _short(f"{post.id} {start}")
        addresses.append({"url": short, "expanded_url": long, "display_url": address[:25]})
        text += post.text[place:start] + short
        place = end
    text += post.text[place:]
    keys = [f"{PREFIXES[m['kind']]}_{m['id']}" for m in sent["media"]]
    if keys:
        short = _short(f"{post.id} media")
        long = f"https://x.com/{ids.OWN_HANDLE}/status/{post.id}/photo/1"
        shown = {"url": short, "expanded_url": long, "display_url": f"pic.x.com/{short[-10:]}"}
        addresses += [{**shown, "media_key": key} for key in keys]
        text += f" {short}"
    attached = {"media_keys": keys} if keys else {}
    if sent["poll"]:
        attached["poll_ids"] = [f"9{post.id}"]
    return {"text": text, "entities": {"urls": addresses}, "attachments": attached}


def metrics(world: World, item: Post | Comment, noun: str) -> dict[str, int]:
    """Return the public counts of a post in the dialect that was asked for; of others' none."""
    reposts = "repost_count" if noun == "post" else "retweet_count"
    told = dict.fromkeys(["reply_count", "like_count", reposts, "quote_count"], 0)
    if isinstance(item, Comment):
        return told
    return told | {
        "reply_count": world.answers(item.id),
        "like_count": item.count("likes"),
        reposts: item.count("reposts"),
        "impression_count": item.count("views"),
    }


def beside(request: Request, posts: list[Post]) -> dict[str, list[dict[str, Any]]]:
    """Return the media and polls that stand beside posts, as far as they were asked for."""
    wanted, found = request.query.get("expansions", ""), dict[str, list[dict[str, Any]]]()
    sent = [(post.id, post.sent) for post in posts if post.sent]
    if "attachments.media_keys" in wanted:
        found["media"] = [
            {
                "media_key": f"{PREFIXES[m['kind']]}_{m['id']}",
                "type": m["kind"],
                "alt_text": m["alt"],
            }
            for _, one in sent
            for m in one["media"]
        ]
    if "attachments.poll_ids" in wanted:
        found["polls"] = [
            {
                "id": f"9{post_id}",
                "options": [
                    {"position": n, "label": label, "votes": 0}
                    for n, label in enumerate(one["poll"]["options"], 1)
                ],
            }
            for post_id, one in sent
            if one["poll"]
        ]
    return {name: items for name, items in found.items() if items}


def _short(seed: str) -> str:
    return f"https://t.co/{hashlib.sha256(seed.encode()).hexdigest()[:10]}"


def _invalid(detail: str) -> Reply:
    body = {"title": "Invalid Request", "detail": detail, "type": f"{PROBLEMS}invalid-request"}
    return Reply(400, {**body, "status": 400})


def _missing(thing: str) -> Reply:
    detail = f"Could not find: [{thing}]."
    body = {"title": "Not Found Error", "detail": detail, "type": f"{PROBLEMS}resource-not-found"}
    return Reply(404, {**body, "status": 404})

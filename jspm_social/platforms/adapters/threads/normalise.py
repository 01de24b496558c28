"""Threads' JSON → our values. Pure.

Facts: times end in `+0000`; no author id is told, so the username is the author's key; a reply
names what it answers (`replied_to`) and the post at the root; nothing tells of an edit.
"""

from collections.abc import Mapping
from typing import Any

from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, raw, text
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

PROFILE = "https://www.threads.net/@"
HIDDEN = {"HIDDEN", "COVERED", "BLOCKED", "RESTRICTED"}  # by us, by Threads, with its author
VISIBLE = {"NOT_HUSHED", "UNHUSHED"}
KINDS = {"IMAGE": "image", "VIDEO": "video"}
WORDS_ONLY = {"", "TEXT_POST", "TEXT"}


def post_ref(post: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=text(post, "id"),
        text=text(post, "text"),
        permalink=text(post, "permalink"),
        created_at=instant(post.get("timestamp")),
    )


def is_ours(source: Mapping[str, Any], usernames: set[str]) -> bool:
    return source.get("is_reply_owned_by_me") is True or text(source, "username") in usernames


def hidden(source: Mapping[str, Any]) -> bool | None:
    """Return whether readers do not see the reply, for whatever reason; None when not told."""
    status = text(source, "hide_status")
    return status in HIDDEN if status in HIDDEN | VISIBLE else None


def is_top_level(source: Mapping[str, Any], post_id: str) -> bool:
    """True when the reply answers the root post itself; what is not told counts as nested."""
    root = text(obj(source.get("root_post")), "id") or post_id
    return bool(root) and text(obj(source.get("replied_to")), "id") == root


def comment(source: Mapping[str, Any], post: RemotePostRef) -> RemoteComment | None:
    """Return the reply under `post`, or None when the object has not even an id."""
    if not text(source, "id"):
        return None
    username = text(source, "username")
    parent_id = text(obj(source.get("replied_to")), "id")
    return RemoteComment(
        remote_id=text(source, "id"),
        post=post,
        author=RemoteAuthor(
            key=username,
            handle=username,
            url=f"{PROFILE}{username}" if username.isascii() and username else "",
        ),
        text=text(source, "text"),
        created_at=instant(source.get("timestamp")) or EPOCH,
        raw=raw(source),
        parent_id="" if parent_id == post.remote_id else parent_id,
        permalink=text(source, "permalink"),
        hidden=hidden(source),
        attachments=_attachments(source),
    )


def _attachments(source: Mapping[str, Any]) -> tuple[RemoteAttachment, ...]:
    """Return the picture or film; of a series only the address where a person sees it."""
    kind = text(source, "media_type")
    url = text(source, "media_url")
    found = [RemoteAttachment("image", text(source, "gif_url"))] if source.get("gif_url") else []
    if kind in KINDS and url:
        found.append(RemoteAttachment(KINDS[kind], url))
    elif kind not in WORDS_ONLY:
        found.append(RemoteAttachment("other", url or text(source, "permalink")))
    return tuple(found)

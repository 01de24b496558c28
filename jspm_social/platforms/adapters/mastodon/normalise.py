"""A status of the Mastodon API → our values. Pure; tolerant of servers that leave fields out.

Facts: a status has an id on our server, and a `uri` that is the same everywhere and survives an
edit on every server (the id does not on all): the uri is what a comment is known by here. A
person is known by the id on our server, which is what effects are aimed at. `acct` may lack the
host. A content warning and a poll's options are words of the author too.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, objs, raw, text
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

from .markup import text_of

MEDIA = {"image": "image", "gifv": "video", "video": "video"}
# Seen by the author's followers, or by us alone (snac calls both private): no public comments.
PRIVATE = {"direct", "private"}
LONGEST_KEY = 255  # what is stored as a comment's remote id


def key_of(status: Mapping[str, Any]) -> str:
    """Return the uri of a status, '' for none; one of absurd length as its digest."""
    uri = text(status, "uri", "url")
    if len(uri) <= LONGEST_KEY:
        return uri
    return "sha256:" + hashlib.sha256(uri.encode("utf-8", "replace")).hexdigest()


def author_id(status: Mapping[str, Any]) -> str:
    return text(obj(status.get("account")), "id")


def is_public(status: Mapping[str, Any]) -> bool:
    return text(status, "visibility") not in PRIVATE


def quoted(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status that this one quotes, {} for none."""
    quote = obj(status.get("quote"))
    return obj(quote.get("quoted_status")) or (quote if text(quote, "uri") else {})


def post_ref(status: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=key_of(status),
        text=words_of(status),
        permalink=_web(text(status, "url", "uri")),
        created_at=instant(status.get("created_at")),
    )


def comment(
    status: Mapping[str, Any], post: RemotePostRef, *, parent: str = ""
) -> RemoteComment | None:
    """Return the comment under `post`, or None when the status has no uri."""
    if not key_of(status):
        return None
    return RemoteComment(
        remote_id=key_of(status),
        post=post,
        author=_author(obj(status.get("account"))),
        text=words_of(status),
        created_at=instant(status.get("created_at")) or EPOCH,
        raw=raw(status),
        parent_id="" if parent == post.remote_id else parent,
        permalink=_web(text(status, "url")) or _web(text(status, "uri")),
        edited_at=instant(status.get("edited_at")),
        attachments=_attachments(status),
    )


def words_of(status: Mapping[str, Any]) -> str:
    """Return all words of a status: warning, text, and the options of a poll."""
    options = [text(option, "title") for option in objs(obj(status.get("poll")).get("options"))]
    parts = [text(status, "spoiler_text"), text_of(text(status, "content")), "\n".join(options)]
    return "\n\n".join(part for part in parts if part)


def _author(account: Mapping[str, Any]) -> RemoteAuthor:
    handle, url = text(account, "acct", "username"), _web(text(account, "url"))
    host = _host(url)
    return RemoteAuthor(
        key=text(account, "id"),
        name=text(account, "display_name", "username"),
        handle=f"{handle}@{host}" if host and "@" not in handle else handle,
        url=url,
    )


def _attachments(status: Mapping[str, Any]) -> tuple[RemoteAttachment, ...]:
    return tuple(
        RemoteAttachment(
            kind=MEDIA.get(text(item, "type"), "other"),
            url=_web(text(item, "url", "remote_url", "preview_url")),
            alt=text(item, "description"),
        )
        for item in objs(status.get("media_attachments"))
    )


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

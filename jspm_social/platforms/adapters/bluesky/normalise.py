"""Bluesky's records and views → our values. Pure.

Facts: a post is named by its at-uri; an edit keeps it and changes the cid (kept in `raw`);
`createdAt` is what the author's program claims, `indexedAt` is when the network saw it. Hidden
is what our threadgate of the root post lists. A notification has the fields of a post's view
but for the resolved embed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, objs, raw, text
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

SITE = "https://bsky.app"
POST = "app.bsky.feed.post"


class AtUri(NamedTuple):
    did: str
    collection: str
    rkey: str


def parse_uri(uri: str) -> AtUri:
    """Split at://did/collection/rkey; empty parts for anything else."""
    parts = uri.removeprefix("at://").split("/") if uri.startswith("at://") else []
    return AtUri(*parts) if len(parts) == 3 and all(parts) else AtUri("", "", "")


def is_post_of(uri: str, did: str) -> bool:
    """True when `uri` names a post in the repository of `did`."""
    return bool(did) and parse_uri(uri)[:2] == (did, POST)


def author_id(view: Mapping[str, Any]) -> str:
    return text(obj(view.get("author")), "did")


def root_of(view: Mapping[str, Any]) -> str:
    """Return the uri of the post that the thread stands under: its own when it is no reply."""
    reply = obj(obj(view.get("record")).get("reply"))
    return text(obj(reply.get("root")), "uri") or text(view, "uri")


def quoted_of(view: Mapping[str, Any]) -> str:
    """Return the uri of the post that this one quotes, '' for none."""
    embed = obj(obj(view.get("record")).get("embed"))
    inner = obj(embed.get("record"))
    return text(inner, "uri") or text(obj(inner.get("record")), "uri")


def post_ref(view: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=text(view, "uri"),
        text=text(obj(view.get("record")), "text"),
        permalink=permalink_of(text(view, "uri")),
        created_at=instant(view.get("indexedAt")),
    )


def comment(
    view: Mapping[str, Any], post: RemotePostRef, *, hidden: bool | None = None
) -> RemoteComment | None:
    """Return the comment under `post`, or None when it does not even have an at-uri."""
    uri, record = text(view, "uri"), obj(view.get("record"))
    if not parse_uri(uri).did:
        return None
    parent = text(obj(obj(record.get("reply")).get("parent")), "uri")
    return RemoteComment(
        remote_id=uri,
        post=post,
        author=_author(obj(view.get("author"))),
        text=text(record, "text"),
        created_at=instant(view.get("indexedAt")) or instant(record.get("createdAt")) or EPOCH,
        raw=raw(view),
        parent_id="" if parent == post.remote_id else parent,
        permalink=permalink_of(uri),
        hidden=hidden,
        attachments=_attachments(obj(view.get("embed"))),
    )


def _author(source: Mapping[str, Any]) -> RemoteAuthor:
    did = text(source, "did")
    return RemoteAuthor(
        key=did,
        name=text(source, "displayName"),
        handle=text(source, "handle"),
        url=f"{SITE}/profile/{did}" if did else "",
    )


def permalink_of(uri: str) -> str:
    did, _, rkey = parse_uri(uri)
    return f"{SITE}/profile/{did}/post/{rkey}" if did else ""


def _attachments(embed: Mapping[str, Any]) -> tuple[RemoteAttachment, ...]:
    media = obj(embed.get("media")) or embed  # a quote with media holds them one level deeper
    found = [
        RemoteAttachment("image", text(image, "fullsize", "thumb"), text(image, "alt"))
        for image in objs(media.get("images"))
    ]
    if text(media, "playlist"):
        found.append(RemoteAttachment("video", text(media, "playlist"), text(media, "alt")))
    link = obj(media.get("external"))
    if text(link, "uri"):
        found.append(RemoteAttachment("link", text(link, "uri"), text(link, "title")))
    return tuple(found)

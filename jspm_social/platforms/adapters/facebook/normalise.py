"""Graph API JSON of a Page's comments → our values. Pure.

Facts: times end in `+0000`; `parent` is absent on the top level; `from` (a Page-scoped id and a
name, never a handle) is absent without pages_read_user_content; nothing tells of an edit.
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

KINDS = {"photo": "image", "video_inline": "video", "video": "video", "share": "link"}


def post_ref(post: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=text(post, "id"),
        text=text(post, "message"),
        permalink=text(post, "permalink_url"),
        created_at=instant(post.get("created_time")),
    )


def author_id(source: Mapping[str, Any]) -> str:
    return text(obj(source.get("from")), "id")


def comment(source: Mapping[str, Any], post: RemotePostRef) -> RemoteComment | None:
    """Return the comment under `post`, or None when the object has not even an id."""
    if not text(source, "id"):
        return None
    hidden = source.get("is_hidden")
    return RemoteComment(
        remote_id=text(source, "id"),
        post=post,
        author=RemoteAuthor(key=author_id(source), name=text(obj(source.get("from")), "name")),
        text=text(source, "message"),
        created_at=instant(source.get("created_time")) or EPOCH,
        raw=raw(source),
        parent_id=text(obj(source.get("parent")), "id"),
        permalink=text(source, "permalink_url"),
        hidden=hidden if isinstance(hidden, bool) else None,
        attachments=_attachments(obj(source.get("attachment"))),
    )


def _attachments(attachment: Mapping[str, Any]) -> tuple[RemoteAttachment, ...]:
    if not attachment:
        return ()
    image = text(obj(obj(attachment.get("media")).get("image")), "src")
    return (
        RemoteAttachment(
            kind=KINDS.get(text(attachment, "type"), "other"),
            url=image or text(attachment, "url"),
            alt=text(attachment, "title"),
        ),
    )

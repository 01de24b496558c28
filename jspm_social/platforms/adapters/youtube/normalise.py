"""YouTube Data API JSON → our values. Pure.

Facts: `moderationStatus` is absent when a comment was fetched by id; `textOriginal` and
`authorChannelId` may be absent; an edit shows as `updatedAt` ≠ `publishedAt`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.reading import EPOCH, instant, number, obj, objs, raw, text
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

SITE = "https://www.youtube.com"
HIDDEN = {"published": False, "heldForReview": True, "likelySpam": True, "rejected": True}


def post_ref(video: Mapping[str, Any]) -> RemotePostRef:
    """Return a video with title and description as its text; a repeated title stands once."""
    snippet = obj(video.get("snippet"))
    title, description = text(snippet, "title"), text(snippet, "description")
    whole = description if description.startswith(title) else f"{title}\n{description}"
    return RemotePostRef(
        remote_id=text(video, "id"),
        text=whole,
        permalink=f"{SITE}/watch?v={text(video, 'id')}",
        created_at=instant(snippet.get("publishedAt")),
    )


def video_of(thread: Mapping[str, Any]) -> str:
    """Return the video a thread stands under, else the channel (its own discussion)."""
    return text(obj(thread.get("snippet")), "videoId", "channelId")


def reply_count(thread: Mapping[str, Any]) -> int:
    return number(obj(thread.get("snippet")), "totalReplyCount")


def top_of(thread: Mapping[str, Any]) -> dict[str, Any]:
    return obj(obj(thread.get("snippet")).get("topLevelComment"))


def sample_of(thread: Mapping[str, Any]) -> list[dict[str, Any]]:
    return objs(obj(thread.get("replies")).get("comments"))


def comments_of(thread: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the top-level comment and the replies that came with it."""
    yield top_of(thread)
    yield from sample_of(thread)


def author_id(comment: Mapping[str, Any]) -> str:
    return text(obj(obj(comment.get("snippet")).get("authorChannelId")), "value")


def comment(source: Mapping[str, Any], post: RemotePostRef) -> RemoteComment | None:
    """Return the comment under `post`, or None when the object has not even an id."""
    snippet = obj(source.get("snippet"))
    comment_id = text(source, "id")
    if not comment_id:
        return None
    written, updated = instant(snippet.get("publishedAt")), instant(snippet.get("updatedAt"))
    return RemoteComment(
        remote_id=comment_id,
        post=post,
        author=_author(source),
        text=text(snippet, "textOriginal", "textDisplay"),
        created_at=written or EPOCH,
        raw=raw(source),
        parent_id=text(snippet, "parentId"),
        permalink=f"{SITE}/watch?v={post.remote_id}&lc={comment_id}",
        edited_at=updated if updated and updated != written else None,
        hidden=HIDDEN.get(text(snippet, "moderationStatus")),
        attachments=_attachments(snippet),
    )


def _author(source: Mapping[str, Any]) -> RemoteAuthor:
    snippet = obj(source.get("snippet"))
    name, url = text(snippet, "authorDisplayName"), text(snippet, "authorChannelUrl")
    handle = name[1:] if name.startswith("@") else url.partition("/@")[2]
    key = author_id(source)
    return RemoteAuthor(
        key=key, name=name, handle=handle, url=f"{SITE}/channel/{key}" if key else ""
    )


def _attachments(snippet: Mapping[str, Any]) -> tuple[RemoteAttachment, ...]:
    image = text(snippet, "imageUrl")
    return (RemoteAttachment(kind="image", url=image),) if image else ()

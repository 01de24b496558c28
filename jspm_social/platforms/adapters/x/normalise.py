"""X's JSON → our values. Pure; both field dialects (post and tweet names) are read alike.

Facts: long posts carry their whole text in `note_post` / `note_tweet`; `text` has &, < and >
escaped as HTML entities; an edit makes a new id, and `edit_history_*_ids` begins with the first,
which is what a comment keeps as its id here. There is no hidden field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, objs, raw, text, texts
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

SITE = "https://x.com"
MEDIA = {"photo": "image", "video": "video", "animated_gif": "video"}


@dataclass(frozen=True, slots=True)
class Includes:
    """What stands beside the data of an answer, by id."""

    users: Mapping[str, Mapping[str, Any]]
    media: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Includes":
        includes = obj(body.get("includes"))
        return cls(
            users={text(user, "id"): user for user in objs(includes.get("users"))},
            media={text(item, "media_key"): item for item in objs(includes.get("media"))},
        )


def conversation(tweet: Mapping[str, Any]) -> str:
    """Return the id of the post that the whole thread stands under."""
    return text(tweet, "conversation_id") or text(tweet, "id")


def is_repost(tweet: Mapping[str, Any]) -> bool:
    return bool(_references(tweet, "retweeted"))


def post_ref(tweet: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=_first_id(tweet),
        text=full_text(tweet),
        permalink=f"{SITE}/i/status/{text(tweet, 'id')}",
        created_at=instant(tweet.get("created_at")),
    )


def comment(
    tweet: Mapping[str, Any], includes: Includes, post: RemotePostRef
) -> RemoteComment | None:
    """Return the comment under `post`, or None when the object has not even an id."""
    if not text(tweet, "id"):
        return None
    written = instant(tweet.get("created_at"))
    parents = _references(tweet, "replied_to")
    return RemoteComment(
        remote_id=_first_id(tweet),
        post=post,
        author=_author(text(tweet, "author_id"), includes),
        text=full_text(tweet),
        created_at=written or EPOCH,
        raw=raw(tweet),
        parent_id=parents[0] if parents else "",
        permalink=f"{SITE}/i/status/{text(tweet, 'id')}",
        edited_at=written if len(_history(tweet)) > 1 else None,
        attachments=_attachments(tweet, includes),
    )


def full_text(tweet: Mapping[str, Any]) -> str:
    long = obj(tweet.get("note_post")) or obj(tweet.get("note_tweet"))
    escaped = text(long, "text") or text(tweet, "text")
    return escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _author(author_id: str, includes: Includes) -> RemoteAuthor:
    user = includes.users.get(author_id, {})
    handle = text(user, "username")
    return RemoteAuthor(
        key=author_id,
        name=text(user, "name"),
        handle=handle,
        url=f"{SITE}/i/user/{author_id}" if author_id else "",
    )


def _history(tweet: Mapping[str, Any]) -> list[str]:
    return texts(tweet.get("edit_history_post_ids")) or texts(tweet.get("edit_history_tweet_ids"))


def _first_id(tweet: Mapping[str, Any]) -> str:
    return next(iter(_history(tweet)), "") or text(tweet, "id")


def _references(tweet: Mapping[str, Any], kind: str) -> list[str]:
    found = objs(tweet.get("referenced_posts")) or objs(tweet.get("referenced_tweets"))
    return [text(item, "id") for item in found if text(item, "type") == kind]


def _attachments(tweet: Mapping[str, Any], includes: Includes) -> tuple[RemoteAttachment, ...]:
    keys = texts(obj(tweet.get("attachments")).get("media_keys"))
    known = [includes.media[key] for key in keys if key in includes.media]
    return tuple(
        RemoteAttachment(
            kind=MEDIA.get(text(item, "type"), "other"),
            url=text(item, "url", "preview_image_url"),
            alt=text(item, "alt_text"),
        )
        for item in known
    )

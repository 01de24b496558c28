"""Meta's webhooks: Facebook and Instagram in batches of entries, Threads one reply at a time. Pure.

Facts: deliveries come at least once, in any order, in batches; `entry.time` is in seconds
(milliseconds beside messages). Facebook's `feed` tells of all that happens to a comment;
Instagram tells of additions only, without their time; Threads likewise, with it. Messages stand
in `entry[].messaging` or under the field `messages`. Our own comments are told of too.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.facebook import normalise as facebook_comments
from jspm_social.platforms.adapters.reading import instant, number, obj, objs, text
from jspm_social.platforms.adapters.threads import normalise as threads_replies
from jspm_social.platforms.contract import RemoteComment, RemotePostRef

from .news import Account, Item, News, Sifted, key_of

MILLISECONDS = 100_000_000_000  # larger than any time in seconds
WRITTEN, REMOVED = {"add", "edited"}, {"remove"}
VERBS = WRITTEN | REMOVED | {"hide", "unhide"}
COMMENT_FIELDS = (
    "verb", "comment_id", "post_id", "parent_id", "from", "sender_id", "sender_name",
    "created_time", "message", "photo", "video",
)  # fmt: skip
WORDS_ONLY = {"", "TEXT_POST", "TEXT"}


# --- Facebook


def sift_facebook(body: Mapping[str, Any], raw: bytes, account: Account) -> Sifted:
    """Take what happened to comments that others wrote on this Page; nothing else."""
    entries = [e for e in objs(body.get("entry")) if text(e, "id") == account.id]
    taken = []
    for field, value in (change for entry in entries for change in _changes(entry)):
        ours = _author(value)["id"] == account.id
        if field == "feed" and text(value, "item") == "comment" and not ours:
            taken.append({name: value[name] for name in COMMENT_FIELDS if name in value})
    taken = [item for item in taken if text(item, "verb") in VERBS and text(item, "comment_id")]
    return Sifted(tuple(taken), key_of("facebook", raw), _newest(body))


def read_facebook(items: Sequence[Item]) -> News:
    written = [_facebook_comment(item) for item in items if text(item, "verb") in WRITTEN]
    others = [item for item in items if text(item, "verb") not in WRITTEN | REMOVED]
    return News(
        comments=tuple(comment for comment in written if comment),
        gone=tuple(text(i, "comment_id") for i in items if text(i, "verb") in REMOVED),
        read_channel=bool(others) or None in written,
    )


def _facebook_comment(item: Item) -> RemoteComment | None:
    """Return the comment if it is whole; its address and pictures are filled in by the pull."""
    author, post_id = _author(item), text(item, "post_id")
    if not (post_id and author["id"] and instant(item.get("created_time"))):
        return None
    parent = text(item, "parent_id")
    shape = {
        "id": text(item, "comment_id"),
        "message": text(item, "message"),
        "created_time": item["created_time"],
        "from": author,
        "parent": {} if parent == post_id else {"id": parent},
    }
    return facebook_comments.comment(shape, RemotePostRef(remote_id=post_id))


def _author(value: Mapping[str, Any]) -> dict[str, str]:
    """Return who wrote it, also from the older shape."""
    person = obj(value.get("from"))
    return {
        "id": text(person, "id") or text(value, "sender_id"),
        "name": text(person, "name") or text(value, "sender_name"),
    }


# --- Instagram


def sift_instagram(body: Mapping[str, Any], raw: bytes, account: Account) -> Sifted:
    """Take which media got a comment by somebody else. It comes without its time, so it has to
    be read anyway: not a word of it is kept here.
    """
    taken = []
    for entry in objs(body.get("entry")):
        for field, value in _changes(entry):
            ours = text(obj(value.get("from")), "id") in {account.id, text(entry, "id")} - {""}
            if field == "comments" and not ours:
                taken.append({"media": text(obj(value.get("media")), "id")})
    return Sifted(tuple(taken), key_of("instagram", raw), _newest(body))


def read_instagram(items: Sequence[Item]) -> News:
    return News(read_channel=bool(items))


# --- Threads


def sift_threads(body: Mapping[str, Any], raw: bytes, account: Account) -> Sifted:
    """Take replies by others in our threads."""
    told = obj(body.get("values"))
    value, target = obj(told.get("value")), text(body, "target_id")
    root = obj(value.get("root_post"))
    # Who answers us may name us as the root's owner; without that, the name we go by tells.
    own_name = text(root, "username") if text(root, "owner_id") == account.id else account.name
    wanted = text(told, "field") == "replies" and target in {account.id, ""}
    ours = text(value, "username") in {own_name, account.name} - {""}
    taken = (dict(value),) if wanted and text(value, "id") and not ours else ()
    return Sifted(taken, key_of("threads", raw), _time(body.get("time")))


def read_threads(items: Sequence[Item]) -> News:
    whole = [item for item in items if _is_whole(item)]
    comments = (
        threads_replies.comment(item, RemotePostRef(text(obj(item["root_post"]), "id")))
        for item in whole
    )
    return News(
        comments=tuple(comment for comment in comments if comment),
        read_channel=len(whole) < len(items),
    )


def _is_whole(reply: Item) -> bool:
    """A reply without a picture, with its author, its time and the post it stands under."""
    root = text(obj(reply.get("root_post")), "id")
    written = instant(reply.get("timestamp"))
    return bool(root and written and text(reply, "username")) and (
        text(reply, "media_type") in WORDS_ONLY
    )


# --- shared


def _changes(entry: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield field and value of each change; the Instagram Login way puts one into the entry."""
    for change in [*objs(entry.get("changes")), entry]:
        if text(change, "field"):
            yield text(change, "field"), obj(change.get("value"))


def _newest(body: Mapping[str, Any]) -> datetime | None:
    times = [t for t in (_time(e.get("time")) for e in objs(body.get("entry"))) if t]
    return max(times, default=None)


def _time(value: Any) -> datetime | None:
    stamp = number({"time": value}, "time")
    return instant(stamp / 1000 if stamp > MILLISECONDS else stamp) if stamp else None

"""Instagram's JSON → our values. Pure.

Facts: times end in `+0000`; comments have no address of their own; `from` holds an
Instagram-scoped id and the username, there is no display name; `user` stands only in what the
account itself wrote; replies have one level; nothing tells of an edit.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, objs, raw, text
from jspm_social.platforms.contract import RemoteAuthor, RemoteComment, RemotePostRef

PROFILE = "https://www.instagram.com/"


def post_ref(medium: Mapping[str, Any]) -> RemotePostRef:
    return RemotePostRef(
        remote_id=text(medium, "id"),
        text=text(medium, "caption"),
        permalink=text(medium, "permalink"),
        created_at=instant(medium.get("timestamp")),
    )


def comments_count(medium: Mapping[str, Any]) -> int | None:
    """Return how many comments and replies stand under a medium; None when it is not told."""
    count = medium.get("comments_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def sample(comment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the replies that came along with a comment."""
    return objs(obj(comment.get("replies")).get("data"))


def is_short(comment: Mapping[str, Any], size: int) -> bool:
    """True when there may be more replies than came along."""
    following = obj(obj(comment.get("replies")).get("paging")).get("next")
    return bool(following) or len(sample(comment)) >= size


def is_ours(source: Mapping[str, Any], account_id: str, usernames: set[str]) -> bool:
    author = obj(source.get("from"))
    username = text(author, "username") or text(source, "username")
    return bool(source.get("user")) or text(author, "id") == account_id or username in usernames


def thread(
    top: Mapping[str, Any], replies: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield a comment and its replies, each with the id of its parent."""
    yield {key: value for key, value in top.items() if key != "replies"}, ""
    for reply in replies:
        yield reply, text(reply, "parent_id") or text(top, "id")


def comment(
    source: Mapping[str, Any], post: RemotePostRef, parent_id: str = ""
) -> RemoteComment | None:
    """Return the comment under `post`, or None when the object has not even an id."""
    if not text(source, "id"):
        return None
    author = obj(source.get("from"))
    username = text(author, "username") or text(source, "username")
    hidden = source.get("hidden")
    return RemoteComment(
        remote_id=text(source, "id"),
        post=post,
        author=RemoteAuthor(
            key=text(author, "id"),
            handle=username,
            url=f"{PROFILE}{username}/" if username.isascii() and username else "",
        ),
        text=text(source, "text"),
        created_at=instant(source.get("timestamp")) or EPOCH,
        raw=raw(source),
        parent_id=text(source, "parent_id") or parent_id,
        permalink=post.permalink,
        hidden=hidden if isinstance(hidden, bool) else None,
    )

"""X's Activity API: one event per delivery. Pure.

Facts (docs.x.com, event payloads, 2026-08): `data.event_uuid` names a delivery; a post comes in
the tweet dialect, as a direct reply (`post.reply.create`) or a mention; `includes` may be empty;
`post.delete` tells only of the account's own posts; messages come as `dm.*` and `chat.*`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jspm_social.platforms.adapters.reading import instant, obj, text
from jspm_social.platforms.adapters.x import normalise
from jspm_social.platforms.contract import RemoteComment, RemotePostRef

from .news import Account, Item, News, Sifted, key_of

POSTS = {"post.reply.create", "post.mention.create"}
REVOKED = "oauth.revoke"  # the next pull finds the token dead and says so
USER_FIELDS = ("id", "name", "username")
CUT = "…"  # ends the text of a long post whose whole text did not come along


def sift(body: Mapping[str, Any], raw: bytes, account: Account) -> Sifted:
    """Take replies and mentions by others, and the end of our permission; nothing else."""
    data = obj(body.get("data"))
    post = obj(data.get("payload"))
    kind, author = text(data, "event_type"), text(post, "author_id")
    about_us = text(obj(data.get("filter")), "user_id") in {account.id, ""}
    key = key_of("x", text(data, "event_uuid") or raw)
    at = instant(post.get("created_at"))
    taken: tuple[Item, ...] = ()
    if about_us and kind in POSTS and author != account.id and _in_a_thread(post):
        taken = ({"kind": kind, "post": post, "includes": _author(data, author)},)
    elif about_us and kind == REVOKED:
        taken = ({"kind": kind},)
    return Sifted(taken, key, at)


def read(items: Sequence[Item]) -> News:
    comments = [_comment(item) for item in items]
    whole = tuple(comment for comment in comments if comment)
    return News(comments=whole, read_channel=len(whole) < len(comments))


def _comment(item: Item) -> RemoteComment | None:
    """Return the comment if it is whole: with its author's name, a time, and all of its text."""
    post, includes = obj(item.get("post")), normalise.Includes.of(item)
    root = RemotePostRef(remote_id=normalise.conversation(post))
    found = normalise.comment(post, includes, root)
    named = text(post, "author_id") in includes.users
    pictured = bool(post.get("attachments"))
    if not (found and named and instant(post.get("created_at"))) or pictured or _is_cut(post):
        return None
    return found


def _in_a_thread(post: Mapping[str, Any]) -> bool:
    """A mention that begins a thread of its own stands under no post of ours."""
    conversation = text(post, "conversation_id")
    return not conversation or conversation != text(post, "id")


def _is_cut(post: Mapping[str, Any]) -> bool:
    whole = obj(post.get("note_post")) or obj(post.get("note_tweet"))
    words = [word for word in text(post, "text").split() if not word.startswith("https://t.co/")]
    return not whole and bool(words) and words[-1].endswith(CUT)


def _author(data: Mapping[str, Any], author: str) -> Item:
    """Return the author as `includes` has them; the description of others is nobody's business."""
    users = obj(data.get("includes")).get("users")
    found = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    return {
        "users": [
            {name: user[name] for name in USER_FIELDS if name in user}
            for user in found
            if text(user, "id") == author
        ]
    }

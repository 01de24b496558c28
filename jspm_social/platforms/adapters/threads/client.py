"""Threads. Reads the conversations under the account's own posts; hides top-level replies.

A conversation lists the replies of all levels, newest first, without a time filter: reading stops
ten minutes below the newest one that the last pull met.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.meta import permissions
from jspm_social.platforms.adapters.meta.graph import Graph, after_of
from jspm_social.platforms.adapters.meta.walk import Listed, Walk
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import EPOCH, instant, objs, text
from jspm_social.platforms.contract import (
    Achieved,
    ChannelAccess,
    ConnectionReport,
    Page,
    Receipt,
    RemoteComment,
    RemotePostRef,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Missing, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect

from . import normalise

ORIGIN = "https://graph.threads.net"
VERSION = "v1.0"
WATCHED_POSTS = "50"  # newest own posts, looked at with every pull
PAGE_SIZE = "50"
OVERLAP_SECONDS = 600
REPOST = "REPOST_FACADE"  # somebody else's post, shown again: its conversation is not ours
POST_FIELDS = "id,text,timestamp,permalink,username,has_replies,media_type"
REPLY_FIELDS = (
    "id,text,username,timestamp,permalink,media_type,media_url,gif_url,root_post,replied_to,"
    "is_reply_owned_by_me,hide_status"
)
STANDING = {
    "HIDDEN": Standing.HIDDEN,
    "NOT_HUSHED": Standing.VISIBLE,
    "UNHUSHED": Standing.VISIBLE,
}


class ThreadsClient:
    """One account. Implements PlatformClient. Tokens are not renewed here."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = Graph(access, name="Threads", origin=ORIGIN, version=VERSION)
        self._usernames: set[str] = set()

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient. A post's note in the cursor is the time (unix seconds) down to
        which it is read the next time. Usually the newest 50 posts are looked at; once a day all
        posts are, from the top, so that edits and replies to old posts are noticed.
        """
        pages = self._graph.pages("/me/threads", fields=POST_FIELDS, limit=WATCHED_POSTS)
        posts = self._own(next(pages, []))
        walk = Walk.of(cursor, spare=not self._graph.usage.slow)
        for page in pages if walk.deep else ():
            posts |= self._own(page)
        for source in walk.order(posts):
            post = normalise.post_ref(source)
            if source.get("has_replies") is not False or walk.knows_some(post.remote_id):
                yield from self._read_post(walk, post)
        yield walk.close()

    def _read_post(self, walk: Walk, post: RemotePostRef) -> Iterator[Page]:
        def listing(after: str) -> Listed | None:
            until = datetime.fromtimestamp(max(walk.note(post.remote_id), 0), UTC)
            params = {"fields": REPLY_FIELDS, "reverse": "true", "limit": PAGE_SIZE}
            params |= {"after": after} if after else {}
            body = self._graph.read_edge(url_path(post.remote_id, "conversation"), params)
            return None if body is None else self._listed(body, post, until)

        def look(ids: list[str]) -> dict[str, RemoteComment]:
            found = self._graph.look(ids, REPLY_FIELDS)
            shown = {i: normalise.comment({"id": i} | found[i], post) for i in found}
            return {i: c for i, c in shown.items() if c}

        yield from walk.read(post.remote_id, listing, look)

    def _listed(self, body: Mapping[str, Any], post: RemotePostRef, until: datetime) -> Listed:
        replies = objs(body.get("data"))
        times = [at for at in (instant(r.get("timestamp")) for r in replies) if at]
        enough = bool(times) and min(times) < until
        after = "" if enough else after_of(body)
        others = [r for r in replies if not normalise.is_ours(r, self._usernames)]
        found = [c for c in (normalise.comment(r, post) for r in others) if c]
        newest = int(max(times, default=until).timestamp())
        return Listed(
            tuple(found),
            after,
            note=max(newest - OVERLAP_SECONDS, int(until.timestamp())),
            floor=min(times) if enough else EPOCH,
        )

    def _own(self, listed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return our own among the listed posts by id, and note under which name they stand."""
        own = [post for post in listed if text(post, "media_type") != REPOST]
        self._usernames |= {text(post, "username") for post in own} - {""}
        return {text(post, "id"): post for post in own if text(post, "id")}

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The notes tell how much of Meta's budget is used."""
        told = self._graph.inspect()
        me = self._graph.read("/me", fields="id,username")
        return ConnectionReport(
            account_id=text(me, "id"),
            account_name=text(me, "username"),
            notes=(f"利用枠を{self._graph.usage.percent}%使っています。",),
            granted=permissions.granted(told),
            expires_at=permissions.expires_at(told),
            data_access_until=permissions.data_access_until(told),
        )

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Only a top-level reply can be hidden; those below follow it.

        A nested reply is refused as Unsupported: its parent is not hidden in its place.
        """
        if effect not in {Effect.HIDE, Effect.UNHIDE}:
            raise Unsupported(f"Threads offers no {effect.value}")
        fields = "id,root_post,replied_to"
        found = self._graph.read_edge(url_path(target.comment_id), {"fields": fields})
        if found is None:
            found = self._graph.look([target.comment_id], fields).get(target.comment_id)
        if found is None:
            raise Missing("Threads: the reply is gone")
        if not normalise.is_top_level(found, target.post_id):
            raise Unsupported("Threads hides top-level replies only, and this one is nested")
        form = {"hide": "true" if effect == Effect.HIDE else "false"}
        self._graph.change("POST", target.comment_id, "manage_reply", form=form)
        return Receipt(effect, Achieved.APPLIED)

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read `hide_status`. Hidden for another reason than ours: unreadable."""
        if effect not in {Effect.HIDE, Effect.UNHIDE, Effect.DELETE}:
            return Standing.UNREADABLE
        found = self._graph.look([target.comment_id], "id,hide_status").get(target.comment_id)
        if found is None:
            return Standing.GONE
        return STANDING.get(text(found, "hide_status"), Standing.UNREADABLE)

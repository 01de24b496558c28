"""Instagram (Graph API). Reads comments of media whose count changed; hides and deletes.

Two ways in: Facebook Login (the usual one: a Page's token, `options` empty) and Instagram Login
(`options["login"] == "instagram"`: the account's own token on another host). Blocking needs a
permission that also sends messages, which is never asked for: a person does it by hand.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.meta import permissions
from jspm_social.platforms.adapters.meta.graph import after_of
from jspm_social.platforms.adapters.meta.walk import Listed, Walk
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
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
from jspm_social.platforms.errors import Rejected, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect

from . import normalise
from .wire import graph_of, has_own_login

WATCHED_MEDIA = "100"  # newest own media, whose count is looked at with every pull
COMMENTS = "50"  # Instagram gives no more in one answer
REPLIES = 25  # that come along with a comment
MOST_PAGES_OF_REPLIES = 40
MEDIA_FIELDS = "id,caption,permalink,timestamp,username,comments_count"
OWN_FIELDS = "id,text,timestamp,username,from{id,username},user,hidden,parent_id"
COMMENT_FIELDS = f"{OWN_FIELDS},replies.limit({REPLIES}){{{OWN_FIELDS}}}"


class InstagramClient:
    """One professional account. Implements PlatformClient. Tokens are not renewed here."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._own_login = has_own_login(access)
        self._graph = graph_of(access)
        self._account_id = access.account_id
        self._usernames: set[str] = set()

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient. A medium's note in the cursor is its count of comments.

        A count that stays the same hides what was hidden, or a comment that came while another
        went: once a day all media are read, also those beyond the newest 100. Without cursors
        from Instagram only a medium's newest 50 comments can be read at all.
        """
        path = url_path(self._own_id(), "media")
        pages = self._graph.pages(path, fields=MEDIA_FIELDS, limit=WATCHED_MEDIA)
        media = self._own(next(pages, []))
        walk = Walk.of(cursor, spare=not self._graph.usage.slow)
        for page in pages if walk.deep else ():
            media |= self._own(page)
        for medium in walk.order(media):
            post, count = normalise.post_ref(medium), normalise.comments_count(medium)
            if self._is_due(walk, post.remote_id, count):
                yield from self._read_medium(walk, post, count)
        yield walk.close()

    def _is_due(self, walk: Walk, medium_id: str, count: int | None) -> bool:
        if walk.is_under_way(medium_id) or count is None:
            return True
        if count == 0 and not walk.knows_some(medium_id):
            return False
        return count != walk.note(medium_id)

    def _read_medium(self, walk: Walk, post: RemotePostRef, count: int | None) -> Iterator[Page]:
        def listing(after: str) -> Listed | None:
            params = {"fields": COMMENT_FIELDS, "limit": COMMENTS} | (
                {"after": after} if after else {}
            )
            body = self._graph.read_edge(url_path(post.remote_id, "comments"), params)
            if body is None:
                return None
            found = [c for top in objs(body.get("data")) for c in self._thread(top, post)]
            return Listed(tuple(found), after_of(body), -1 if count is None else count)

        def look(ids: list[str]) -> dict[str, RemoteComment]:
            found = self._graph.look(ids, OWN_FIELDS)
            shown = {i: normalise.comment({"id": i} | found[i], post) for i in found}
            return {i: c for i, c in shown.items() if c}

        yield from walk.read(post.remote_id, listing, look)

    def _thread(self, top: Mapping[str, Any], post: RemotePostRef) -> list[RemoteComment]:
        """Normalise a comment with all of its replies, but for what the account itself wrote."""
        short = normalise.is_short(top, REPLIES)
        replies = self._replies(text(top, "id")) if short else normalise.sample(top)
        comments = [
            normalise.comment(source, post, parent_id)
            for source, parent_id in normalise.thread(top, replies)
            if not normalise.is_ours(source, self._own_id(), self._usernames)
        ]
        return [c for c in comments if c]

    def _replies(self, comment_id: str) -> list[dict[str, Any]]:
        params = {"fields": OWN_FIELDS, "limit": COMMENTS}
        found: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES_OF_REPLIES):
            body = self._graph.read_edge(url_path(comment_id, "replies"), params) or {}
            found += objs(body.get("data"))
            params["after"] = after_of(body)
            if not params["after"]:
                break
        return found

    def _own(self, listed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the listed media by id, and note under which name they stand."""
        self._usernames |= {text(medium, "username") for medium in listed} - {""}
        return {text(medium, "id"): medium for medium in listed if text(medium, "id")}

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The notes tell how much of Meta's budget is used."""
        told = self._graph.inspect()
        account, page = self._read_account()
        account_id = text(account, "user_id") or text(account, "id")
        return ConnectionReport(
            account_id=account_id,
            account_name=text(account, "username"),
            notes=(f"利用枠を{self._graph.usage.percent}%使っています。",),
            granted=permissions.granted(told, account_id, page),
            expires_at=permissions.expires_at(told),
            data_access_until=permissions.data_access_until(told),
        )

    def _read_account(self) -> tuple[dict[str, Any], str]:
        """Return the account, and the id of its Page where it was reached through that."""
        if self._own_login:
            return self._graph.read("/me", fields="user_id,username"), ""
        page = self._graph.read("/me", fields="id,instagram_business_account{id,username}")
        account = obj(page.get("instagram_business_account"))
        if not account:
            raise Rejected("Instagram: no professional account is linked to this Page's token")
        return account, text(page, "id")

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Nobody is blocked here: that is done by hand."""
        if effect in {Effect.HIDE, Effect.UNHIDE}:
            hide = {"hide": "true" if effect == Effect.HIDE else "false"}
            self._graph.change("POST", target.comment_id, params=hide)
        elif effect == Effect.DELETE:
            self._graph.change("DELETE", target.comment_id)
        else:
            raise Unsupported(f"Instagram offers no {effect.value}")
        return Receipt(effect, Achieved.APPLIED)

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read `hidden`. Who is blocked cannot be asked."""
        if effect in {Effect.BLOCK, Effect.UNBLOCK}:
            return Standing.UNREADABLE
        found = self._graph.look([target.comment_id], "id,hidden").get(target.comment_id)
        if found is None:
            return Standing.GONE
        known = {True: Standing.HIDDEN, False: Standing.VISIBLE}
        hidden = found.get("hidden")
        return known[hidden] if isinstance(hidden, bool) else Standing.UNREADABLE

    def _own_id(self) -> str:
        if not self._account_id:
            self._account_id = self.test_connection().account_id
        return self._account_id

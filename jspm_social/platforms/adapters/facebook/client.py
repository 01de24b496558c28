"""Facebook Pages (Graph API). Reads comments of the newest posts; hides, deletes, blocks.

Comments come in the order they were written, so a post's place in the cursor is simply the time
of the last one read; it goes back by ten minutes once the post is read to its end.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from jspm_social.platforms.adapters import sweep
from jspm_social.platforms.adapters.meta import permissions
from jspm_social.platforms.adapters.meta.errors import seems_gone
from jspm_social.platforms.adapters.meta.graph import Graph, after_of
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import number, obj, objs, text
from jspm_social.platforms.adapters.recent import Recent
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
from jspm_social.platforms.errors import OutcomeUnknown, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect

from . import normalise

ORIGIN = "https://graph.facebook.com"
VERSION = "v26.0"
WATCHED_POSTS = "50"  # newest own posts whose comments are read; one request each
OVERLAP_SECONDS = 600
BATCH = 50  # ids per look-up
COMMENT_FIELDS = (
    "id,message,created_time,from{id,name},parent{id},is_hidden,can_hide,can_remove,"
    "permalink_url,attachment,comment_count"
)


class FacebookClient:
    """One Page. Implements PlatformClient. A Page token is not refreshed: `save` is unused."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = Graph(access, name="Facebook", origin=ORIGIN, version=VERSION)
        self._page_id = access.account_id
        self._recent = Recent()
        self._swept, self._deep = "", True

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient. The cursor holds a time per post, the post whose turn it is,
        when all was last read afresh, and the recent comments.

        Usually the newest 50 posts are looked at; once a day all posts are, until that is done.
        """
        pages = self._graph.pages(
            url_path(self._own_id(), "published_posts"),
            fields="id,message,created_time,permalink_url",
            limit=WATCHED_POSTS,
        )
        afresh, self._swept = sweep.begun(cursor)
        self._deep = afresh or cursor.get("deep") is True
        listed = chain.from_iterable(pages) if self._deep else next(pages, [])
        posts = {p.remote_id: p for p in map(normalise.post_ref, listed) if p.remote_id}
        since = {i: 0 if afresh else number(obj(cursor.get("since")), i) for i in posts}
        self._recent = Recent.from_json(cursor.get("recent"))
        order = list(posts)
        turn = order.index(text(cursor, "turn")) if text(cursor, "turn") in posts else 0
        order = order[turn:] + order[:turn]
        for post_id, following in zip(order, [*order[1:], ""], strict=False):
            yield from self._read_post(posts[post_id], following, since)
        self._deep = False
        yield self._reread(posts, since)

    def _read_post(
        self, post: RemotePostRef, following: str, since: dict[str, int]
    ) -> Iterator[Page]:
        """Read one post's comments on from its place; `following` is whose turn is next."""
        params = {
            "filter": "stream",
            "order": "chronological",
            "limit": "100",
            "fields": COMMENT_FIELDS,
        }
        if since[post.remote_id]:
            params["since"] = str(since[post.remote_id])
        path = url_path(post.remote_id, "comments")
        newest = 0
        more = True
        while more:
            body = self._graph.read_edge(path, params)
            if body is None:  # the post was taken down since it was listed
                return
            params["after"] = after_of(body)
            more = bool(params["after"])
            found = self._comments(body.get("data"), {post.remote_id: post}, post.remote_id)
            newest = max([newest, *(int(c.created_at.timestamp()) for c in found)])
            if newest:  # a page may end within a second: going on begins just before it
                since[post.remote_id] = max(0, newest - (1 if more else OVERLAP_SECONDS))
            yield self._page(found, since, post.remote_id if more else following)

    def _page(
        self,
        comments: list[RemoteComment],
        since: Mapping[str, int],
        turn: str,
        gone: tuple[str, ...] = (),
    ) -> Page:
        told = tuple(self._recent.take(comments))
        self._recent.forget(gone)
        places = {"since": dict(since), "turn": turn, "swept": self._swept, "deep": self._deep}
        return Page(told, {**places, "recent": self._recent.to_json()}, gone)

    def _reread(self, posts: Mapping[str, RemotePostRef], since: Mapping[str, int]) -> Page:
        """Look the newest comments up by id: changed ones come again, deleted ones are told."""
        ids = self._recent.ids
        found: dict[str, Any] = {}
        for start in range(0, len(ids), BATCH):
            found |= self._look_up(ids[start : start + BATCH])
        comments = [
            c for i in found for c in self._comments([found[i]], posts, self._recent.post_of(i))
        ]
        gone = tuple(i for i in ids if i not in found and not self._exists(i))
        return self._page(comments, since, "", gone)

    def _look_up(self, ids: list[str]) -> dict[str, Any]:
        """Read several objects at once. One that is gone fails them all, so halve and go on."""
        params = {"ids": ",".join(ids), "fields": COMMENT_FIELDS}
        answer = self._graph.send("GET", "/", params=params)
        if not seems_gone(answer):
            self._graph.check(answer, changes=False)
            body = obj(answer.body)
            return {i: obj(body[i]) for i in ids if i in body}
        if len(ids) == 1:
            return {}
        half = len(ids) // 2
        return self._look_up(ids[:half]) | self._look_up(ids[half:])

    def _comments(
        self, data: Any, posts: Mapping[str, RemotePostRef], post_id: str
    ) -> list[RemoteComment]:
        """Normalise what others than the Page itself wrote."""
        post = posts.get(post_id) or RemotePostRef(remote_id=post_id)
        others = [item for item in objs(data) if normalise.author_id(item) != self._own_id()]
        return [c for c in (normalise.comment(item, post) for item in others) if c]

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The notes tell how much of Meta's budget is used."""
        told = self._graph.inspect()
        me = self._graph.read("/me", fields="id,name")
        page = text(me, "id")
        return ConnectionReport(
            account_id=page,
            account_name=text(me, "name"),
            notes=(f"利用枠を{self._graph.usage.percent}%使っています。",),
            granted=permissions.granted(told, page),
            expires_at=permissions.expires_at(told),
            data_access_until=permissions.data_access_until(told),
        )

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Blocking needs the commenter's Page-scoped id."""
        if effect in {Effect.HIDE, Effect.UNHIDE}:
            form = {"is_hidden": "true" if effect == Effect.HIDE else "false"}
            self._graph.change("POST", target.comment_id, form=form)
        elif effect == Effect.DELETE:
            self._graph.change("DELETE", target.comment_id)
        elif effect in {Effect.BLOCK, Effect.UNBLOCK}:
            self._set_blocked(target.author_key, blocked=effect == Effect.BLOCK)
        else:
            raise Unsupported(f"Facebook offers no {effect.value}")
        return Receipt(effect, Achieved.APPLIED)

    def _set_blocked(self, author_key: str, *, blocked: bool) -> None:
        if not author_key:
            raise Unsupported("Facebook does not tell who wrote the comment")
        path = url_path(self._own_id(), "blocked")
        user = {"user": author_key}
        if blocked:
            answer = self._graph.send("POST", path, form=user)
            done = obj(answer.body).get(author_key)
        else:
            answer = self._graph.send("DELETE", path, params=user)
            done = obj(answer.body).get("success")
        self._graph.check(answer, changes=True)
        if done is not True:
            raise OutcomeUnknown("Facebook: the answer does not name the person")

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read `is_hidden`, or whether the person stands in the Page's list of blocked people."""
        if effect in {Effect.BLOCK, Effect.UNBLOCK}:
            path = url_path(self._own_id(), "blocked")
            body = self._graph.read(path, user=target.author_key)
            named = {text(person, "id") for person in objs(body.get("data"))}
            return Standing.BLOCKED if target.author_key in named else Standing.NOT_BLOCKED
        hidden = self._is_hidden(target.comment_id)
        if hidden is None:
            return Standing.GONE
        return Standing.HIDDEN if hidden else Standing.VISIBLE

    def _exists(self, comment_id: str) -> bool:
        return self._is_hidden(comment_id) is not None

    def _is_hidden(self, comment_id: str) -> bool | None:
        """Read the comment with a token that is proven good; None when it is gone."""
        found = self._graph.look([comment_id], "id,is_hidden").get(comment_id)
        return None if found is None else found.get("is_hidden") is True

    def _own_id(self) -> str:
        if not self._page_id:
            self._page_id = self.test_connection().account_id
        return self._page_id

"""X API v2. Reads mentions, own posts and recent search; hides, shows again, mutes.

X has no way to delete another's reply and none to block in the self-serve plans: Unsupported.
A reply is met twice, as a mention (newest 800, any age) and in the search by conversation
(seven days, also when the mention was removed); each is read with its own place in the cursor.

X cannot be asked whether a reply is hidden: a lost answer stays unknown until somebody has looked.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
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
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect

from . import normalise
from .errors import not_found_ids, unclear
from .walk import Walk, conversation_queries
from .wire import Wire, raise_for

PAGE_SIZE = "100"
MENTIONS, SEARCH = "mentions", "search"
WATCHED_POSTS = 100  # newest own posts whose conversations are searched, one page
FIELDS = {
    "post.fields": "created_at,conversation_id,attachments,lang,note_post,entities",
    "expansions": "author_id,in_reply_to_user_id,referenced_posts,edit_history_post_ids,"
    "attachments.media_keys",
    "user.fields": "name,username",
    "media.fields": "type,url,preview_image_url,alt_text,variants",
}


class XClient:
    """One channel on X. Implements PlatformClient."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)
        self._posts: dict[str, RemotePostRef | None] = {}  # None: looked up, and not ours
        self._recent = Recent()
        self._turn = MENTIONS

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient. The cursor holds one Walk per source, whose turn it is, and
        the recent comments; a source that was interrupted is finished before all else.
        """
        walks = {name: Walk.from_json(cursor.get(name)) for name in (MENTIONS, SEARCH)}
        self._recent = Recent.from_json(cursor.get("recent"))
        self._turn = text(cursor, "turn") or MENTIONS
        queries = conversation_queries(self._load_own_posts(), self._wire.own_id())
        lanes = {MENTIONS: [MENTIONS], SEARCH: queries}
        for name in (self._turn, _other(self._turn)):
            yield from self._walk(walks, name)
            walks[name].begin(lanes[name])
            yield from self._walk(walks, name)
        yield self._reread(walks)

    def _walk(self, walks: dict[str, Walk], name: str) -> Iterator[Page]:
        """Read what is left of one source, newest first, down to its mark."""
        walk = walks[name]
        token = ""
        while walk.under_way:
            body = self._list(walk, walk.lanes[0], token)
            tweets = objs(body.get("data"))
            walk.saw(tweets)
            token = text(obj(body.get("meta")), "next_token")
            if not token:
                walk.lane_done()
            if not walk.under_way:
                self._turn = _other(name)
            yield self._page(walks, self._comments(body))

    def _list(self, walk: Walk, lane: str, token: str) -> dict[str, Any]:
        params = {**FIELDS, "max_results": PAGE_SIZE}
        if lane == MENTIONS:
            path = url_path("2", "users", self._wire.own_id(), "mentions")
            since = walk.since.id
        else:
            path = "/2/tweets/search/recent"
            since = walk.since_within_reach(datetime.now(UTC))
            params |= {"query": lane, "sort_order": "recency"}
        if since:
            params["since_id"] = since
        if token:
            params["pagination_token" if lane == MENTIONS else "next_token"] = token
        elif walk.until:
            params["until_id"] = walk.until
        return self._wire.get(path, params)

    def _page(
        self, walks: Mapping[str, Walk], comments: list[RemoteComment], gone: tuple[str, ...] = ()
    ) -> Page:
        told = tuple(self._recent.take(comments))
        self._recent.forget(gone)
        cursor: dict[str, Any] = {name: walk.to_json() for name, walk in walks.items()}
        cursor |= {"turn": self._turn, "recent": self._recent.to_json()}
        return Page(told, cursor, gone)

    def _reread(self, walks: Mapping[str, Walk]) -> Page:
        """Look the newest comments up by id: edited ones come again, deleted ones are told."""
        if not self._recent.ids:
            return self._page(walks, [])
        params = {**FIELDS, "ids": ",".join(self._recent.ids)}
        answer = self._wire.send("GET", "/2/tweets", params=params)
        raise_for(answer)
        gone = tuple(i for i in not_found_ids(answer) if i in self._recent)
        return self._page(walks, self._comments(obj(answer.body)), gone)

    def _comments(self, body: Mapping[str, Any]) -> list[RemoteComment]:
        """Normalise a page: what stands under our own posts and was written by others."""
        others = [
            tweet
            for tweet in objs(body.get("data"))
            if text(tweet, "author_id") != self._wire.own_id() and not normalise.is_repost(tweet)
        ]
        self._learn_posts({normalise.conversation(tweet) for tweet in others})
        includes = normalise.Includes.of(body)
        found = []
        for tweet in others:
            post = self._posts.get(normalise.conversation(tweet))
            if not post or not (post.permalink or self._answers_us(tweet)):
                continue
            comment = normalise.comment(tweet, includes, post)
            if comment:
                found.append(comment)
        return found

    def _answers_us(self, tweet: Mapping[str, Any]) -> bool:
        return text(tweet, "in_reply_to_user_id") == self._wire.own_id()

    def _load_own_posts(self) -> list[str]:
        """Read the newest own posts, which are the conversations to search."""
        params = {**FIELDS, "exclude": "retweets,replies", "max_results": str(WATCHED_POSTS)}
        body = self._wire.get(url_path("2", "users", self._wire.own_id(), "tweets"), params)
        posts = [normalise.post_ref(tweet) for tweet in objs(body.get("data"))]
        self._posts |= {post.remote_id: post for post in posts if post.remote_id}
        return [post.remote_id for post in posts if post.remote_id]

    def _learn_posts(self, ids: set[str]) -> None:
        """Look up roots that are not known yet: older posts of ours, or somebody else's."""
        unknown = sorted(ids - self._posts.keys() - {""})
        for start in range(0, len(unknown), 100):
            part = unknown[start : start + 100]
            body = self._wire.get("/2/tweets", {**FIELDS, "ids": ",".join(part)})
            # A root that is gone may have been ours: replies to us are kept, without its text.
            self._posts |= {i: RemotePostRef(remote_id=i) for i in part}
            for tweet in objs(body.get("data")):
                ours = text(tweet, "author_id") == self._wire.own_id()
                self._posts[text(tweet, "id")] = normalise.post_ref(tweet) if ours else None

    def test_connection(self) -> ConnectionReport:
        user = self._wire.me()
        return ConnectionReport(account_id=text(user, "id"), account_name=text(user, "username"))

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Hiding works only in conversations that we began."""
        if effect in {Effect.HIDE, Effect.UNHIDE}:
            self._set_hidden(target.comment_id, hidden=effect == Effect.HIDE)
        elif effect == Effect.MUTE:
            self._mute(target.author_key)
        else:
            raise Unsupported(f"X offers no {effect.value}")
        return Receipt(effect, Achieved.APPLIED)

    def _set_hidden(self, comment_id: str, *, hidden: bool) -> None:
        path = url_path("2", "tweets", comment_id, "hidden")
        answer = self._wire.send("PUT", path, json={"hidden": hidden})
        if answer.status == 404:
            if not self._wire.exists(comment_id):
                raise Missing("X: the reply is gone")
            raise unclear()
        raise_for(answer)
        if obj(obj(answer.body).get("data")).get("hidden") is not hidden:
            raise OutcomeUnknown("X: the answer does not say whether it is hidden")

    def _mute(self, author_key: str) -> None:
        path = url_path("2", "users", self._wire.own_id(), "muting")
        told = self._wire.call("POST", path, json={"target_user_id": author_key})
        if obj(told.get("data")).get("muting") is not True:
            raise OutcomeUnknown("X: the answer does not say whether the author is muted")

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """X tells nobody whether a reply is hidden: only whether it still exists.

        X tells nobody whether a reply is hidden: UNREADABLE while the reply is there.
        """
        if effect in {Effect.HIDE, Effect.UNHIDE} and not self._wire.exists(target.comment_id):
            return Standing.GONE
        return Standing.UNREADABLE


def _other(source: str) -> str:
    return SEARCH if source == MENTIONS else MENTIONS

"""YouTube Data API v3. Reads the channel's comment threads; holds back, publishes, rejects, bans.

Hide is `heldForReview`, delete is `rejected` (its replies vanish too, and it cannot be taken
back), block is `rejected` with `banAuthor`; there is no unban and no list of the banned.
A list costs one unit of quota, a change fifty; each pull costs three lists and a few look-ups.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters import sweep
from jspm_social.platforms.adapters.listwalk import ListWalk
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import EPOCH, instant, obj, objs, text
from jspm_social.platforms.adapters.recent import Recent
from jspm_social.platforms.capabilities import AT_ONCE
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
from jspm_social.platforms.errors import Missing, Rejected, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect, Platform

from . import normalise
from .errors import PERHAPS_GONE, reason_of
from .walk import Threads, walks_of
from .wire import Wire, raise_for

LISTS = ("published", "heldForReview", "likelySpam")
BATCH = 50  # ids per look-up
SEARCHED_PAGES = 10  # when one comment is looked for in a list
STATUS = {
    Effect.HIDE: {"moderationStatus": "heldForReview"},
    Effect.UNHIDE: {"moderationStatus": "published"},
    Effect.DELETE: {"moderationStatus": "rejected"},
    Effect.BLOCK: {"moderationStatus": "rejected", "banAuthor": "true"},
}


class YouTubeClient:
    """One channel on YouTube. Implements PlatformClient."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)
        self._me = access.account_id
        self._videos: dict[str, RemotePostRef] = {}
        self._recent = Recent()
        self._threads = Threads()
        self._swept = ""

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient. The cursor holds a ListWalk per list, whose turn it is,
        when all was last read afresh, and the newest threads and comments.
        """
        afresh, self._swept = sweep.begun(cursor)
        walks = walks_of({} if afresh else cursor, LISTS)
        self._recent = Recent.from_json(cursor.get("recent"))
        self._threads = Threads.from_json(cursor.get("threads"))
        turn = LISTS.index(text(cursor, "turn")) if text(cursor, "turn") in LISTS else 0
        for name in LISTS[turn:] + LISTS[:turn]:
            if walks[name].token:
                yield from self._walk(walks, name)
            walks[name].begin()
            yield from self._walk(walks, name)
        yield from self._reread(walks)

    def _walk(self, walks: dict[str, ListWalk], name: str) -> Iterator[Page]:
        """Read one list from its page token, or from the top, down to known ground."""
        walk = walks[name]
        more = True
        while more:
            answer = self._list(name, walk.token)
            if reason_of(answer) == "invalidPageToken":  # too old: begin at the top instead
                walk.token = ""
                return
            raise_for(answer)
            body = obj(answer.body)
            threads = objs(body.get("items"))
            found = self._comments_of(threads)
            walk.saw(map(_written, threads), text(body, "nextPageToken"))
            more = bool(walk.token)
            following = LISTS[(LISTS.index(name) + 1) % len(LISTS)]
            yield self._page(found, walks, name if more else following)

    def _list(self, name: str, token: str) -> Answer:
        params = {
            "part": "id,snippet,replies",
            "allThreadsRelatedToChannelId": self._own_id(),
            "maxResults": "100",
            "order": "time",
            "moderationStatus": name,
            "textFormat": "plainText",
        }
        return self._wire.send(
            "GET", "/commentThreads", params | ({"pageToken": token} if token else {})
        )

    def _comments_of(self, threads: list[dict[str, Any]]) -> list[RemoteComment]:
        """Normalise the threads of a page, with the replies that are not known yet."""
        self._learn_videos(map(normalise.video_of, threads))
        found: list[RemoteComment] = []
        for thread in threads:
            video = normalise.video_of(thread)
            found += self._normalised(normalise.comments_of(thread), video)
            found += self._grown_replies(thread, video, sample=len(normalise.sample_of(thread)))
        return found

    def _grown_replies(
        self, thread: Mapping[str, Any], video: str, *, sample: int = 0
    ) -> list[RemoteComment]:
        """Read all replies of a thread that has more than we know, or than came as `sample`."""
        thread_id, count = text(thread, "id"), normalise.reply_count(thread)
        grew = count > max(self._threads.replies(thread_id), sample)
        replies: list[RemoteComment] = []
        params = {
            "part": "id,snippet",
            "parentId": thread_id,
            "maxResults": "100",
            "textFormat": "plainText",
        }
        while grew:
            body = self._wire.get("/comments", params)
            replies += self._normalised(objs(body.get("items")), video)
            params["pageToken"] = text(body, "nextPageToken")
            grew = bool(params["pageToken"])
        self._threads.met(thread_id, _written(thread), count)
        return replies

    def _reread(self, walks: Mapping[str, ListWalk]) -> Iterator[Page]:
        """Read the threads and comments met last by id: new replies, edits, deletions."""
        known: list[RemoteComment] = []
        fresh: list[RemoteComment] = []
        for ids in _batches(list(self._threads.entries)):
            params = {"part": "id,snippet,replies", "id": ids, "textFormat": "plainText"}
            for thread in objs(self._wire.get("/commentThreads", params).get("items")):
                video = normalise.video_of(thread)
                known += self._normalised(normalise.comments_of(thread), video)
                fresh += self._grown_replies(thread, video)
        seen = {comment.remote_id for comment in known}
        told, gone = self._look_up([i for i in self._recent.ids if i not in seen])
        known = [c for c in known + told if c.remote_id in self._recent]
        yield self._page(known + fresh, walks, LISTS[0], gone)

    def _look_up(self, ids: list[str]) -> tuple[list[RemoteComment], tuple[str, ...]]:
        """Read comments by id; what is not answered is gone (the 200 proves the token)."""
        found: list[RemoteComment] = []
        for part in _batches(ids):
            params = {"part": "id,snippet", "id": part, "textFormat": "plainText"}
            for item in objs(self._wire.get("/comments", params).get("items")):
                if text(item, "id") in self._recent:
                    found += self._normalised([item], self._recent.post_of(text(item, "id")))
        there = {comment.remote_id for comment in found}
        return found, tuple(i for i in ids if i not in there)

    def _normalised(self, items: Iterable[Mapping[str, Any]], video: str) -> list[RemoteComment]:
        """Normalise what others than the channel itself wrote."""
        post = self._videos.get(video) or RemotePostRef(remote_id=video)
        others = [item for item in items if normalise.author_id(item) != self._own_id()]
        return [c for c in (normalise.comment(item, post) for item in others) if c]

    def _learn_videos(self, ids: Iterable[str]) -> None:
        unknown = sorted(set(ids) - self._videos.keys() - {"", self._own_id()})
        for part in _batches(unknown):
            body = self._wire.get("/videos", {"part": "snippet", "id": part})
            posts = map(normalise.post_ref, objs(body.get("items")))
            self._videos |= {post.remote_id: post for post in posts}

    def _page(
        self,
        comments: list[RemoteComment],
        walks: Mapping[str, ListWalk],
        turn: str,
        gone: tuple[str, ...] = (),
    ) -> Page:
        told = tuple(self._recent.take(comments))
        self._recent.forget(gone)
        lists = {name: walk.to_json() for name, walk in walks.items()}
        cursor = {"lists": lists, "turn": turn, "threads": self._threads.to_json()}
        cursor |= {"swept": self._swept}
        return Page(told, cursor | {"recent": self._recent.to_json()}, gone)

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. Of several channels it is the one that is already known."""
        found = objs(self._wire.get("/channels", {"part": "snippet", "mine": "true"}).get("items"))
        if not found:
            raise Rejected("YouTube: there is no channel in this Google account")
        channel = next((c for c in found if text(c, "id") == self._me), found[0])
        return ConnectionReport(
            account_id=text(channel, "id"),
            account_name=text(obj(channel.get("snippet")), "title"),
            granted=self._wire.granted(),
        )

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. A rejected comment can never be published again."""
        if effect not in STATUS:
            raise Unsupported(f"YouTube offers no {effect.value}")
        params = {"id": target.comment_id, **STATUS[effect]}
        answer = self._wire.send("POST", "/comments/setModerationStatus", params)
        if reason_of(answer) in PERHAPS_GONE and self._comment(target.comment_id) is None:
            raise Missing("YouTube: the comment is gone")
        raise_for(answer)
        return Receipt(effect, Achieved.APPLIED)

    def apply_many(self, effect: Effect, targets: Sequence[Target]) -> None:
        """See BatchClient. Up to 50 comments cost as much as one."""
        if (Platform.YOUTUBE, effect) not in AT_ONCE:
            raise Unsupported(f"YouTube offers no {effect.value} of several")
        params = {"id": ",".join(target.comment_id for target in targets), **STATUS[effect]}
        raise_for(self._wire.send("POST", "/comments/setModerationStatus", params))

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Look the comment up by id, then in the owner's lists of its video.

        By id YouTube tells that it exists but not its status, so the lists decide: held or
        likely spam is HIDDEN, published is VISIBLE, in none of them is REMOVED. Replies may
        not be in any list, and bans cannot be read: UNREADABLE.
        """
        comment = self._comment(target.comment_id)
        if comment is None:
            return Standing.GONE
        if effect == Effect.BLOCK or text(obj(comment.get("snippet")), "parentId"):
            return Standing.UNREADABLE
        for name, standing in (
            ("heldForReview", Standing.HIDDEN),
            ("likelySpam", Standing.HIDDEN),
            ("published", Standing.VISIBLE),
        ):
            found = self._is_listed(target, name)
            if found is None:
                return Standing.UNREADABLE
            if found:
                return standing
        return Standing.REMOVED

    def _is_listed(self, target: Target, name: str) -> bool | None:
        """Tell whether a thread is in a list of its video; None when the list is too long."""
        params = {
            "part": "id",
            "videoId": target.post_id,
            "maxResults": "100",
            "order": "time",
            "moderationStatus": name,
        }
        for _ in range(SEARCHED_PAGES):
            body = self._wire.get("/commentThreads", params)
            if any(text(item, "id") == target.comment_id for item in objs(body.get("items"))):
                return True
            params["pageToken"] = text(body, "nextPageToken")
            if not params["pageToken"]:
                return False
        return None

    def _comment(self, comment_id: str) -> dict[str, Any] | None:
        """Read one comment; None when it is gone. The answer itself proves the token good."""
        items = objs(
            self._wire.get("/comments", {"part": "id,snippet", "id": comment_id}).get("items")
        )
        return items[0] if items else None

    # --- who we are

    def _own_id(self) -> str:
        if not self._me:
            self._me = self.test_connection().account_id
        return self._me


def _written(thread: Mapping[str, Any]) -> datetime:
    return instant(obj(normalise.top_of(thread).get("snippet")).get("publishedAt")) or EPOCH


def _batches(ids: list[str]) -> Iterator[str]:
    for start in range(0, len(ids), BATCH):
        yield ",".join(ids[start : start + BATCH])

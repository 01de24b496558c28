"""Reading what stands under our posts: notifications for speed, threads for completeness.

Notifications come at once and for posts of any age, but leave out deep replies, replies that
were indexed before their parent, and hidden, muted and blocked ones. So the threads of the
newest own posts are walked as well, and what is missing there is looked up one by one: a
comment counts as gone only when the network answers that it is not found.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.listwalk import ListWalk
from jspm_social.platforms.adapters.reading import instant, obj, objs, text
from jspm_social.platforms.adapters.recent import Recent
from jspm_social.platforms.contract import Page, RemoteComment, RemotePostRef
from jspm_social.platforms.http import Answer

from . import normalise
from .errors import is_gone, problem_of
from .session import Session
from .thread import DEPTH, Thread

NOTIFICATIONS = "notifications"
REASONS = ["reply", "mention", "quote"]
WATCHED_POSTS = 50  # newest own posts whose threads are walked; one request each
SLICES = 20  # further slices of one thread that is deeper than DEPTH
BATCH = 25  # uris per look-up


class Reader:
    """One pull. The cursor holds whose turn it is (the notifications, or a post), how far the
    notifications were read, a fingerprint per thread, and the recent comments.
    """

    def __init__(self, session: Session, own_did: str, cursor: Mapping[str, Any]) -> None:
        self._session = session
        self._me = own_did
        self._walk = ListWalk.from_json(cursor.get(NOTIFICATIONS))
        self._digests = obj(cursor.get("threads"))
        self._recent = Recent.from_json(cursor.get("recent"))
        self._turn = text(cursor, "turn") or NOTIFICATIONS
        self._posts: dict[str, RemotePostRef] = {}
        self._seen: set[str] = set()  # uris that this pull has met in a thread

    def pages(self) -> Iterator[Page]:
        """Read every lane once, beginning with the one that was interrupted."""
        posts = self._own_posts()
        self._digests = {i: d for i, d in self._digests.items() if i in posts}
        lanes = [NOTIFICATIONS, *posts]
        turn = lanes.index(self._turn) if self._turn in lanes else 0
        lanes = lanes[turn:] + lanes[:turn]
        for lane, following in zip(lanes, [*lanes[1:], NOTIFICATIONS], strict=True):
            if lane == NOTIFICATIONS:
                yield from self._notifications(following)
            else:
                yield self._thread(lane, following)
        yield self._missing()

    # --- lanes

    def _notifications(self, following: str) -> Iterator[Page]:
        if self._walk.token:
            yield from self._list(NOTIFICATIONS)
        self._walk.begin()
        yield from self._list(following)

    def _list(self, following: str) -> Iterator[Page]:
        """Read from the walk's token, or the top, down to known ground."""
        more = True
        while more:
            params: dict[str, str | list[str]] = {"limit": "100", "reasons": REASONS}
            if self._walk.token:
                params["cursor"] = self._walk.token
            body = self._get("app.bsky.notification.listNotifications", params)
            told = objs(body.get("notifications"))
            token = text(body, "cursor")
            self._walk.saw(_places(told), "" if token == self._walk.token else token)
            more = bool(self._walk.token)
            yield self._page(self._notified(told), NOTIFICATIONS if more else following)

    def _notified(self, told: list[dict[str, Any]]) -> list[RemoteComment]:
        """Normalise what stands under a post of ours, or quotes one."""
        placed = [(view, self._post_under(view)) for view in told]
        self._learn_posts(uri for _, uri in placed if uri)
        found = [self._comment(view, uri) for view, uri in placed if uri]
        return [c for c in found if c]

    def _post_under(self, view: Mapping[str, Any]) -> str:
        """Return the own post that this stands under or quotes, '' for a mere mention."""
        for uri in (normalise.root_of(view), normalise.quoted_of(view)):
            if normalise.is_post_of(uri, self._me):
                return uri
        return ""

    def _thread(self, post_uri: str, following: str) -> Page:
        """Read one post's whole thread; tell nothing when it is as it was met before."""
        thread = self._read_thread(post_uri)
        self._seen |= thread.uris
        digest = thread.digest()
        comments: list[RemoteComment | None] = []
        if digest != self._digests.get(post_uri):
            comments = [
                self._comment(view, post_uri, hidden=uri in thread.hidden)
                for uri, view in thread.views.items()
                if uri != post_uri
            ]
            self._digests[post_uri] = digest
        return self._page([c for c in comments if c], following)

    def _read_thread(self, post_uri: str) -> Thread:
        thread, waiting, slices = Thread(), [post_uri], 0
        while waiting and slices <= SLICES:
            answer = self._ask_thread(waiting.pop(), DEPTH)
            slices += 1
            if is_gone(answer):  # taken down since it was listed
                continue
            _raise(answer)
            thread.add(obj(answer.body))
            waiting += thread.deeper
            thread.deeper.clear()
        return thread

    def _missing(self) -> Page:
        """Look up the recent comments that no thread showed: edited, out of sight, or gone."""
        unseen = [i for i in self._recent.ids if i not in self._seen]
        views = self._look_up(unseen)
        self._learn_posts(self._recent.post_of(i) for i in views)
        found = [self._comment(view, self._recent.post_of(i)) for i, view in views.items()]
        gone: list[str] = []
        for uri in [i for i in unseen if i not in views]:
            answer = self._ask_thread(uri, 0)
            if not is_gone(answer):
                _raise(answer)
            node = obj(obj(answer.body).get("thread"))
            if not answer.ok or node.get("notFound") is True:
                gone.append(uri)
            elif not node.get("post"):  # there, but out of our sight: its author is blocked
                self._recent.forget([uri])
        return self._page([c for c in found if c], NOTIFICATIONS, tuple(gone))

    def _page(self, comments: list[RemoteComment], turn: str, gone: tuple[str, ...] = ()) -> Page:
        told = tuple(self._recent.take(comments))
        self._recent.forget(gone)
        cursor = {
            "turn": turn,
            NOTIFICATIONS: self._walk.to_json(),
            "threads": dict(self._digests),
            "recent": self._recent.to_json(),
        }
        return Page(told, cursor, gone)

    # --- single things

    def _comment(
        self, view: Mapping[str, Any], post_uri: str, *, hidden: bool | None = None
    ) -> RemoteComment | None:
        """Normalise what others than the society itself wrote."""
        if normalise.author_id(view) == self._me:
            return None
        post = self._posts.get(post_uri) or RemotePostRef(remote_id=post_uri)
        return normalise.comment(view, post, hidden=hidden)

    def _own_posts(self) -> list[str]:
        params = {"actor": self._me, "filter": "posts_no_replies", "limit": str(WATCHED_POSTS)}
        body = self._get("app.bsky.feed.getAuthorFeed", params)
        views = [obj(item.get("post")) for item in objs(body.get("feed"))]
        own = [v for v in views if normalise.is_post_of(text(v, "uri"), self._me)]
        self._posts |= {text(view, "uri"): normalise.post_ref(view) for view in own}
        return list(dict.fromkeys(text(view, "uri") for view in own))

    def _learn_posts(self, uris: Iterable[str]) -> None:
        """Look up own posts that are older than the newest."""
        unknown = sorted(set(uris) - self._posts.keys())
        found = self._look_up(unknown)
        self._posts |= {uri: RemotePostRef(remote_id=uri) for uri in unknown}
        self._posts |= {uri: normalise.post_ref(view) for uri, view in found.items()}

    def _look_up(self, uris: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(uris), BATCH):
            body = self._get("app.bsky.feed.getPosts", {"uris": uris[start : start + BATCH]})
            found |= {text(view, "uri"): view for view in objs(body.get("posts"))}
        return {uri: found[uri] for uri in uris if uri in found}

    def _ask_thread(self, uri: str, depth: int) -> Answer:
        params: dict[str, str | list[str]] = {
            "uri": uri,
            "depth": str(depth),
            "parentHeight": "0",
        }
        return self._session.call("GET", "app.bsky.feed.getPostThread", params=params)

    def _get(self, name: str, params: Mapping[str, str | list[str]]) -> dict[str, Any]:
        answer = self._session.call("GET", name, params=params)
        _raise(answer)
        return obj(answer.body)


def _places(told: Iterable[Mapping[str, Any]]) -> Iterator[datetime]:
    """Yield the times by which notifications are sorted: written or indexed, the earlier one."""
    for view in told:
        times = (view.get("indexedAt"), obj(view.get("record")).get("createdAt"))
        known = [moment for moment in map(instant, times) if moment]
        if known:
            yield min(known)


def _raise(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem

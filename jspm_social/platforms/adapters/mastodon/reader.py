"""Reading what stands under our posts: notifications for speed, contexts for completeness.

Servers differ: some do not notify of a reply that does not name us, ignore filters, lack paging
links, or give a status null. So everything is filtered again here, pages go by `max_id`, and the
whole context of the newest own posts, and of those with known comments, is read each time. snac
lists the direct replies alone in a context: there, each reply is asked for its own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jspm_social.platforms.adapters.listwalk import ListWalk
from jspm_social.platforms.adapters.reading import instant, number, obj, objs, rows, text
from jspm_social.platforms.adapters.recent import Recent
from jspm_social.platforms.contract import Page, RemoteComment, RemotePostRef
from jspm_social.platforms.errors import RateLimited

from . import normalise
from .errors import GONE, problem_of
from .wire import Wire

NOTIFICATIONS = "notifications"
TYPES = ["mention", "quote"]
PAGE_SIZE = "40"
WATCHED_POSTS = 30  # newest own posts whose contexts are read; one request each
DEEPER = 100  # replies whose own contexts are read in one pull, on a server that asks for it
PROBES = 3  # the same where it is not known yet whether the server does


class Local(NamedTuple):
    """What a comment, its author and its post are called on our server."""

    comment: str
    author: str
    post: str


class Reader:
    """One pull. The cursor holds whose turn it is (the notifications, or a post), how far the
    notifications were read, a fingerprint per context, whether contexts are whole trees (null:
    not known yet), and the recent comments with local ids.
    """

    def __init__(self, wire: Wire, own_id: str, cursor: Mapping[str, Any]) -> None:
        self._wire = wire
        self._me = own_id
        self._walk = ListWalk.from_json(cursor.get(NOTIFICATIONS))
        self._digests = obj(cursor.get("contexts"))
        self._trees = cursor.get("trees")
        self._asked = 0  # replies whose own contexts were read
        self._recent = Recent.from_json(cursor.get("recent"))
        known = rows(cursor.get("local"), str, str, str, str)
        self._local = {row[0]: Local(*row[1:]) for row in known}
        self._turn = text(cursor, "turn") or NOTIFICATIONS
        self._posts: dict[str, RemotePostRef] = {}  # by local id
        # a reply's local id → (its post's local id, its own uri)
        self._roots = {local.comment: (local.post, uri) for uri, local in self._local.items()}
        self._seen: set[str] = set()

    def pages(self) -> Iterator[Page]:
        """Read every lane once, beginning with the one that was interrupted."""
        watched = self._watched_posts()
        self._digests = {i: d for i, d in self._digests.items() if i in watched}
        lanes = [NOTIFICATIONS, *watched]
        turn = lanes.index(self._turn) if self._turn in lanes else 0
        lanes = lanes[turn:] + lanes[:turn]
        for lane, following in zip(lanes, [*lanes[1:], NOTIFICATIONS], strict=True):
            if lane == NOTIFICATIONS:
                yield from self._notifications(following)
            else:
                yield self._context(lane, following)
        yield self._missing()

    def _watched_posts(self) -> list[str]:
        """Return local ids: the newest own posts, then those with recent comments."""
        params = {"limit": PAGE_SIZE, "exclude_replies": "true", "exclude_reblogs": "true"}
        listed = self._wire.get_list("accounts", self._me, "statuses", params=params)
        own = [s for s in listed if self._is_own_post(s)][:WATCHED_POSTS]
        self._posts = {text(status, "id"): normalise.post_ref(status) for status in own}
        for uri, local in self._local.items():
            if local.post not in self._posts and uri in self._recent:
                self._posts[local.post] = RemotePostRef(self._recent.post_of(uri))
        return [i for i in self._posts if i]

    def _is_own_post(self, status: Mapping[str, Any]) -> bool:
        begun = not status.get("in_reply_to_id") and not status.get("reblog")
        mine = normalise.author_id(status) == self._me
        return begun and mine and bool(text(status, "id")) and normalise.is_public(status)

    # --- notifications

    def _notifications(self, following: str) -> Iterator[Page]:
        if self._walk.token:
            yield from self._list(NOTIFICATIONS)
        self._walk.begin()
        yield from self._list(following)

    def _list(self, following: str) -> Iterator[Page]:
        """Read from the walk's token, or the top, down to known ground."""
        met: set[str] = set()
        more = True
        while more:
            params: dict[str, str | list[str]] = {"limit": PAGE_SIZE, "types[]": TYPES}
            if self._walk.token:
                params["max_id"] = self._walk.token
            told = self._wire.get_list("notifications", params=params)
            ids = [text(item, "id") for item in told]
            new = bool(set(ids) - met - {""})  # a server that ignores max_id ends here
            met |= set(ids)
            found = self._notified(told)
            self._walk.saw(_times(told), ids[-1] if new else "")
            more = bool(self._walk.token)
            yield self._page(found, NOTIFICATIONS if more else following)

    def _notified(self, told: Iterable[Mapping[str, Any]]) -> list[RemoteComment]:
        """Normalise what stands under a post of ours, or quotes one."""
        found = []
        for item in told:
            status = obj(item.get("status"))
            if text(item, "type") in TYPES and self._is_comment(status):
                post, parent = self._place(status)
                found.append(self._comment(status, post, parent) if post else None)
        return [c for c in found if c]

    def _place(self, status: Mapping[str, Any]) -> tuple[str, str]:
        """Return the local id of the own post this stands under ('' for none), and its parent."""
        quoted = normalise.quoted(status)
        if normalise.author_id(quoted) == self._me and text(quoted, "id"):
            self._posts.setdefault(text(quoted, "id"), normalise.post_ref(quoted))
            return text(quoted, "id"), ""
        parent = text(status, "in_reply_to_id")
        if not parent or parent in self._posts:
            return parent, ""
        if parent not in self._roots:
            self._roots[parent] = self._root(status)
        return self._roots[parent]

    def _root(self, status: Mapping[str, Any]) -> tuple[str, str]:
        """Ask for what stands above a reply; ('', '') when it does not begin with us."""
        answer = self._wire.send("GET", "statuses", text(status, "id") or "0", "context")
        if answer.status in GONE:
            return "", ""
        _raise_for_reading(answer)
        above = objs(obj(answer.body).get("ancestors"))
        if not above or not self._is_own_post(above[0]):
            return "", ""
        root = text(above[0], "id")
        self._posts.setdefault(root, normalise.post_ref(above[0]))
        return root, normalise.key_of(above[-1])

    # --- contexts

    def _context(self, post: str, following: str) -> Page:
        """Read all that stands under a post; tell nothing when it is as it was met before."""
        below = self._below(post)
        if below is None:  # taken down since it was listed
            return self._page([], following)
        self._seen |= {normalise.key_of(status) for status, _ in below}
        digest = _digest(status for status, _ in below)
        if digest == self._digests.get(post):
            return self._page([], following)
        self._digests[post] = digest
        found = [
            self._comment(status, post, parent)
            for status, parent in below
            if self._is_comment(status)
        ]
        return self._page([c for c in found if c], following)

    def _below(self, post: str) -> list[tuple[dict[str, Any], str]] | None:
        """Return what stands below a post, each with its parent's uri; None when it is gone."""
        told = self._descendants(post)
        if told is None:
            return None
        uris = {text(status, "id"): normalise.key_of(status) for status in told}
        below = [(status, uris.get(text(status, "in_reply_to_id"), "")) for status in told]
        if any(parent for _, parent in below):
            self._trees = True
        waiting = [] if self._trees else _with_replies(told)
        while waiting and self._asked < (PROBES if self._trees is None else DEEPER):
            parent = waiting.pop()
            self._asked += 1
            replies = self._descendants(text(parent, "id") or "0") or []
            if replies:
                self._trees = False
            below += [(status, normalise.key_of(parent)) for status in replies]
            waiting += _with_replies(replies)
        return below

    def _descendants(self, local: str) -> list[dict[str, Any]] | None:
        answer = self._wire.send("GET", "statuses", local, "context")
        if answer.status in GONE:
            return None
        _raise_for_reading(answer)
        return objs(obj(answer.body).get("descendants"))

    def _is_comment(self, status: Mapping[str, Any]) -> bool:
        """True for what others wrote in public."""
        others = bool(status) and normalise.author_id(status) != self._me
        return others and normalise.is_public(status)

    def _comment(self, status: Mapping[str, Any], post: str, parent: str) -> RemoteComment | None:
        comment = normalise.comment(status, self._posts[post], parent=parent)
        if comment:
            names = Local(text(status, "id"), comment.author.key, post)
            self._local[comment.remote_id] = names
        return comment

    # --- what no context showed

    def _missing(self) -> Page:
        """Look up the recent comments that no context showed: there, out of sight, or gone."""
        found: list[RemoteComment | None] = []
        gone: list[str] = []
        for uri in [i for i in self._recent.ids if i not in self._seen]:
            local = self._local.get(uri)
            if local is None or not local.comment:
                continue
            answer = self._wire.send("GET", "statuses", local.comment)
            if answer.ok:
                if normalise.key_of(obj(answer.body)) == uri:
                    found.append(self._again(obj(answer.body), uri, local))
            elif self._is_proven_gone(answer.status, local, problem_of(answer, changes=False)):
                gone.append(uri)
            else:
                self._recent.forget([uri])
        return self._page([c for c in found if c], NOTIFICATIONS, tuple(gone))

    def _again(self, status: Mapping[str, Any], uri: str, local: Local) -> RemoteComment | None:
        post = self._posts.get(local.post) or RemotePostRef(self._recent.post_of(uri))
        return normalise.comment(status, post)

    def _is_proven_gone(self, status: int, local: Local, problem: Exception | None) -> bool:
        """Not found, with a good token, and not merely out of sight by our own block."""
        if isinstance(problem, RateLimited):
            raise problem
        self._wire.prove()
        if status not in GONE:
            return False
        return self._wire.relationship(local.author).get("blocking") is not True

    def _page(self, comments: list[RemoteComment], turn: str, gone: tuple[str, ...] = ()) -> Page:
        told = tuple(self._recent.take(comments))
        self._recent.forget(gone)
        self._local = {i: local for i, local in self._local.items() if i in self._recent}
        cursor = {
            "turn": turn,
            NOTIFICATIONS: self._walk.to_json(),
            "contexts": dict(self._digests),
            "trees": self._trees,
            "recent": self._recent.to_json(),
            "local": [[uri, *local] for uri, local in self._local.items()],
        }
        return Page(told, cursor, gone)


def _times(told: Iterable[Mapping[str, Any]]) -> Iterator[datetime]:
    for item in told:
        moment = instant(item.get("created_at"))
        if moment:
            yield moment


def _with_replies(statuses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [status for status in statuses if number(status, "replies_count")]


def _digest(statuses: Iterable[Mapping[str, Any]]) -> str:
    """Return a fingerprint of every text in a context."""
    lines = sorted(f"{normalise.key_of(s)} {normalise.words_of(s)}" for s in statuses)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def _raise_for_reading(answer: Any) -> None:
    problem = problem_of(answer, changes=False)
    if problem:
        raise problem

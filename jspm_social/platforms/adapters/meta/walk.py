"""Going through the society's posts one by one, each read from its newest comment downwards.

A post's `note` is what tells later that nothing more is to be read there (a count of comments, or
the time of the newest). It takes effect only once the post is read to its end; until then the
place to go on from is in the cursor. What came meanwhile above that place is not covered by the
note, which is that of the walk's beginning: the post is then read once more from the top.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from jspm_social.platforms.adapters import sweep
from jspm_social.platforms.adapters.reading import EPOCH, instant, number, obj, text
from jspm_social.platforms.adapters.recent import Recent
from jspm_social.platforms.contract import Page, RemoteComment
from jspm_social.platforms.errors import Rejected

UNREAD = -1  # stands where a post has no note yet
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a post's comments. `after` is '' when there is no need to read further;
    what is older than `floor` was not looked at.
    """

    comments: tuple[RemoteComment, ...]
    after: str
    note: int
    floor: datetime = EPOCH


# Reads one page of a post from `after`; None when the post is no longer there.
Listing: TypeAlias = Callable[[str], Listed | None]
# Looks at single comments, with a good token; those that are gone are left out.
Look: TypeAlias = Callable[[list[str]], Mapping[str, RemoteComment]]


@dataclass(slots=True)
class Walk:
    """How far a pull has come: a note per post, and the post whose turn it is.

    Usually only the newest posts are gone through. Once a day it is all of them, as if for the
    first time: `deep` stays until that is done.
    """

    notes: dict[str, int]
    recent: Recent
    swept: str
    deep: bool = True
    turn: str = ""
    after: str = ""
    pending: int = UNREAD
    met: set[str] = field(default_factory=set)
    queue: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Mapping[str, Any], *, spare: bool) -> "Walk":
        """Take up the walk. Once a day it begins anew, unless there is no budget to spare:
        then that waits for a later pull.
        """
        afresh, swept = sweep.begun(cursor) if spare else (False, text(cursor, "swept"))
        stored = obj(cursor.get("notes"))
        return cls(
            notes={} if afresh else {i: number(stored, i) for i in stored},
            recent=Recent.from_json(cursor.get("recent")),
            swept=swept,
            deep=afresh or cursor.get("deep") is True,
            turn=text(cursor, "turn"),
            after=text(cursor, "after"),
            pending=number(cursor, "pending"),
        )

    def order(self, posts: Mapping[str, Item]) -> list[Item]:
        """Return the posts from the one whose turn it is, round to the one before it.

        Notes of other posts are forgotten.
        """
        self.notes = {i: note for i, note in self.notes.items() if i in posts}
        ids = list(posts)
        start = ids.index(self.turn) if self.turn in posts else 0
        self.queue = ids[start:] + ids[:start]
        return [posts[i] for i in self.queue]

    def is_under_way(self, post_id: str) -> bool:
        return self.turn == post_id and bool(self.after)

    def note(self, post_id: str) -> int:
        return self.notes.get(post_id, UNREAD)

    def knows_some(self, post_id: str) -> bool:
        return any(self.recent.post_of(i) == post_id for i in self.recent.ids)

    def read(self, post_id: str, listing: Listing, look: Look) -> Iterator[Page]:
        """Read one post to its end. Comments that are no longer listed are looked at singly:
        told as gone when that is proven, else brought as they stand now.
        """
        resumed = self.is_under_way(post_id)
        yield from self._down(post_id, listing, look)
        if resumed:
            yield from self._down(post_id, listing, look)

    def _down(self, post_id: str, listing: Listing, look: Look) -> Iterator[Page]:
        self.met = set()
        listed = self._first(post_id, listing)
        while listed:
            self.met.update(comment.remote_id for comment in listed.comments)
            if not listed.after or listed.after == self.after:
                yield self._last(post_id, listed, look)
                return
            self.after = listed.after
            yield self.page(listed.comments)
            listed = listing(self.after)
        self.turn, self.after = self._following(post_id), ""

    def _first(self, post_id: str, listing: Listing) -> Listed | None:
        """Go on where a walk was interrupted; from the top when that place is not known there."""
        if self.is_under_way(post_id):
            try:
                return listing(self.after)
            except Rejected:
                pass
        self.turn, self.after = post_id, ""
        listed = listing("")
        self.pending = listed.note if listed else UNREAD
        return listed

    def _last(self, post_id: str, listed: Listed, look: Look) -> Page:
        absent = [i for i in self.recent.ids if self._is_absent(i, post_id, listed.floor)]
        found = look(absent)
        gone = tuple(i for i in absent if i not in found)
        self.notes[post_id] = self.pending
        self.turn, self.after = self._following(post_id), ""
        return self.page((*listed.comments, *found.values()), gone)

    def _following(self, post_id: str) -> str:
        return dict(zip(self.queue, self.queue[1:], strict=False)).get(post_id, "")

    def _is_absent(self, comment_id: str, post_id: str, floor: datetime) -> bool:
        seen = self.recent.entries[comment_id]
        written = instant(seen.at) or EPOCH
        return seen.post_id == post_id and comment_id not in self.met and written >= floor

    def page(self, comments: tuple[RemoteComment, ...] = (), gone: tuple[str, ...] = ()) -> Page:
        """Return what is new or changed among `comments`, with the cursor as of now."""
        told = tuple(self.recent.take(comments))
        self.recent.forget(gone)
        return Page(told, self.to_json(), gone)

    def close(self) -> Page:
        """Return the last page of a pull: it says that all posts were gone through."""
        self.deep = False
        return self.page()

    def to_json(self) -> dict[str, Any]:
        return {
            "notes": dict(self.notes),
            "turn": self.turn,
            "after": self.after,
            "pending": self.pending,
            "swept": self.swept,
            "deep": self.deep,
            "recent": self.recent.to_json(),
        }

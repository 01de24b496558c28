"""How far a pull has come in lists that X gives newest first. Pure.

Going from the newest page to the oldest, the high-water mark may only move once the whole list
was read: until then it stays pending in the cursor, beside the place to resume from. The mark
stays ten minutes behind the newest comment, because X's lists lag; what is read again is
harmless. Ids are compared as decimal strings, never turned into numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import instant, obj, rows, text, texts

OVERLAP = timedelta(minutes=10)
SEARCH_REACH = timedelta(days=6, hours=12)  # recent search refuses a since_id older than 7 days


@dataclass(slots=True)
class Mark:
    """A comment's id together with when it was written; empty at first."""

    id: str = ""
    at: datetime | None = None

    def rise(self, other_id: str, at: datetime) -> None:
        if id_order(other_id) > id_order(self.id):
            self.id, self.at = other_id, at


@dataclass(slots=True)
class Walk:
    """One source (mentions, or search) read lane by lane; a lane is one query.

    `since` is where everything older is known to be stored. `lanes` are those still to read,
    the first of them from `until` downwards; none means that no walk is under way.
    """

    since: Mark = field(default_factory=Mark)
    top: Mark = field(default_factory=Mark)
    mark: Mark = field(default_factory=Mark)
    lanes: list[str] = field(default_factory=list)
    until: str = ""

    @property
    def under_way(self) -> bool:
        return bool(self.lanes)

    def begin(self, lanes: Iterable[str]) -> None:
        self.lanes, self.until = list(lanes), ""
        self.top, self.mark = Mark(), Mark()

    def saw(self, tweets: Iterable[Mapping[str, Any]]) -> None:
        """Note one page of the current lane: what was newest, and from where to resume."""
        met = [(text(t, "id"), instant(t.get("created_at"))) for t in tweets]
        known = [(i, at) for i, at in met if i and at]
        for tweet_id, at in known:
            self.top.rise(tweet_id, at)
        for tweet_id, at in known:
            if self.top.at and at <= self.top.at - OVERLAP:
                self.mark.rise(tweet_id, at)
        ids = [i for i, _ in met if i]
        self.until = min(ids, key=id_order) if ids else self.until

    def lane_done(self) -> None:
        """Leave the current lane; after the last one the mark takes effect."""
        self.lanes, self.until = self.lanes[1:], ""
        if not self.lanes and self.mark.id:
            self.since.rise(self.mark.id, self.mark.at or datetime.now(UTC))

    def since_within_reach(self, now: datetime) -> str:
        """Return `since` for the recent search, '' when it is too old to be accepted."""
        recent = self.since.at and now - self.since.at < SEARCH_REACH
        return self.since.id if recent else ""

    def to_json(self) -> dict[str, Any]:
        marks = {"since": self.since, "top": self.top, "mark": self.mark}
        plain = {name: [m.id, m.at.isoformat() if m.at else ""] for name, m in marks.items()}
        return {**plain, "lanes": list(self.lanes), "until": self.until}

    @classmethod
    def from_json(cls, stored: Any) -> "Walk":
        source = obj(stored)
        return cls(
            since=_mark(source.get("since")),
            top=_mark(source.get("top")),
            mark=_mark(source.get("mark")),
            lanes=texts(source.get("lanes")),
            until=text(source, "until"),
        )


def id_order(snowflake: str) -> tuple[int, str]:
    """Order decimal ids without parsing them: the longer one is greater."""
    return (len(snowflake), snowflake)


def _mark(stored: Any) -> Mark:
    found = rows([stored], str, str)
    return Mark(id=found[0][0], at=instant(found[0][1])) if found else Mark()


def conversation_queries(post_ids: Iterable[str], own_id: str, limit: int = 512) -> list[str]:
    """Pack conversations into as few search queries as `limit` characters allow, without us."""
    tail = f" -from:{own_id}"
    queries: list[str] = []
    terms: list[str] = []
    for post_id in post_ids:
        term = f"conversation_id:{post_id}"
        if terms and len(" OR ".join([*terms, term])) + len(tail) + 2 > limit:
            queries.append(f"({' OR '.join(terms)}){tail}")
            terms = []
        terms.append(term)
    if terms:
        queries.append(f"({' OR '.join(terms)}){tail}")
    return queries

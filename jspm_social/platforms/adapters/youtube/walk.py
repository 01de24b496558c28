"""How far a pull has come in YouTube's lists, which are newest first and have no time filter.

Reading stops at threads older than `since`. An interrupted reading goes on from its page token,
and is then followed by one from the top: only a reading that went through in one piece moves
`since`, because nobody promises what a page token means after a while.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import instant, obj, rows, text

OVERLAP = timedelta(minutes=10)
KEPT_THREADS = 100


@dataclass(slots=True)
class ListWalk:
    """One list (published, held, likely spam)."""

    since: datetime | None = None
    top: datetime | None = None
    token: str = ""
    whole: bool = True  # read from the top without a break

    def begin(self) -> None:
        self.top, self.token, self.whole = None, "", True

    def saw(self, written: Iterable[datetime], next_token: str) -> None:
        """Note one page; afterwards `token` is '' when the list need not be read further."""
        times = list(written)
        self.top = max([*times, *([self.top] if self.top else [])], default=None)
        enough = self.since is not None and times and min(times) < self.since
        self.token = "" if enough else next_token
        if not self.token and self.whole and self.top:
            self.since = max(self.top - OVERLAP, self.since or self.top - OVERLAP)

    def to_json(self) -> dict[str, str]:
        return {
            "since": self.since.isoformat() if self.since else "",
            "token": self.token,
        }

    @classmethod
    def from_json(cls, stored: Any) -> "ListWalk":
        source = obj(stored)
        since = instant(source.get("since"))
        return cls(since=since, token=text(source, "token"), whole=False)


@dataclass(slots=True)
class Threads:
    """The newest threads: id → (when it was begun, number of replies it had then)."""

    entries: dict[str, tuple[str, int]] = field(default_factory=dict)

    def replies(self, thread_id: str) -> int:
        return self.entries.get(thread_id, ("", 0))[1]

    def met(self, thread_id: str, written: datetime, count: int) -> None:
        self.entries[thread_id] = (written.astimezone(UTC).isoformat(), count)
        if len(self.entries) > KEPT_THREADS:
            newest = sorted(self.entries.items(), key=lambda entry: entry[1])
            self.entries = dict(newest[-KEPT_THREADS:])

    def to_json(self) -> list[list[str | int]]:
        return [[thread_id, *values] for thread_id, values in self.entries.items()]

    @classmethod
    def from_json(cls, stored: Any) -> "Threads":
        return cls({row[0]: (row[1], row[2]) for row in rows(stored, str, str, int)})


def walks_of(cursor: Mapping[str, Any], names: Iterable[str]) -> dict[str, ListWalk]:
    return {name: ListWalk.from_json(obj(cursor.get("lists")).get(name)) for name in names}

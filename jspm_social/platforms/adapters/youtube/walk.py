"""How far a pull has come in YouTube's lists, and what is known of their threads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.listwalk import ListWalk
from jspm_social.platforms.adapters.reading import obj, rows

KEPT_THREADS = 100


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

"""The word lists as they count now: what the project ships, and what the committee made of it.

The console and its workers read the committee's rows; so does `check_draft` where it finds their
table. Everybody else (tests of the checks, a machine without a database) has what is shipped.
Findings of a post are worked out anew each time, never stored, so they follow the dictionary at
once; what somebody let pass stays bound to the check and the very words.

What is shipped stays in its files. A row of the committee's stands in a shipped entry's place or
takes it away, so that an update brings new words without undoing what was decided. The rows'
number and last change name the compiled dictionary, so no worker needs a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.db.models import Count, Max

from posts.checks.carried import carried_lexicon, carried_registry
from posts.checks.entries import Entry, in_use, rows, shipped
from posts.checks.lexicon import Lexicon, build
from posts.models import DictionaryChange, DictionaryEntry
from posts.states import EntryState

Version = tuple[int, int]
SHIPPED: Version = (0, 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with its story. `version` 0: as shipped, nobody has touched it."""

    key: str
    entry: Entry
    is_shipped: bool
    state: EntryState = EntryState.IN_USE
    version: int = 0
    by: str = ""
    at: datetime | None = None
    why: str = ""

    @property
    def origin(self) -> str:
        if not self.is_shipped:
            return "委員会"
        return "標準を変更" if self.version else "標準"


def version() -> Version:
    """Which dictionary counts: another one after every change.

    The number of changes belongs to it: a later change may be committed before an earlier one.
    """
    found = DictionaryChange.objects.aggregate(count=Count("pk"), last=Max("pk"))
    return found["count"], found["last"] or 0


def lexicon() -> Lexicon:
    """The dictionary that counts, compiled once per process and version. One small query.

    Raises:
        BadLexicon: a stored entry cannot be used. Services store none such, so this is our own
            mistake, and nothing is checked by half a dictionary.
    """
    return _compiled(version())


def listed() -> list[Listed]:
    """Every entry, retired ones too, by check and in the order in which they count. One query."""
    stored = {row.key: row for row in DictionaryEntry.objects.select_related("edited_by")}
    own = [_of_row(row) for key, row in stored.items() if key not in shipped()]
    kept = [
        _of_row(stored[key]) if key in stored else Listed(key, entry, is_shipped=True)
        for key, entry in shipped().items()
    ]
    return sorted(own + kept, key=lambda one: one.entry.check)


def find(key: str) -> Listed | None:
    """The entry with this key."""
    row = DictionaryEntry.objects.select_related("edited_by").filter(key=key).first()
    if row is not None:
        return _of_row(row)
    entry = shipped().get(key)
    return Listed(key, entry, is_shipped=True) if entry else None


def stored_entries() -> dict[str, Entry | None]:
    """The committee's entries by key; None where it is retired."""
    return {
        row.key: row.entry if row.state == EntryState.IN_USE else None
        for row in DictionaryEntry.objects.all()
    }


def with_entry(key: str, entry: Entry) -> Lexicon:
    """The dictionary as it would be with this entry ("": a new one); nothing is stored.

    Raises:
        BadLexicon: the entry cannot be used; the message says why.
    """
    return compiled({**stored_entries(), key: entry})


def compiled_alone(entry: Entry) -> Lexicon:
    """This entry and no other.

    Raises:
        BadLexicon: it cannot be used; the message says why.
    """
    return _ready(build([entry.row()], _registry()))


def compiled(stored: Mapping[str, Entry | None]) -> Lexicon:
    """Build the whole dictionary, so far that a text can be read with it.

    Raises:
        BadLexicon: with the entry that cannot be used.
    """
    return _ready(build(rows(in_use(stored)), _registry()))


def searched(found: list[Listed], words: str) -> list[Listed]:
    """Those in which every one of the words stands somewhere."""
    wanted = words.casefold().split()
    return [one for one in found if all(word in _haystack(one) for word in wanted)]


def _haystack(one: Listed) -> str:
    entry = one.entry
    parts = (entry.check, entry.name, *entry.spoken, entry.instead, entry.reason, one.why)
    return "\n".join(parts).casefold()


def _ready(made: Lexicon) -> Lexicon:
    for check in made.terms:
        made.candidates(check, "")  # compiles what would otherwise fail at the first text
    return made


@cache
def _registry() -> dict[str, Any]:
    return carried_registry()


@lru_cache(maxsize=2)
def _compiled(version: Version) -> Lexicon:
    return carried_lexicon() if version == SHIPPED else compiled(stored_entries())


def _of_row(row: DictionaryEntry) -> Listed:
    one = Listed(row.key, row.entry, is_shipped=row.key in shipped())
    return replace(
        one,
        state=EntryState(row.state),
        version=row.version,
        by=row.edited_by.display_name,
        at=row.edited_at,
        why=row.why,
    )

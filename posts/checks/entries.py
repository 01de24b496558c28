"""One entry of a word list as people edit it, and how shipped and committee entries make one list.

Pure. The entries that the project ships (posts/data/checks) stay in their files. An entry of the
committee with a shipped one's key stands in its place, or takes it away when it is retired; all
others are added, and come first, so that the committee's own words are the ones that are said.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from .carried import carried_terms

EXPRESSIONS = ("patterns", "inside", "unless", "only_with")
LISTS = ("words", "exceptions", *EXPRESSIONS)


@dataclass(frozen=True, slots=True)
class Entry:
    """`words` and `exceptions` are plain; the last four lists are RE2 expressions (`Term`).

    `severity` "" is that of the check.
    """

    check: str
    name: str
    words: tuple[str, ...] = ()
    instead: str = ""
    reason: str = ""
    severity: str = ""
    exceptions: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    mention_ok: bool = False

    def to_json(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Entry":
        return cls(**{**stored, **{name: tuple(stored.get(name, ())) for name in LISTS}})

    def row(self) -> dict[str, Any]:
        """As `lexicon.build` takes it."""
        return {**self.to_json(), "severity": self.severity or None}

    @property
    def spoken(self) -> tuple[str, ...]:
        """What it looks for, for people: plain words before expressions."""
        return (*self.words, *self.patterns)


def tidied(entry: Entry) -> Entry:
    """Without blanks and repetitions; named by its first word where no name was given."""
    lists = {
        name: tuple(dict.fromkeys(w for w in map(str.strip, getattr(entry, name)) if w))
        for name in LISTS
    }
    name = entry.name.strip() or next(iter(lists["words"]), "")
    texts = {"name": name, "instead": entry.instead.strip(), "reason": entry.reason.strip()}
    return replace(entry, **lists, **texts)  # type: ignore[arg-type]  # the names are its own


@cache
def shipped() -> Mapping[str, Entry]:
    """The entries that the project carries, by key, in the order of their files."""
    entries = [_of_row(row) for row in carried_terms()]
    return {key_of(entry): entry for entry in entries}


@cache
def word_lists() -> tuple[str, ...]:
    """The checks that have a dictionary: J04, J05, …"""
    return tuple(sorted({entry.check for entry in shipped().values()}))


def key_of(entry: Entry) -> str:
    """The key of a shipped entry: it holds while check and name do."""
    return hashlib.sha256(f"{entry.check}\n{entry.name}".encode()).hexdigest()[:12]


def in_use(stored: Mapping[str, Entry | None]) -> list[Entry]:
    """Shipped and committee entries in the order in which they count. None: retired."""
    own = [entry for key, entry in stored.items() if entry and key not in shipped()]
    kept = [stored.get(key, entry) for key, entry in shipped().items()]
    return own + [entry for entry in kept if entry]


def rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [entry.row() for entry in entries]


def _of_row(row: Mapping[str, Any]) -> Entry:
    words = tuple(row.get("words", ()))
    name = str(row.get("name") or words[0])
    known = {key: value for key, value in row.items() if key not in {"name", "severity"}}
    for kind in EXPRESSIONS:  # one a line, for people: a line break in them is written as such
        known[kind] = [one.replace("\n", "\\n") for one in row.get(kind, ())]
    return Entry.from_json({**known, "name": name, "severity": row.get("severity") or ""})

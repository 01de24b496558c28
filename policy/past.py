"""Comments that were judged before, as trials and statistics read them.

Comments are moderation's, which policy does not know: moderation registers a reader when the site
starts (`moderation.apps`). Without one nothing was ever judged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """What was stored about a comment. `scores` as stored, rounded to four places.

    `found` are the criteria and signals for which the rules found anything; None where the stored
    evidence was cut short, so that nobody knows.
    """

    id: int
    ruleset_id: int
    model_version: str
    scores: Mapping[str, float]
    problems: tuple[str, ...]
    found: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class PastComment:
    """One comment with its latest verdict.

    `decided` are the criteria that a person removed it for, empty if they kept it; None while
    nobody decided.
    """

    id: int
    text: str
    post_text: str
    author_key: str
    author_name: str
    author_handle: str
    verdict: PastVerdict
    decided: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment for a person to read: its words, and where it stands in the console."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many comments with a label a person decided on, and how often they agreed."""

    decided: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Hits of rules by (rule, day), of the verdicts up to `last`."""

    last: int
    hits: Mapping[tuple[str, date], int]


class PastComments(Protocol):
    """What moderation can tell. Nothing here changes anything, and chats never appear."""

    def count(self) -> int:
        """How many comments have a verdict."""

    def older_than(self, comment_id: int | None, limit: int) -> Sequence[PastComment]:
        """Comments with their latest verdict, the newest first; None begins with the newest."""

    def judged_after(self, verdict_id: int, limit: int) -> Sequence[PastComment]:
        """Comments by verdict, in the order in which they were judged."""

    def newest_verdict(self) -> int:
        """The id of the newest verdict; 0 if there is none."""

    def histories(self, comment_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Each author's earlier texts, as the judgement reads them."""

    def shown(self, comment_ids: Iterable[int]) -> Mapping[int, Shown]:
        """The words and the address of these comments; erased ones are missing."""

    def tally(self) -> Mapping[str, Tally]:
        """By criterion: how often people agreed with what was judged."""

    def rule_tally(self) -> Mapping[str, Tally]:
        """The same by rule, over the latest decisions."""

    def rule_hits(self, after_verdict: int, limit: int) -> Counted:
        """How often each rule had part in the next `limit` verdicts."""


class _Nothing:
    def count(self) -> int:
        return 0

    def older_than(self, comment_id: int | None, limit: int) -> Sequence[PastComment]:
        del comment_id, limit
        return ()

    def judged_after(self, verdict_id: int, limit: int) -> Sequence[PastComment]:
        del verdict_id, limit
        return ()

    def newest_verdict(self) -> int:
        return 0

    def histories(self, comment_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        del comment_ids
        return {}

    def shown(self, comment_ids: Iterable[int]) -> Mapping[int, Shown]:
        del comment_ids
        return {}

    def tally(self) -> Mapping[str, Tally]:
        return {}

    def rule_tally(self) -> Mapping[str, Tally]:
        return {}

    def rule_hits(self, after_verdict: int, limit: int) -> Counted:
        del limit
        return Counted(after_verdict, {})


_reader: list[PastComments] = [_Nothing()]


def register(reader: PastComments) -> None:
    """Set who knows the comments; called once, by moderation's app configuration."""
    _reader[:] = [reader]


def past() -> PastComments:
    """The comments that were judged before."""
    return _reader[0]

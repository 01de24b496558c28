"""What a phase says: one piece of evidence for one criterion or signal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from policy.ruleset import CompiledRuleSet

from .subject import Subject

TEXT, AUTHOR_NAME = "text", "author_name"


@dataclass(frozen=True, slots=True)
class Finding:
    """`score` in 0..1; `start` and `end` are offsets into the original `field`."""

    criterion: str
    score: float
    start: int
    end: int
    why: str
    rule: str
    field: str = TEXT

    def clipped(self, subject: Subject) -> "Finding":
        """The same finding with its span inside the original, whatever the phase computed."""
        size = len(subject.text if self.field == TEXT else subject.author.name)
        start = min(max(self.start, 0), size)
        return replace(self, start=start, end=min(max(self.end, start), size))


Judge: TypeAlias = Callable[[Subject, CompiledRuleSet], Iterable[Finding]]

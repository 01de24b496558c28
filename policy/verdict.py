"""What a judgement says. Frozen, so that it can be stored and shown as it was."""

from collections.abc import Mapping
from dataclasses import dataclass

from .criteria import Criterion, Route, Signal


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that speak for a criterion or signal.

    `start` and `end` are character offsets into the original `field` ('text' or 'author_name'),
    0 <= start <= end <= its length. `why` is a Japanese sentence that a committee member can
    read; `rule` names what found it, for statistics ('term:キ:…', 'phase:impersonation').
    """

    criterion: str  # a Criterion or a Signal value
    start: int
    end: int
    why: str
    rule: str
    field: str = "text"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one text in its context.

    `labels` are most important first; `scores` hold every criterion and signal, 0.0 to 1.0;
    `problems` are the reasons (Japanese) why a phase could not judge: any of them routes to a
    person.
    """

    labels: tuple[Criterion, ...]
    signals: tuple[Signal, ...]
    scores: Mapping[str, float]
    evidence: tuple[Evidence, ...]
    route: Route
    problems: tuple[str, ...]
    engine_version: str
    model_version: str

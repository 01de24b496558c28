"""Compares verdicts with labels given by people."""

from collections.abc import Sequence
from dataclasses import dataclass

from policy.criteria import Criterion, Signal
from policy.metrics import auroc, average_precision, count, mean
from policy.records import Record
from policy.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """Figures for one criterion or signal; None where a figure is undefined."""

    key: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures over one set of comments. Macro averages are over the 16 criteria."""

    comments: int
    criteria: tuple[Row, ...]
    signals: tuple[Row, ...]
    macro: Row
    any_violation: Row
    any_violation_auroc: float | None


def evaluate_verdicts(pairs: Sequence[tuple[Record, Verdict]]) -> Evaluation:
    """Figures of `pairs`; records without labels count as having none."""
    criteria = tuple(_criterion(key, pairs) for key in Criterion.values)
    truth = [bool(record.labels) for record, _ in pairs]
    strongest = [max(verdict.scores[key] for key in Criterion.values) for _, verdict in pairs]
    said = [bool(verdict.labels) for _, verdict in pairs]
    return Evaluation(
        comments=len(pairs),
        criteria=criteria,
        signals=tuple(_signal(key, pairs) for key in Signal.values),
        macro=Row(
            key="macro",
            support=sum(row.support for row in criteria),
            precision=mean([row.precision for row in criteria]),
            recall=mean([row.recall for row in criteria]),
            f1=mean([row.f1 for row in criteria]),
            average_precision=mean([row.average_precision for row in criteria]),
        ),
        any_violation=_row("any", truth, said, strongest),
        any_violation_auroc=auroc(truth, strongest),
    )


def _criterion(key: str, pairs: Sequence[tuple[Record, Verdict]]) -> Row:
    truth = [key in (record.labels or ()) for record, _ in pairs]
    said = [key in verdict.labels for _, verdict in pairs]
    return _row(key, truth, said, [verdict.scores[key] for _, verdict in pairs])


def _signal(key: str, pairs: Sequence[tuple[Record, Verdict]]) -> Row:
    truth = [key in (record.signals or ()) for record, _ in pairs]
    said = [key in verdict.signals for _, verdict in pairs]
    return _row(key, truth, said, [verdict.scores[key] for _, verdict in pairs])


def _row(key: str, truth: list[bool], said: list[bool], scores: list[float]) -> Row:
    counts = count(truth, said)
    return Row(
        key=key,
        support=sum(truth),
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
        average_precision=average_precision(truth, scores),
    )

"""Compares verdicts with labels given by people."""

import re
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


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a judgement would do to comments that bear no ground, and to those it is sure of."""

    legitimate: Share
    hard: Share
    protected: Share
    held: tuple[tuple[float, Share], ...]  # by score of the first ground: right of all that have it


# Words that stand in abuse and in illness alike; a comment without a ground that has one is hard.
ALARMING = re.compile(
    r"死|殺|ころ[さしす]|自殺|麻薬|モルヒネ|詐欺|偽|裸|セックス|性|国に帰|国へ帰|宗教|信[者仰]|教会|選挙|"
    r"[クく]ソ|くそ|バカ|馬鹿|地獄|呪|毒|盗|捨て|逮捕|違法|差別|障害|認知症|エイズ|DM|リンク|円|http|フォロー"
)
SURE = (0.8, 0.9, 0.95)


def alarms(pairs: Sequence[tuple[Record, Verdict]]) -> Alarms:
    """Figures of what may do harm; records without labels count as having none."""
    legitimate = [(r, v) for r, v in pairs if not r.labels]
    hard = [(r, v) for r, v in legitimate if ALARMING.search(r.text) is not None]
    protected = [(r, v) for r, v in legitimate if r.signals]
    held = []
    for level in SURE:
        sure = [(r, v) for r, v in pairs if v.labels and v.scores[v.labels[0]] >= level]
        right = sum(bool(r.labels) for r, _ in sure)
        held.append((level, Share(right, len(sure))))
    return Alarms(_said(legitimate), _said(hard), _said(protected), tuple(held))


def _said(pairs: Sequence[tuple[Record, Verdict]]) -> Share:
    return Share(sum(bool(verdict.labels) for _, verdict in pairs), len(pairs))


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

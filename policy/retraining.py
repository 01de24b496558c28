"""Training anew, with what the committee decided, and whether the result may take over.

An eighth of what people decided is never learned from, always the same one, told by the text: on
it the new model and the one in use are compared, since neither has read it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from policy.classifiers.crossval import Pair, verdict_by_model
from policy.classifiers.model import Model
from policy.classifiers.training import Examples, Fitted, opinions_on_the_unread
from policy.criteria import Signal
from policy.evaluation import evaluate_verdicts
from policy.learning import text_key
from policy.records import Record, judge_records
from policy.ruleset import CompiledRuleSet

Files = list[tuple[str, Sequence[Record]]]

LEAST_HELD_OUT = 30  # fewer comments cannot tell two models apart
MARGIN = 0.01  # a figure that is lower by no more than this is not worse
_COMPARED = ("macro_f1", "any_f1", "any_auroc", "distress_recall")
_NAMES: Mapping[str, str] = {
    "macro_f1": "macro-F1",
    "macro_average_precision": "macro average precision",
    "any_f1": "any ground, F1",
    "any_auroc": "any ground, AUROC",
    "distress_recall": "distress, recall",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """How well comments were judged; None where nothing was there to find."""

    comments: int
    macro_f1: float | None
    macro_average_precision: float | None
    any_f1: float | None
    any_auroc: float | None
    distress_recall: float | None

    def as_json(self) -> dict[str, Any]:
        """The same with four decimals."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, ready to learn from."""

    files: Files  # by channel
    held_out: list[Record]
    doubles: int  # texts that were there before


def sort_out(
    decided: Iterable[tuple[str, Sequence[Record]]],
    known: Iterable[tuple[str, Sequence[Record]]],
) -> Decided:
    """Drop texts that are known or come twice (the newest stands), and hold an eighth out."""
    seen = {text_key(record.text) for _, part in known for record in part}
    files: Files = []
    held: list[Record] = []
    doubles = 0
    for name, part in decided:
        kept: list[Record] = []
        for record in sorted(part, key=lambda r: (r.created_at, r.id), reverse=True):
            key = text_key(record.text)
            if key in seen:
                doubles += 1
                continue
            seen.add(key)
            (held if is_held_out(key) else kept).append(record)
        if kept:
            files.append((name, kept[::-1]))
    return Decided(files, held, doubles)


def is_held_out(key: str) -> bool:
    """True for the eighth of all texts that is never learned from."""
    return key[0] in "01"


def figures_of(pairs: Sequence[Pair]) -> Figures:
    """Figures of these verdicts."""
    found = evaluate_verdicts(pairs)
    distress = next(row for row in found.signals if row.key == Signal.DISTRESS)
    return Figures(
        comments=found.comments,
        macro_f1=found.macro.f1,
        macro_average_precision=found.macro.average_precision,
        any_f1=found.any_violation.f1,
        any_auroc=found.any_violation_auroc,
        distress_recall=distress.recall,
    )


def cross_validated(
    examples: Examples,
    fitted: Fitted,
    ruleset: CompiledRuleSet,
    *,
    asides: frozenset[str],
    counted: Callable[[str], bool],
) -> Figures:
    """Figures of the model alone on the groups that count, each left out while it was learned."""
    pairs = [
        (examples.records[place], verdict_by_model(opinion, ruleset, fitted.model.version))
        for places, opinions in opinions_on_the_unread(examples, fitted, asides=asides)
        for place, opinion in zip(places, opinions, strict=True)
        if counted(str(examples.groups[place]))
    ]
    return figures_of(pairs)


def judged(records: Sequence[Record], ruleset: CompiledRuleSet, model: Model | None) -> Figures:
    """Figures of rules and model together, as the console would judge these comments."""
    return figures_of(list(judge_records(records, ruleset, model)))


def worse(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[str]:
    """In which figures the new model is worse, each told with both values."""
    return [
        f"{_NAMES[name]}: {new[name]:.3f}, so far {old[name]:.3f}"
        for name in _COMPARED
        if new.get(name) is not None
        and old.get(name) is not None
        and new[name] < old[name] - MARGIN
    ]


def in_words(figures: Mapping[str, Any]) -> str:
    """One line of figures."""
    told = [
        f"{title} {figures[name]:.3f}"
        for name, title in _NAMES.items()
        if figures.get(name) is not None
    ]
    return f"{figures['comments']} comments; " + ", ".join(told)

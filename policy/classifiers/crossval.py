"""How good the model is on a writer whom it has not read.

One file is left out at a time: the model, its calibration and its thresholds come from the others
alone, and are fixed before the left-out file is looked at.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from policy.criteria import Route, Signal
from policy.engine import ENGINE_VERSION, labels_of
from policy.records import Record
from policy.ruleset import CompiledRuleSet
from policy.verdict import Verdict

from .model import Opinion
from .training import Examples, train

Pair = tuple[Record, Verdict]


def leave_one_out(
    examples: Examples,
    ruleset: CompiledRuleSet,
    *,
    asides: frozenset[str] = frozenset(),
    unmeasured: frozenset[str] = frozenset(),
    share: float = 1.0,
) -> Iterator[tuple[str, list[Pair]]]:
    """By left-out group: its comments with what the model alone says, without any rule.

    The rules are left out because whoever wrote them had read some of the files. `asides` are
    learned from and never judged; the `unmeasured` help to set thresholds, too. `share` of the
    training comments is used (for the learning curve), the same ones in every run.
    """
    chosen = np.random.default_rng(0).random(len(examples.records)) < share
    for name in sorted(set(examples.groups) - asides - unmeasured):
        out = examples.groups == name
        model = train(examples.part(~out & chosen), asides=asides)
        tested = examples.part(out)
        opinions = model.opinions_on(tested.raw, tested.meaning)
        verdicts = [verdict_by_model(said, ruleset, model.version) for said in opinions]
        yield str(name), list(zip(tested.records, verdicts, strict=True))


def verdict_by_model(opinion: Opinion, ruleset: CompiledRuleSet, version: str) -> Verdict:
    """What follows from the model's opinion alone."""
    labels = labels_of(opinion.scores, ruleset)
    return Verdict(
        labels=labels,
        signals=tuple(s for s in Signal if opinion.scores[s] >= ruleset.setting(s).threshold),
        scores=opinion.scores,
        evidence=(),
        route=Route.QUEUE if labels else Route.PASS,
        problems=(),
        engine_version=ENGINE_VERSION,
        model_version=version,
    )


def confusions(pairs: Sequence[Pair]) -> list[tuple[str, str, int]]:
    """Ground that stands, ground that was said instead, how often; most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for record, verdict in pairs:
        missed = (record.labels or frozenset()) - {label.value for label in verdict.labels}
        wrong = [v.value for v in verdict.labels if v not in (record.labels or ())]
        for label in missed or ({"–"} if wrong and not record.labels else set()):
            for other in wrong or ["–"]:
                key = (label, other)
                counts[key] = counts.get(key, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(one, other, count) for (one, other), count in ranked]

"""evaluate(): one text in its context against one rule set, with a learned model or without.

Pure; fails closed. With a model, its scores decide and the rules add evidence, because the model
has the rules' context too and errs less on writers whom nobody has read; where the rules find a
ground and the model finds none, a person decides. Without a model the rules decide alone. The
engine never says 'fine' about something it could not judge: a phase that raises or takes too
long, and a text too long to be read whole, become a problem in the verdict, and any problem
sends the comment to a person.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .classifiers.explain import explain
from .classifiers.model import Bars, Model, Opinion
from .criteria import Criterion, Route, Signal
from .phases import PHASES
from .phases.finding import Finding, Judge
from .phases.subject import Author, Context, Subject
from .ruleset import CompiledRuleSet
from .verdict import Evidence, Verdict

__all__ = ["ENGINE_VERSION", "Author", "Context", "context_hash", "evaluate", "evaluate_many"]

ENGINE_VERSION = "3"
NO_MODEL = ""  # the model version of a verdict by rules alone

LONGEST_TEXT = 20_000  # characters that are judged; the rest is a person's
PHASE_BUDGET = 0.25  # seconds of this thread's own CPU time, so that a busy machine is no fault
MODEL_BUDGET = 0.5  # the same, for each comment that the model scores
MODEL_BATCH = 100  # comments that are scored at once
MOST_EVIDENCE = 60  # places kept per verdict
BY_RULES_ALONE = (
    "規則は「"  # how the problem begins where the rules find a ground and the model none
)

_KEYS = (*Criterion.values, *Signal.values)
_ORDER = {value: index for index, value in enumerate(Criterion.values)}

# Grounds that say nothing more once a specific ground stands (labelling guide, ソ and 無関係).
_GENERAL = frozenset({Criterion.OTHER, Criterion.IRRELEVANT})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the model said about one comment; `opinion` is None when it said nothing."""

    opinion: Opinion | None = None
    problem: str = ""


def evaluate(
    text: str,
    context: Context,
    ruleset: CompiledRuleSet,
    *,
    model: Model | None = None,
    phases: Sequence[tuple[str, Judge]] = PHASES,
    clock: Callable[[], float] = time.thread_time,
) -> Verdict:
    """Judge `text`. Never raises for any text or context; see the module for what it promises."""
    case = [(text, context)]
    return evaluate_many(case, ruleset, model=model, phases=phases, clock=clock)[0]


def evaluate_many(
    cases: Sequence[tuple[str, Context]],
    ruleset: CompiledRuleSet,
    *,
    model: Model | None = None,
    phases: Sequence[tuple[str, Judge]] = PHASES,
    clock: Callable[[], float] = time.thread_time,
) -> list[Verdict]:
    """Judge many at once, which is cheaper with a model; verdicts come in the order given."""
    subjects = [Subject(text[:LONGEST_TEXT], context) for text, context in cases]
    heard = _listen(subjects, model, _bars(ruleset), clock)
    return [
        _judge(subject, len(text), said, ruleset=ruleset, model=model, phases=phases, clock=clock)
        for subject, (text, _), said in zip(subjects, cases, heard, strict=True)
    ]


def _judge(
    subject: Subject,
    length: int,
    heard: _Heard,
    *,
    ruleset: CompiledRuleSet,
    model: Model | None,
    phases: Sequence[tuple[str, Judge]],
    clock: Callable[[], float],
) -> Verdict:
    problems: list[str] = []
    if length > LONGEST_TEXT:
        problems.append(
            f"文章が長いため、はじめの{LONGEST_TEXT:,}文字だけを判定しました（全{length:,}文字）"
        )
    if heard.problem:
        problems.append(heard.problem)
    outcome = _run(subject, ruleset, phases, clock)
    problems += outcome.problems
    if model is None or heard.opinion is None:
        return _verdict(outcome.findings, tuple(problems), ruleset)
    return _learned_verdict(
        subject,
        outcome.findings,
        problems,
        ruleset=ruleset,
        model=model,
        opinion=heard.opinion,
    )


def _bars(ruleset: CompiledRuleSet) -> Bars:
    """What the rule set asks for; nothing is hidden without a person on a quick look."""
    settings = {key: ruleset.setting(key) for key in _KEYS}
    return Bars(
        {key: setting.threshold for key, setting in settings.items()},
        frozenset(key for key, setting in settings.items() if setting.hold_enabled),
    )


def _listen(
    subjects: Sequence[Subject], model: Model | None, bars: Bars, clock: Callable[[], float]
) -> list[_Heard]:
    """The model's opinion on each; where it fails or takes too long, none and the reason."""
    if model is None:
        return [_Heard()] * len(subjects)
    heard: list[_Heard] = []
    for first in range(0, len(subjects), MODEL_BATCH):
        batch = subjects[first : first + MODEL_BATCH]
        began = clock()
        try:
            opinions = model.opinions(batch, bars)
        except Exception as error:  # noqa: BLE001 — whatever it is, a person must look
            logger.error("the model failed: %s", type(error).__name__)  # noqa: TRY400
            kind = type(error).__name__
            why = f"学習した判定でエラーが起きたため、規則だけで判定しました（{kind}）"
            heard += [_Heard(problem=why)] * len(batch)
            continue
        if clock() - began > MODEL_BUDGET * len(batch):
            why = "学習した判定に時間がかかりすぎたため、規則だけで判定しました"
            heard += [_Heard(problem=why)] * len(batch)
            continue
        heard += [_Heard(opinion) for opinion in opinions]
    return heard


def context_hash(text: str, context: Context) -> str:
    """SHA-256 over everything the engine reads, stable over processes and versions of Python."""
    author = context.author
    read = [text, context.post_text, author.key, author.name, author.handle, *context.history]
    return hashlib.sha256(json.dumps(read).encode("ascii")).hexdigest()


def _run(
    subject: Subject,
    ruleset: CompiledRuleSet,
    phases: Sequence[tuple[str, Judge]],
    clock: Callable[[], float],
) -> _Outcome:
    findings: list[Finding] = []
    problems: list[str] = []
    now = clock()  # asking costs as much as a small phase: once for each
    for title, judge in phases:
        began = now
        try:
            found = [finding.clipped(subject) for finding in judge(subject, ruleset)]
        except Exception as error:  # noqa: BLE001 — whatever it is, a person must look
            # The kind of error only: its text could carry words of the comment.
            logger.error("phase %s failed: %s", title, type(error).__name__)  # noqa: TRY400
            problems.append(f"「{title}」の判定でエラーが起きました（{type(error).__name__}）")
            now = clock()
            continue
        findings += found
        now = clock()
        if now - began > PHASE_BUDGET:
            problems.append(f"「{title}」の判定に時間がかかりすぎました")
    return _Outcome(tuple(findings), tuple(problems))


def _verdict(
    findings: Iterable[Finding], problems: tuple[str, ...], ruleset: CompiledRuleSet
) -> Verdict:
    scores = _scores(findings)
    labels = labels_of(scores, ruleset)
    signals = tuple(
        signal for signal in Signal if scores[signal] >= ruleset.setting(signal).threshold
    )
    return Verdict(
        labels=labels,
        signals=signals,
        scores={key: round(score, 4) for key, score in scores.items()},
        evidence=_evidence(findings, scores),
        route=_route(labels, signals, problems, ruleset),
        problems=problems,
        engine_version=ENGINE_VERSION,
        model_version=NO_MODEL,
    )


def _learned_verdict(
    subject: Subject,
    findings: Sequence[Finding],
    problems: Sequence[str],
    *,
    ruleset: CompiledRuleSet,
    model: Model,
    opinion: Opinion,
) -> Verdict:
    by_rules = _scores(findings)
    scores = dict(opinion.scores)
    # A cry for help counts by whomever it was heard.
    scores[Signal.DISTRESS] = max(scores[Signal.DISTRESS], by_rules[Signal.DISTRESS])
    labels = labels_of(scores, ruleset)
    signals = tuple(s for s in Signal if scores[s] >= ruleset.setting(s).threshold)
    missed = () if labels else labels_of(by_rules, ruleset)
    if missed:
        named = "・".join(label.value for label in missed)
        missing = f"{BY_RULES_ALONE}{named}」に当たると見ましたが、学習した判定は見ていません"
        problems = [*problems, missing]
    learned = explain(model, subject, opinion, [*labels, *signals])
    return Verdict(
        labels=labels,
        signals=signals,
        scores={key: round(score, 4) for key, score in scores.items()},
        evidence=_evidence([*learned, *findings], scores),
        route=_route(labels, signals, problems, ruleset),
        problems=tuple(problems),
        engine_version=ENGINE_VERSION,
        model_version=model.version,
    )


def _scores(findings: Iterable[Finding]) -> dict[str, float]:
    """Independent findings add up as 1 - (1 - a)(1 - b); the same rule counts once."""
    strongest: dict[tuple[str, str], float] = {}
    for finding in findings:
        key = (finding.criterion, finding.rule)
        strongest[key] = max(strongest.get(key, 0.0), min(max(finding.score, 0.0), 1.0))
    doubt = dict.fromkeys(_KEYS, 1.0)
    for (criterion, _), score in strongest.items():
        doubt[criterion] *= 1.0 - score
    return {key: 1.0 - value for key, value in doubt.items()}


def labels_of(scores: Mapping[str, float], ruleset: CompiledRuleSet) -> tuple[Criterion, ...]:
    """The grounds whose score reaches their threshold, most important first."""
    applying = [c for c in Criterion if scores[c] >= ruleset.setting(c).threshold]
    if any(c not in _GENERAL for c in applying):
        applying = [c for c in applying if c not in _GENERAL]
    applying.sort(key=lambda c: (-scores[c], -ruleset.setting(c).severity, _ORDER[c]))
    return tuple(applying)


def _evidence(findings: Iterable[Finding], scores: Mapping[str, float]) -> tuple[Evidence, ...]:
    ranked = sorted(
        (finding for finding in findings if finding.score > 0),
        key=lambda f: (-scores[f.criterion], f.criterion, -f.score, f.field, f.start),
    )
    kept = dict.fromkeys(
        Evidence(f.criterion, f.start, f.end, f.why, f.rule, f.field) for f in ranked
    )
    return tuple(kept)[:MOST_EVIDENCE]


def _route(
    labels: Sequence[Criterion],
    signals: Sequence[Signal],
    problems: Sequence[str],
    ruleset: CompiledRuleSet,
) -> Route:
    if Signal.DISTRESS in signals:
        return Route.CARE
    if labels:
        holdable = not problems and not signals  # criticism and consultations least of all
        held = holdable and any(ruleset.setting(label).hold_enabled for label in labels)
        return Route.HOLD if held else Route.QUEUE
    if problems:
        return Route.QUEUE
    return Route.CONSULTATION if Signal.CONSULTATION in signals else Route.PASS

"""Which rules fire on a text, where, and with what weight. By the rules alone: no model."""

from dataclasses import dataclass

from policy.criteria import Criterion
from policy.engine import LONGEST_TEXT, _run, _scores, labels_of
from policy.phases import PHASES
from policy.phases.finding import TEXT, Finding
from policy.phases.subject import Author, Context, Subject
from policy.ruleset import CompiledRuleSet


@dataclass(frozen=True, slots=True)
class Fired:
    """One finding with the words that it points at."""

    criterion: str
    rule: str
    weight: float
    words: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule set finds in a text."""

    labels: tuple[Criterion, ...]
    scores: list[tuple[str, float, float]]  # criterion, score, threshold; without zeros
    fired: list[Fired]
    problems: tuple[str, ...]


def try_out(text: str, *, name: str, post: str, ruleset: CompiledRuleSet) -> Tried:
    """Run all phases on a text as if it were a comment under `post`."""
    subject = Subject(text[:LONGEST_TEXT], Context(post, Author("", name, "")))
    ran = _run(subject, ruleset, PHASES, _no_clock)
    scores = _scores(ran.findings)
    found = sorted(ran.findings, key=lambda f: (-scores[f.criterion], f.criterion, -f.score))
    return Tried(
        labels=labels_of(scores, ruleset),
        scores=[
            (key, score, ruleset.setting(key).threshold)
            for key, score in sorted(scores.items(), key=lambda item: -item[1])
            if score
        ],
        fired=[_fired(finding, subject) for finding in found],
        problems=ran.problems,
    )


def _no_clock() -> float:
    return 0.0


def _fired(finding: Finding, subject: Subject) -> Fired:
    source = subject.text if finding.field == TEXT else subject.author.name
    place = f"{finding.start + 1}文字目から" if finding.field == TEXT else "表示名"
    return Fired(
        criterion=finding.criterion,
        rule=finding.rule,
        weight=finding.score,
        words=source[finding.start : finding.end],
        where=place,
        why=finding.why,
    )

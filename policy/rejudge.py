"""Judges a comment again under other rules, with the scores that the model gave it before.

Exact: labels, signals and route are those of `engine.evaluate` with a model that says the same
again. Fast, because most comments need no phase to run again: the phases read nothing of a rule
set but its matches, so where no changed rule matches, the rules say what they said before.

A model that is asked anew under other thresholds may read a comment near them more thoroughly than
before and say something else; that is not foreseen here.

Two things are taken as they stand, both on the side of caution. The stored score for distress is
the higher one of model and rules, so that a cry for help is never shown as freed. And reasons
for a person to look (a text too long, a phase that failed) stay reasons. What is stored is what the
program of that day found: later phases count only where they run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .criteria import Criterion, Route, Signal
from .engine import BY_RULES_ALONE, LONGEST_TEXT, _route, _run, _scores, labels_of
from .past import PastComment, PastVerdict
from .phases import PHASES
from .phases.subject import Author, Context, Subject
from .ruleset import LINK, NAME, TOGETHER, CompiledRuleSet, Matcher, MatcherExhausted, RuleSpec

_GROUNDS = frozenset(Criterion.values)
_KEYS = (*Criterion.values, *Signal.values)
_ROUNDED = 1e-4  # how far a stored score can be from the real one


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule set says about a comment."""

    labels: tuple[Criterion, ...]
    signals: tuple[Signal, ...]
    route: Route


@dataclass(frozen=True, slots=True)
class _ByRules:
    """What the rules alone say: their scores and what kept them from judging."""

    scores: Mapping[str, float]
    problems: tuple[str, ...]


def subject_of(comment: PastComment, history: tuple[str, ...] = ()) -> Subject:
    """The comment as the phases read it."""
    author = Author(comment.author_key, comment.author_name, comment.author_handle)
    context = Context(comment.post_text, author, history)
    return Subject(comment.text[:LONGEST_TEXT], context)


def rejudge(comment: PastComment, history: tuple[str, ...], ruleset: CompiledRuleSet) -> Outcome:
    """The outcome under `ruleset`, with all phases run."""
    subject = subject_of(comment, history)
    ran = _run(subject, ruleset, PHASES, _no_clock)
    return _outcome(comment, _ByRules(_scores(ran.findings), ran.problems), ruleset)


def _no_clock() -> float:
    """Time is no reason in a trial: what was slow once stands among the stored problems."""
    return 0.0


def _outcome(comment: PastComment, by_rules: _ByRules, ruleset: CompiledRuleSet) -> Outcome:
    verdict = comment.verdict
    problems = [*_other_problems(comment), *by_rules.problems]
    if not verdict.model_version:
        return _told(by_rules.scores, problems, ruleset)
    scores = dict(verdict.scores)
    scores[Signal.DISTRESS] = max(scores[Signal.DISTRESS], by_rules.scores[Signal.DISTRESS])
    if not labels_of(scores, ruleset) and labels_of(by_rules.scores, ruleset):
        problems.append(BY_RULES_ALONE)
    return _told(scores, problems, ruleset)


def _told(
    scores: Mapping[str, float], problems: Sequence[str], ruleset: CompiledRuleSet
) -> Outcome:
    labels = labels_of(scores, ruleset)
    signals = tuple(s for s in Signal if scores[s] >= ruleset.setting(s).threshold)
    return Outcome(labels, signals, _route(labels, signals, problems, ruleset))


def _other_problems(comment: PastComment) -> list[str]:
    return [text for text in comment.verdict.problems if not text.startswith(BY_RULES_ALONE)]


class Difference:
    """What separates two rule sets, and for which comments it can matter.

    `before` is the set that a comment was judged by, `after` the one to judge it by.
    """

    def __init__(self, before: CompiledRuleSet, after: CompiledRuleSet) -> None:
        self.before, self.after = before, after
        self._changed = list(_changed_rules(before, after))
        self._joined = list(_changed_joints(before, after))
        self._bars = [(key, after.setting(key).threshold) for key in _KEYS]
        self._changed_groups = {rule.group for rule in self._changed}
        self._thresholds = frozenset(
            key for key in _KEYS if before.setting(key).threshold != after.setting(key).threshold
        )

    @property
    def rules_differ(self) -> bool:
        """False when only settings changed: then no text has to be looked at."""
        return bool(self._changed or self._joined)

    @cached_property
    def _matchers(self) -> tuple[Matcher | None, ...]:
        """For text, name and links: of the changed rules, and of those that a changed combination
        asks for. None where there are none, so that nothing is folded for them.
        """
        wanted = {name for spec in self._joined for name in spec.requires}
        asked = [
            rule
            for ruleset in (self.before, self.after)
            for rule in ruleset.rules
            if rule.group in wanted
        ]
        rules = list(dict.fromkeys([*self._changed, *asked]))
        parts = (
            [rule for rule in rules if rule.kind not in {NAME, LINK, TOGETHER}],
            [rule for rule in rules if rule.kind == NAME],
            [rule for rule in rules if rule.kind == LINK],
        )
        return tuple(Matcher(part) if part else None for part in parts)

    def can_fire(self, comment: PastComment) -> bool:
        """True when the rules may say something else than before. Doubt says True."""
        if not self.rules_differ:
            return False
        subject = subject_of(comment)
        try:
            matched = set(self._matched(subject))
        except MatcherExhausted:
            return True
        if matched & self._changed_groups:
            return True
        if not self._joined:
            return False
        known = {*self.before.groups, *self.after.groups}
        return any(
            all(name in matched or name not in known for name in spec.requires)
            for spec in self._joined
        )

    def _matched(self, subject: Subject) -> Iterator[str]:
        """The groups that match."""
        texts, names, links = self._matchers
        if texts is not None:
            yield from texts.find(subject.folded.text).groups
        if names is not None:
            yield from names.find(subject.folded_name.text).groups
        if links is not None:
            for link in subject.links:
                yield from links.find(link.url).groups

    def without_phases(self, comment: PastComment) -> Outcome | None:
        """The outcome under `after` if it follows from what is stored; None if phases must run.

        Only for a comment in which no changed rule can fire.
        """
        verdict, ruleset = comment.verdict, self.after
        problems = _other_problems(comment)
        reached = any(verdict.scores[key] >= bar for key, bar in self._bars)
        if not verdict.model_version:
            on_the_edge = _on_the_edge(verdict.scores, ruleset)
            return None if on_the_edge else _told(verdict.scores, problems, ruleset)
        if not (reached and labels_of(verdict.scores, ruleset)):
            missed = self._missed(verdict)
            if missed is None:
                return None
            problems += missed
        if reached:
            return _told(verdict.scores, problems, ruleset)
        return Outcome((), (), _route((), (), problems, ruleset))

    def _missed(self, verdict: PastVerdict) -> list[str] | None:
        """What the rules find where the model finds no ground; None if they have to be asked.

        It was stored if they were asked then, and still means the same if no threshold moved of
        what they found.
        """
        if verdict.found is None:
            return None
        grounds = verdict.found & _GROUNDS
        if not grounds:
            return []
        asked = not labels_of(verdict.scores, self.before)
        if not asked or grounds & self._thresholds:
            return None
        if _on_the_edge(verdict.scores, self.before):
            return None
        return [text for text in verdict.problems if text.startswith(BY_RULES_ALONE)]


def _on_the_edge(scores: Mapping[str, float], ruleset: CompiledRuleSet) -> bool:
    """True when a stored score is so near its threshold that rounding may have moved it over."""
    return any(
        abs(score - ruleset.setting(key).threshold) <= _ROUNDED for key, score in scores.items()
    )


def _changed_rules(before: CompiledRuleSet, after: CompiledRuleSet) -> Iterator[RuleSpec]:
    """The rules with a value of their own that stand in one set only, or in a group whose
    meaning changed.
    """
    old, new = _by_group(before), _by_group(after)
    for group in dict.fromkeys([*old, *new]):
        mine, yours = old.get(group, []), new.get(group, [])
        if mine == yours:
            continue
        both = [*mine, *yours]
        if mine and yours and _head(mine[0]) == _head(yours[0]) and not _reordered(mine, yours):
            kept = {_value(rule) for rule in mine} & {_value(rule) for rule in yours}
            both = [rule for rule in both if _value(rule) not in kept]
        yield from (rule for rule in both if rule.kind != TOGETHER)


def _changed_joints(before: CompiledRuleSet, after: CompiledRuleSet) -> Iterator[RuleSpec]:
    """The combinations that were added, removed or changed, in every form they have."""
    old, new = _by_group(before), _by_group(after)
    for group in dict.fromkeys([*old, *new]):
        if old.get(group) != new.get(group):
            both = [*old.get(group, []), *new.get(group, [])]
            yield from (rule for rule in both if rule.kind == TOGETHER)


def _by_group(ruleset: CompiledRuleSet) -> dict[str, list[RuleSpec]]:
    groups: dict[str, list[RuleSpec]] = {}
    for rule in ruleset.rules:
        groups.setdefault(rule.group, []).append(rule)
    return groups


def _head(rule: RuleSpec) -> RuleSpec:
    """What the first rule of a group says for all of it."""
    kind = rule.kind if rule.kind == TOGETHER else ""
    return replace(rule, value="", kind=kind)


def _value(rule: RuleSpec) -> tuple[str, str]:
    return rule.kind, rule.value


def _reordered(mine: Iterable[RuleSpec], yours: Iterable[RuleSpec]) -> bool:
    """True when values that both have come in another order: hits are reported in it."""
    ours = [_value(rule) for rule in mine], [_value(rule) for rule in yours]
    shared = set(ours[0]) & set(ours[1])
    first, second = ([value for value in one if value in shared] for one in ours)
    return first != second

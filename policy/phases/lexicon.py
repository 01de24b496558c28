"""The rules of the rule set: terms, patterns, names, links, and their combinations."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from policy.criteria import Signal
from policy.ruleset import TOGETHER, CompiledRuleSet, Hit, RuleSpec

from .finding import AUTHOR_NAME, TEXT, Finding
from .reporting import reported_spans
from .subject import Subject

_FAR = 1 << 30
_SIGNALS = frozenset(Signal.values)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group was found. `start` and `end` in original characters of `field`."""

    rule: RuleSpec
    start: int
    end: int
    field: str = TEXT


class Matches:
    """The groups found in text, name and links, and which of them the writer says in their own
    voice. Places in the text are worked out when they are asked for.
    """

    def __init__(self, subject: Subject, rules: CompiledRuleSet) -> None:
        self._folded = subject.folded
        self._found = rules.text_matcher.find(self._folded.text)
        self._elsewhere: dict[str, list[Place]] = {}
        for place in (*_in_name(subject, rules), *_in_links(subject, rules)):
            self._elsewhere.setdefault(place.rule.group, []).append(place)
        self._facts = _facts(subject)

    @property
    def groups(self) -> Collection[str]:
        """All groups found anywhere."""
        return dict.fromkeys([*self._found.groups, *self._elsewhere])

    def has(self, group: str) -> bool:
        """True when the group, or the fact of that name, was found anywhere."""
        return group in self._found.groups or group in self._elsewhere or group in self._facts

    def is_fact(self, name: str) -> bool:
        """True for what phases found out by themselves."""
        return name in self._facts

    def everything(self, group: str) -> list[Place]:
        """Every place of the group."""
        return [self._place(hit) for hit in self._found.hits(group)] + self._named(group)

    def own_voice(self, group: str) -> list[Place]:
        """Those that are no report of what others said."""
        hits = [hit for hit in self._found.hits(group) if not self._is_reported(hit)]
        return [self._place(hit) for hit in hits] + self._named(group)

    def _named(self, group: str) -> list[Place]:
        return self._elsewhere.get(group, [])

    def _place(self, hit: Hit) -> Place:
        return Place(hit.rule, *self._folded.span(hit.start, hit.end))

    def _is_reported(self, hit: Hit) -> bool:
        return any(start <= hit.start and hit.end <= end for start, end in self._reported)

    @cached_property
    def _reported(self) -> list[tuple[int, int]]:
        return reported_spans(self._folded.text)


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """One finding per place of every group whose conditions hold."""
    matches = match_groups(subject, rules)
    for group in (*matches.groups, *rules.combined_groups):
        spec = rules.groups[group]
        if spec.criterion:
            for place in _places(group, spec, matches):
                yield Finding(
                    criterion=spec.criterion,
                    score=spec.weight,
                    start=place.start,
                    end=place.end,
                    why=spec.reason,
                    rule=f"{place.rule.kind}:{group}",
                    field=place.field,
                )


def match_groups(subject: Subject, rules: CompiledRuleSet) -> Matches:
    """The groups found in text, name and links; looked for once per subject."""
    if subject.matches is None:
        subject.matches = Matches(subject, rules)
    matches: Matches = subject.matches
    return matches


def _in_name(subject: Subject, rules: CompiledRuleSet) -> Iterator[Place]:
    found = rules.name_matcher.find(subject.folded_name.text)
    for hit in (hit for group in found.groups for hit in found.hits(group)):
        yield Place(hit.rule, *subject.folded_name.span(hit.start, hit.end), field=AUTHOR_NAME)


def _in_links(subject: Subject, rules: CompiledRuleSet) -> Iterator[Place]:
    for link in subject.links:
        found = rules.link_matcher.find(link.url)
        for hit in (hit for group in found.groups for hit in found.hits(group)):
            yield Place(hit.rule, link.start, link.end)


def _facts(subject: Subject) -> frozenset[str]:
    facts = {"リンク"} if subject.links else set()
    if any(link.disguised for link in subject.links):
        facts.add("隠したリンク")
    return frozenset(facts)


def _places(group: str, spec: RuleSpec, matches: Matches) -> list[Place]:
    # A cry for help counts even when somebody else's words are quoted; an insult does not.
    heard = matches.everything if spec.criterion in _SIGNALS else matches.own_voice
    required = [name for name in spec.requires if not matches.is_fact(name)]
    if any(matches.has(name) for name in spec.unless) or not all(map(matches.has, required)):
        return []
    found = [heard(name) for name in required]
    if not all(found):
        return []
    return _together(found, spec) if spec.kind == TOGETHER else heard(group)


def _together(groups: list[list[Place]], spec: RuleSpec) -> list[Place]:
    """The first place of the first group with the nearest place of every other, if near enough."""
    if not groups:
        return []
    reach = spec.within or _FAR
    for first in groups[0]:
        near = [min(places, key=lambda p: abs(p.start - first.start)) for places in groups[1:]]
        if all(_gap(first, place) <= reach for place in near):
            return [Place(spec, p.start, p.end, p.field) for p in (first, *near)]
    return []


def _gap(one: Place, other: Place) -> int:
    return max(other.start - one.end, one.start - other.end, 0)

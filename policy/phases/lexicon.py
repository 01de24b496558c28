"""The rules of the rule set: terms, patterns, names, links, and their combinations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.criteria import Signal
from policy.ruleset import TOGETHER, CompiledRuleSet, RuleSpec

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


Places = Mapping[str, list[Place]]


@dataclass(frozen=True, slots=True)
class Matches:
    """All groups found, and those that the writer says in their own voice."""

    everything: Places
    own_voice: Places
    facts: frozenset[str]

    def has(self, group: str) -> bool:
        """True when the group, or the fact of that name, was found anywhere."""
        return group in self.everything or group in self.facts


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """One finding per place of every group whose conditions hold."""
    matches = match_groups(subject, rules)
    for group in (*matches.everything, *rules.combined_groups):
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
    """The groups found in text, name and links; worked out once per subject."""
    if subject.matches is None:
        subject.matches = _match(subject, rules)
    matches: Matches = subject.matches
    return matches


def _match(subject: Subject, rules: CompiledRuleSet) -> Matches:
    folded = subject.folded
    everything: dict[str, list[Place]] = {}
    own: dict[str, list[Place]] = {}
    hits = rules.text_matcher.find(folded.text)
    reported = reported_spans(folded.text) if hits else []
    for hit in hits:
        place = Place(hit.rule, *folded.span(hit.start, hit.end))
        everything.setdefault(hit.rule.group, []).append(place)
        if not any(start <= hit.start and hit.end <= end for start, end in reported):
            own.setdefault(hit.rule.group, []).append(place)
    for place in (*_in_name(subject, rules), *_in_links(subject, rules)):
        everything.setdefault(place.rule.group, []).append(place)
        own.setdefault(place.rule.group, []).append(place)
    return Matches(everything, own, _facts(subject))


def _in_name(subject: Subject, rules: CompiledRuleSet) -> Iterator[Place]:
    for hit in rules.name_matcher.find(subject.folded_name.text):
        yield Place(hit.rule, *subject.folded_name.span(hit.start, hit.end), field=AUTHOR_NAME)


def _in_links(subject: Subject, rules: CompiledRuleSet) -> Iterator[Place]:
    for link in subject.links:
        for hit in rules.link_matcher.find(link.url):
            yield Place(hit.rule, link.start, link.end)


def _facts(subject: Subject) -> frozenset[str]:
    facts = {"リンク"} if subject.links else set()
    if any(link.disguised for link in subject.links):
        facts.add("隠したリンク")
    return frozenset(facts)


def _places(group: str, spec: RuleSpec, matches: Matches) -> list[Place]:
    # A cry for help counts even when somebody else's words are quoted; an insult does not.
    heard = matches.everything if spec.criterion in _SIGNALS else matches.own_voice
    if any(matches.has(name) for name in spec.unless):
        return []
    required = [name for name in spec.requires if name not in matches.facts]
    if any(name not in heard for name in required):
        return []
    if spec.kind == TOGETHER:
        return _together([heard[name] for name in required], spec)
    return heard.get(group, [])


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

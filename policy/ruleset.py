"""A rule set as the engine uses it: pure data in, matchers out. Knows no database.

A rule belongs to a named group; the group carries weight, reason and conditions. A group
without a criterion is a building block: it is evidence of nothing by itself, but other groups
may require it or give way to it. Kinds:

* term     its value stands literally in the folded text
* pattern  its value is an RE2 expression over the folded text (linear time, whatever it says)
* name     an RE2 expression over the folded display name of the author
* link     an RE2 expression over each link, put back into plain form (hxxp://a[.]b → http://a.b)
* together no value: it holds when every required group does, all of them within `within`
           folded characters of the first one (0: anywhere in the text)
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import re2

from .normalise import fold

TERM, PATTERN, NAME, LINK, TOGETHER = KINDS = ("term", "pattern", "name", "link", "together")

DEFAULT_THRESHOLD = 0.5
_TERM_MEMORY = 256 << 20  # bytes of automaton states at most; 10,000 terms need a fraction of it
_PATTERNS_PER_FILTER = 6_000  # characters of pattern; measured: beyond 10,000 the filter thrashes
_CANARY = "\x02canary\x02"  # folding drops control characters, so no text holds it
_HITS_PER_RULE = 20  # more places than this are not shown as evidence


class BadRuleSet(ValueError):
    """A rule does not compile or names a group that does not exist. The text says which."""


class MatcherExhausted(RuntimeError):
    """The automaton ran out of memory. Never to be read as 'nothing found'."""


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule. `weight` in 0..1: how much its group alone says for `criterion`."""

    group: str
    kind: str
    value: str = ""
    criterion: str = ""
    weight: float = 0.0
    reason: str = ""
    requires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    within: int = 0


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """What the engine needs of a criterion's setting. Scores at `threshold` or above count."""

    criterion: str
    threshold: float = DEFAULT_THRESHOLD
    severity: int = 0
    hold_enabled: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule matched, in folded characters (for links: in original characters)."""

    rule: RuleSpec
    start: int
    end: int


class Matcher:
    """Finds all rules over one kind of text, at a cost that hardly grows with their number.

    Terms stand in one automaton of literals. Patterns would multiply each other's states there,
    so RE2 first looks for the literals that each pattern cannot do without, and only patterns
    whose literals are present are run.
    """

    def __init__(self, rules: Iterable[RuleSpec]) -> None:
        rules = tuple(rules)
        terms = _Terms(rule for rule in rules if rule.kind == TERM)
        self._patterns = [_Patterns(part) for part in _parts(rules)]
        self._all: tuple[_Part, ...] = (
            (terms, *self._patterns) if terms.rules else (*self._patterns,)
        )

    def find(self, text: str) -> "Found":
        """Every rule that matches `text`.

        Raises:
            MatcherExhausted: a search gave up.
        """
        written = text.encode("utf-8", "replace")  # once: RE2 reads bytes
        found = Found(text, written)
        for part in self._all:
            for index in part.matching(written):
                found.add(part, index)
        return found


class Found:
    """The rules that match a text. Where they do is worked out when somebody asks: most groups
    are building blocks of which only that they are there matters.
    """

    def __init__(self, text: str, written: bytes) -> None:
        self._text, self._written = text, written
        self._by_group: dict[str, list[tuple[_Part, int]]] = {}
        self._hits: dict[str, list[Hit]] = {}

    def add(self, part: "_Part", index: int) -> None:
        """Note that a rule of `part` matches."""
        self._by_group.setdefault(part.rules[index].group, []).append((part, index))

    @property
    def groups(self) -> Collection[str]:
        """The names of the groups with a rule that matches."""
        return self._by_group.keys()

    def hits(self, group: str) -> list[Hit]:
        """The first places of each rule of the group."""
        if group not in self._hits:
            self._hits[group] = [
                hit
                for part, index in self._by_group.get(group, ())
                for hit in part.places(index, self._text, self._written)
            ]
        return self._hits[group]


class _Part(Protocol):
    """Some rules that are looked for together, in text and in its UTF-8 bytes."""

    rules: list[RuleSpec]

    def matching(self, written: bytes) -> Iterable[int]: ...

    def places(self, index: int, text: str, written: bytes) -> Iterator[Hit]: ...


class _Terms:
    def __init__(self, rules: Iterable[RuleSpec]) -> None:
        self.rules = list(rules)
        self._literals = [fold(rule.value).text for rule in self.rules]
        self._all = re2.Set.SearchSet(_options(_TERM_MEMORY))
        self._all.Add("")  # matches any text: its absence proves that the search gave up
        for rule, literal in zip(self.rules, self._literals, strict=True):
            if not literal.strip():
                raise BadRuleSet(f"規則「{rule.group}」に空の語句があります")
            self._all.Add(re2.escape(literal))
        self._all.Compile()

    def matching(self, written: bytes) -> Iterable[int]:
        found = self._all.Match(written)
        if 0 not in found:
            raise MatcherExhausted
        return [index - 1 for index in sorted(found) if index]

    def places(self, index: int, text: str, written: bytes) -> Iterator[Hit]:
        del written
        rule, literal = self.rules[index], self._literals[index]
        start, shown = text.find(literal), 0
        while start >= 0 and shown < _HITS_PER_RULE:
            yield Hit(rule, start, start + len(literal))
            start, shown = text.find(literal, start + len(literal)), shown + 1


class _Patterns:
    def __init__(self, rules: list[RuleSpec]) -> None:
        self.rules = rules
        self._filter = re2.Filter()
        for rule in rules:
            self._filter.Add(_checked(rule).encode(), _options())
        self._canary = self._filter.Add(re2.escape(_CANARY).encode(), _options())
        self._filter.Compile()
        self._compiled = [self._filter.re(index) for index in range(len(rules))]

    def matching(self, written: bytes) -> Iterable[int]:
        # The canary stands behind the text only while candidates are looked for (by literals
        # alone): its absence proves that the search gave up.
        candidates = self._filter.Match(written + _CANARY.encode(), potential=True) or []
        if self._canary not in candidates:
            raise MatcherExhausted
        if len(candidates) == 1:
            return []
        # Again without the canary, and to the end, in one call: most candidates fall away there.
        return sorted(self._filter.Match(written) or [])

    def places(self, index: int, text: str, written: bytes) -> Iterator[Hit]:
        del text
        matches = self._compiled[index].finditer(written)
        for match in islice(matches, _HITS_PER_RULE):
            first, last = match.span()
            start = len(written[:first].decode("utf-8", "ignore"))
            stretch = written[first:last].decode("utf-8", "ignore")
            yield Hit(self.rules[index], start, start + len(stretch))


def _parts(rules: Iterable[RuleSpec]) -> Iterator[list[RuleSpec]]:
    """Patterns in portions whose literals fit the fixed memory of RE2's filter."""
    part: list[RuleSpec] = []
    size = 0
    for rule in rules:
        if rule.kind in {TERM, TOGETHER}:
            continue
        if part and size + len(rule.value) > _PATTERNS_PER_FILTER:
            yield part
            part, size = [], 0
        part.append(rule)
        size += len(rule.value)
    if part:
        yield part


def _checked(rule: RuleSpec) -> str:
    try:
        pattern = re2.compile(rule.value, _options())
    except re2.error as error:
        raise BadRuleSet(
            f"規則「{rule.group}」の式が正しくありません: {_first_words(error)}"
        ) from error
    if pattern.search("") is not None:
        raise BadRuleSet(f"規則「{rule.group}」の式はどんな文にも当てはまります")
    return rule.value


def _options(memory: int = 0) -> Any:
    options = re2.Options()
    options.log_errors = False  # errors are raised; RE2 would print the pattern to stderr
    options.never_capture = True  # nobody asks for groups, and RE2 is much faster without
    if memory:
        options.max_mem = memory
    return options


def _first_words(error: Exception) -> str:
    """RE2's message without the pattern that it repeats after the colon."""
    raw = error.args[0] if error.args else ""
    message = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return message.split(":", 1)[0]


@dataclass(frozen=True)
class CompiledRuleSet:
    """An immutable rule set, ready to judge with; share one instance per process."""

    number: int
    settings: Mapping[str, SettingSpec]
    rules: tuple[RuleSpec, ...]
    groups: Mapping[str, RuleSpec] = field(repr=False)

    @cached_property
    def text_matcher(self) -> Matcher:
        """Terms and patterns, over the folded text."""
        return Matcher(rule for rule in self.rules if rule.kind in {TERM, PATTERN})

    @cached_property
    def name_matcher(self) -> Matcher:
        """Name patterns, over the folded display name."""
        return Matcher(rule for rule in self.rules if rule.kind == NAME)

    @cached_property
    def link_matcher(self) -> Matcher:
        """Link patterns, over each link in plain form."""
        return Matcher(rule for rule in self.rules if rule.kind == LINK)

    @cached_property
    def combined_groups(self) -> tuple[str, ...]:
        """Names of the groups that only join others."""
        return tuple(dict.fromkeys(rule.group for rule in self.rules if rule.kind == TOGETHER))

    def setting(self, criterion: str) -> SettingSpec:
        """The setting of a criterion or signal, or the default one."""
        return self.settings.get(criterion) or SettingSpec(criterion)


def compile_ruleset(
    number: int, settings: Iterable[SettingSpec], rules: Iterable[RuleSpec]
) -> CompiledRuleSet:
    """Check the rules, compile the matchers, and freeze both.

    Raises:
        BadRuleSet: with the name of the offending group, in Japanese.
    """
    rules = tuple(rules)
    groups: dict[str, RuleSpec] = {}
    for rule in rules:
        if rule.kind not in KINDS:
            raise BadRuleSet(f"規則「{rule.group}」の種類「{rule.kind}」は使えません")
        groups.setdefault(rule.group, rule)
    _check_conditions(rules, groups)
    compiled = CompiledRuleSet(number, {s.criterion: s for s in settings}, rules, groups)
    _ = compiled.text_matcher, compiled.name_matcher, compiled.link_matcher  # before a worker forks
    return compiled


# What phases find out by themselves and rules may refer to.
FACTS = frozenset({"リンク", "隠したリンク", "実行ファイルのリンク", "質問", "宛名"})


def _check_conditions(rules: tuple[RuleSpec, ...], groups: Mapping[str, RuleSpec]) -> None:
    for rule in rules:
        for name in (*rule.requires, *rule.unless):
            if name not in groups and name not in FACTS:
                raise BadRuleSet(f"規則「{rule.group}」の条件「{name}」が見つかりません")

"""What the committee decides about words, names and addresses. The checks only look them up.

`build` is the one way in: it takes plain rows (from the files that the project carries, or from
wherever the committee edits them) and refuses what cannot work, naming the row.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import re2

from .draft import Severity
from .language.width import narrow

_LONGEST = 600  # characters of one expression


class BadLexicon(ValueError):
    """A row cannot be used. The Japanese message names it and says why."""


@dataclass(frozen=True)
class Term:
    """An expression that a check looks for, and what the committee says about it.

    `inside`: longer expressions in which a hit does not count (最高 in 最高血圧); a row may give
    them as plain words too, in `exceptions`. `unless`: it does
    not count with one of these in the same sentence. `only_with`: it counts only with one of these
    in the same sentence. `mention_ok`: it does not count where the text speaks about the word
    itself. `reason` may contain {found}.
    """

    check: str
    name: str
    pattern: Any = field(repr=False)
    source: str
    reason: str
    instead: str
    severity: Severity | None = None
    inside: Any = field(default=None, repr=False)
    unless: Any = field(default=None, repr=False)
    only_with: Any = field(default=None, repr=False)
    mention_ok: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """A yearly meeting: its number is the year minus `zero`."""

    name: str
    zero: int


@dataclass(frozen=True, slots=True)
class Registry:
    """Names and addresses as they are right."""

    own_name: str
    own_form: str
    own_short: str
    own_domain: str
    societies: tuple[str, ...]
    meetings: tuple[Meeting, ...]
    phones: tuple[str, ...]
    postcodes: tuple[str, ...]
    mail: tuple[str, ...]
    pages: tuple[str, ...]
    accounts: frozenset[str]
    known_domains: tuple[str, ...]
    shorteners: frozenset[str]
    tags: Mapping[str, str]
    abbreviations: Mapping[str, str]
    sensitive_days: Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class Lexicon:
    """All terms by check, and the registry. Immutable; share one per process."""

    terms: Mapping[str, tuple[Term, ...]]
    registry: Registry

    @cached_property
    def _filters(self) -> dict[str, Any]:
        """Per check, one expression that holds where any of its terms does."""
        return {
            check: re2.compile("|".join(f"(?:{term.source})" for term in terms), _options())
            for check, terms in self.terms.items()
        }

    def candidates(self, check: str, plain: str) -> tuple[Term, ...]:
        """The terms of `check`, or none when it is certain that none of them holds."""
        first = self._filters.get(check)
        if first is None or first.search(plain) is None:
            return ()
        return self.terms[check]


def build(terms: Iterable[Mapping[str, Any]], registry: Mapping[str, Any]) -> Lexicon:
    """Check and compile.

    Raises:
        BadLexicon: with the row that cannot be used.
    """
    compiled: dict[str, list[Term]] = {}
    for number, row in enumerate(terms, start=1):
        term = _term(row, number)
        compiled.setdefault(term.check, []).append(term)
    return Lexicon({check: tuple(rows) for check, rows in compiled.items()}, _registry(registry))


def find(pattern: Any, plain: str) -> Iterator[tuple[int, int]]:
    """The places of a compiled expression in narrowed text (which has no lone surrogates)."""
    for match in pattern.finditer(plain):
        if match.end() > match.start():
            yield match.span()


def _term(row: Mapping[str, Any], number: int) -> Term:
    words = [str(word) for word in row.get("words", ())]
    name = str(row.get("name") or (words[0] if words else f"{number}番目"))
    check = str(row.get("check", ""))
    if not (len(check) == 3 and check[0] == "J" and check[1:].isdigit()):
        raise BadLexicon(f"「{name}」：点検の番号（J01〜J28）がありません。")
    if not row.get("reason"):
        raise BadLexicon(f"「{name}」：理由が書かれていません。")
    if not all(word.strip() for word in words):
        raise BadLexicon(f"「{name}」：空の言葉は探せません。")
    source = _union([*map(_literal, words), *row.get("patterns", ())], name)
    if not source:
        raise BadLexicon(f"「{name}」：探す言葉がありません。")
    return Term(
        check=check,
        name=name,
        pattern=_compiled(source, name),
        source=source,
        reason=str(row["reason"]),
        instead=str(row.get("instead", "")),
        severity=_severity(row.get("severity"), name),
        inside=_optional([*map(_literal, row.get("exceptions", ())), *row.get("inside", ())], name),
        unless=_optional(row.get("unless", ()), name),
        only_with=_optional(row.get("only_with", ()), name),
        mention_ok=bool(row.get("mention_ok", False)),
    )


def _literal(word: str) -> str:
    return str(re2.escape(narrow(word)))


def _union(parts: Iterable[str], name: str) -> str:
    parts = [str(part) for part in parts]
    for part in parts:
        if not part.strip():
            raise BadLexicon(f"「{name}」：空の言葉は探せません。")
        if len(part) > _LONGEST:
            raise BadLexicon(f"「{name}」：一つの言葉は{_LONGEST}文字までです。")
    return "|".join(f"(?:{part})" for part in parts)


def _optional(parts: Iterable[str], name: str) -> Any:
    source = _union(parts, name)
    return _compiled(source, name) if source else None


def _compiled(source: str, name: str) -> Any:
    try:
        pattern = re2.compile(source, _options())
    except re2.error as error:
        raise BadLexicon(f"「{name}」：式「{source[:40]}」が正しくありません。") from error
    if pattern.search("") is not None:
        raise BadLexicon(f"「{name}」：式がどんな文にも当てはまります。")
    return pattern


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    return options


def _severity(value: Any, name: str) -> Severity | None:
    if value is None:
        return None
    try:
        return Severity(value)
    except ValueError:
        raise BadLexicon(f"「{name}」：重さは block・warn・info のどれかです。") from None


def _registry(rows: Mapping[str, Any]) -> Registry:
    try:
        own, contacts, web = rows["own"], rows["contacts"], rows["web"]
        return Registry(
            own_name=own["name"],
            own_form=own["form"],
            own_short=own["short"],
            own_domain=web["domain"],
            societies=tuple(rows["societies"]["names"]),
            meetings=tuple(Meeting(row["name"], int(row["zero"])) for row in rows["meeting"]),
            phones=tuple(contacts["phones"]),
            postcodes=tuple(contacts["postcodes"]),
            mail=tuple(contacts["mail"]),
            pages=tuple(web["pages"]),
            accounts=frozenset(name.lower().lstrip("@") for name in rows["accounts"]["allowed"]),
            known_domains=tuple(web["known_domains"]),
            shorteners=frozenset(web["shorteners"]),
            tags={str(tag).lower(): str(meaning) for tag, meaning in rows["tags"].items()},
            abbreviations={str(k): str(v) for k, v in rows["abbreviations"].items()},
            sensitive_days={_day(key): str(name) for key, name in rows["sensitive_days"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadLexicon(f"名簿の項目「{error}」がないか、形が正しくありません。") from error


def _day(key: str) -> tuple[int, int]:
    month, day = key.split("-")
    return int(month), int(day)

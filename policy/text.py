"""Takes the policy's text apart into clauses, and puts them together again, word for word."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SECTION = re.compile(r"(?P<number>[0-9]+)\. (?P<heading>.+)")
_SUBSECTION = re.compile(r"（(?P<number>[0-9]+)）(?P<heading>.+)")
_ITEM = re.compile(r"\((?P<number>[0-9]+)\) (?P<text>.+)")
_LETTER = re.compile(r"(?P<letter>[ア-ソ]) (?P<text>.+)")
_LEAD_OUT = "末文"  # a paragraph that follows a section's numbered items


class BadPolicyText(ValueError):
    """The text does not have the policy's shape. The message names the line."""


@dataclass(slots=True)
class Part:
    """One clause; `code` is how people cite it."""

    code: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The whole policy: title, clauses in order, and the SHA-256 of the source (UTF-8)."""

    title: str
    parts: tuple[Part, ...]
    sha256: str


def parse(source: str) -> PolicyText:
    """Read the policy. Every word ends up in exactly one clause.

    Raises:
        BadPolicyText: a line stands where none can be cited.
    """
    title, *lines = [line.rstrip() for line in source.strip().splitlines()] or [""]
    parts: list[Part] = []
    section = subsection = ""
    for number, line in enumerate(lines, start=2):
        if match := _SECTION.fullmatch(line):
            section, subsection = match["number"], ""
            parts.append(Part(section, match["heading"], ""))
        elif line and not section:
            raise BadPolicyText(f"{number}行目: 見出しより前に本文があります")
        elif match := _SUBSECTION.fullmatch(line):
            subsection = f"{section}({match['number']})"
            parts.append(Part(subsection, match["heading"], ""))
        elif match := _ITEM.fullmatch(line):
            parts.append(Part(f"{section}({match['number']})", "", match["text"]))
        elif subsection and (match := _LETTER.fullmatch(line)):
            parts.append(Part(f"{subsection}{match['letter']}", "", match["text"]))
        elif line:
            _continue(parts, section, line)
    _refuse_doubles(parts)
    return PolicyText(title, tuple(parts), hashlib.sha256(source.encode()).hexdigest())


def _continue(parts: list[Part], section: str, line: str) -> None:
    last = parts[-1]
    if not last.heading and last.code != section + _LEAD_OUT:
        parts.append(Part(section + _LEAD_OUT, "", line))
    else:
        last.text = f"{last.text}\n{line}" if last.text else line


def _refuse_doubles(parts: Iterable[Part]) -> None:
    seen: set[str] = set()
    for part in parts:
        if part.code in seen:
            raise BadPolicyText(f"条項「{part.code}」が二度出てきます")
        seen.add(part.code)


def render(policy: PolicyText) -> str:
    """Write the policy as it was read, without its empty lines."""
    return "\n".join([policy.title, *(line for part in policy.parts for line in _lines(part))])


def _lines(part: Part) -> Iterator[str]:
    number = part.code.rpartition("(")[2].rstrip(")")
    if part.code.isdigit():
        yield f"{part.code}. {part.heading}"
    elif part.heading:
        yield f"（{number}）{part.heading}"
    elif part.code.endswith(_LEAD_OUT):
        pass
    elif part.code[-1] == ")":
        yield f"({number}) {part.text}"
        return
    else:
        yield f"{part.code[-1]} {part.text}"
        return
    if part.text:
        yield from part.text.split("\n")

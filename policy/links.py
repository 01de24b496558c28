"""Finds links in a comment, also the ones written so that filters do not see them."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import re2

MOST_LINKS = 20

_DOT = r"(?:\s?\[\.\]\s?|\s?\(\.\)\s?|\s?\[dot\]\s?|\s?ドット\s?|\s\.\s|\.)"
_LABEL = r"[a-z0-9][a-z0-9_-]*"
# RE2: linear in the text whatever stands in it.
_LINK = re2.compile(
    r"(?:(?P<scheme>h(?:tt|xx|11|t\*|\*\*)ps?)\s*:\s*/\s*/\s*)?"
    rf"(?P<host>(?:{_LABEL}{_DOT}){{1,4}}[a-z]{{2,12}})(?P<path>/[a-z0-9_./?=&%~+-]*)?"
)
_DOTS = re2.compile(_DOT)
_SHORTEST_HOST = 6


@dataclass(frozen=True, slots=True)
class Link:
    """A link in plain form with its place in the original; `disguised` when it was hidden."""

    url: str
    start: int
    end: int
    disguised: bool


def find_links(text: str) -> list[Link]:
    """The first links of `text`, in order, at most 20. Offsets are original characters."""
    if not _possible(text):
        return []
    plain, offsets, spaced = _narrow(text)
    links: list[Link] = []
    for match in _LINK.finditer(plain):
        link = _link(match, plain, offsets, spaced)
        if link is not None:
            links.append(link)
        if len(links) == MOST_LINKS:
            break
    return links


class _Narrow(dict[int, str]):
    """What each character is in half width and lower case, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        narrow = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(self) >= _MOST_NARROW:
            self.clear()
        self[code] = narrow
        return narrow


_NARROW, _MOST_NARROW = _Narrow(), 50_000
_LETTERS = re.compile("[a-z]{2}")


def _possible(text: str) -> bool:
    """False where no link can be, which is cheap to see: no dot of any kind, or no Latin word."""
    squeezed = text.translate(_NARROW).replace(" ", "")
    dotted = "." in squeezed or "ドット" in squeezed or "dot" in squeezed
    return dotted and _LETTERS.search(squeezed) is not None


def _narrow(text: str) -> tuple[str, list[int], frozenset[int]]:
    """Half width, lower case, letters pulled apart by spaces joined again.

    Returns the narrow text, the original offset of each of its characters, and the offsets
    behind which a space was taken out.
    """
    chars: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(text):
        narrow = char if char < "\x80" else unicodedata.normalize("NFKC", char)
        for part in narrow.lower():
            chars.append("\ufffd" if "\ud800" <= part <= "\udfff" else part)
            offsets.append(index)
    apart = {
        i
        for i in range(1, len(chars) - 1)
        if chars[i] == " " and _single(chars, i - 1) and _single(chars, i + 1)
    }
    keep = [i for i in range(len(chars)) if i not in apart]
    plain = "".join(chars[i] for i in keep)
    return plain, [offsets[i] for i in keep], frozenset(offsets[i - 1] for i in apart)


def _single(chars: list[str], index: int) -> bool:
    """True for a visible ASCII character with no visible ASCII character beside it."""
    return _dense(chars, index) and not (
        (index > 0 and _dense(chars, index - 1))
        or (index + 1 < len(chars) and _dense(chars, index + 1))
    )


def _dense(chars: list[str], index: int) -> bool:
    return "!" <= chars[index] <= "~"


def _link(match: Any, plain: str, offsets: list[int], spaced: frozenset[int]) -> Link | None:
    scheme, raw, path = match["scheme"] or "", match["host"], match["path"] or ""
    host = _DOTS.sub(".", raw)
    first, last = match.start(), match.end() - 1
    if not scheme and _just_words(host, path, plain[first - 1] if first else " "):
        return None
    start, end = offsets[first], offsets[last] + 1
    hidden = host != raw or scheme not in {"", "http", "https"}
    hidden = hidden or any(start <= place < end for place in spaced)
    return Link(host + path, start, end, disguised=hidden)


def _just_words(host: str, path: str, before: str) -> bool:
    """Without a scheme, handles (@momo.ns), mail addresses and 'a.m.' are not links."""
    return before in {"@", "＠", "."} or (not path and len(host) < _SHORTEST_HOST)

"""Finding words in the help: plain substrings, whatever their width or case. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from django.utils.html import strip_tags

AROUND = 40  # characters shown on either side of the first hit


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The first hit with what stands around it."""

    before: str
    hit: str
    after: str


def words_of(html: str) -> str:
    """The words of a page without its marks, in one line."""
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def folded(text: str) -> str:
    """One spelling for full and half width, capital and small."""
    return unicodedata.normalize("NFKC", text).casefold()


def matches(text: str, wanted: str) -> bool:
    """True when every word that was asked for stands somewhere in `text`."""
    plain = folded(text)
    return all(word in plain for word in folded(wanted).split())


def excerpt(text: str, wanted: Sequence[str]) -> Excerpt:
    """The surroundings of the first word that stands in `text` as it is written; else its start."""
    plain = folded(text)
    same_length = len(plain) == len(text)  # folding may stretch: then places do not correspond
    for word in wanted:
        at = plain.find(folded(word)) if same_length else text.find(word)
        if word and at >= 0:
            end = at + (len(folded(word)) if same_length else len(word))
            start = max(0, at - AROUND)
            dots = "…" if start else ""
            return Excerpt(dots + text[start:at], text[at:end], text[end : end + AROUND] + "…")
    return Excerpt(text[: 2 * AROUND] + "…", "", "")

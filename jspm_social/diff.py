"""What changed between two texts, word by word, as a Japanese reader sees words. Pure.

Japanese has no spaces: a run of one script is taken for a word (漢字, かな, カナ, letters, digits),
and every other sign for itself. That reads well where a character-wise diff tears words apart.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(
    r"[一-鿿々〆ヶ]+|[ぁ-ゖゝゞー]+|[ァ-ヺー]+|[A-Za-zＡ-Ｚａ-ｚ]+|[0-9０-９]+|\s+|.", re.DOTALL
)
MOST_WORDS = 20_000  # beyond, the comparison would take seconds: line by line instead


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `same`, `old` (taken out) or `new` (put in)."""

    kind: str
    text: str


def compare(old: str, new: str) -> list[Piece]:
    """Return both texts as one list of pieces; the old and the new one can be read from it."""
    before, after = _words(old), _words(new)
    if len(before) + len(after) > MOST_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for verb, a1, a2, b1, b2 in matcher.get_opcodes():
        if verb == "equal":
            pieces.append(Piece("same", "".join(before[a1:a2])))
            continue
        if a1 < a2:
            pieces.append(Piece("old", "".join(before[a1:a2])))
        if b1 < b2:
            pieces.append(Piece("new", "".join(after[b1:b2])))
    return pieces


def _words(text: str) -> list[str]:
    return _WORD.findall(text)

"""ス: the society's post and what a comment makes of it, sentence by sentence. Pure.

Of the comment those sentences are shown on which the verdict found the criterion; beside each
stands the sentence of the post that is most like it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from jspm_social.diff import Piece, compare
from moderation.models import Case
from moderation.presenters.comments import evidence_of
from policy.criteria import Criterion

# No sentence is longer: comparing takes the product of both lengths.
_SENTENCE = re.compile(r"[^。！？!?\n]{1,200}[。！？!?]{0,20}")
_READ = 2_000  # characters of either text that are compared
_MOST = 8  # sentences shown
_MOST_OF_POST = 60  # sentences compared with each
_ALIKE = 0.3  # of 1.0: below, no sentence of the post is meant


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the comment, and the post's own where there is one; `kind` 'same' or not."""

    ours: list[Piece]
    theirs: list[Piece]


def side_by_side(case: Case) -> list[Row]:
    """Return what is to be compared; nothing where ス was not found or nothing can be read."""
    found = [item for item in evidence_of(case, "text") if item["criterion"] == _KEY]
    comment, post = case.comment, case.comment.post.text[:_READ]
    if comment.erasure or not post or not (found or _KEY in case.labels):
        return []
    spans = [(int(item["start"]), int(item["end"])) for item in found]
    said = _sentences_at(comment.text[:_READ], spans)
    known = _sentences(post)[:_MOST_OF_POST]
    return [_row(sentence, _most_alike(sentence, known)) for sentence in said[:_MOST]]


_KEY = Criterion.ALTERATION.value


def _sentences(text: str) -> list[str]:
    return [found.group().strip() for found in _SENTENCE.finditer(text) if found.group().strip()]


def _sentences_at(text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    """The sentences that the evidence touches; all of them where it touches none."""
    spans = list(spans)
    touched = [
        match.group().strip()
        for match in _SENTENCE.finditer(text)
        if any(start < match.end() and match.start() < end for start, end in spans)
    ]
    return [sentence for sentence in touched if sentence] or _sentences(text)


def _most_alike(sentence: str, known: Iterable[str]) -> str:
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(sentence)
    best, best_ratio = "", _ALIKE
    for candidate in known:
        matcher.set_seq1(candidate)
        if matcher.quick_ratio() > best_ratio and (ratio := matcher.ratio()) > best_ratio:
            best, best_ratio = candidate, ratio
    return best


def _row(theirs: str, ours: str) -> Row:
    if not ours:
        return Row(ours=[], theirs=[Piece("new", theirs)])
    pieces = compare(ours, theirs)
    return Row(
        ours=[piece for piece in pieces if piece.kind != "new"],
        theirs=[piece for piece in pieces if piece.kind != "old"],
    )

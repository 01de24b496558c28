"""The pieces of a text that the model weighs: letters as written and as spoken, words, the name.

A piece is a number, the hash of what it says, so that a batch is read with array arithmetic and
no list of pieces has to be kept. Two pieces that share a number are taken for one; with four
million numbers that happens to about one piece in thirty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import sudachipy
from numpy.typing import NDArray

from policy.phases.subject import Subject

CHARS, SOUND, WORDS, NAME = BLOCKS = ("chars", "sound", "words", "name")
LONGEST = 1_000  # folded characters that are weighed; comments on most platforms are shorter
LETTERS, NAME_LETTERS, NEIGHBOURS = 4, 3, 2  # how many letters or words a piece has at most
BUCKETS = 1 << 22

_SHIFT = np.uint64(64 - 22)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio: spreads neighbours far apart
_MIXER = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(31)
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """All pieces of a batch, with repetitions: `buckets[i]` stands in text number `rows[i]`."""

    rows: Numbers
    buckets: Numbers


@dataclass(frozen=True, slots=True)
class Spelling:
    """One subject as it is weighed."""

    chars: str
    sound: str
    words: tuple[str, ...]
    name: str


def spelling(subject: Subject) -> Spelling:
    """How the subject is written, spoken, and signed."""
    text = subject.folded.text[:LONGEST]
    words, sound = _spoken(text)
    return Spelling(text, sound, words, subject.folded_name.text)


def pieces_of(spellings: Sequence[Spelling]) -> dict[str, Pieces]:
    """The pieces of a batch, by block."""
    return {
        CHARS: _letters([one.chars for one in spellings], LETTERS, CHARS),
        SOUND: _letters([one.sound for one in spellings], LETTERS, SOUND),
        WORDS: _word_pieces([one.words for one in spellings]),
        NAME: _letters([one.name for one in spellings], NAME_LETTERS, NAME),
    }


def char_windows(text: str) -> Iterator[tuple[int, Numbers, Numbers]]:
    """For each length: where pieces of the block CHARS begin in `text`, and their buckets."""
    return _windows(_codes(text), LETTERS, CHARS)


def letters_alone(text: str) -> str:
    """Katakana as hiragana, without signs and spaces: what is left without the dressing."""
    return "".join(
        char for char in text.translate(_TO_HIRAGANA) if char.isalnum() or char in "ー〇"
    )


def _spoken(folded_text: str) -> tuple[tuple[str, ...], str]:
    """Dictionary forms of the words, without signs and spaces; and the whole as it is read."""
    tokenizer, is_sign = _sudachi()
    # SudachiPy refuses text beyond 49,149 bytes; LONGEST characters are far below that.
    tokens = [t for t in tokenizer.tokenize(folded_text) if not is_sign(t)]
    words = tuple([token.normalized_form() for token in tokens])
    return words, letters_alone("".join([t.reading_form() or t.surface() for t in tokens]))


def _letters(texts: Sequence[str], longest: int, block: str) -> Pieces:
    # Folding drops control characters, so that no text holds the separator.
    rows = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    return _gathered(_codes("\0".join([*texts, ""])), rows, longest, block)


def _word_pieces(texts: Sequence[tuple[str, ...]]) -> Pieces:
    rows = np.repeat(np.arange(len(texts)), [len(words) + 1 for words in texts])
    codes = [code for words in texts for code in (*map(_word_code, words), 0)]
    return _gathered(np.array(codes, dtype=np.uint64), rows, NEIGHBOURS, WORDS)


@lru_cache(maxsize=100_000)
def _word_code(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass")) + 1


def _codes(text: str) -> Numbers:
    raw = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32).astype(np.uint64)


def _gathered(codes: Numbers, rows: Numbers, longest: int, block: str) -> Pieces:
    found = list(_windows(codes, longest, block))
    starts = np.concatenate([starts for _, starts, _ in found])
    return Pieces(rows[starts], np.concatenate([buckets for _, _, buckets in found]))


def _windows(codes: Numbers, longest: int, block: str) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Every stretch of 1 to `longest` neighbours that no 0 interrupts, as a rolling hash."""
    seed = np.uint64(crc32(block.encode()))
    size = len(codes)
    hashes: Numbers = np.full(size, seed, dtype=np.uint64)
    whole = np.ones(size, dtype=bool)
    for length in range(1, min(longest, size) + 1):
        last = size - length + 1
        ends = codes[length - 1 :]
        hashes = (hashes[:last] + ends) * _FACTOR
        whole = whole[:last] & (ends != 0)
        starts = np.flatnonzero(whole)
        mixed = hashes[starts]
        mixed = (mixed ^ (mixed >> _HALF)) * _MIXER
        yield length, starts, (mixed >> _SHIFT).astype(np.int64)


@cache
def _sudachi() -> tuple[Any, Any]:
    dictionary = sudachipy.Dictionary(dict="core")
    return (
        dictionary.create(sudachipy.SplitMode.C),
        dictionary.pos_matcher([("空白",), ("補助記号",)]),
    )

"""The pieces of a text that the model weighs: letters in two spellings, words, and the name."""

from functools import cache
from itertools import pairwise
from typing import Any

import sudachipy

from policy.phases.subject import Subject

CHARS, KANA, WORDS, NAME = BLOCKS = ("chars", "kana", "words", "name")
LONGEST = 1_000  # folded characters that are weighed; comments on most platforms are shorter

_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def grams_of(subject: Subject) -> dict[str, list[str]]:
    """All pieces, with repetitions, by block."""
    text = subject.folded.text[:LONGEST]
    return {
        CHARS: letters(text, 4),
        KANA: letters(kana_skeleton(text), 4),
        WORDS: word_pairs(words(text)),
        NAME: letters(subject.folded_name.text, 3),
    }


def letters(text: str, longest: int) -> list[str]:
    """Every stretch of 1 to `longest` neighbouring characters."""
    size = len(text)
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(size - n + 1)]


def kana_skeleton(folded_text: str) -> str:
    """The letters alone, katakana as hiragana: what is left when the dressing is taken off."""
    text = folded_text.translate(_TO_HIRAGANA)
    return "".join(char for char in text if char.isalnum() or char in "ー〇")


def words(folded_text: str) -> list[str]:
    """Dictionary forms of the words, without signs and spaces."""
    tokenizer, is_sign = _sudachi()
    # SudachiPy refuses text beyond 49,149 bytes; LONGEST characters are far below that.
    tokens = tokenizer.tokenize(folded_text[:LONGEST], sudachipy.SplitMode.C)
    return [token.normalized_form() for token in tokens if not is_sign(token)]


def word_pairs(found: list[str]) -> list[str]:
    """The words and each two neighbours."""
    return [*found, *(f"{one} {other}" for one, other in pairwise(found))]


@cache
def _sudachi() -> tuple[Any, Any]:
    dictionary = sudachipy.Dictionary(dict="core")
    return dictionary.tokenizer(), dictionary.pos_matcher([("空白",), ("補助記号",)])

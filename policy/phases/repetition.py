"""コ: nearly the same as an earlier comment of the same author."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from policy.criteria import Criterion
from policy.normalise import fold
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .subject import Subject

_RULE = "phase:repetition"

MOST_EARLIER = 200  # the latest ones; more is for an index
SHORTEST = 10  # letters; short thanks under several posts are no repetition
SIMILAR = 0.5  # Jaccard of letter pairs
CONTAINED = 0.8  # share of the shorter text's pairs found in the longer one
_LONGEST = 2_000
_SHORT_THANKS = 30  # letter pairs
_THANKS = ("ありがと", "有難う", "感謝", "お疲れ", "ためになり", "勉強になり", "応援して", "シェア")


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """At most one finding: the most similar earlier comment."""
    del rules
    mine = own_pairs(subject)
    if len(mine) < SHORTEST - 1 or _just_thanks(subject.text, mine):
        return
    best = 0.0
    for earlier in subject.context.history[-MOST_EARLIER:]:
        best = max(best, likeness(mine, pairs(earlier)))
    if best >= SIMILAR:
        why = f"同じ投稿者の以前のコメントとほぼ同じ内容です（一致度{best:.0%}）"
        score = 0.6 + 0.4 * (best - SIMILAR) / (1 - SIMILAR)
        yield Finding(Criterion.REPETITION, score, 0, len(subject.text), why, _RULE)


def _just_thanks(text: str, mine: frozenset[str]) -> bool:
    return len(mine) < _SHORT_THANKS and any(word in text for word in _THANKS)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0..1: Jaccard of letter pairs, or containment when one text is wrapped in a longer one."""
    smaller = min(len(one), len(other))
    if smaller < SHORTEST - 1:
        return 0.0
    common = len(one & other)
    jaccard = common / (len(one) + len(other) - common)
    contained = common / smaller
    comparable = smaller * 3 >= max(len(one), len(other))
    return max(jaccard, contained * 0.9 if comparable and contained >= CONTAINED else 0.0)


def pairs(text: str) -> frozenset[str]:
    """Neighbouring letters of the text without spaces, signs and emoji, in one kana."""
    return _pairs(_folded(text[:_LONGEST]))


def own_pairs(subject: Subject) -> frozenset[str]:
    """The same of what is judged."""
    text = subject.text
    return _pairs(subject.folded.text if len(text) <= _LONGEST else _folded(text[:_LONGEST]))


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return fold(text).text


@lru_cache(maxsize=8192)
def _pairs(folded: str) -> frozenset[str]:
    letters = _NO_LETTER.sub("", folded).translate(_TO_HIRAGANA)
    return frozenset(map("".join, pairwise(letters)))


_NO_LETTER = re.compile(r"[^\w░▒▓█]|_")
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

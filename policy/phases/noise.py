"""ソ: text without words, meant to disturb: one thing repeated, keyboards hit at random."""

from collections import Counter
from collections.abc import Iterator

from policy.criteria import Criterion
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .subject import Subject

_RULE = "phase:noise"

SHORTEST = 14  # characters; 👏👏👏 and 88888888 are applause
_APPLAUSE = frozenset("8８👏🙏🌸🔥❤👍😭😢🎉✨💐🥺☺♡♥💕🍀🎋🤍🧡🌼!！ーｗw笑")
_VARIED_MARKS, _VARIED_WORDS = 0.6, 0.4  # different letters for each letter
_LONGEST_PIECE = 7
_KEYBOARD = ("くぁwせ", "qwerty", "asdf", "ふじこ", "あwせdr", "zxcv")


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """One finding over the whole text, from how little variety it has."""
    del rules
    text = "".join(subject.text[:1_000].split())
    score = _noise(text)
    if score:
        why = "同じ文字や記号のくり返しで、意味のある文になっていません"
        yield Finding(Criterion.OTHER, score, 0, len(subject.text), why, _RULE)


def _noise(text: str) -> float:
    if any(key in text.lower() or key in text for key in _KEYBOARD):
        return 0.7
    if len(text) < SHORTEST:
        return 0.0
    counts = Counter(text)
    variety = len(counts) / len(text)
    varied = variety > max(_VARIED_MARKS, _VARIED_WORDS + _LONGEST_PIECE / len(text))
    if varied or counts.keys() <= _APPLAUSE:
        return 0.0  # nothing below is found in such a text
    common = sum(count for _, count in counts.most_common(2)) / len(text)
    words = sum(char.isalnum() for char in text) / len(text)
    if common >= 0.75 or variety <= 0.12:
        return 0.75
    if words <= 0.35 and variety <= _VARIED_MARKS:
        return 0.6
    return _repeated_word(text)


def _repeated_word(text: str) -> float:
    """つまらん つまらん つまらん: a short piece that makes up most of the text."""
    letters = len(set(text))
    for size in range(2, _LONGEST_PIECE + 1):
        if letters > size + _VARIED_WORDS * len(text):
            continue  # too many different letters: no piece of this size can fill the text
        pieces = Counter(text[i : i + size] for i in range(len(text) - size + 1))
        piece, times = pieces.most_common(1)[0]
        if times >= 4 and len(set(piece)) > 1 and times * size >= 0.6 * len(text):
            return 0.6
    return 0.0

"""無関係: nothing in the text has to do with the post, the field, or with people's feelings."""

from collections.abc import Iterator

import re2

from policy.criteria import Criterion
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .lexicon import match_groups
from .subject import Subject

_RULE = "phase:relation"

# By itself about half of what this finds is harmless: it only adds to a sign of small talk.
_WEIGHT = 0.35
_SHORTEST = 8
_RELATED = ("緩和の話題", "お礼や反応", "身内の病", "身内")
_WORDS = re2.compile(r"[一-龥々]{2,}|[ァ-ヶー]{3,}|[a-z]{4,}")


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """At most one finding, over the whole text."""
    text = subject.folded.text
    if len(text) < _SHORTEST or subject.text.lstrip().startswith(("@", "＠")):
        return  # a friend is tagged to show the post
    matches = match_groups(subject, rules)
    if any(matches.has(group) for group in _RELATED):
        return
    words = [match.group() for match in _WORDS.finditer(text)]
    if words and not _shared(words, subject.folded_post):
        why = "投稿の言葉とも、緩和医療の話題とも重なりません"
        yield Finding(Criterion.IRRELEVANT, _WEIGHT, 0, len(subject.text), why, _RULE)


def _shared(words: list[str], post: str) -> bool:
    return any(word[i : i + 2] in post for word in words for i in range(len(word) - 1))

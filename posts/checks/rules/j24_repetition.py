"""J24: the same or nearly the same text as a post of the last 90 days."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from posts.checks.draft import Found, Severity
from posts.checks.language.links import blank_links
from posts.checks.language.width import narrow
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_NEAR = 84  # likeness in percent; measured on pairs of reminders and of different events
_NEAR_WITH_OTHER_FACTS = 97
_FACTS = re.compile(r"[0-9]+")
_DROP = re.compile(
    r"[\s\ufffc!?。、,.・:;「」『』【】()\[\]~ー-]+|[#＃][^\s#＃]+|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]"
)
_SHORTEST = 8


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The likest recent post, if it is too like. Reminders with other figures are another post."""
    del lexicon
    mine = _bare(reading.text)
    if not mine:
        return
    best, likest = 0.0, ""
    for recent in reading.draft.recent:
        score = _likeness(mine, _bare(recent))
        if score > best:
            best, likest = score, recent
    if best < _NEAR:
        return
    quoted = likest.strip().replace("\n", " ")[:30]
    end = len(reading.text)
    if best == 100:
        reason = (
            f"90日以内の投稿「{quoted}…」と同じ文です。同文の投稿を受け付けない媒体もあります。"
        )
        yield Found(0, end, reason, "前の投稿があるので取りやめるか、新しい内容を加えてください。")
    else:
        reason = f"90日以内の投稿「{quoted}…」とよく似ています（{best:.0f}%）。"
        yield Found(0, end, reason, "二重の投稿でないか、ご確認ください。", Severity.WARN)


def _likeness(mine: str, other: str) -> float:
    """100 for the same words; 0 for texts too short to compare."""
    if mine == other:
        return 100.0
    if min(len(mine), len(other)) < _SHORTEST:
        return 0.0
    score = min(float(fuzz.ratio(mine, other)), 99.0)
    if _FACTS.findall(mine) != _FACTS.findall(other):
        return score if score >= _NEAR_WITH_OTHER_FACTS else 0.0
    return score


def _bare(text: str) -> str:
    return _DROP.sub("", blank_links(narrow(text))).lower()

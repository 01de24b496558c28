"""The word lists as pages show them: rows, history, and what an entry would find."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from posts.checks import CATALOGUE, Draft, Finding, examine
from posts.checks.entries import LISTS, Entry, word_lists
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up
from posts.content import Content
from posts.dictionary import Listed
from posts.dictionary_csv import WEIGHTS
from posts.dictionary_forms import CHECKS
from posts.models import DictionaryChange, Post
from posts.presenters.findings import LABELS, ORDER
from posts.states import EntryState

LOOKS_AT = 200  # posts, the latest first
SHOWN_POSTS, SHOWN_WORDS = 10, 8
DICTIONARIES = tuple(check for check in CATALOGUE if check.id in word_lists())
NAMES = {
    "check": "点検",
    "name": "名前",
    "words": "探す言葉",
    "instead": "言い換え",
    "reason": "理由",
    "severity": "重さ",
    "exceptions": "数えない言い方",
    "mention_ok": "言葉の説明は数えない",
    "patterns": "探す式",
    "inside": "数えない式",
    "unless": "同じ文にあれば数えない式",
    "only_with": "同じ文にあるときだけ数える式",
}


def row(one: Listed) -> dict[str, Any]:
    entry = one.entry
    return {
        "url": reverse("posts:dictionary_entry", args=[one.key]),
        "name": entry.name,
        "check": CHECKS[entry.check],
        "words": "、".join(entry.words[:SHOWN_WORDS]),
        "more": max(0, len(entry.words) - SHOWN_WORDS),
        "has_patterns": bool(entry.patterns),
        "instead": entry.instead,
        "weight": WEIGHTS[entry.severity] if entry.severity else "",
        "origin": one.origin,
        "retired": one.state == EntryState.RETIRED,
        "by": one.by,
        "at": one.at,
        "why": one.why,
    }


def history(changes: list[DictionaryChange], before: Entry | None) -> list[dict[str, Any]]:
    """`changes` newest first; `before` is what stood there before the first of them."""
    told = []
    for number, change in enumerate(changes):
        older = changes[number + 1] if number + 1 < len(changes) else None
        old = Entry.from_json(older.content) if older else before
        told.append(
            {
                "what": _what(change, older),
                "by": change.by.display_name,
                "at": change.at,
                "why": change.why,
                "fields": _differences(old, Entry.from_json(change.content)),
            }
        )
    return told


def tried(text: str, lexicon: Lexicon, today: dt.date) -> list[dict[str, Any]]:
    """What the word lists, and no other check, find in a text."""
    found = examine(Draft(text), today=today, lexicon=lexicon, checks=DICTIONARIES)
    ordered = sorted(found, key=lambda one: ORDER.index(one.severity))
    return [_finding(text, one) for one in ordered]


def posts_with(entry: Entry, alone: Lexicon, posts: Iterable[Post]) -> list[dict[str, Any]]:
    """The posts in which `alone`, which holds this entry and no other, finds something."""
    told = []
    for post in posts:
        found = [
            text[one.start : one.end]
            for text in _texts(post.draft)
            for one in look_up(entry.check, Reading(Draft(text), dt.date.min), alone)
        ]
        if found:
            told.append({"post": post, "words": list(dict.fromkeys(found))[:SHOWN_WORDS]})
        if len(told) == SHOWN_POSTS:
            break
    return told


def _texts(content: Content) -> list[str]:
    own = [variant.text for variant in content.channels.values() if variant.text]
    return list(dict.fromkeys(text for text in (content.body, *own) if text))


def _finding(text: str, one: Finding) -> dict[str, Any]:
    label, tone = LABELS[one.severity]
    return {
        "name": CHECKS[one.check],
        "label": label,
        "tone": tone,
        "words": text[one.start : one.end],
        "reason": one.reason,
        "suggestion": one.suggestion,
    }


def _what(change: DictionaryChange, older: DictionaryChange | None) -> str:
    state = older.state if older else EntryState.IN_USE
    if change.state == state:
        return "変更" if change.version > 1 else "登録"
    return "使うのをやめた" if change.state == EntryState.RETIRED else "もとに戻した"


def _differences(old: Entry | None, new: Entry) -> list[dict[str, str]]:
    before, after = old.to_json() if old else {}, new.to_json()
    return [
        {"label": label, "old": _said(name, before.get(name)), "new": _said(name, after[name])}
        for name, label in NAMES.items()
        if _said(name, before.get(name)) != _said(name, after[name])
    ]


def _said(name: str, value: Any) -> str:
    if name in LISTS:
        return "、".join(value or ())
    if name == "severity":
        return WEIGHTS[value or ""] if value is not None else ""
    if name == "mention_ok":
        return "はい" if value else ""
    return str(value or "")

"""A comment, its badges and its lists as the templates want them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from moderation.models import Case, Comment
from moderation.presenters.text import LONG, Segment, excerpt, of_field
from moderation.states import CaseOrigin, CommentStanding, Lane
from policy.criteria import Criterion, Route, Signal

VEIL = "読むのがつらい表現を含むおそれがあります（開くと本文が見えます）"
VEILED = frozenset({Criterion.INDECENT})

CHAT = {"label": "LINEのメッセージ", "tone": "info", "icon": "comments"}

_SIGNAL_TONES = {Signal.DISTRESS: "care", Signal.CONSULTATION: "info", Signal.CRITICISM: "good"}
_SIGNAL_ICONS = {Signal.DISTRESS: "care", Signal.CONSULTATION: "help", Signal.CRITICISM: "comments"}


def badges(labels: Iterable[str], signals: Iterable[str]) -> list[dict[str, Any]]:
    """Return badges for signals first, then criteria."""
    shown: list[dict[str, Any]] = [
        {
            "label": Signal(signal).label,
            "tone": _SIGNAL_TONES[Signal(signal)],
            "icon": _SIGNAL_ICONS[Signal(signal)],
        }
        for signal in signals
    ]
    shown += [
        {"code": label, "label": Criterion(label).label, "tone": "warn", "square": True}
        for label in labels
    ]
    return shown


def case_badges(case: Case) -> list[dict[str, Any]]:
    """Return the badges of a queue row."""
    chat = [CHAT] if case.comment.is_chat else []
    shown = [*chat, *badges(case.labels, case.signals)]
    if case.origin in {CaseOrigin.FLAGGED, CaseOrigin.EDITED, CaseOrigin.REVERSAL}:
        shown.append({"label": case.get_origin_display(), "tone": "plain"})
    if case.comment.route == Route.HOLD and case.comment.standing == CommentStanding.HIDDEN:
        shown.append({"label": "自動で非表示中", "tone": "warn"})
    if case.lane == Lane.SAMPLE:
        shown.append({"label": "抽出確認", "tone": "plain"})
    if case.problems:
        shown.append({"label": "判定できず", "tone": "warn", "icon": "attention"})
    return shown


def queue_row(case: Case, query: str = "") -> dict[str, Any]:
    """Return one row of the queue; `query` is what its address remembers of the list."""
    comment = case.comment
    return {
        "url": reverse("moderation:case", args=[case.pk]) + query,
        "lane": case.lane,
        "badges": case_badges(case),
        "segments": excerpt(comment.text, evidence_of(case, "text")),
        "veil": veil_of(case),
        "author_name": author_of(comment),
        "author_handle": comment.commenter.handle.lstrip("@"),
        "channel": str(comment.channel),
        "posted_at": comment.posted_at,
        "opened_at": case.opened_at,
    }


def author_of(comment: Comment) -> str:
    """Return the author's name. LINE tells none, and nobody's profile is asked for."""
    return comment.commenter.name or ("LINEの利用者" if comment.is_chat else "")


def words_of(comment: Comment) -> str:
    """Return the text, why there is none any more, or what came instead of words in a chat."""
    if comment.erasure:
        return comment.get_erasure_display()
    if comment.attachments and not comment.text and comment.is_chat:
        return "、".join(f"（{item['alt']}）" for item in comment.attachments)
    return comment.text


def veil_of(case: Case) -> str:
    """Return what stands before, or instead of, the text; '' where it is shown at once."""
    if case.comment.erasure:
        return words_of(case.comment)
    return VEIL if VEILED & set(case.labels) else ""


def evidence_of(case: Case, field: str) -> list[Mapping[str, Any]]:
    """Return the evidence in 'text' or 'author_name' as it reads now.

    None where other words were judged: offsets of theirs would mark something else.
    """
    if case.judgement is None:
        return []
    judged = case.judgement.revision
    if field == "author_name":
        same = judged.author_name == case.comment.commenter.name
    else:
        same = judged.text == case.comment.text
    return of_field(case.judgement.evidence, field) if same else []


def card(
    comment: Comment,
    *,
    pieces: Sequence[Segment] | None = None,
    shown_badges: Sequence[dict[str, Any]] = (),
    own_page: bool = True,
    veil: str = "",
) -> dict[str, Any]:
    """Return a comment for components/comment_card.html."""
    state = (
        []
        if comment.standing == CommentStanding.VISIBLE or comment.erasure
        else [{"label": comment.get_standing_display(), "tone": "neutral"}]
    )
    chat = [CHAT] if comment.is_chat else []
    return {
        "author_name": author_of(comment),
        "author_handle": comment.commenter.handle.lstrip("@"),
        "created_at": comment.posted_at,
        "edited_at": comment.edited_at,
        "channel": str(comment.channel),
        "platform_label": comment.channel.get_platform_display(),
        "badges": [*chat, *state, *shown_badges],
        "segments": pieces,
        "text": words_of(comment),
        "long": len(comment.text) > LONG,
        "veil": veil,
        "attachments": []
        if comment.is_chat
        else [
            {**item, "url": item["url"] if is_web_link(item["url"]) else ""}
            for item in comment.attachments
        ],
        "permalink": comment.permalink if is_web_link(comment.permalink) else "",
        "url": reverse("moderation:comment", args=[comment.pk]) if own_page else "",
    }


def is_web_link(url: str) -> bool:
    """Tell whether a URL from outside may become a link: never 'javascript:' and its like."""
    return url.startswith(("https://", "http://"))


def post_of(comment: Comment) -> dict[str, Any] | None:
    """Return the society's post that the comment stands under; None for a chat."""
    if comment.is_chat:
        return None
    post = comment.post
    return {
        "text": post.text,
        "channel": str(comment.channel),
        "posted_at": post.posted_at,
        "permalink": post.permalink if is_web_link(post.permalink) else "",
        "platform_label": comment.channel.get_platform_display(),
    }

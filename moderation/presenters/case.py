"""The case page: why a comment is here, what stands around it, what each button will really do."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from jspm_social.committee.catalogue import LINE_CHAT_DAYS
from jspm_social.committee.queries import number
from jspm_social.platforms.capabilities import Outcome, Plan
from jspm_social.platforms.names import Effect
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment, Decision, Judgement, ManualTask
from moderation.presenters.comments import (
    author_of,
    badges,
    card,
    evidence_of,
    is_web_link,
    veil_of,
    words_of,
)
from moderation.presenters.text import segments, tag_label
from moderation.queries import (
    NOT_THERE,
    hiding_of,
    offered_outcomes,
    planned,
    standing_hold,
    strikes,
)
from moderation.states import ACTIVE_CASES, CommentStanding, DecisionState, Hiding, Lane, TaskState
from policy.criteria import Criterion, Signal
from policy.queries import clauses_for, outdated, settings_for

THREAD_SIDE = 5  # comments shown before and after in the thread
HISTORY_SHOWN = 10
REPEATS = 2  # strikes from which the page points to section 4(3)

KEPT = "判定の結果と、ここでの経過だけを残しています。"

_STATE_TONES = {
    OperationState.DONE: "good",
    OperationState.WAITING: "info",
    OperationState.SENDING: "info",
    OperationState.UNKNOWN: "warn",
    OperationState.FAILED: "bad",
}
_DECISION_TONES = {
    DecisionState.TAKEN: "good",
    DecisionState.CONFIRMED: "good",
    DecisionState.AWAITING_SECOND: "warn",
}
_KEEP_LABELS = {
    CommentStanding.VISIBLE: Outcome.KEEP.label,
    CommentStanding.HIDDEN: "非表示のままにする",
    CommentStanding.REMOVED: "何もしない",
    CommentStanding.GONE: "何もしない",
}
_EFFECT_WORDS = {
    Effect.HIDE: "コメントを非表示にします",
    Effect.UNHIDE: "コメントをもう一度表示します",
    Effect.DELETE: "コメントを削除します",
    Effect.BLOCK: "投稿者をブロックします",
    Effect.UNBLOCK: "投稿者のブロックを解除します",
}
# What the first effect does from there, where it is not the plain one.
_HIDE_WORDS = {
    Hiding.UNDER_WAY: "自動で始めた非表示を、この判断で続けます",
    Hiding.UNKNOWN: "自動で送った非表示を、この判断で続けます（反映されたかは確認中です）",
    Hiding.DONE: "いまの非表示を続けます",
}
_KEEP_WORDS = {
    Hiding.NONE: "いまは表示されています。念のため、非表示を解除する操作を行います",
    Hiding.UNDER_WAY: "自動の非表示を取りやめます。送ったあとなら、もう一度表示します",
    Hiding.UNKNOWN: "非表示になったかを確認中です。もう一度表示する操作を行います",
}


def case_comment(case: Case) -> dict[str, Any]:
    """Return the comment with its evidence marked."""
    return card(
        case.comment,
        pieces=segments(case.comment.text, evidence_of(case, "text")),
        shown_badges=badges(case.labels, case.signals),
        veil="" if case.comment.erasure else veil_of(case),
    )


def about_chat(comment: Comment) -> list[dict[str, str]]:
    """Say that a chat is one, how long it is kept, and why there may be nothing to read."""
    if not comment.is_chat:
        return []
    notices = [
        {
            "tone": "neutral",
            "icon": "comments",
            "title": "LINEのメッセージです",
            "text": "公開のコメントではなく、送った方と本学会だけのやりとりです。返信や非表示は"
            f"行いません。本文は受け取ってから{number(LINE_CHAT_DAYS)}日で消去されます。",
        }
    ]
    if comment.erasure:
        notices.append(
            {"tone": "warn", "icon": "attention", "title": words_of(comment), "text": KEPT}
        )
    return notices


def about_version(case: Case) -> list[dict[str, str]]:
    """Say that an active case was judged, or decided, under a version that is not in force any
    more: whoever goes on reads the words of today.
    """
    if case.state not in ACTIVE_CASES:
        return []
    decision = case.decisions.select_related("policy_version").order_by("-decided_at").first()
    bound = [("この判断は", decision.policy_version)] if decision else []
    if not bound and case.judgement is not None:
        bound = [("この判定は", case.judgement.ruleset.policy_version)]
    return [
        {
            "tone": "warn",
            "icon": "attention",
            "title": "運用方針が改定されました",
            "text": f"{what}{told}新しい版の文を確かめてから判断してください。",
        }
        for what, version in bound
        if (told := outdated(version))
    ]


def name_segments(case: Case) -> list[Any] | None:
    """Return the display name with its evidence, None where there is none."""
    evidence = evidence_of(case, "author_name")
    return segments(case.comment.commenter.name, evidence) if evidence else None


def reasons(case: Case) -> list[dict[str, Any]]:
    """Return, for each criterion and signal, the words that speak for it and what to consider."""
    judgement = case.judgement
    if judgement is None:
        return []
    clauses, settings = clauses_for(case.labels), settings_for(case.labels)
    shown = [
        {
            "code": code,
            "label": Criterion(code).label,
            "tone": "warn",
            "clause": clauses[code].text,
            "guidance": settings[code].guidance,
            "whys": _whys(judgement, code),
            "score": _confidence(judgement.scores.get(code, 0.0)),
        }
        for code in case.labels
    ]
    shown += [
        {"code": "", "label": Signal(s).label, "tone": "info", "whys": _whys(judgement, s)}
        for s in case.signals
    ]
    return shown


def _whys(judgement: Judgement, tag: str) -> list[dict[str, str]]:
    """Return each reason once, with the words it was found on, even if they read otherwise now."""
    judged = judgement.revision
    found: dict[tuple[str, str], None] = {}
    for item in judgement.evidence:
        if item["criterion"] != tag:
            continue
        source = judged.author_name if item.get("field") == "author_name" else judged.text
        found[source[item["start"] : item["end"]], item["why"]] = None
    return [{"quote": quote, "why": why} for quote, why in found][:8]


def _confidence(score: float) -> str:
    if score >= 0.85:
        return "確信度 高"
    return "確信度 中" if score >= 0.6 else "確信度 低"


def thread(comment: Comment) -> list[dict[str, Any]]:
    """Return the comments around this one: what it answers, and its neighbours in time."""
    rows = Comment.objects.select_related("commenter", "channel").filter(post=comment.post)
    here = (comment.posted_at, comment.pk)
    before = rows.filter(posted_at__lte=comment.posted_at).exclude(pk=comment.pk)
    after = rows.filter(posted_at__gt=comment.posted_at)
    around = [
        *reversed(before.order_by("-posted_at", "-pk")[:THREAD_SIDE]),
        comment,
        *after.order_by("posted_at", "pk")[:THREAD_SIDE],
    ]
    if comment.parent_remote_id and comment.parent_remote_id not in {c.remote_id for c in around}:
        around = [*rows.filter(remote_id=comment.parent_remote_id), *around]
    if len(around) == 1:
        return []
    around.sort(key=lambda c: (c.posted_at, c.pk))
    known = {c.remote_id for c in around}
    return [
        {
            "author_name": author_of(row),
            "text": words_of(row),
            "posted_at": row.posted_at,
            "depth": 1 if row.parent_remote_id in known else 0,
            "current": (row.posted_at, row.pk) == here,
            "standing": "" if row.standing == "visible" else row.get_standing_display(),
            "url": reverse("moderation:comment", args=[row.pk]),
        }
        for row in around
    ]


def commenter(comment: Comment) -> dict[str, Any]:
    """Return the commenter with strikes and other comments."""
    person = comment.commenter
    standing = strikes(person.pk)
    against = list(standing[:HISTORY_SHOWN])
    count = standing.count() if len(against) == HISTORY_SHOWN else len(against)
    others = Comment.objects.filter(commenter=person).exclude(pk=comment.pk)
    others = others.select_related("channel")
    return {
        "name": author_of(comment),
        "handle": person.handle.lstrip("@"),
        "url": person.url if is_web_link(person.url) else "",
        "first_seen_at": person.first_seen_at,
        "comment_count": others.count() + 1,
        "blocked": person.blocked,
        "advice": _advice(count),
        "strike_count": count,
        "strikes": [
            {
                "at": decision.decided_at,
                "criteria": "・".join(decision.criteria),
                "outcome": decision.get_outcome_display(),
                "url": reverse("moderation:case", args=[decision.case_id]),
            }
            for decision in against
        ],
        "history": [
            {
                "text": words_of(other),
                "posted_at": other.posted_at,
                "standing": "" if other.standing == "visible" else other.get_standing_display(),
                "url": reverse("moderation:comment", args=[other.pk]),
            }
            for other in others.order_by("-posted_at", "-pk")[:HISTORY_SHOWN]
        ],
    }


def _advice(count: int) -> str:
    if count < REPEATS:
        return ""
    return (
        f"これまでに{count}件が該当と判断されています。運用方針4(3)により、ブロックを検討できます。"
    )


def outcomes(case: Case, chosen: str) -> list[dict[str, Any]]:
    """Return what can be chosen, each with what will really happen on this platform, from how
    the comment stands now.
    """
    comment, hold = case.comment, standing_hold(case)
    held, hiding = hold is not None, hiding_of(comment, hold)
    labels = _labels(comment, hiding, held=held)
    shown = [
        _outcome(outcome, planned(comment, outcome, held=held), hiding)
        | {"label": labels.get(outcome, outcome.label), "checked": outcome == chosen}
        for outcome in offered_outcomes(comment, held=held)
    ]
    if case.comment.is_chat:  # there is one thing to record: that somebody has read it
        shown[0] |= {"label": "確認済みにする", "checked": True}
    return shown


def _labels(comment: Comment, hiding: Hiding, *, held: bool) -> dict[Outcome, str]:
    """The names of what can be chosen that depend on how the comment stands."""
    if not held or comment.standing in NOT_THERE:
        return {Outcome.KEEP: _KEEP_LABELS[CommentStanding(comment.standing)]}
    if hiding is not Hiding.DONE:
        return {Outcome.KEEP: "残す"}
    return {Outcome.KEEP: "残す（もう一度表示する）", Outcome.HIDE: "非表示のままにする"}


def _outcome(outcome: Outcome, steps: Plan, hiding: Hiding) -> dict[str, Any]:
    line = effect_line(outcome, steps, hiding)
    notes = [f"{Effect(s.effect).label}：{s.note}" for s in steps.steps if s.note]
    return {
        "value": outcome.value,
        "effect": line,
        "notes": [*notes, *(note for note in steps.notes if note != line)],
        "needs_second": steps.needs_second,
        "unavailable": ""
        if steps.steps or outcome is Outcome.KEEP
        else " ".join(steps.notes) or "このプラットフォームではできません。",
    }


def decided(decision: Decision) -> str:
    """Name what was decided. What was kept may have been hidden then, so nothing is said of it."""
    if decision.case.comment.is_chat:
        return "確認済み"
    return "そのまま" if decision.outcome == Outcome.KEEP else decision.get_outcome_display()


def effect_line(outcome: Outcome, steps: Plan, hiding: Hiding = Hiding.NONE) -> str:
    """Say in one line what will happen, in order, from how far the hiding has come: what is hidden
    already is not hidden anew, and of what nobody knows nothing is claimed.
    """
    if outcome is Outcome.KEEP and not steps.steps:
        return "何も変えません。"
    if not steps.steps:
        return ""
    if not steps.exact and steps.notes:
        return steps.notes[0]  # why it is less than was wanted, and what is done instead
    at_once = [s for s in steps.steps if not s.needs_second]
    later = [s for s in steps.steps if s.needs_second]
    words = _words(outcome, hiding)
    line = "、".join(words[s.effect] for s in at_once)
    if later:
        final = "、".join(words[s.effect] for s in later)
        soon = f"すぐに{line}" if hiding is Hiding.NONE else line
        line = f"{soon}。確認のあと、{final}" if line else f"確認のあと、{final}"
    return f"{line}。"


def _words(outcome: Outcome, hiding: Hiding) -> dict[Effect, str]:
    words = dict(_EFFECT_WORDS)
    if hiding in _HIDE_WORDS:
        words[Effect.HIDE] = _HIDE_WORDS[hiding]
    if outcome is Outcome.KEEP and hiding in _KEEP_WORDS:
        words[Effect.UNHIDE] = _KEEP_WORDS[hiding]
    return words


def criteria(case: Case, chosen: Iterable[str] | None) -> list[dict[str, Any]]:
    """Return all criteria; those of the verdict first, ticked unless the person chose otherwise.

    In the care lane nothing is ticked beforehand.
    """
    ticked = set(chosen) if chosen is not None else _suggested_ticks(case)
    items: list[dict[str, Any]] = [
        {
            "code": criterion.value,
            "label": criterion.label,
            "checked": criterion.value in ticked,
            "suggested": criterion.value in case.labels,
        }
        for criterion in Criterion
    ]
    return sorted(items, key=lambda item: not item["suggested"])


def _suggested_ticks(case: Case) -> set[str]:
    return set() if case.lane == Lane.CARE else set(case.labels)


def decision_summary(decision: Decision) -> dict[str, Any]:
    """Return the last decision with how its effects stand."""
    return {
        "outcome_label": decided(decision),
        "criteria": "、".join(tag_label(code) for code in decision.criteria),
        "note": decision.note,
        "by": decision.actor.display_name,
        "at": decision.decided_at,
        "state_label": decision.get_state_display(),
        "tone": _DECISION_TONES.get(DecisionState(decision.state), "neutral"),
        "policy_version": str(decision.policy_version),
        "effects": [
            *(_effect(action) for action in decision.actions.order_by("pk")),
            *(_task(task) for task in decision.tasks.order_by("pk")),
        ],
    }


def _effect(action: Action) -> dict[str, str]:
    gone = action.achieved == "gone"
    return {
        "label": action.get_effect_display(),
        "state_label": action.get_state_display(),
        "tone": _STATE_TONES.get(OperationState(action.state), "neutral"),
        "detail": "送ったときには、すでに消えていました" if gone else "",
    }


def _task(task: ManualTask) -> dict[str, str]:
    return {
        "label": f"{task.get_effect_display()}（手作業）",
        "state_label": task.get_state_display(),
        "tone": "good" if task.state == TaskState.DONE else "info",
        "detail": task.note,
    }


def final_effects(decision: Decision) -> list[str]:
    """Say what a second moderator's agreement sets in motion."""
    steps = planned(decision.case.comment, Outcome(decision.outcome)).steps
    return [
        f"{_EFFECT_WORDS[step.effect]}{f'（{step.note}）' if step.note else ''}"
        for step in steps
        if step.needs_second
    ]


def judged_by(judgement: Judgement | None) -> str:
    """Name what judged: rule set, engine, and the learned model or its absence."""
    if judgement is None:
        return ""
    model = judgement.model_version
    learned = f"学習モデル {model}" if model else "学習モデルなし（規則だけで判定）"
    return f"{judgement.ruleset}・判定エンジン {judgement.engine_version}・{learned}"

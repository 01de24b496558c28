"""What the help tells from the code and the rule set as they are now, so that it never goes stale.

One function per topic; each makes the same few queries, however much there is to tell.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from jspm_social.accounts.roles import CAPABILITIES, Capability, Role
from jspm_social.committee import catalogue
from jspm_social.committee.catalogue import LINE_CHAT_DAYS, SECOND_MODERATOR, UNDO_SECONDS
from jspm_social.committee.queries import flag, number
from jspm_social.platforms.capabilities import Outcome, Plan, Step, plan
from jspm_social.platforms.counting import Part, Unit, measure_all
from jspm_social.platforms.names import Platform
from moderation.services import second
from moderation.states import Lane
from policy.criteria import Criterion, Signal
from policy.models import Automation, CriterionSetting
from policy.queries import NoPolicy, active_ruleset, clauses_for, settings_for
from policy.rules import automation
from policy.services import approving
from posts import cadence
from posts.checks import CATALOGUE, Severity
from posts.models import ApprovalRule, Post
from posts.register_rules import LABELS, RULES, Kind
from posts.renditions import MB, SHAPES
from posts.services import corrections, gate, natives, recheck, register, review

from .queries import contacts

WORK: Final[Mapping[Capability, str]] = {
    Capability.READ_COMMENTS: "コメント・案件・対応の残り・公式アカウントのページを読む",
    Capability.FLAG_COMMENT: "気になるコメントをモデレーターに知らせる",
    Capability.DECIDE: "案件を判断する（残す・非表示・削除・ブロック・見直し）",
    Capability.CONFIRM_DECISION: "削除・ブロックの判断の確認に答える（席は役割で決まる）",
    Capability.STOP_EFFECTS: "対応（非表示・削除・ブロック）の送信を止める",
    Capability.RESUME_EFFECTS: "止めた対応の送信を再開する",
    Capability.READ_POSTS: "投稿・予定・訂正・アクションの記録を読む",
    Capability.DRAFT_POSTS: "投稿の下書きを書く、予約する、投稿の緊急停止をする",
    Capability.REVIEW_POSTS: "下書きにコメントする、承認に答える（席は役割で決まる）",
    Capability.MANAGE_POSTING: "投稿の決まり・代理・言い換え辞書を変える",
    Capability.READ_POLICY: "運用方針の版を読む",
    Capability.APPROVE_POLICY: "運用方針の改定の承認に答える（席は役割で決まる）",
    Capability.MANAGE_POLICY: "運用方針の改定案を書く",
    Capability.MANAGE_RULES: "判定の規則を変える・試す・承認する",
    Capability.MANAGE_CHANNELS: "公式アカウントを接続・一時停止・切断する",
    Capability.MANAGE_PEOPLE: "人と役割を管理する、緊急時の連絡先を書く",
    Capability.MANAGE_SETTINGS: "委員会の設定を変える",
    Capability.READ_AUDIT: "監査記録を読む",
    Capability.EXPORT_AUDIT: "監査記録をCSVに書き出す",
}
"""What each right means at the desk, in the order of the day."""

UNITS: Final[Mapping[Unit, str]] = {
    Unit.WEIGHTED: "（日本語は1文字を2、英数字は1、リンクは23と数えます）",
    Unit.GRAPHEMES: "文字（絵文字も1文字）",
    Unit.CHARACTERS: "文字",
    Unit.BYTES: "バイト（日本語は1文字が3バイト）",
    Unit.UTF16: "文字（絵文字は2文字以上）",
    Unit.EMOJI_BYTES: "文字（絵文字は4文字以上に数えます）",
    Unit.HASHTAGS: "個までのハッシュタグ",
    Unit.MENTIONS: "個までのメンション",
}
WHITE_EDGES: Final = "縦横の比が合わないときは、切らずに白い余白を足します。"
REMOVALS: Final = (Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK)


def case() -> dict[str, Any]:
    return {
        "undo_seconds": number(UNDO_SECONDS),
        "second_days": second.ANSWER_WITHIN.days,
        "two_people": flag(SECOND_MODERATOR),
        "chat_days": number(LINE_CHAT_DAYS),
        "criteria": [(c.value, c.label) for c in Criterion],
    }


def queue() -> dict[str, Any]:
    return {"lanes": [lane.label for lane in Lane], "chat_days": number(LINE_CHAT_DAYS)}


def criteria() -> dict[str, Any]:
    """Every ground and signal: the clause in force, guidance and examples of the active rules."""
    grounds, found = [c.value for c in Criterion], [c.value for c in Signal]
    clauses, rows = clauses_for(grounds), settings_for([*grounds, *found])
    try:
        ruleset = active_ruleset()
    except NoPolicy:
        ruleset = None
    return {
        "ruleset": ruleset,
        "grounds": [
            _judged(value, Criterion(value).label, rows[value], clauses[value].text)
            for value in grounds
            if value in rows and value in clauses
        ],
        "signals": [
            _judged("", Signal(value).label, rows[value], "") for value in found if value in rows
        ],
        "least_decided": automation.LEAST_DECIDED,
    }


def _judged(mark: str, label: str, row: CriterionSetting, clause: str) -> dict[str, Any]:
    return {
        "mark": mark,
        "label": label,
        "clause": clause,
        "guidance": row.guidance.strip(),
        "yes": row.examples_yes,
        "no": row.examples_no,
        "outcome": row.get_default_outcome_display(),
        "hides": row.automation == Automation.HIDE,
        "unused": row.automation == Automation.NONE,
    }


def platforms() -> dict[str, Any]:
    """What each wish comes to on each platform, by the planner that the case page asks too."""
    return {
        "platforms": [
            {
                "name": platform.label,
                "rows": [
                    {"wish": wish.label, **_outcome(plan(platform, wish))} for wish in REMOVALS
                ],
            }
            for platform in Platform
        ]
    }


def _outcome(planned: Plan) -> dict[str, Any]:
    return {
        "steps": [f"{step.effect.label}（{_manner(step)}）" for step in planned.steps],
        "exact": planned.exact,
        "notes": [*planned.notes, *(step.note for step in planned.steps if step.note)],
    }


def _manner(step: Step) -> str:
    words = ["担当者が画面で行う" if step.by_hand else "コンソールが行う"]
    if step.needs_second and settings.SECOND_MODERATOR:
        words.append("もう一人の確認のあとで")
    if not step.reversible:
        words.append("元に戻せない")
    return "・".join(words)


def limits() -> dict[str, Any]:
    """How long a text and how large a picture may be, by our own counting and renditions."""
    return {"platforms": [_limits(platform) for platform in Platform]}


def _limits(platform: Platform) -> dict[str, Any]:
    lines = [f"{one.limit:,}{UNITS[one.unit]}" for one in measure_all(platform, "")]
    if platform == Platform.YOUTUBE:
        title = measure_all(platform, "", part=Part.TITLE)[0]
        lines = [f"題名は{title.limit:,}{UNITS[title.unit]}", *(f"説明は{line}" for line in lines)]
    shape = SHAPES.get(platform)
    picture = (
        f"横{shape.most_wide:,}×縦{shape.most_high:,}画素・{shape.most_bytes // MB}MBまで"
        if shape
        else "画像は投稿できません（動画だけです）"
    )
    edges = (
        "縦横の比が合わないときは、切らずに白い余白を足します。" if shape and shape.ratios else ""
    )
    return {"name": platform.label, "texts": lines, "picture": picture, "edges": edges}


def roles() -> dict[str, Any]:
    """Who may do what: the table that the pages themselves ask."""
    return {
        "roles": [role.label for role in Role],
        "rows": [
            {
                "work": work,
                "cells": [
                    {"role": role.label, "may": capability in CAPABILITIES[role]} for role in Role
                ],
            }
            for capability, work in WORK.items()
        ],
    }


def approval() -> dict[str, Any]:
    """How many of whom a post needs: what is built in, and what the committee added."""
    built_in = [f"どの投稿でも：{_slots(gate.DEFAULT_RULE)}"]
    built_in += [f"「{kind.label}」では、ほかに{_slots(who)}" for kind, who in gate.BY_KIND.items()]
    names = "・".join(sorted(Platform(name).label for name in gate.IRREVERSIBLE))
    built_in.append(f"{names}では、取り消せないため、委員がもう1人")
    rules = ApprovalRule.objects.select_related("channel").order_by("kind", "channel", "role")
    return {
        "built_in": built_in,
        "rules": [
            f"{rule.get_kind_display() if rule.kind else 'すべての種類'}・"
            f"{rule.channel or 'すべての投稿先'}：{rule.get_role_display()}{rule.count}人"
            for rule in rules
        ],
        "fast_lane": _slots({slot.role: slot.count for slot in gate.FAST_LANE}),
        "answer_days": review.ANSWER_WITHIN.days,
        "window_days": review.MAX_WINDOW.days,
    }


def drafting() -> dict[str, Any]:
    return {
        "kinds": [kind.label for kind in Post.Kind],
        "stopping": [one.name for one in CATALOGUE if one.severity == Severity.BLOCK],
        "hinting": [one.name for one in CATALOGUE if one.severity != Severity.BLOCK],
    }


def schedule() -> dict[str, Any]:
    rule = cadence.Rule()
    return {
        "late_minutes": _minutes(recheck.LATE),
        "gap_minutes": _minutes(rule.gap),
        "rule": rule,
        "last": "・".join(sorted(Platform(name).label for name in gate.IRREVERSIBLE)),
    }


def correcting() -> dict[str, Any]:
    return {"answer_days": corrections.ANSWER_WITHIN.days}


def actions() -> dict[str, Any]:
    """The rules of §5, as the register asks for them."""
    return {
        "answer_days": register.ANSWER_WITHIN.days,
        "kinds": [
            {
                "label": Kind(kind).label,
                "clause": rule.clause,
                "needs": [LABELS[name] for name in rule.needs],
                "slots": _slots(rule.slots),
                "relations": [relation.label for relation in rule.relations],
                "note": rule.note,
            }
            for kind, rule in RULES.items()
        ],
    }


def outside() -> dict[str, Any]:
    return {"every_minutes": _minutes(natives.EVERY)}


def versions() -> dict[str, Any]:
    slots = {slot.role: slot.count for slot in approving.slots()}
    return {"slots": _slots(slots), "answer_days": approving.ANSWER_WITHIN.days}


def rules() -> dict[str, Any]:
    return {
        "least_decided": automation.LEAST_DECIDED,
        "least_percent": round(automation.LEAST_PRECISION * 100),
    }


def committee() -> dict[str, Any]:
    return {
        "rows": [
            {
                "label": one.label,
                "means": one.means,
                "now": one.shown(number(one)),
                "guards": one.guards,
            }
            for one in catalogue.ALL.values()
        ]
    }


def account() -> dict[str, Any]:
    return {
        "tries": settings.AXES_FAILURE_LIMIT,
        "wait_minutes": _minutes(settings.AXES_COOLOFF_TIME),
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
    }


def emergency() -> dict[str, Any]:
    told = "・".join(role.label for role in Role if Capability.DECIDE in CAPABILITIES[role])
    return {"contacts": contacts(), "told": told, "fast_lane": approval()["fast_lane"]}


def _slots(slots: Mapping[Any, int]) -> str:
    return "、".join(f"{Role(role).label}{count}人" for role, count in slots.items())


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)

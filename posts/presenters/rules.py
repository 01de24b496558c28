"""The changes of the committee's posting rules, in words: who, when, why."""

from datetime import date
from typing import Any

from jspm_social.accounts.roles import Role
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from jspm_social.audit.wording import ERASED
from jspm_social.platforms.models import Channel
from jspm_social.templatetags.ja import day_text
from posts.models import Post

LATEST = 30  # all of them stand in the audit trail


def changes() -> list[dict[str, Any]]:
    """The latest changes, newest first, for components/timeline.html."""
    events = AuditEvent.objects.filter(verb=Verb.POSTING_RULE_SET).select_related("personal")
    names = {channel.pk: str(channel) for channel in Channel.objects.all()}
    return [
        {
            "at": event.at,
            "actor": event.actor_name,
            "text": _words(event, names),
            "detail": _because(event),
        }
        for event in events[:LATEST]
    ]


def _words(event: AuditEvent, channels: dict[int, str]) -> str:
    told = event.details
    match event.target_type:
        case "posts.approvalrule":
            kind = dict(Post.Kind.choices).get(told["kind"], "すべての種類")
            channel = channels.get(told["channel"], "すべての投稿先")
            before = f"（前は{told['before']}人）" if "before" in told else ""
            role = Role(told["role"]).label
            return f"承認：{kind}・{channel}：{role}{told['count']}人{before}"
        case "posts.cadence":
            channel = channels.get(event.channel or 0, "")
            return f"頻度：{channel}：{_measure(told)}"
        case "posts.blackoutday":
            day = day_text(date.fromisoformat(told["day"]))
            reason = told["reason"]
            return f"控える日：{day}：{reason}" if reason else f"控える日：{day}を外す"
    return ""


def _measure(told: dict[str, str]) -> str:
    """The values were kept as text; an empty one is 0 or no hours."""
    quiet = (
        f"{told['quiet_from'][:5]}〜{told['quiet_to'][:5]}" if told.get("quiet_from") else "なし"
    )
    gap, day, week = (told.get(name) or "0" for name in ("gap_minutes", "per_day", "per_week"))
    return f"{gap}分以上あける・1日{day}件・1週間{week}件・控える時間{quiet}"


def _because(event: AuditEvent) -> str:
    if not event.personal_digest:
        return ""
    return str(event.personal.data.get("because", "")) if hasattr(event, "personal") else ERASED

"""The words of the audit page and of its export."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import label

ERASED: Final = "（個人情報は消去済み）"

NAMES: Final = {
    "after": "変更後",
    "before": "変更前",
    "by": "関わった人",
    "because": "理由",
    "choice": "回答",
    "content_hash": "内容のハッシュ",
    "count": "件数",
    "display_name": "氏名",
    "events": "記録の番号",
    "filters": "条件",
    "granted": "権限",
    "note": "理由",
    "reason": "理由",
    "roles": "役割",
    "days": "期間",
    "value": "値",
    "handed_over": "引き継いだ件数",
    "heir": "引き継ぐ人",
    "slots": "必要な承認",
    "state": "状態",
    "subject": "対象",
    "text": "本文",
    "username": "利用者名",
}
"""What the keys of details and personal details are called; others show as they are."""


@dataclass(frozen=True)
class Row:
    """One event as the page shows it: who, when, what, to what, why, and under which clause."""

    id: int
    at: datetime
    actor: str
    verb: str
    target: str
    details: str
    personal: str
    clause: str
    policy_version: str
    hash: str


def row(event: AuditEvent) -> Row:
    return Row(
        id=event.id,
        at=event.at,
        actor=event.actor_name,
        verb=label(event.verb),
        target=f"{target_label(event.target_type)} {event.target_id}".strip(),
        details=pairs_text(event.details),
        personal=personal_text(event),
        clause=event.clause,
        policy_version=event.policy_version,
        hash=event.hash,
    )


def target_label(target_type: str) -> str:
    """What a target is called; a kind that no longer exists shows as it was written."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)  # noqa: SLF001
    except (LookupError, ValueError):
        return target_type


def personal_text(event: AuditEvent) -> str:
    """Names, notes and texts of the event in one line per entry, or that they were erased."""
    if not event.personal_digest:
        return ""
    if not hasattr(event, "personal"):
        return ERASED
    return pairs_text(event.personal.data)


def pairs_text(data: dict[str, Any]) -> str:
    return "\n".join(f"{NAMES.get(name, name)}：{_plain(value)}" for name, value in data.items())


def _plain(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "はい" if value else "いいえ"
        case list():
            return ", ".join(_plain(item) for item in value)
        case dict():
            return ", ".join(f"{name}={_plain(item)}" for name, item in value.items())
    return str(value)

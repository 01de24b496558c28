"""What happened to a case or comment, read from the audit trail and told in the page's words."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import label
from moderation.models import Action, Case, Comment, Decision, ManualTask
from moderation.presenters.attention import explain

SHOWN = 50


def of_cases(cases: Sequence[Case], comment: Comment) -> list[dict[str, Any]]:
    """Return the events of these cases, their effects and tasks, oldest first."""
    ids = [case.pk for case in cases]
    decisions = Decision.objects.filter(case__in=ids).values_list("pk", flat=True)
    wanted = Q(target_type="moderation.comment", target_id=str(comment.pk))
    for model, keys in (
        (Case, ids),
        (Action, Action.objects.filter(case__in=ids).values_list("pk", flat=True)),
        (
            ManualTask,
            ManualTask.objects.filter(decision__in=decisions).values_list("pk", flat=True),
        ),
    ):
        wanted |= Q(
            target_type=model._meta.label_lower,  # noqa: SLF001
            target_id__in=[str(key) for key in keys],
        )
    events = AuditEvent.objects.filter(wanted).order_by("-pk")[:SHOWN]
    return [_event(event) for event in reversed(events)]


def _event(event: AuditEvent) -> dict[str, Any]:
    details = event.details
    trouble = str(details.get("trouble", ""))
    words = [
        f"根拠 {event.clause}" if event.clause else "",
        _WORDS.get(str(details.get("outcome", "")), ""),
        _WORDS.get(str(details.get("effect", "")), ""),
        explain(trouble)[0] if trouble else "",
    ]
    return {
        "at": event.at,
        "text": label(event.verb),
        "actor": "" if event.actor_id is None else event.actor_name,
        "detail": "　".join(word for word in words if word),
    }


_WORDS = {
    "keep": "そのまま",
    "hide": "非表示",
    "unhide": "再表示",
    "restore": "再表示",
    "delete": "削除",
    "block": "ブロック",
    "unblock": "ブロック解除",
}

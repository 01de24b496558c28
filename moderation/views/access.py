"""How views get at what a request names: rows by key or 404, and instants."""

from datetime import datetime

from django.shortcuts import get_object_or_404
from django.utils import timezone

from moderation.models import Action, Case, Comment, Decision, ManualTask

_COMMENT = ("comment__channel", "comment__commenter", "comment__post")
_DECISION = (
    "revision",
    "policy_version",
    "actor",
    "approval",
    "case__comment__channel",
    "case__comment__commenter",
)


def case_for(pk: int) -> Case:
    judged = ("judgement__ruleset__policy_version", "judgement__revision")
    rows = Case.objects.select_related(*_COMMENT, *judged).defer("judgement__revision__raw")
    return get_object_or_404(rows, pk=pk)


def comment_for(pk: int) -> Comment:
    return get_object_or_404(Comment.objects.select_related("channel", "commenter", "post"), pk=pk)


def decision_for(pk: int) -> Decision:
    return get_object_or_404(Decision.objects.select_related(*_DECISION), pk=pk)


def action_for(pk: int) -> Action:
    return get_object_or_404(
        Action.objects.select_related(
            "channel",
            *(f"decision__{name}" for name in _DECISION),
            *(f"hold__{name}" for name in ("ruleset", "policy_version")),
            *(f"case__{name}" for name in _COMMENT),
        ),
        pk=pk,
    )


def task_for(pk: int) -> ManualTask:
    return get_object_or_404(
        ManualTask.objects.select_related(*(f"decision__{name}" for name in _DECISION)), pk=pk
    )


def instant(text: str) -> datetime | None:
    """Read a point in time from a URL, ISO 8601 with an offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return None if timezone.is_naive(moment) else moment

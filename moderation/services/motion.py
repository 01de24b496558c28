"""What a decision sets in motion: outbox rows, manual tasks, and the event that tells of it."""

from collections.abc import Sequence

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import record
from jspm_social.jobs import enqueue
from jspm_social.platforms.capabilities import Step
from jspm_social.platforms.links import Place, page_for
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.states import OPERATION_MOVES, OperationState
from jspm_social.transitions import StaleState, move
from moderation.models import Action, Comment, Decision, ManualTask
from moderation.states import TASK_MOVES, TaskState


def set_in_motion(decision: Decision, steps: Sequence[Step], *, at_once: bool = False) -> None:
    """Write the outbox rows and manual tasks of these steps. The sweeper sends what is due."""
    due_at = timezone.now() if at_once else decision.undo_until
    comment = decision.case.comment
    for step in steps:
        if step.by_hand:
            ManualTask.objects.create(
                decision=decision,
                effect=step.effect,
                link=_page_for(step.effect, comment),
            )
            continue
        action = Action.objects.create(
            case=decision.case,
            decision=decision,
            channel=comment.channel,
            effect=step.effect,
            wanted=decision.outcome,
            due_at=due_at,
        )
        if at_once:
            enqueue("moderation.jobs.send", action.pk, queue="act")


def _page_for(effect: Effect, comment: Comment) -> str:
    channel, commenter = comment.channel, comment.commenter
    return page_for(
        effect,
        Place(
            platform=Platform(channel.platform),
            comment_url=comment.permalink,
            post_id=comment.post.remote_id,
            author_key=commenter.platform_key,
            author_handle=commenter.handle,
            author_url=commenter.url,
            account_id=channel.account_id,
            account_name=channel.account_name,
            base_url=channel.base_url,
        ),
    )


def call_back(decision: Decision) -> None:
    """Cancel every effect and task of a decision. Raises StaleState when one is under way.

    A hide that a rule had set in motion is not the decision's to cancel.
    """
    for action in decision.actions.filter(hold__isnull=True):
        if action.state != OperationState.WAITING:
            raise StaleState(action.state)
        move(action, table=OPERATION_MOVES, to=OperationState.CANCELLED)
    for task in decision.tasks.all():
        move(task, table=TASK_MOVES, to=TaskState.CANCELLED, closed_at=timezone.now())


def record_decision(decision: Decision, actor: User | None, verb: str) -> None:
    """Write the audit event of a decision: who, what, under which clause and version."""
    record(
        actor=actor,
        verb=verb,
        target=decision.case,
        channel=decision.case.comment.channel_id,
        clause="・".join(decision.criteria),
        policy_version=str(decision.policy_version),
        details={
            "decision": decision.pk,
            "comment": decision.case.comment_id,
            "revision": decision.revision.number,
            "outcome": decision.outcome,
            "state": decision.state,
            "effects": [action.effect for action in decision.actions.all()],
            "by_hand": [task.effect for task in decision.tasks.all()],
        },
        personal={"note": decision.note} if decision.note else None,
    )

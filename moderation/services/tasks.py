"""Manual tasks: what a person does on the platform's own page, claimed and closed here."""

from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.platforms.names import Effect
from jspm_social.transitions import IllegalMove, StaleState, move
from moderation.errors import Overtaken, Refused
from moderation.models import Comment, Commenter, ManualTask
from moderation.services.conclude import conclude
from moderation.states import TASK_MOVES, CommentStanding, TaskState

_STANDINGS = {
    Effect.HIDE: CommentStanding.HIDDEN,
    Effect.UNHIDE: CommentStanding.VISIBLE,
    Effect.DELETE: CommentStanding.REMOVED,
}


@one_write()
def claim(*, actor: User, task: ManualTask) -> None:
    """Say 'I do this', so that nobody does it twice. Not before the undo window has closed."""
    if timezone.now() < task.decision.undo_until:
        raise Refused("判断を取り消せる時間が過ぎてから始めてください。")
    _move(task, TaskState.CLAIMED, claimed_by=actor)
    _record(task, actor)


@one_write()
def release(*, actor: User, task: ManualTask) -> None:
    """Give the task back to everybody."""
    _move(task, TaskState.OPEN, claimed_by=None)
    _record(task, actor)


@one_write()
def pass_on(*, actor: User | None, task: ManualTask, heir: User | None) -> None:
    """Take a task from somebody who leaves: to `heir`, or back to everybody."""
    _move(task, TaskState.OPEN, claimed_by=None)
    _record(task, actor)
    if heir is not None:
        _move(task, TaskState.CLAIMED, claimed_by=heir)
        _record(task, actor, heir=heir.pk)


@one_write()
def close(*, actor: User, task: ManualTask, done: bool, note: str) -> None:
    """Say how it went. What was done by hand is recorded as such."""
    if not done and not note.strip():
        raise Refused("できなかった理由を書いてください。")
    to = TaskState.DONE if done else TaskState.NOT_POSSIBLE
    _move(task, to, note=note, closed_at=timezone.now())
    if done:
        _reflect(Effect(task.effect), task.decision.case.comment)
    conclude(task.decision)
    _record(task, actor)


def _reflect(effect: Effect, comment: Comment) -> None:
    """Note what a person has done on the platform, as a sent effect is noted."""
    if effect in {Effect.BLOCK, Effect.UNBLOCK}:
        blocked = effect is Effect.BLOCK
        Commenter.objects.filter(pk=comment.commenter_id).update(blocked=blocked)
    if effect in _STANDINGS:
        rows = Comment.objects.filter(pk=comment.pk).exclude(standing=CommentStanding.REMOVED)
        rows.update(standing=_STANDINGS[effect])


def _move(task: ManualTask, to: TaskState, **changes: Any) -> None:
    try:
        move(task, table=TASK_MOVES, to=to, **changes)
    except (StaleState, IllegalMove) as error:
        raise Overtaken("この作業は、ほかの人が先に進めました。") from error


def _record(task: ManualTask, actor: User | None, **details: int) -> None:
    decision = task.decision
    record(
        actor=actor,
        verb=f"task.{task.state}",
        target=task,
        channel=decision.case.comment.channel_id,
        clause="・".join(decision.criteria),
        policy_version=str(decision.policy_version),
        details={"case": decision.case_id, "decision": decision.pk, "effect": task.effect}
        | details,
        personal={"note": task.note} if task.note else None,
    )

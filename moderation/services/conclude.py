"""Whether a case is done: derived from its decision's effects and tasks, in one place."""

from django.utils import timezone

from jspm_social.platforms.states import NEEDS_A_PERSON, SETTLED
from jspm_social.transitions import move
from moderation.models import Case, Comment, Decision
from moderation.states import CASE_MOVES, CaseState, DecisionState, TaskState

_TASKS_OVER = frozenset({TaskState.DONE, TaskState.NOT_POSSIBLE, TaskState.CANCELLED})


def conclude(decision: Decision) -> None:
    """Bring the case's state up to how its decision's effects and tasks stand.

    Part of the caller's transaction. A decision that waits for a second moderator, or that no
    longer stands, leaves its case alone.
    """
    if decision.state not in {DecisionState.TAKEN, DecisionState.CONFIRMED}:
        return
    case = Case.objects.select_for_update().get(pk=decision.case_id)
    to = _state(decision)
    if to != case.state and case.state in {CaseState.ACTING, CaseState.ATTENTION}:
        closed_at = timezone.now() if to == CaseState.CLOSED else None
        move(case, table=CASE_MOVES, to=to, closed_at=closed_at)
        if to == CaseState.CLOSED:
            judge_again_if_edited(decision)


def judge_again_if_edited(decision: Decision) -> None:
    """Send a comment that was edited meanwhile back to the judgement.

    While a case is under way, an edit's verdict opens no other case; so when the case is over,
    or open again, the newer text must be looked at.
    """
    Comment.objects.filter(
        pk=decision.case.comment_id, revision_number__gt=decision.revision.number
    ).update(judged_at=None)


def _state(decision: Decision) -> CaseState:
    effects = set(decision.actions.values_list("state", flat=True))
    tasks = set(decision.tasks.values_list("state", flat=True))
    if effects & NEEDS_A_PERSON:
        return CaseState.ATTENTION
    if effects <= SETTLED and tasks <= _TASKS_OVER:
        return CaseState.CLOSED
    return CaseState.ACTING

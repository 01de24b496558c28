"""A person decides: keep, hide, delete, block, or take an earlier decision back (§4(2)(3))."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals import services as approvals
from jspm_social.audit.services import one_write
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import SECOND_MODERATOR, UNDO_SECONDS
from jspm_social.committee.queries import flag, number
from jspm_social.platforms.capabilities import Outcome, Plan
from jspm_social.transitions import IllegalMove, StaleState, move
from moderation.errors import Overtaken, Refused
from moderation.models import Case, Decision, Hold
from moderation.queries import offered_outcomes, planned, standing_hold
from moderation.services import evidence, holds, queue, second
from moderation.services.conclude import conclude, judge_again_if_edited
from moderation.services.locking import lock, lock_if_held
from moderation.services.motion import call_back, record_decision, set_in_motion
from moderation.states import CASE_MOVES, DECISION_MOVES, CaseState, DecisionState, Lane
from policy.criteria import Criterion
from policy.models import PolicyVersion
from policy.queries import active_ruleset, clause_for, policy_in_force

OVERTAKEN = "この案件は、ほかの人が先に判断しました。"
REMOVALS = frozenset({Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK})


@one_write()
def decide(
    *,
    actor: User,
    case: Case,
    revision_id: int,
    outcome: Outcome,
    criteria: Sequence[Criterion],
    note: str = "",
) -> Decision:
    """Decide an open case on the revision that the person saw.

    A removal cites at least one criterion, whose clause text is stored as it reads today, and
    freezes the evidence. What can be taken back goes out when the undo window ends; what cannot
    waits for a second moderator (§4(3)). Nothing is sent from here.

    Raises:
        Refused: the decision is not complete or not possible here; the message says why.
        Overtaken: the case was decided or the comment edited in the meantime.
    """
    comment = case.comment = lock(case.comment_id)
    hold = standing_hold(case)
    _check(case, outcome, criteria, note, held=hold is not None)
    revision = comment.revisions.filter(pk=revision_id).first()
    if revision is None or revision.number != comment.revision_number:
        raise Overtaken("コメントが編集されました。新しい本文を確認してから判断してください。")
    steps = planned(comment, outcome, held=hold is not None)
    if outcome is not Outcome.KEEP and not steps.steps:
        raise Refused(" ".join(steps.notes))
    two_people = steps.needs_second and flag(SECOND_MODERATOR)
    _leave_queue(case, _next_state(steps, two_people=two_people))
    version, now = policy_in_force(), timezone.now()
    decision = Decision.objects.create(
        case=case,
        revision=revision,
        commenter=comment.commenter,
        outcome=outcome,
        criteria=list(criteria),
        clauses=[_clause(criterion, version) for criterion in criteria],
        note=note,
        policy_version=version,
        ruleset=active_ruleset(),
        actor=actor,
        state=DecisionState.AWAITING_SECOND if two_people else DecisionState.TAKEN,
        shown_notes=[*steps.notes, *(step.note for step in steps.steps if step.note)],
        decided_at=now,
        undo_until=now + timedelta(seconds=number(UNDO_SECONDS)),
    )
    if outcome in REMOVALS:
        evidence.freeze(decision)
    done_before = _answer(hold, decision) if hold else frozenset()
    at_once = [step for step in steps.steps if not (two_people and step.needs_second)]
    set_in_motion(decision, [step for step in at_once if step.effect not in done_before])
    if two_people:
        second.ask(decision, actor)
    elif done_before:
        conclude(decision)
        case.refresh_from_db(fields=["state", "closed_at"])
    record_decision(decision, actor, Verb.CASE_DECIDED)
    return decision


@one_write()
def undo(*, actor: User, decision: Decision) -> None:
    """Take a decision back while the undo window is open and nothing has been sent.

    Raises:
        Overtaken: the window has closed, or a worker is already sending.
    """
    if timezone.now() >= decision.undo_until:
        raise Overtaken("取り消せる時間を過ぎました。必要なら、もう一度判断してください。")
    case = decision.case
    lock_if_held(case)
    try:
        move(decision, table=DECISION_MOVES, to=DecisionState.UNDONE)
        move(case, table=CASE_MOVES, to=CaseState.OPEN, closed_at=None)
        call_back(decision)
        holds.give_back(decision)
    except (StaleState, IllegalMove, IntegrityError) as error:
        # Sent, confirmed or undone already; or the comment has a newer active case.
        raise Overtaken("ほかの処理が先に進んだため、取り消せませんでした。") from error
    if decision.approval is not None:
        approvals.void(actor=actor, request=decision.approval, reason="判断の取り消し")
    judge_again_if_edited(decision)
    queue.enter([case])
    record_decision(decision, actor, Verb.CASE_DECISION_UNDONE)


def _answer(hold: Hold, decision: Decision) -> frozenset[str]:
    """Let the decision go on from what a rule did before; return the effects that it took over."""
    if decision.outcome not in REMOVALS:
        holds.release(hold)
        return frozenset()
    holds.take_over(decision, hold)
    return frozenset(decision.actions.values_list("effect", flat=True))


def _check(
    case: Case, outcome: Outcome, criteria: Sequence[Criterion], note: str, *, held: bool
) -> None:
    if outcome not in offered_outcomes(case.comment, held=held):
        raise Refused("この判断は、このコメントでは選べません。")
    if outcome in REMOVALS and not criteria:
        raise Refused("該当する基準を1つ以上選んでください。")
    if outcome in REMOVALS and Criterion.OTHER in criteria and not note.strip():
        raise Refused("「ソ」を根拠にするときは、理由を書いてください。")
    if outcome in REMOVALS and case.lane == Lane.CARE and not note.strip():
        raise Refused("見守りの案件です。表示を止める場合は、理由を書いてください。")


def _next_state(steps: Plan, *, two_people: bool) -> CaseState:
    if two_people:
        return CaseState.AWAITING_SECOND
    return CaseState.ACTING if steps.steps else CaseState.CLOSED


def _leave_queue(case: Case, state: CaseState) -> None:
    closed_at = timezone.now() if state == CaseState.CLOSED else None
    if case.state != CaseState.OPEN:
        raise Overtaken(OVERTAKEN)
    try:
        move(case, table=CASE_MOVES, to=state, closed_at=closed_at)
    except StaleState as error:
        raise Overtaken(OVERTAKEN) from error
    queue.leave([case])


def _clause(criterion: Criterion, version: PolicyVersion) -> dict[str, str]:
    clause = clause_for(criterion, version)
    return {"code": clause.code, "text": clause.text}

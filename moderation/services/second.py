"""The second moderator: what cannot be taken back needs two people (§4(2)(3))."""

import hashlib
import json
from datetime import timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.capabilities import Outcome
from jspm_social.transitions import move
from moderation.errors import Refused
from moderation.models import Decision
from moderation.queries import planned
from moderation.services import holds, queue
from moderation.services.conclude import conclude, judge_again_if_edited
from moderation.services.locking import lock_if_held
from moderation.services.motion import record_decision, set_in_motion
from moderation.states import CASE_MOVES, DECISION_MOVES, CaseState, DecisionState

ANSWER_WITHIN = timedelta(days=7)


def ask(decision: Decision, actor: User) -> None:
    """Ask for a second moderator's vote on exactly this decision. Part of the decision's write."""
    decision.approval = approvals.open_request(
        actor=actor,
        subject=decision,
        content_hash=content_hash(decision),
        slots=[Slot(Role.MODERATOR, 1)],
        contributors=[actor],
        expires_at=timezone.now() + ANSWER_WITHIN,
        policy_version=str(decision.policy_version),
    )
    decision.save(update_fields=["approval"])


@one_write()
def confirm(*, actor: User, decision: Decision, agree: bool, note: str = "") -> Decision:
    """Answer as the second moderator: agree, and the final effects go out; or refuse.

    Raises:
        Refused: the person decided it themselves, lacks the role, has answered, or the decision
            no longer waits; the message says which.
    """
    # First the comment, its own row, then the vote's: the order in which undoing takes them.
    lock_if_held(decision.case)
    decision = Decision.objects.select_for_update(of=("self",), no_key=True).get(pk=decision.pk)
    if decision.approval is None:
        raise Refused("この判断に、ほかの人の確認は必要ありません。")
    try:
        request = approvals.vote(
            actor=actor,
            request=decision.approval,
            content_hash=content_hash(decision),
            choice=Choice.APPROVE if agree else Choice.REJECT,
            note=note,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    if request.state == RequestState.APPROVED:
        _carry_out(decision, actor)
    elif request.state == RequestState.REJECTED:
        _put_back(decision, actor)
    return decision


@one_write()
def put_back_expired() -> int:
    """Reopen the cases whose second moderator never answered. Returns how many."""
    expired = Decision.objects.select_related("case__comment__channel", "policy_version").filter(
        state=DecisionState.AWAITING_SECOND, approval__state=RequestState.EXPIRED
    )
    for decision in expired:
        lock_if_held(decision.case)
        _put_back(decision, None)
    return len(expired)


def content_hash(decision: Decision) -> str:
    """Return what the vote is bound to: this outcome, for these criteria, on this very text."""
    exact = {
        "decision": decision.pk,
        "text": decision.revision.text,
        "outcome": decision.outcome,
        "criteria": decision.criteria,
        "policy_version": decision.policy_version_id,
    }
    return hashlib.sha256(json.dumps(exact, sort_keys=True).encode()).hexdigest()


def _carry_out(decision: Decision, actor: User) -> None:
    move(decision, table=DECISION_MOVES, to=DecisionState.CONFIRMED)
    move(decision.case, table=CASE_MOVES, to=CaseState.ACTING)
    steps = planned(decision.case.comment, Outcome(decision.outcome)).steps
    set_in_motion(decision, [step for step in steps if step.needs_second], at_once=True)
    conclude(decision)
    record_decision(decision, actor, Verb.CASE_DECISION_CONFIRMED)


def _put_back(decision: Decision, actor: User | None) -> None:
    """No second moderator agrees: the case is open again. A hide that went out stays; one that a
    rule had sent before is held once more.
    """
    move(decision, table=DECISION_MOVES, to=DecisionState.REFUSED)
    move(decision.case, table=CASE_MOVES, to=CaseState.OPEN)
    holds.give_back(decision)
    judge_again_if_edited(decision)
    queue.enter([decision.case])
    record_decision(decision, actor, Verb.CASE_DECISION_REFUSED)

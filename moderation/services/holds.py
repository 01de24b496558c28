"""A comment that a rule hides until a person decides: placed, moved on, answered, shown again.

All of it fails towards whoever wrote the comment. A hold stands only as long as the latest verdict
asks for it, and no longer than SHOWN_AGAIN_AFTER; what cannot be hidden is left as it is. Every
function is part of its caller's transaction, which has locked the comment, unless it says so.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Effect
from jspm_social.platforms.states import OperationState
from jspm_social.transitions import move
from moderation.models import Action, Case, Comment, Decision, Hold, Judgement
from moderation.queries import hiding_of
from moderation.services import evidence
from moderation.services.holding import Grounds
from moderation.services.locking import lock
from moderation.states import HOLD_MOVES, CaseState, Hiding, HoldState
from policy.criteria import Criterion, Route
from policy.models import PolicyVersion
from policy.queries import clause_for, policy_in_force

SHOWN_AGAIN_AFTER = timedelta(hours=72)
_ANSWERED = (HoldState.RELEASED, HoldState.TAKEN_OVER)


def follow(pairs: Sequence[tuple[Comment, Judgement]], grounds: Grounds) -> None:
    """Bring the holds of these comments up to their latest verdicts: place, move on, call off."""
    standing = _standing([comment.pk for comment, _ in pairs])
    wanted = {comment.pk for comment, judgement in pairs if judgement.route == Route.HOLD}
    fresh = wanted & set(grounds) - set(standing)
    cases = {
        case.comment_id: case
        for case in Case.objects.filter(comment__in=fresh, state=CaseState.OPEN)
    }
    for comment, judgement in pairs:
        hold = standing.get(comment.pk)
        if hold is None and comment.pk in cases:
            case = cases[comment.pk]
            case.comment, case.judgement = comment, judgement
            _place(case, judgement, grounds[comment.pk])
        elif hold is not None and comment.pk not in grounds:
            call_off(hold)
        elif hold is not None and hold.revision_id != judgement.revision_id:
            _move_on(hold, comment, judgement)


def call_off(hold: Hold) -> None:
    """The verdict does not ask for it any more: show the comment again. The case stays open."""
    move(hold, table=HOLD_MOVES, to=HoldState.CALLED_OFF)
    _show_again(hold)
    _record(hold, Verb.CASE_HOLD_CALLED_OFF)


def call_off_for(comment: Comment) -> None:
    """The comment could not be judged: nothing asks for a hold."""
    for hold in _standing([comment.pk]).values():
        call_off(hold)


def take_over(decision: Decision, hold: Hold) -> None:
    """A person decides to remove what is held: the hide that went out first is theirs now.

    Not where it has no effect any more, because somebody has shown the comment again on the
    platform: then the decision sends one of its own.
    """
    hiding = hiding_of(decision.case.comment, hold)
    move(hold, table=HOLD_MOVES, to=HoldState.TAKEN_OVER)
    if hiding is not Hiding.NONE:
        hide_of(hold).exclude(state=OperationState.CANCELLED).update(decision=decision)


def release(hold: Hold) -> None:
    """A person decides to keep what is held. The decision itself shows it again."""
    move(hold, table=HOLD_MOVES, to=HoldState.RELEASED)


def give_back(decision: Decision) -> None:
    """The decision does not stand any more: what a rule had hidden before it is held once more,
    for as long as at first, or not at all where the hide did not go out.
    """
    hold = Hold.objects.filter(case=decision.case_id, state__in=_ANSWERED).last()
    if hold is None:
        return
    hide_of(hold).update(decision=None)
    hidden = hide_of(hold).exclude(state=OperationState.CANCELLED).exists()
    to = HoldState.STANDING if hidden else HoldState.CALLED_OFF
    move(hold, table=HOLD_MOVES, to=to, until=timezone.now() + SHOWN_AGAIN_AFTER)


def hide_of(hold: Hold) -> QuerySet[Action]:
    """Return the one hide of a hold."""
    return Action.objects.filter(hold=hold, effect=Effect.HIDE)


def show_expired() -> int:
    """Show again what nobody decided on in time; each in a transaction of its own. Returns how
    many. The cases stay open.
    """
    late = Hold.objects.filter(state=HoldState.STANDING, until__lte=timezone.now())
    return sum(_expire(*ids) for ids in list(late.values_list("pk", "case__comment")))


@one_write()
def _expire(hold_id: int, comment_id: int) -> bool:
    lock(comment_id)
    # Looked at again behind the lock: somebody may have decided, or taken a decision back.
    late = Hold.objects.filter(
        pk=hold_id,
        state=HoldState.STANDING,
        until__lte=timezone.now(),
        case__state=CaseState.OPEN,
    )
    hold = _with_all(late).first()
    if hold is None:
        return False
    move(hold, table=HOLD_MOVES, to=HoldState.EXPIRED)
    _show_again(hold)
    _record(hold, Verb.CASE_HOLD_EXPIRED)
    return True


def _standing(comment_ids: Iterable[int]) -> dict[int, Hold]:
    """Return the standing holds of these comments whose case nobody has decided."""
    rows = Hold.objects.filter(
        state=HoldState.STANDING,
        case__state=CaseState.OPEN,
        case__comment__in=list(comment_ids),
    )
    return {hold.case.comment_id: hold for hold in _with_all(rows)}


def _with_all(rows: QuerySet[Hold]) -> QuerySet[Hold]:
    return rows.select_related("case__comment__channel", "judgement", "ruleset", "policy_version")


def _place(case: Case, judgement: Judgement, grounds: Sequence[str]) -> None:
    """Freeze what is there, and let the outbox hide it. Nothing is sent from here."""
    version, now = policy_in_force(), timezone.now()
    hold = Hold.objects.create(
        case=case,
        revision=judgement.revision,
        judgement=judgement,
        criteria=list(grounds),
        clauses=[_clause(Criterion(code), version) for code in grounds],
        policy_version=version,
        ruleset=judgement.ruleset,
        held_at=now,
        until=now + SHOWN_AGAIN_AFTER,
    )
    evidence.freeze(hold)
    _send(hold, Effect.HIDE, Outcome.HIDE)
    _record(hold, Verb.CASE_HELD)


def _move_on(hold: Hold, comment: Comment, judgement: Judgement) -> None:
    """The comment was edited and is judged as before: the newer text is evidence too."""
    hold.case.comment, hold.case.judgement = comment, judgement
    hold.revision, hold.judgement = judgement.revision, judgement
    hold.save(update_fields=["revision", "judgement"])
    evidence.freeze(hold)
    _record(hold, Verb.CASE_HOLD_MOVED_ON)


def _show_again(hold: Hold) -> None:
    """Undo the hide, also one that is still waiting: it goes out first, or not at all."""
    if hide_of(hold).exclude(state=OperationState.CANCELLED).exists():
        _send(hold, Effect.UNHIDE, Outcome.RESTORE)


def _send(hold: Hold, effect: Effect, wanted: Outcome) -> None:
    action = Action.objects.create(
        case=hold.case,
        hold=hold,
        channel=hold.case.comment.channel,
        effect=effect,
        wanted=wanted,
        due_at=timezone.now(),
    )
    enqueue("moderation.jobs.send", action.pk, queue="act")


def _clause(criterion: Criterion, version: PolicyVersion) -> dict[str, str]:
    clause = clause_for(criterion, version)
    return {"code": clause.code, "text": clause.text}


def _record(hold: Hold, verb: Verb) -> None:
    """Write the event: no person did it, but a rule set, on these scores."""
    judgement = hold.judgement
    record(
        actor=None,
        verb=verb,
        target=hold.case,
        channel=hold.case.comment.channel_id,
        clause="・".join(hold.criteria),
        policy_version=str(hold.policy_version),
        details=told(hold)
        | {
            "comment": hold.case.comment_id,
            "revision": hold.revision_id,
            "judgement": judgement.pk,
            "engine": judgement.engine_version,
            "model": judgement.model_version,
            "scores": {code: str(judgement.scores[code]) for code in hold.criteria},
            "until": hold.until.isoformat(),
        },
    )


def told(hold: Hold) -> dict[str, int]:
    """What every event about a hold names: the hold, and the number of the rule set behind it."""
    return {"hold": hold.pk, "ruleset": hold.ruleset.number}

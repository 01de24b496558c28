"""Actions besides posting (§5): proposed with what their rule asks for, agreed to, carried out.

Carrying out is done by the workers where the API offers it (`engage`), else by a person on the
platform's own pages, with a link to the place, and then recorded. Nothing here can answer anybody.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.comment_links import leads_to_comment
from jspm_social.platforms.models import Channel
from jspm_social.transitions import IllegalMove, StaleState, move
from posts.errors import Overtaken, Refused
from posts.models import RegisteredAction
from posts.register_content import STATED, content_hash
from posts.register_rules import RULES, Kind, missing
from posts.services import engage
from posts.states import ACTION_MOVES, ActionState

ANSWER_WITHIN = timedelta(days=7)
OVERTAKEN = "このアクションは、ほかの人が先に進めました。"


@one_write()
def propose(
    *, actor: User, kind: Kind, channel: Channel, stated: Mapping[str, Any]
) -> RegisteredAction:
    """Put an action up for agreement, with all that its rule asks for.

    Raises:
        Refused: something is missing, or it would answer somebody: a comment to us is neither
            liked nor shared (§5(2)(3)).
    """
    problems = missing(kind, stated)
    if leads_to_comment(channel, str(stated.get("target_url", ""))):
        problems.append("本学会へのコメントへの反応は、返信にあたるため行いません。")
    if problems:
        raise Refused(" ".join(problems))
    action = RegisteredAction.objects.create(
        kind=kind,
        channel=channel,
        proposed_by=actor,
        **{name: stated[name] for name in STATED if stated.get(name)},
    )
    action.approval = approvals.open_request(
        actor=actor,
        subject=action,
        content_hash=content_hash(action),
        slots=[Slot(role, count) for role, count in RULES[kind].slots.items()],
        contributors=[actor],
        expires_at=timezone.now() + ANSWER_WITHIN,
    )
    action.save(update_fields=["approval"])
    _record(Verb.ACTION_PROPOSED, action, actor)
    return action


@one_write()
def answer(*, actor: User, action: RegisteredAction, agree: bool, note: str = "") -> None:
    """Agree to an action, or refuse it with a reason."""
    if action.approval is None or action.state != ActionState.PROPOSED:
        raise Overtaken(OVERTAKEN)
    try:
        request = approvals.vote(
            actor=actor,
            request=action.approval,
            content_hash=content_hash(action),
            choice=Choice.APPROVE if agree else Choice.REJECT,
            note=note,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    if request.state == RequestState.APPROVED:
        _move(action, ActionState.AGREED)
        engage.plan(action)
    elif request.state == RequestState.REJECTED:
        _move(action, ActionState.DROPPED)
    _record(Verb.ACTION_ANSWERED, action, actor)


@one_write()
def carry_out(*, actor: User, action: RegisteredAction, outcome: str) -> None:
    """Say that it was done on the platform, and how it went. A follow is looked at in a year."""
    if RULES[Kind(action.kind)].needs.count("ends_at") and not outcome.strip():
        raise Refused("結果をどう伝えたかを書いてください。")
    if engage.would_answer(action):
        raise Refused("本学会へのコメントへの反応は、返信にあたるため、画面でも行いません。")
    engage.call_back(action)
    now = timezone.now()
    follows = action.kind == Kind.FOLLOW
    review_on = timezone.localdate() + engage.REVIEW_AFTER if follows else None
    _move(
        action,
        ActionState.DONE,
        done_by=actor,
        done_at=now,
        outcome=outcome,
        review_on=review_on,
    )
    _record(Verb.ACTION_DONE, action, actor)


@one_write()
def drop(*, actor: User, action: RegisteredAction) -> None:
    """Not done after all, or taken back by hand (an unfollow)."""
    engage.call_back(action)
    _move(action, ActionState.DROPPED, review_on=None)
    _record(Verb.ACTION_DROPPED, action, actor)


@one_write()
def review_again(*, actor: User, action: RegisteredAction) -> None:
    """A follow still has its reason: look again in a year."""
    if action.state != ActionState.DONE or action.review_on is None:
        raise Overtaken(OVERTAKEN)
    action.review_on = timezone.localdate() + engage.REVIEW_AFTER
    action.save(update_fields=["review_on"])
    _record(Verb.ACTION_REVIEWED, action, actor)


def due_for_review() -> QuerySet[RegisteredAction]:
    """The follows whose year is over."""
    return RegisteredAction.objects.filter(
        state=ActionState.DONE, review_on__lte=timezone.localdate()
    )


def _move(action: RegisteredAction, to: ActionState, **changes: Any) -> None:
    try:
        move(action, table=ACTION_MOVES, to=to, **changes)
    except (StaleState, IllegalMove) as error:
        raise Overtaken(OVERTAKEN) from error


def _record(verb: Verb, action: RegisteredAction, actor: User) -> None:
    record(
        actor=actor,
        verb=verb,
        target=action,
        channel=action.channel_id,
        clause=RULES[Kind(action.kind)].clause,
        details={"kind": action.kind, "state": action.state, "relation": action.relation},
    )

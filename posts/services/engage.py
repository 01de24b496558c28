"""An agreed share, like or follow on its way to the platform: claim, look again, do, settle.

What the API does not offer stays a manual task. Nothing is done to a comment that somebody wrote to
us: that would be an answer (§4(1), §5(2)(7)). It is asked when it is proposed, and here once more,
of the register and of the platform itself.

Quotes stay manual everywhere (X offers them to other plans; elsewhere they need words that pass the
gate of posts), and so does taking any of it back.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from jspm_social.approvals.queries import approved
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.channels import engager_of
from jspm_social.platforms.comment_links import leads_to_comment
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.engaging import Engagement, Engager, Subject, offers
from jspm_social.platforms.errors import Missing, PlatformError, Rejected, Unsupported
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import (
    Settlement,
    claim,
    has_lapsed,
    judge_error,
    lapsed,
    read_in_vain,
    read_later,
    settle,
    stopped,
)
from jspm_social.platforms.states import (
    NEEDS_A_PERSON,
    OPERATION_MOVES,
    ChannelState,
    OperationState,
)
from jspm_social.transitions import IllegalMove, StaleState, move
from posts.errors import Refused
from posts.models import ActionOperation, RegisteredAction
from posts.register_content import STATED, content_hash
from posts.register_rules import RULES, Kind, missing
from posts.services.progress import KeptProgress
from posts.states import ACTION_MOVES, ActionState

REVIEW_AFTER = timedelta(days=365)
STOPPED_WAIT = timedelta(seconds=30)
AN_ANSWER = "返信にあたるため行いません"
DEEDS = {Kind.SHARE: Engagement.SHARE, Kind.LIKE: Engagement.LIKE, Kind.FOLLOW: Engagement.FOLLOW}


def by_api(kind: Kind, channel: Channel) -> bool:
    """Whether the console does this by itself once it is agreed to."""
    deed = DEEDS.get(kind)
    return (
        deed is not None
        and channel.state != ChannelState.DISCONNECTED
        and offers(Platform(channel.platform), deed, channel.permissions)
    )


def would_answer(action: RegisteredAction) -> bool:
    """Whether it is aimed at a comment to us, as our own records or the platform tell."""
    found = ActionOperation.objects.filter(action=action, trouble__endswith=AN_ANSWER)
    return leads_to_comment(action.channel, action.target_url) or found.exists()


def plan(action: RegisteredAction) -> None:
    """Put an agreed action on its way, where the API offers it. Part of the caller's write."""
    if not by_api(Kind(action.kind), action.channel):
        return
    operation = ActionOperation.objects.create(
        action=action, channel=action.channel, due_at=timezone.now()
    )
    enqueue("posts.jobs.perform_action", operation.pk, queue="act")


def call_back(action: RegisteredAction) -> None:
    """A person takes it over, or it shall not be done. Part of the caller's write.

    Raises:
        Refused: it is being done at this moment.
    """
    operation = ActionOperation.objects.filter(action=action).first()
    if operation is None or operation.state in {OperationState.DONE, OperationState.CANCELLED}:
        return
    if operation.state == OperationState.SENDING:
        raise Refused("いま実施しています。少し待ってから、結果を確かめてください。")
    try:
        move(operation, table=OPERATION_MOVES, to=OperationState.CANCELLED)
    except (StaleState, IllegalMove) as error:
        raise Refused("いま実施しています。少し待ってから、結果を確かめてください。") from error


def perform(*, operation_id: int) -> None:
    """Do one due action, once. Does nothing when it is not due, taken, or all is stopped."""
    operation = load(operation_id)
    if stopped(StopSwitch.Kind.PUBLISHING) or operation.channel.state == ChannelState.PAUSED:
        return
    if not claim(operation):
        return
    operation = load(operation_id)  # as everything stands now, not as it stood before the claim
    now = timezone.now()
    if stopped(StopSwitch.Kind.PUBLISHING):
        finish(operation, _wait(operation, now + STOPPED_WAIT))
        return
    if (objection := next(_objections(operation), None)) is not None:
        finish(operation, Settlement(OperationState.FAILED, trouble=objection))
        return
    try:
        _do(engager_of(operation.channel), operation)
    except PlatformError as error:
        if isinstance(error, Missing):  # no success: what was to be shared is not there
            error = Rejected("対象が見つかりません")
        finish(operation, judge_error(error, attempts=operation.attempts, now=now))
    else:
        finish(operation, _done())


def _do(engager: Engager, operation: ActionOperation) -> None:
    """Look first: what somebody did by hand, or an earlier attempt did, is not done again."""
    deed, progress = DEEDS[Kind(operation.action.kind)], KeptProgress(operation)
    subject = _subject(engager, operation)
    if not engager.stands(deed, subject, progress):
        engager.perform(deed, subject, progress)


def _subject(engager: Engager, operation: ActionOperation) -> Subject:
    deed = DEEDS[Kind(operation.action.kind)]
    subject = engager.resolve(deed, operation.action.target_url)
    if subject.to_us:
        raise Rejected(AN_ANSWER)
    return subject


def reconcile(*, operation_id: int) -> None:
    """Settle an unknown outcome by looking. Only proof that it was not done lets it be done."""
    operation, now = load(operation_id), timezone.now()
    if operation.state != OperationState.UNKNOWN or operation.due_at > now:
        return
    try:
        engager = engager_of(operation.channel)
        deed, subject = DEEDS[Kind(operation.action.kind)], _subject(engager, operation)
        stands = engager.stands(deed, subject, KeptProgress(operation))
    except (Missing, Rejected, Unsupported):
        told = read_in_vain(operation, now)
    except PlatformError as error:
        told = read_later(operation, now, error)
    else:
        told = _done() if stands else Settlement(OperationState.WAITING, due_at=now)
    if told.state == OperationState.UNKNOWN:  # only when to look again
        rows = ActionOperation.objects.filter(pk=operation.pk, state=OperationState.UNKNOWN)
        rows.update(due_at=told.due_at, readings=told.readings)
        return
    finish(operation, told)


def mark_lapsed() -> int:
    """Turn actions whose worker died while doing them into *unknown*. Returns how many."""
    rows = lapsed(ActionOperation.objects.all(), timezone.now()).values_list("pk", flat=True)
    return sum(_mark_lapsed(pk) for pk in list(rows))


@one_write()
def _mark_lapsed(operation_id: int) -> bool:
    operation, now = load(operation_id), timezone.now()
    if not has_lapsed(operation, now):
        return False
    doubt = "OutcomeUnknown: 実施中に処理が途切れました"
    try:
        settle(operation, Settlement(OperationState.UNKNOWN, trouble=doubt, due_at=now))
    except StaleState:
        return False
    _tell(operation)
    return True


@one_write()
def finish(operation: ActionOperation, settlement: Settlement) -> None:
    """Write how it ended. Done: the action is done, and a follow is looked at in a year."""
    try:
        settle(operation, settlement)
    except StaleState:
        if not _settle_late(operation, settlement):
            return
    if operation.state == OperationState.DONE:
        _conclude(operation.action)
    if operation.state in NEEDS_A_PERSON:
        enqueue("posts.jobs.send_action_notice", operation.pk, queue="intake")
    _tell(operation)


def load(operation_id: int) -> ActionOperation:
    return ActionOperation.objects.select_related("channel", "action__approval").get(
        pk=operation_id
    )


def _settle_late(operation: ActionOperation, settlement: Settlement) -> bool:
    """The lease ran out while the platform was slow. Its clear answer still counts."""
    operation.refresh_from_db(fields=["state", "attempts", "leased_until"])
    late = operation.state == OperationState.UNKNOWN and settlement.state == OperationState.DONE
    if late:
        settle(operation, settlement)
    return late


def _conclude(action: RegisteredAction) -> None:
    follows = action.kind == Kind.FOLLOW
    review_on = timezone.localdate() + REVIEW_AFTER if follows else None
    move(
        action,
        table=ACTION_MOVES,
        to=ActionState.DONE,
        done_at=timezone.now(),
        review_on=review_on,
    )


def _objections(operation: ActionOperation) -> Iterator[str]:
    """What was true when it was agreed to must be true now."""
    action = operation.action
    kind = Kind(action.kind)
    if not by_api(kind, operation.channel):
        yield "Unsupported: 接続か権限がないため、担当者が画面で行ってください"
    if action.state != ActionState.AGREED or not approved(action, content_hash(action)):
        yield "Rejected: 同意された内容と一致しません"
    if missing(kind, {name: getattr(action, name) for name in STATED}):
        yield "Rejected: 決まりの求める内容がそろっていません"
    if leads_to_comment(operation.channel, action.target_url):
        yield f"Rejected: {AN_ANSWER}"


def _done() -> Settlement:
    return Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value)


def _wait(operation: ActionOperation, until: datetime) -> Settlement:
    return Settlement(OperationState.WAITING, due_at=until, attempts=operation.attempts - 1)


def _tell(operation: ActionOperation) -> None:
    record(
        actor=None,
        verb=Verb.ACTION_SENT,
        target=operation.action,
        channel=operation.channel_id,
        clause=RULES[Kind(operation.action.kind)].clause,
        details={
            "kind": operation.action.kind,
            "state": operation.action.state,
            "operation": operation.state,
            "attempts": operation.attempts,
            "trouble": operation.trouble,
        },
    )

"""Carrying decisions out: the worker's way from a due outbox row to its settlement."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.capabilities import AT_ONCE
from jspm_social.platforms.channels import client_of
from jspm_social.platforms.contract import Achieved, BatchClient, PlatformClient, Target
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import (
    Settlement,
    call,
    call_together,
    claim,
    due,
    has_lapsed,
    judge_error,
    lapsed,
    read_back,
    read_later,
    readable_unknowns,
    settle,
    stopped,
)
from jspm_social.platforms.states import NEEDS_A_PERSON, ChannelState, OperationState
from jspm_social.transitions import StaleState
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Comment, Commenter
from moderation.services.conclude import conclude
from moderation.states import STANDING_DECISIONS, CommentStanding

STOPPED_WAIT = timedelta(seconds=30)
LONGEST_CALL = timedelta(minutes=1)  # what one more call may take of a lease
OVERTAKEN = "この対応は、ほかの人か処理が先に進めました。"
PERSONAL = frozenset({Effect.BLOCK, Effect.UNBLOCK})  # aimed at the author, not the comment


def send(*, action_id: int) -> None:
    """Send one due effect, once. Does nothing when it is not due, taken, or all is stopped.

    Three steps: claim (committed), call (no transaction), settle (committed). A process that
    dies between them leaves a row in 'sending' whose lease runs out; it is then *unknown*. Where
    the platform takes several comments in one request, other due rows go along, each by the same
    three steps.
    """
    action = _load(action_id)
    if stopped(StopSwitch.Kind.EFFECTS) or action.channel.state == ChannelState.PAUSED:
        return
    if _has_a_predecessor(action) or not claim(action):
        return
    company = _claim_company(action)
    # As everything stands now, not as it stood before the claims.
    claimed = [_load(row.pk) for row in (action, *company)]
    ready = [row for row in claimed if not _refuse(row)]
    if ready:
        _send_claimed(ready)


def _send_claimed(actions: list[Action]) -> None:
    channel = actions[0].channel
    meter = ChannelMeter(channel)
    try:
        client = client_of(channel, meter)
    except PlatformError as error:
        for action in actions:
            finish(action, judge_error(error, attempts=action.attempts, now=timezone.now()))
        return
    try:
        if len(actions) > 1 and isinstance(client, BatchClient):
            _send_together(client, actions)
        else:
            _send_singly(client, actions)
    finally:
        meter.save()


def _send_together(client: BatchClient, actions: list[Action]) -> None:
    settlements = call_together(client, actions, [target_of(action) for action in actions])
    if settlements is None:
        again = [row for row in (_load(action.pk) for action in actions) if not _refuse(row)]
        _send_singly(cast("PlatformClient", client), again)
        return
    for action, settlement in zip(actions, settlements, strict=True):
        finish(action, settlement)


def _send_singly(client: PlatformClient, actions: list[Action]) -> None:
    """Send one after the other, each looked at again just before, as long as its lease holds.

    What says something about the channel as a whole (wait, reconnect) ends it for all of them.
    """
    told: PlatformError | None = None
    for number, action in enumerate(actions):
        if number and _refuse(action):
            continue
        now = timezone.now()
        if told is not None:
            settlement = judge_error(told, attempts=action.attempts, now=now)
        elif number and not _has_time(action, now):
            settlement = Settlement(
                OperationState.WAITING, due_at=now, attempts=action.attempts - 1
            )
        else:
            settlement = call(client, action, target_of(action))
            told = settlement.channel_error
        finish(action, settlement)


def _refuse(action: Action) -> bool:
    """Settle a claimed row that must not be sent after all. False: it may."""
    refusal = _recheck(action)
    if refusal is not None:
        finish(action, refusal)
    return refusal is not None


def _has_time(action: Action, now: datetime) -> bool:
    return action.leased_until is not None and now + LONGEST_CALL < action.leased_until


def _claim_company(action: Action) -> list[Action]:
    """Claim other due rows that can go out in the same request."""
    most = AT_ONCE.get((Platform(action.channel.platform), Effect(action.effect)), 1)
    rows = due(Action.objects.filter(channel=action.channel, effect=action.effect), timezone.now())
    rows = rows.exclude(pk=action.pk).exclude(
        Exists(_earlier(OuterRef("decision"), OuterRef("pk")))
    )
    return [row for row in rows[: most - 1] if claim(row)] if most > 1 else []


@one_write()
def finish(action: Action, settlement: Settlement) -> None:
    """Write how a call ended, what it means for the comment, and whether the case is done."""
    try:
        settle(action, settlement)
    except StaleState:
        if not _settle_late(action, settlement):
            return
    if settlement.state == OperationState.DONE:
        _reflect(action)
    conclude(action.decision)
    _record(action)


def _settle_late(action: Action, settlement: Settlement) -> bool:
    """The lease ran out while the platform was slow. Its clear answer still counts."""
    action.refresh_from_db(fields=["state", "attempts", "leased_until"])
    late = action.state == OperationState.UNKNOWN and settlement.state == OperationState.DONE
    if late:
        settle(action, settlement)
    return late


def mark_lapsed() -> int:
    """Turn effects whose worker died while sending into *unknown*. Returns how many."""
    rows = lapsed(Action.objects.all(), timezone.now()).values_list("pk", flat=True)
    return sum(_mark_lapsed(pk) for pk in list(rows))


@transaction.atomic
def _mark_lapsed(action_id: int) -> bool:
    """Look again: meanwhile it may have been settled, or be on the wire once more."""
    action, now = _load(action_id), timezone.now()
    if not has_lapsed(action, now):
        return False
    doubt = "OutcomeUnknown: 送信中に処理が途切れました"
    try:
        settle(action, Settlement(OperationState.UNKNOWN, trouble=doubt, due_at=now))
    except StaleState:
        return False
    conclude(action.decision)
    _record(action)
    return True


def reconcile(*, action_id: int) -> None:
    """Settle an unknown outcome by reading the platform. Never sends anything."""
    action, now = _load(action_id), timezone.now()
    if not readable_unknowns(Action.objects.filter(pk=action.pk), now).exists():
        return
    meter = ChannelMeter(action.channel)
    try:
        settlement = read_back(client_of(action.channel, meter), action, target_of(action))
    except PlatformError as error:
        settlement = read_later(action, now, error)
    finally:
        meter.save()
    if settlement.state == OperationState.UNKNOWN:  # nothing new to tell, only when to look again
        rows = Action.objects.filter(pk=action.pk, state=OperationState.UNKNOWN)
        rows.update(due_at=settlement.due_at, readings=settlement.readings)
        return
    finish(action, settlement)


@one_write()
def send_again(*, actor: User, action: Action) -> None:
    """A person has looked and wants the effect sent (again), as often as at first."""
    again = Settlement(OperationState.WAITING, due_at=timezone.now(), attempts=0)
    _by_hand(action, again, actor)


@one_write()
def mark_done(*, actor: User, action: Action) -> None:
    """A person has looked: the effect stands on the platform."""
    _by_hand(action, Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value), actor)


@one_write()
def give_up(*, actor: User, action: Action, note: str) -> None:
    """A person decides that this effect is not pursued any more, and says why."""
    if not note.strip():
        raise Refused("終わりにする理由を書いてください。")
    _by_hand(action, Settlement(OperationState.CANCELLED, trouble=action.trouble), actor, note)


def _by_hand(action: Action, settlement: Settlement, actor: User, note: str = "") -> None:
    if action.state not in NEEDS_A_PERSON:
        raise Overtaken(OVERTAKEN)
    try:
        settle(action, settlement)
    except StaleState as error:
        raise Overtaken(OVERTAKEN) from error
    if settlement.state == OperationState.DONE:
        _reflect(action)
    conclude(action.decision)
    _record(action, actor, note)


def target_of(action: Action) -> Target:
    comment = action.decision.case.comment
    return Target(
        comment_id=comment.remote_id,
        post_id=comment.post.remote_id,
        author_key=comment.commenter.platform_key,
    )


def _load(action_id: int) -> Action:
    return Action.objects.select_related(
        "channel",
        "decision__revision",
        "decision__policy_version",
        "decision__case__comment__post",
        "decision__case__comment__commenter",
    ).get(pk=action_id)


def _has_a_predecessor(action: Action) -> bool:
    """Effects of one decision go out in order. A hide that came after its deletion would meet
    nothing, which reads as if the author had deleted the comment.
    """
    return _earlier(action.decision_id, action.pk).exists()


def _earlier(decision: Any, pk: Any) -> QuerySet[Action]:
    under_way = [OperationState.WAITING, OperationState.SENDING]
    return Action.objects.filter(decision=decision, pk__lt=pk, state__in=under_way)


def _recheck(action: Action) -> Settlement | None:
    """Look again, after claiming, at everything that may have changed since the decision."""
    now = timezone.now()
    decision = action.decision
    if action.channel.state == ChannelState.DISCONNECTED:
        return Settlement(OperationState.FAILED, trouble="Unsupported: 接続されていません")
    if stopped(StopSwitch.Kind.EFFECTS):
        return Settlement(
            OperationState.WAITING, due_at=now + STOPPED_WAIT, attempts=action.attempts - 1
        )
    if decision.state not in STANDING_DECISIONS:
        return Settlement(OperationState.CANCELLED, trouble="判断が取り消されました")
    if decision.revision.number != decision.case.comment.revision_number:
        return Settlement(OperationState.FAILED, trouble="判断のあとにコメントが編集されました")
    return None


def _reflect(action: Action) -> None:
    """Bring our picture of the comment and its author up to what was achieved."""
    comment = action.decision.case.comment
    effect, applied = Effect(action.effect), action.achieved == Achieved.APPLIED.value
    if applied and effect in PERSONAL:
        # Before the comment: a page that is stored locks the two in this order.
        Commenter.objects.filter(pk=comment.commenter_id).update(blocked=effect is Effect.BLOCK)
    standing = None
    if not applied:
        standing = None if effect in PERSONAL else CommentStanding.GONE
    elif effect is Effect.HIDE:
        standing = CommentStanding.HIDDEN
    elif effect is Effect.UNHIDE:
        standing = CommentStanding.VISIBLE
    elif effect is Effect.DELETE or _ban_removes(effect, comment):
        standing = CommentStanding.REMOVED
    if standing is not None:
        # What we removed stays our removal, also when a later effect finds it gone.
        rows = Comment.objects.filter(pk=comment.pk).exclude(standing=CommentStanding.REMOVED)
        rows.update(standing=standing)


def _ban_removes(effect: Effect, comment: Comment) -> bool:
    """YouTube bans only together with rejecting the comment."""
    return effect is Effect.BLOCK and comment.channel.platform == Platform.YOUTUBE


def _record(action: Action, actor: User | None = None, note: str = "") -> None:
    decision = action.decision
    record(
        actor=actor,
        verb=f"effect.{action.state}",
        target=action,
        channel=action.channel_id,
        clause="・".join(decision.criteria),
        policy_version=str(decision.policy_version),
        details={
            "case": decision.case_id,
            "comment": decision.case.comment_id,
            "decision": decision.pk,
            "wanted": action.wanted,
            "effect": action.effect,
            "achieved": action.achieved,
            "attempts": action.attempts,
            "trouble": action.trouble,
        },
        personal={"note": note} if note else None,
    )

"""Carrying decisions out: the worker's way from a due outbox row to its settlement."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.capabilities import AT_ONCE, Outcome
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
from jspm_social.transitions import StaleState, move
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Comment, Commenter
from moderation.services.conclude import conclude
from moderation.services.holds import told
from moderation.services.locking import lock
from moderation.states import HOLD_MOVES, STANDING_DECISIONS, CommentStanding, HoldState

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
    rows = rows.exclude(pk=action.pk).exclude(Exists(_earlier(OuterRef("case"), OuterRef("pk"))))
    return [row for row in rows[: most - 1] if claim(row)] if most > 1 else []


@one_write()
def finish(action: Action, settlement: Settlement) -> None:
    """Write how a call ended, what it means for the comment, and whether the case is done."""
    if action.hold is not None:
        settlement = _as_held(action, settlement)
    try:
        settle(action, settlement)
    except StaleState:
        if not _settle_late(action, settlement):
            return
    if settlement.state == OperationState.DONE:
        _reflect(action)
    _conclude(action)
    _record(action)


def _as_held(action: Action, settlement: Settlement) -> Settlement:
    """A rule's hide that the platform refuses is no trouble of anybody's: the case waits anyway.

    Whoever decides on the comment at the same time comes before or after.
    """
    lock(action.case.comment_id)
    action.refresh_from_db(fields=["decision", "hold"])
    asked_for = action.decision is not None or action.effect != Effect.HIDE
    if asked_for or settlement.state != OperationState.FAILED:
        return settlement
    if action.hold is not None and action.hold.state == HoldState.STANDING:
        move(action.hold, table=HOLD_MOVES, to=HoldState.CALLED_OFF)
    return replace(settlement, state=OperationState.CANCELLED)


def _conclude(action: Action) -> None:
    """See whether the case is done. A rule's hold alone never ends one."""
    if action.decision is not None:
        conclude(action.decision)


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
    _conclude(action)
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
    _conclude(action)
    _record(action, actor, note)


def target_of(action: Action) -> Target:
    comment = action.case.comment
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
        "hold__ruleset",
        "hold__policy_version",
        "case__comment__post",
        "case__comment__commenter",
    ).get(pk=action_id)


def _has_a_predecessor(action: Action) -> bool:
    """Effects of one case go out in order. A hide that came after its deletion would meet
    nothing, which reads as if the author had deleted the comment; one that came after it was
    shown again would hide it for good.
    """
    return _earlier(action.case_id, action.pk).exists()


def _earlier(case: Any, pk: Any) -> QuerySet[Action]:
    under_way = [OperationState.WAITING, OperationState.SENDING]
    return Action.objects.filter(case=case, pk__lt=pk, state__in=under_way)


def _recheck(action: Action) -> Settlement | None:
    """Look again, after claiming, at everything that may have changed since the decision."""
    now = timezone.now()
    if action.channel.state == ChannelState.DISCONNECTED:
        return Settlement(OperationState.FAILED, trouble="Unsupported: 接続されていません")
    if stopped(StopSwitch.Kind.EFFECTS):
        return Settlement(
            OperationState.WAITING, due_at=now + STOPPED_WAIT, attempts=action.attempts - 1
        )
    if action.effect == Effect.UNHIDE and _was_never_hidden(action):
        return _not_needed(action, "まだ非表示にしていませんでした")
    return _recheck_decided(action) if action.decision else _recheck_held(action)


def _recheck_decided(action: Action) -> Settlement | None:
    decision = action.decision
    if decision is None or decision.state not in STANDING_DECISIONS:
        return Settlement(OperationState.CANCELLED, trouble="判断が取り消されました")
    if decision.revision.number != action.case.comment.revision_number:
        return Settlement(OperationState.FAILED, trouble="判断のあとにコメントが編集されました")
    return None


def _recheck_held(action: Action) -> Settlement | None:
    """A rule's hide goes out while its hold stands, and is undone while no person wants it."""
    comment, now = action.case.comment, timezone.now()
    if action.effect == Effect.UNHIDE:
        removed = action.case.decisions.filter(
            state__in=STANDING_DECISIONS, outcome__in=[Outcome.HIDE, Outcome.DELETE, Outcome.BLOCK]
        )
        return _not_needed(action, "人が判断しました") if removed.exists() else None
    if action.hold is None or action.hold.state != HoldState.STANDING:
        return _not_needed(action, "自動の非表示は取りやめられました")
    if comment.judged_at is None:  # edited: the newer text may be judged otherwise
        return Settlement(
            OperationState.WAITING, due_at=now + STOPPED_WAIT, attempts=action.attempts - 1
        )
    return None


def _not_needed(action: Action, why: str) -> Settlement:
    return Settlement(OperationState.CANCELLED, trouble=why, attempts=action.attempts - 1)


def _was_never_hidden(action: Action) -> bool:
    """Tell whether what is to be shown again was a rule's hide that never went out."""
    hides = Action.objects.filter(case=action.case_id, effect=Effect.HIDE, pk__lt=action.pk)
    hide = hides.filter(hold__isnull=False).order_by("-pk").first()
    return hide is not None and hide.state == OperationState.CANCELLED and not hide.attempts


def _reflect(action: Action) -> None:
    """Bring our picture of the comment and its author up to what was achieved."""
    comment = action.case.comment
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
    cause = action.cause
    record(
        actor=actor,
        verb=f"effect.{action.state}",
        target=action,
        channel=action.channel_id,
        clause="・".join(cause.criteria),
        policy_version=str(cause.policy_version),
        details={
            "case": action.case_id,
            "comment": action.case.comment_id,
            "decision": action.decision_id,
            **(told(action.hold) if action.hold else {}),
            "wanted": action.wanted,
            "effect": action.effect,
            "achieved": action.achieved,
            "attempts": action.attempts,
            "trouble": action.trouble,
        },
        personal={"note": note} if note else None,
    )

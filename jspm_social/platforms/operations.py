"""How an outbox row travels: claim, call, settle; back off, or admit that nobody knows.

Every function works on any model that inherits RemoteOperation. Claim and settle are each one
conditional update; the call to the platform stands between them, outside any transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from jspm_social.transitions import StaleState, move

from .contract import Achieved, BatchClient, PlatformClient, Standing, Target
from .errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    Pending,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from .health import describe, note_trouble
from .models import Channel, StopSwitch
from .names import Effect
from .outbox import EffectOperation, RemoteOperation
from .states import OPERATION_MOVES, ChannelState, OperationState

Op = TypeVar("Op", bound=RemoteOperation)

LEASE = timedelta(minutes=5)  # longer than any call may take (http.py bounds it)
MAX_ATTEMPTS = 8
BACK_OFF = (5, 15, 60, 300, 900, 1800, 3600)  # seconds before attempt 2, 3, ...
RECONNECT_WAIT = timedelta(minutes=15)
READ_AGAIN = timedelta(minutes=15)  # until an unknown outcome is read again
READ_SOONEST = timedelta(seconds=5)  # also where the platform names a moment that has passed
# Minutes until the next reading, after one, two, ... that could not tell: a little over two days
# in all. Then it is left to a person.
READINGS = (15, 30, 60, 120, 240, 480, 960, 1440)

# What it looks like on the platform when the effect has happened.
PROOF = {
    Effect.HIDE: {Standing.HIDDEN, Standing.REMOVED},
    Effect.UNHIDE: {Standing.VISIBLE},
    Effect.DELETE: {Standing.REMOVED},
    Effect.BLOCK: {Standing.BLOCKED},
    Effect.UNBLOCK: {Standing.NOT_BLOCKED},
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written after a call. `state` is one of the targets of 'sending'."""

    state: OperationState
    achieved: str = ""
    trouble: str = ""
    due_at: datetime | None = None
    attempts: int | None = None  # None: the sending counts, as it was counted by its claim
    readings: int = 0  # in vain, while the outcome stays unknown
    channel_error: PlatformError | None = None  # says something about the channel as a whole


def stopped(kind: str) -> bool:
    """Tell whether the emergency stop for this kind of sending is on."""
    return StopSwitch.objects.filter(kind=kind).exists()


def due(rows: QuerySet[Op], now: datetime) -> QuerySet[Op]:
    """Narrow `rows` to those that may be claimed now, oldest first."""
    calm = Q(channel__calm_until__isnull=True) | Q(channel__calm_until__lte=now)
    return rows.filter(
        calm,
        state=OperationState.WAITING,
        due_at__lte=now,
        channel__state__in=[
            ChannelState.ACTIVE,
            ChannelState.RECONNECT,
            ChannelState.DISCONNECTED,  # fails at once, so that a person is told
        ],
    ).order_by("due_at", "pk")


def is_calm(channel: Channel, now: datetime) -> bool:
    """Tell whether no rate limit keeps us from calling the channel's platform now."""
    return channel.calm_until is None or channel.calm_until <= now


def claim(operation: RemoteOperation) -> bool:
    """Take the row for this process. False when it is not due or another worker has it."""
    now = timezone.now()
    if operation.state != OperationState.WAITING:
        return False
    try:
        move(
            operation,
            table=OPERATION_MOVES,
            to=OperationState.SENDING,
            where={"due_at__lte": now},
            leased_until=now + LEASE,
            attempts=operation.attempts + 1,
        )
    except StaleState:
        return False
    return True


def call(client: PlatformClient, operation: EffectOperation, target: Target) -> Settlement:
    """Perform the effect once and say how it ended. Never raises for what a platform may do."""
    try:
        receipt = client.apply(Effect(operation.effect), target)
    except PlatformError as error:
        return judge_error(error, attempts=operation.attempts, now=timezone.now())
    return Settlement(OperationState.DONE, achieved=receipt.achieved.value)


def call_together(
    client: BatchClient, operations: Sequence[EffectOperation], targets: Sequence[Target]
) -> list[Settlement] | None:
    """Perform one effect on several targets with one request and say how each ended.

    None: it was refused, perhaps for the sake of one of them; each has to be called by itself.
    """
    try:
        client.apply_many(Effect(operations[0].effect), targets)
    except (Missing, Rejected, Unsupported):
        return None
    except PlatformError as error:
        now = timezone.now()
        return [judge_error(error, attempts=o.attempts, now=now) for o in operations]
    return [Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value) for _ in operations]


def judge_error(error: PlatformError, *, attempts: int, now: datetime) -> Settlement:
    """Map an error to what happens next. An unclassified error counts as unknown."""
    trouble = describe(error)
    match error:
        case Missing():
            return Settlement(OperationState.DONE, achieved=Achieved.GONE.value)
        case RateLimited() | Pending():
            return Settlement(
                OperationState.WAITING,
                trouble=trouble,
                due_at=error.until,
                attempts=attempts - 1,  # a platform that asks to wait has not failed
                channel_error=error if isinstance(error, RateLimited) else None,
            )
        case AuthExpired():
            return Settlement(
                OperationState.WAITING,
                trouble=trouble,
                due_at=now + RECONNECT_WAIT,
                attempts=attempts - 1,
                channel_error=error,
            )
        case Transient():
            return _once_more(attempts=attempts, now=now, trouble=trouble)
        case Rejected() | Unsupported():
            return Settlement(OperationState.FAILED, trouble=trouble)
        case OutcomeUnknown() | _:
            return Settlement(
                OperationState.UNKNOWN, trouble=trouble, due_at=now + _pause(attempts)
            )


def _once_more(*, attempts: int, now: datetime, trouble: str) -> Settlement:
    """Nothing happened on the platform: send again later, up to the attempt that was the last."""
    if attempts >= MAX_ATTEMPTS:
        return Settlement(OperationState.FAILED, trouble=trouble)
    return Settlement(OperationState.WAITING, trouble=trouble, due_at=now + _pause(attempts))


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1])


def settle(operation: RemoteOperation, settlement: Settlement) -> None:
    """Write how the call ended, by compare-and-set from the state and the lease it was claimed in.

    Raises StaleState when somebody else settled it first, or another attempt is under way. Runs
    inside the caller's transaction.
    """
    changes: dict[str, Any] = {
        "achieved": settlement.achieved,
        "trouble": settlement.trouble,
        "leased_until": None,
        "readings": settlement.readings,
    }
    if settlement.due_at is not None:
        changes["due_at"] = settlement.due_at
    if settlement.attempts is not None:
        changes["attempts"] = settlement.attempts
    if settlement.state in {OperationState.DONE, OperationState.FAILED}:
        changes["settled_at"] = timezone.now()
    this_attempt = {"leased_until": operation.leased_until}
    move(operation, table=OPERATION_MOVES, to=settlement.state, where=this_attempt, **changes)
    if settlement.channel_error is not None:
        note_trouble(channel=operation.channel, error=settlement.channel_error)


def lapsed(rows: QuerySet[Op], now: datetime) -> QuerySet[Op]:
    """Rows whose worker died while sending: whether the effect happened is not known."""
    return rows.filter(state=OperationState.SENDING, leased_until__lt=now)


def has_lapsed(operation: RemoteOperation, now: datetime) -> bool:
    """Tell the same of one row, as it was read."""
    lease = operation.leased_until
    return operation.state == OperationState.SENDING and lease is not None and lease < now


def read_back(client: PlatformClient, operation: EffectOperation, target: Target) -> Settlement:
    """Settle an unknown outcome by reading the platform, never by sending again.

    Only where reading proves that nothing happened does the row wait for another sending, longer
    each time and not for ever. Where the platform cannot tell, it stays unknown and a person
    decides; it is asked again after a while, longer each time, and at last not any more.
    """
    effect, now = Effect(operation.effect), timezone.now()
    try:
        standing = client.read_standing(effect, target)
    except Missing:
        standing = Standing.GONE
    except PlatformError as error:
        return read_later(operation, now, error)
    if standing in PROOF.get(effect, set()):
        return Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value)
    if standing is Standing.UNREADABLE:
        return read_in_vain(operation, now)
    if standing is Standing.GONE:
        # It may have been our own deletion whose answer was lost, or the author's: not provable.
        return Settlement(OperationState.DONE, achieved=Achieved.GONE.value)
    return _once_more(attempts=operation.attempts, now=now, trouble=operation.trouble)


def read_in_vain(operation: RemoteOperation, now: datetime) -> Settlement:
    """The platform was asked and cannot tell: ask again after a while, longer each time."""
    minutes = READINGS[min(operation.readings, len(READINGS) - 1)]
    return Settlement(
        OperationState.UNKNOWN,
        trouble=operation.trouble,
        due_at=now + timedelta(minutes=minutes),
        readings=operation.readings + 1,
    )


def read_later(operation: RemoteOperation, now: datetime, error: PlatformError) -> Settlement:
    """The platform could not be asked: that is no reading. Ask again when it said, if it did."""
    told = error.until if isinstance(error, (Pending, RateLimited)) else now + READ_AGAIN
    return Settlement(
        OperationState.UNKNOWN,
        trouble=operation.trouble,
        due_at=max(told, now + READ_SOONEST),
        readings=operation.readings,
    )


def is_left_to_a_person(operation: RemoteOperation) -> bool:
    """Tell whether an unknown outcome was read so often in vain that nobody reads it any more."""
    return operation.state == OperationState.UNKNOWN and operation.readings >= len(READINGS)


def readable_unknowns(rows: QuerySet[Op], now: datetime) -> QuerySet[Op]:
    """Narrow `rows` to unknown outcomes whose next reading is due."""
    return rows.filter(state=OperationState.UNKNOWN, due_at__lte=now, readings__lt=len(READINGS))

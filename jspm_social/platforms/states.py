"""States of channels and of outbox rows, with their allowed moves."""

from django.db import models

from jspm_social.transitions import moves


class ChannelState(models.TextChoices):
    ACTIVE = "active", "稼働中"
    PAUSED = "paused", "一時停止"
    RECONNECT = "reconnect", "再接続が必要"
    DISCONNECTED = "disconnected", "切断済み"


CHANNEL_MOVES = moves(
    {
        ChannelState.ACTIVE: {
            ChannelState.PAUSED,
            ChannelState.RECONNECT,
            ChannelState.DISCONNECTED,
        },
        ChannelState.PAUSED: {ChannelState.ACTIVE, ChannelState.DISCONNECTED},
        ChannelState.RECONNECT: {
            ChannelState.ACTIVE,
            ChannelState.PAUSED,
            ChannelState.DISCONNECTED,
        },
        ChannelState.DISCONNECTED: {ChannelState.ACTIVE},
    }
)


class AttemptState(models.TextChoices):
    """An account that is being connected by a person in a browser."""

    ASKING = "asking", "許可待ち"  # the platform's own page asks the person
    EXCHANGING = "exchanging", "確認中"  # claimed: the code that came back is being used
    CHOOSING = "choosing", "選択待ち"  # the permission covers several accounts
    FAILED = "failed", "失敗"  # nothing was stored; it can be asked again


ATTEMPT_MOVES = moves(
    {
        AttemptState.ASKING: {AttemptState.EXCHANGING, AttemptState.FAILED},
        AttemptState.EXCHANGING: {AttemptState.CHOOSING, AttemptState.FAILED},
        AttemptState.CHOOSING: {AttemptState.EXCHANGING, AttemptState.FAILED},
        AttemptState.FAILED: {AttemptState.ASKING},
    }
)


class DeliveryState(models.TextChoices):
    """What a webhook told: waiting for a worker, taken in, or given up on."""

    WAITING = "waiting", "処理待ち"
    TAKEN = "taken", "処理済み"
    FAILED = "failed", "処理できず"


DELIVERY_MOVES = moves(
    {
        DeliveryState.WAITING: {DeliveryState.TAKEN, DeliveryState.FAILED},
        DeliveryState.TAKEN: set(),
        DeliveryState.FAILED: set(),
    }
)


class OperationState(models.TextChoices):
    """An outbox row. `unknown` means: it went out, and nobody knows yet whether it happened."""

    WAITING = "waiting", "送信待ち"
    SENDING = "sending", "送信中"
    DONE = "done", "完了"
    UNKNOWN = "unknown", "結果不明"
    FAILED = "failed", "失敗"
    CANCELLED = "cancelled", "取り消し"


OPERATION_MOVES = moves(
    {
        OperationState.WAITING: {
            OperationState.SENDING,
            OperationState.CANCELLED,
            OperationState.FAILED,  # overdue before it was sent: held for a person
        },
        OperationState.SENDING: {
            OperationState.DONE,
            OperationState.WAITING,
            OperationState.UNKNOWN,
            OperationState.FAILED,
            OperationState.CANCELLED,
        },
        OperationState.UNKNOWN: {
            OperationState.DONE,
            OperationState.WAITING,
            OperationState.FAILED,
            OperationState.CANCELLED,
        },
        OperationState.FAILED: {
            OperationState.WAITING,
            OperationState.DONE,
            OperationState.CANCELLED,
        },
        OperationState.DONE: set(),
        OperationState.CANCELLED: set(),
    }
)
SETTLED = frozenset({OperationState.DONE, OperationState.CANCELLED})
NEEDS_A_PERSON = frozenset({OperationState.UNKNOWN, OperationState.FAILED})

"""The life of an approval request."""

from typing import Final

from django.db import models

from jspm_social.transitions import moves


class RequestState(models.TextChoices):
    OPEN = "open", "承認待ち"
    APPROVED = "approved", "承認済み"
    REJECTED = "rejected", "否決"
    EXPIRED = "expired", "期限切れ"
    VOID = "void", "無効"


class Choice(models.TextChoices):
    APPROVE = "approve", "承認"
    REJECT = "reject", "否認"


MOVES: Final = moves(
    {
        RequestState.OPEN: {
            RequestState.APPROVED,
            RequestState.REJECTED,
            RequestState.EXPIRED,
            RequestState.VOID,
        },
        # What was approved can still be edited before it is used: the edit voids the approval.
        RequestState.APPROVED: {RequestState.VOID},
        RequestState.REJECTED: set(),
        RequestState.EXPIRED: set(),
        RequestState.VOID: set(),
    }
)

"""The life of an invitation."""

from django.db import models

from jspm_social.transitions import moves


class InvitationState(models.TextChoices):
    OPEN = "open", "返事待ち"
    ACCEPTED = "accepted", "登録済み"
    WITHDRAWN = "withdrawn", "取り消し"


INVITATION_MOVES = moves(
    {
        InvitationState.OPEN: {InvitationState.ACCEPTED, InvitationState.WITHDRAWN},
        InvitationState.ACCEPTED: set(),
        InvitationState.WITHDRAWN: set(),
    }
)

"""The life of one change of a setting."""

from django.db import models

from jspm_social.transitions import moves


class ChangeState(models.TextChoices):
    PROPOSED = "proposed", "同意待ち"
    IN_FORCE = "in_force", "適用"
    REFUSED = "refused", "不採用"


CHANGE_MOVES = moves(
    {
        ChangeState.PROPOSED: {ChangeState.IN_FORCE, ChangeState.REFUSED},
        ChangeState.IN_FORCE: set(),
        ChangeState.REFUSED: set(),
    }
)

"""The lives of a policy version and of a rule set."""

from typing import Final

from django.db import models

from jspm_social.transitions import moves


class VersionState(models.TextChoices):
    DRAFT = "draft", "案"
    IN_FORCE = "in_force", "施行中"
    RETIRED = "retired", "旧版"


class RuleSetState(models.TextChoices):
    DRAFT = "draft", "案"
    ACTIVE = "active", "使用中"
    RETIRED = "retired", "終了"


VERSION_MOVES: Final = moves(
    {
        VersionState.DRAFT: {VersionState.IN_FORCE},
        VersionState.IN_FORCE: {VersionState.RETIRED},
        VersionState.RETIRED: set(),
    }
)
RULESET_MOVES: Final = moves(
    {
        RuleSetState.DRAFT: {RuleSetState.ACTIVE},
        RuleSetState.ACTIVE: {RuleSetState.RETIRED},
        # Rolling back: its content cannot have changed since it was in use.
        RuleSetState.RETIRED: {RuleSetState.ACTIVE},
    }
)

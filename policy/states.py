"""The lives of a policy version and of a rule set."""

from typing import Final

from django.db import models

from jspm_social.transitions import moves


class VersionState(models.TextChoices):
    DRAFT = "draft", "案"
    IN_FORCE = "in_force", "施行中"
    RETIRED = "retired", "旧版"


class RuleSetState(models.TextChoices):
    """Only a draft can be edited. A shadow is judged beside the active one and never acts."""

    DRAFT = "draft", "案"
    SHADOW = "shadow", "試行中"
    ACTIVE = "active", "使用中"
    RETIRED = "retired", "終了"
    WITHDRAWN = "withdrawn", "取り下げ"


class TrialState(models.TextChoices):
    """The life of a backtest, or of a watch over live comments."""

    RUNNING = "running", "実行中"
    DONE = "done", "完了"
    CANCELLED = "cancelled", "中止"
    STALE = "stale", "案の変更により中止"


VERSION_MOVES: Final = moves(
    {
        VersionState.DRAFT: {VersionState.IN_FORCE},
        VersionState.IN_FORCE: {VersionState.RETIRED},
        VersionState.RETIRED: set(),
    }
)
RULESET_MOVES: Final = moves(
    {
        # Straight to work goes only what the project itself carries.
        RuleSetState.DRAFT: {RuleSetState.SHADOW, RuleSetState.ACTIVE, RuleSetState.WITHDRAWN},
        RuleSetState.SHADOW: {RuleSetState.ACTIVE, RuleSetState.WITHDRAWN},
        RuleSetState.ACTIVE: {RuleSetState.RETIRED},
        # Rolling back: its content cannot have changed since it was in use.
        RuleSetState.RETIRED: {RuleSetState.ACTIVE},
        RuleSetState.WITHDRAWN: set(),
    }
)
TRIAL_MOVES: Final = moves(
    {
        TrialState.RUNNING: {TrialState.DONE, TrialState.CANCELLED, TrialState.STALE},
        TrialState.DONE: set(),
        TrialState.CANCELLED: set(),
        TrialState.STALE: set(),
    }
)

"""The lives of a policy version and of a rule set."""

from typing import Final

from django.db import models

from jspm_social.transitions import moves


class VersionState(models.TextChoices):
    DRAFT = "draft", "案"
    REVIEW = "review", "承認待ち"
    APPROVED = "approved", "施行待ち"
    IN_FORCE = "in_force", "施行中"
    RETIRED = "retired", "旧版"
    DROPPED = "dropped", "取りやめ"


class RuleSetState(models.TextChoices):
    """Only a draft can be edited. A shadow is judged beside the active one and never acts."""

    DRAFT = "draft", "案"
    SHADOW = "shadow", "試行中"
    COPY = "copy", "写し"
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
        # At once only the very first one, which the project carries: the database sees to it.
        VersionState.DRAFT: {VersionState.REVIEW, VersionState.IN_FORCE, VersionState.DROPPED},
        VersionState.REVIEW: {VersionState.APPROVED, VersionState.DRAFT},
        VersionState.APPROVED: {VersionState.IN_FORCE, VersionState.DRAFT},
        VersionState.IN_FORCE: {VersionState.RETIRED},
        VersionState.RETIRED: set(),
        VersionState.DROPPED: set(),
    }
)
UPCOMING: Final = frozenset({VersionState.DRAFT, VersionState.REVIEW, VersionState.APPROVED})
PUBLIC: Final = frozenset({VersionState.IN_FORCE, VersionState.RETIRED})
RULESET_MOVES: Final = moves(
    {
        # Straight to work goes only what the project itself carries.
        RuleSetState.DRAFT: {RuleSetState.SHADOW, RuleSetState.ACTIVE, RuleSetState.WITHDRAWN},
        RuleSetState.SHADOW: {RuleSetState.ACTIVE, RuleSetState.WITHDRAWN},
        # Made for a new version of the policy, within the write that puts it to work.
        RuleSetState.COPY: {RuleSetState.ACTIVE},
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

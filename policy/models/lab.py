"""Around the rule sets: who edited a draft, how it fared in trials, and how often rules hit."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from policy.states import TrialState

from .rulesets import RuleSet


class RuleSetEdit(models.Model):
    """One edit of a draft: who, when, why, and what in words. Whoever stands here cannot approve.

    Written only while the set is a draft, and never changed (migration 0003).
    """

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="edits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", default=timezone.now)
    what = models.CharField("変更", max_length=500)
    why = models.CharField("理由", max_length=500)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "規則セットの変更"


class Activation(models.Model):
    """A rule set went to work: approved, or brought back. Never changed (migration 0003)."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "承認により使用開始"
        ROLLED_BACK = "rolled_back", "元に戻す"

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="activations")
    previous = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("種類", max_length=16, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", default=timezone.now)
    why = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "規則セットの使用開始"


class Trial(models.Model):
    """A rule set judged beside the active one, without any effect: over past comments (a
    backtest) or over those that come in (a shadow).

    `cursor` is the last id that was looked at: of comments from the newest to the oldest, or of
    verdicts as they come. `figures` hold per criterion, under either set, how many comments
    bear the label that a person decided on, and in how many of these the person agreed.
    `cost_ms` is processor time.
    """

    class Kind(models.TextChoices):
        PAST = "past", "過去のコメント"
        LIVE = "live", "届いたコメント"

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="trials")
    against = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()  # of the draft when it began
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(
        "状態", max_length=16, choices=TrialState.choices, default=TrialState.RUNNING
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField("開始", default=timezone.now)
    touched_at = models.DateTimeField("最終更新", default=timezone.now)
    ended_at = models.DateTimeField("終了", null=True)
    cursor = models.BigIntegerField(null=True)
    total = models.PositiveIntegerField("対象", default=0)
    seen = models.PositiveIntegerField("確認した件数", default=0)
    rejudged = models.PositiveIntegerField("規則を適用し直した件数", default=0)
    caught = models.PositiveIntegerField("新たに見つかる", default=0)
    freed = models.PositiveIntegerField("見つからなくなる", default=0)
    changed = models.PositiveIntegerField("基準が変わる", default=0)
    hidden = models.PositiveIntegerField("自動で非表示になる", default=0)
    cost_ms = models.FloatField("処理時間", default=0.0)  # of `rejudged` comments, by `ruleset`
    cost_before_ms = models.FloatField("これまでの処理時間", default=0.0)  # by `against`
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "試験"
        constraints = [
            models.UniqueConstraint(
                fields=["ruleset", "kind"],
                condition=models.Q(state=TrialState.RUNNING),
                name="policy_one_running_trial",
            )
        ]

    @property
    def percent(self) -> int:
        """How far a backtest is, 0 to 100."""
        return min(100, self.seen * 100 // self.total) if self.total else 100


class TrialSample(models.Model):
    """A comment on which the two sets differ, to be read. Its words are not kept here."""

    class Kind(models.TextChoices):
        CAUGHT = "caught", "新たに見つかる"
        FREED = "freed", "見つからなくなる"
        CHANGED = "changed", "基準が変わる"
        HIDDEN = "hidden", "自動で非表示になる"

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="samples")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    comment_id = models.BigIntegerField()
    before = models.CharField(max_length=200)  # labels, or the route, in words
    after = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]


class RuleDay(models.Model):
    """How many verdicts of one day a rule had part in."""

    rule = models.CharField("規則", max_length=130)  # as `Evidence.rule` names it
    day = models.DateField("日")
    hits = models.PositiveIntegerField("件数", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "day"], name="policy_rule_day"),
        ]


class RuleAlarm(models.Model):
    """A rule hit far more often on a day than it usually does. Told once."""

    rule = models.CharField("規則", max_length=130)
    day = models.DateField("日")
    hits = models.PositiveIntegerField("件数")
    usual = models.FloatField("ふだんの件数")
    noticed_at = models.DateTimeField("気づいた日時", default=timezone.now)
    told_at = models.DateTimeField("通知日時", null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = "規則の警報"
        constraints = [
            models.UniqueConstraint(fields=["rule", "day"], name="policy_one_alarm_a_day"),
        ]


class Bookmark(models.Model):
    """How far a walk over the verdicts has come."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.BigIntegerField(default=0)

"""Rule sets: how the criteria are applied. Immutable once they have left the draft state."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from policy.criteria import Criterion, Signal
from policy.ruleset import DEFAULT_THRESHOLD, LINK, NAME, PATTERN, TERM, TOGETHER
from policy.states import RuleSetState

from .versions import PolicyVersion


class Outcome(models.TextChoices):
    """What is proposed for a comment; moderation decides, and the platform limits."""

    KEEP = "keep", "残す"
    HIDE = "hide", "非表示"
    DELETE = "delete", "削除"
    BLOCK = "block", "ブロック"


class RuleKind(models.TextChoices):
    """What a rule's value is; `policy.ruleset` says what each matches."""

    TERM = TERM, "語句"
    PATTERN = PATTERN, "パターン"
    NAME = NAME, "表示名"
    LINK = LINK, "リンク"
    TOGETHER = TOGETHER, "組み合わせ"
    CLAIM = "claim", "誤った主張"  # matched as a term; tells what is right, and the source


class Automation(models.TextChoices):
    """What may happen to a comment before a person has looked at it."""

    NONE = "none", "判定に使わない"
    QUEUE = "queue", "人の判断に回す"
    HIDE = "hide", "いったん非表示にして、人の判断に回す"


class RuleSet(models.Model):
    """How the criteria are applied: settings and rules. Exactly one is active, at most one is a
    draft, and at most one is watched as a shadow.

    `revision` counts the edits of a draft, so that a backtest knows what it read.
    """

    number = models.PositiveIntegerField("番号", unique=True)
    policy_version = models.ForeignKey(
        PolicyVersion, verbose_name="運用方針", on_delete=models.PROTECT, related_name="rulesets"
    )
    state = models.CharField(
        "状態", max_length=16, choices=RuleSetState.choices, default=RuleSetState.DRAFT
    )
    created_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)
    activated_at = models.DateTimeField("使用開始", null=True, editable=False)
    based_on = models.ForeignKey(
        "self",
        verbose_name="もとの規則セット",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    revision = models.PositiveIntegerField("変更回数", default=0, editable=False)

    class Meta:
        ordering = ["-number"]
        verbose_name = "規則セット"
        verbose_name_plural = "規則セット"
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=RuleSetState.ACTIVE),
                name="policy_one_active_ruleset",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=RuleSetState.DRAFT),
                name="policy_one_draft_ruleset",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=RuleSetState.SHADOW),
                name="policy_one_shadow_ruleset",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RuleSetState.values),
                name="policy_ruleset_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"規則セット{self.number}"


class CriterionSetting(models.Model):
    """How one criterion or signal is handled. `severity` 0 to 5; `threshold` 0.0 to 1.0.

    `retention_days` is how long evidence of this ground is to be kept; null: without an end.
    """

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="settings")
    criterion = models.CharField(
        "基準", max_length=16, choices=[*Criterion.choices, *Signal.choices]
    )
    guidance = models.TextField("判断の手引き")
    examples_yes = ArrayField(models.TextField(), verbose_name="当てはまる例", default=list)
    examples_no = ArrayField(models.TextField(), verbose_name="当てはまらない例", default=list)
    default_outcome = models.CharField("標準の対応", max_length=8, choices=Outcome.choices)
    severity = models.PositiveSmallIntegerField("重さ")
    threshold = models.FloatField("しきい値", default=DEFAULT_THRESHOLD)
    automation = models.CharField(
        "自動処理", max_length=8, choices=Automation.choices, default=Automation.QUEUE
    )
    daily_cap = models.PositiveSmallIntegerField("1日の自動非表示の上限", default=20)
    strike_weight = models.PositiveSmallIntegerField("違反の点数", default=0)
    retention_days = models.PositiveIntegerField("証拠の保存日数", null=True, blank=True)

    class Meta:
        verbose_name = "基準の設定"
        verbose_name_plural = "基準の設定"
        constraints = [
            models.UniqueConstraint(
                fields=["ruleset", "criterion"], name="policy_setting_per_criterion"
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__gt=0, threshold__lte=1),
                name="policy_setting_threshold",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__lte=5), name="policy_setting_severity"
            ),
            models.CheckConstraint(
                condition=models.Q(automation__in=Automation.values),
                name="policy_setting_automation",
            ),
            # Signals are no grounds for any effect, and none of them may be overheard either.
            models.CheckConstraint(
                condition=models.Q(automation=Automation.QUEUE)
                | ~models.Q(criterion__in=Signal.values),
                name="policy_setting_no_hold_for_signals",
            ),
        ]

    def __str__(self) -> str:
        return self.criterion


class Rule(models.Model):
    """One rule, as `policy.ruleset.RuleSpec` explains it, and who put it there and why.

    `reason` stands beside the evidence on the case page; `why` is the author's. A known false
    claim tells what is right (`correction`) and where that stands (`source`).
    """

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    position = models.PositiveIntegerField("順序")
    group = models.CharField("名前", max_length=100)
    kind = models.CharField("種類", max_length=16, choices=RuleKind.choices)
    criterion = models.CharField(
        "基準", max_length=16, blank=True, choices=[*Criterion.choices, *Signal.choices]
    )
    value = models.TextField("値", blank=True)
    weight = models.FloatField("重み", default=0.0)
    reason = models.CharField("理由", max_length=200, blank=True)
    requires = ArrayField(models.CharField(max_length=100), verbose_name="前提", default=list)
    unless = ArrayField(models.CharField(max_length=100), verbose_name="除外", default=list)
    within = models.PositiveSmallIntegerField("距離", default=0)
    correction = models.TextField("正しい内容", blank=True)
    source = models.CharField("出典", max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="作成者",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    why = models.CharField("作成の理由", max_length=500, blank=True)
    added_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        ordering = ["position"]
        verbose_name = "規則"
        verbose_name_plural = "規則"
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "position"], name="policy_rule_position"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0, weight__lte=1), name="policy_rule_weight"
            ),
        ]

    def __str__(self) -> str:
        return self.group

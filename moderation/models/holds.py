"""A comment that a rule hid for the time being, until a person decides (「いったん非表示」)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from moderation.models.cases import Case
from moderation.models.comments import CommentRevision, Judgement
from moderation.states import HoldState


class Hold(models.Model):
    """A reversible hide that the rule set asked for, by no person's hand.

    It says on which text, by which verdict (rule set, engine, scores) and for which criteria. It
    is no decision: it is no strike and counts in no figure of what people decided. After an edit
    that is judged the same, `revision` and `judgement` are those of the newer text.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    revision = models.OneToOneField(CommentRevision, on_delete=models.PROTECT, related_name="+")
    judgement = models.ForeignKey(Judgement, on_delete=models.PROTECT, related_name="+")
    criteria = ArrayField(models.CharField(max_length=16), default=list)
    clauses = models.JSONField(default=list)  # [{"code", "text"}] as they read then
    policy_version = models.ForeignKey(
        "policy.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    ruleset = models.ForeignKey("policy.RuleSet", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        "状態", max_length=16, choices=HoldState.choices, default=HoldState.STANDING
    )
    held_at = models.DateTimeField("非表示の開始")
    until = models.DateTimeField("判断の期限")  # then it is shown again, decided or not

    class Meta:
        verbose_name = "自動の非表示"
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state=HoldState.STANDING),
                name="one_standing_hold_per_case",
            )
        ]
        indexes = [
            models.Index(
                fields=["until"],
                name="hold_until",
                condition=models.Q(state=HoldState.STANDING),
            ),
            models.Index(fields=["held_at"], name="hold_by_day"),
        ]

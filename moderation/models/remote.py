"""The optional judge outside the house: for what it is asked, what it said, what that cost."""

from django.conf import settings
from django.db import models

from moderation.models.comments import Judgement
from moderation.states import RemoteState
from policy.criteria import Criterion
from policy.models import RuleSet


class RemoteCriterion(models.Model):
    """A criterion about which the remote judge is asked. No row: not asked."""

    criterion = models.CharField("基準", max_length=16, unique=True, choices=Criterion.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "外部の判定の対象"


class RemoteOpinion(models.Model):
    """One question to the remote judge and what it answered; asked once, used again.

    `request_hash` covers all that is sent: the masked text, the post, the criteria with their
    wording, the model. The text itself is not kept here.
    """

    request_hash = models.CharField(max_length=64, db_collation="C")
    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+", db_index=False)
    model = models.CharField("モデル", max_length=200)
    state = models.CharField(max_length=16, choices=RemoteState.choices, default=RemoteState.ASKED)
    findings = models.JSONField(default=list)  # [{"criterion", "confidence", "reason"}]
    trouble = models.CharField(max_length=100, blank=True)  # why there is no answer; quotes nothing
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "外部の判定"
        constraints = [
            models.UniqueConstraint(
                fields=["request_hash", "ruleset", "model"], name="one_opinion_per_question"
            )
        ]


class RemoteLook(models.Model):
    """That the remote judge was asked about what a verdict was about. Once per verdict."""

    judgement = models.OneToOneField(
        Judgement, on_delete=models.CASCADE, related_name="remote_look"
    )
    opinion = models.ForeignKey(RemoteOpinion, on_delete=models.PROTECT, related_name="looks")


class RemoteDay(models.Model):
    """What one day (in Japan) has cost: counted before a question is sent, priced afterwards."""

    day = models.DateField(unique=True)
    calls = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=0)

"""What is measured and learned from: comments put before people to label, and monthly counts."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moderation.models.comments import CommentRevision
from moderation.models.decisions import Decision
from moderation.states import Answer, Purpose


class Specimen(models.Model):
    """A comment that somebody is asked to label. Nothing happens to it on its platform.

    Either its label would teach the model much, or it was decided by one moderator and another
    one says, without seeing that decision, what they think (`decision`).
    """

    purpose = models.CharField("目的", max_length=16, choices=Purpose.choices)
    revision = models.ForeignKey(CommentRevision, on_delete=models.PROTECT, related_name="+")
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text_key = models.CharField(max_length=64, db_collation="C")  # policy.learning.text_key
    rank = models.FloatField("順")  # the smallest is asked first
    drawn_at = models.DateTimeField("選ばれた日時", auto_now_add=True)

    class Meta:
        verbose_name = "ラベルを付けるコメント"
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "text_key"], name="one_specimen_per_text_and_purpose"
            ),
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.DOUBLE, decision__isnull=False)
                | models.Q(purpose=Purpose.INSTRUCTIVE, decision__isnull=True),
                name="a_double_look_has_a_decision",
            ),
        ]
        indexes = [models.Index(fields=["purpose", "rank", "id"], name="specimen_order")]


class Label(models.Model):
    """What one person says about a specimen: the first who answers. Never changed; it can be
    taken back by whoever gave it.
    """

    specimen = models.OneToOneField(Specimen, on_delete=models.PROTECT, related_name="label")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("答え", max_length=8, choices=Answer.choices)
    criteria = ArrayField(models.CharField(max_length=16), default=list)
    signals = ArrayField(models.CharField(max_length=16), default=list)
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = "ラベル"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer=Answer.GROUNDS, criteria__len__gt=0)
                | ~models.Q(answer=Answer.GROUNDS) & models.Q(criteria__len=0),
                name="grounds_are_named",
            )
        ]


class MonthCount(models.Model):
    """One month of decisions: what the sample was drawn from, and how much of it was looked at."""

    month = models.DateField("月", unique=True)  # its first day, in Japan
    passed = models.PositiveIntegerField()  # comments that came in and that the judgement let pass
    sampled = models.PositiveIntegerField()  # decided ones of the weekly random sample
    counted_at = models.DateTimeField("集計日時")

    class Meta:
        ordering = ["-month"]
        verbose_name = "月ごとの集計"


class CriterionCount(models.Model):
    """One criterion in one month, counted over what people decided."""

    month = models.ForeignKey(
        MonthCount, on_delete=models.CASCADE, related_name="criteria", db_index=False
    )
    criterion = models.CharField("基準", max_length=16)
    said = models.PositiveIntegerField()  # the judgement gave it, and a person decided
    right = models.PositiveIntegerField()  # and the person removed the comment for it
    elsewhere = models.PositiveIntegerField()  # removed for it, judged as something else
    noticed = models.PositiveIntegerField()  # removed for it, passed and met by chance (flags)
    drawn = models.PositiveIntegerField()  # removed for it, passed and drawn by the sample

    class Meta:
        verbose_name = "基準ごとの集計"
        constraints = [
            models.UniqueConstraint(
                fields=["month", "criterion"], name="one_count_per_month_and_criterion"
            )
        ]

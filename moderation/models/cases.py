"""What a person has to look at: cases, the queue's index, and flags by members."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from moderation.models.comments import Comment, Judgement
from moderation.states import ACTIVE_CASES, CaseOrigin, CaseState, Lane


class Case(models.Model):
    """One comment waiting for, or under, a decision. At most one active case per comment."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="cases")
    judgement = models.ForeignKey(
        Judgement, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(
        "状態", max_length=16, choices=CaseState.choices, default=CaseState.OPEN
    )
    origin = models.CharField("きっかけ", max_length=16, choices=CaseOrigin.choices)
    lane = models.CharField("区分", max_length=16, choices=Lane.choices)
    urgency = models.PositiveSmallIntegerField("緊急度")  # 0 is looked at first
    labels = ArrayField(models.CharField(max_length=16), default=list)
    signals = ArrayField(models.CharField(max_length=16), default=list)
    problems = ArrayField(models.TextField(), default=list)
    opened_at = models.DateTimeField("受付日時")
    closed_at = models.DateTimeField("完了日時", null=True, blank=True)
    care_notice_at = models.DateTimeField("見守り通知日時", null=True, blank=True)

    class Meta:
        verbose_name = "案件"
        constraints = [
            models.UniqueConstraint(
                fields=["comment"],
                condition=models.Q(state__in=sorted(ACTIVE_CASES)),
                name="one_active_case_per_comment",
            )
        ]
        indexes = [
            models.Index(
                fields=["state", "urgency", "opened_at", "id"],
                name="case_by_state",
                condition=models.Q(
                    state__in=[CaseState.AWAITING_SECOND, CaseState.ACTING, CaseState.ATTENTION]
                ),
            ),
            models.Index(
                fields=["id"],
                name="case_care_notice_due",
                condition=models.Q(lane=Lane.CARE, care_notice_at__isnull=True),
            ),
        ]


class QueueEntry(models.Model):
    """The queue's index: for each open case, one row per combination of filters it answers to.

    A page of any combination, an empty one too, is then a walk along one index, however many
    cases are open. Rows are written when a case opens and erased when it leaves the state 'open'.
    """

    pk = models.CompositePrimaryKey("case_id", "filters")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries", db_index=False)
    filters = models.CharField(max_length=100)  # 'lane:all criterion:ア channel:3'
    urgency = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["filters", "urgency", "opened_at", "case"], name="queue_order")
        ]


class Flag(models.Model):
    """A member asks for a second look at a comment that the judgement let pass."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="flags")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="flags")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "通報"

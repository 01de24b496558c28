"""Approval of one exact content by enough people who did not make it (§3(1))."""

from typing import TypedDict

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.states import Choice, RequestState


class SlotJSON(TypedDict):
    role: str
    count: int


class ApprovalRequest(models.Model):
    """What is to be approved, by whom, until when.

    The subject is named by type and id only, since posts, moderation and policy, which all use
    this, are not known here.
    """

    subject_type = models.CharField("対象の種類", max_length=64, db_collation="C")
    subject_id = models.CharField("対象", max_length=64, db_collation="C")
    content_hash = models.CharField("内容のハッシュ", max_length=64, db_collation="C")
    slots: "models.JSONField[list[SlotJSON], list[SlotJSON]]" = models.JSONField("必要な承認")
    contributors = ArrayField(
        models.BigIntegerField(), verbose_name="作成に関わった人", default=list
    )
    policy_version = models.CharField("運用方針の版", max_length=64, blank=True)
    opened_by = models.ForeignKey(
        User, verbose_name="依頼した人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField("依頼日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")
    state = models.CharField(
        "状態", max_length=16, choices=RequestState.choices, default=RequestState.OPEN
    )
    settled_at = models.DateTimeField("確定日時", null=True)

    class Meta:
        verbose_name = "承認依頼"
        verbose_name_plural = "承認依頼"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=models.Q(state=RequestState.OPEN),
                name="approval_one_open_per_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RequestState.values), name="approval_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(content_hash__regex="^[0-9a-f]{64}$"),
                name="approval_hash_sha256",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state=RequestState.OPEN),
                name="approval_open_by_expiry",
            ),
            models.Index(fields=["subject_type", "subject_id"], name="approval_by_subject"),
        ]


class Vote(models.Model):
    """One person's answer to one exact content. Never changed; one per person and request."""

    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=16), default=list)
    """What the voter was when voting; a role gained later does not count."""
    content_hash = models.CharField("内容のハッシュ", max_length=64, db_collation="C")
    choice = models.CharField("回答", max_length=16, choices=Choice.choices)
    note = models.TextField("コメント", blank=True)
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "承認の回答"
        verbose_name_plural = "承認の回答"
        constraints = [
            models.UniqueConstraint(fields=["request", "voter"], name="vote_once_per_person"),
            models.CheckConstraint(
                condition=models.Q(choice__in=Choice.values), name="vote_choice_known"
            ),
        ]


class Recusal(models.Model):
    """A person who steps aside from one request, for example for a conflict of interest."""

    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="recusals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("理由")
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "辞退"
        verbose_name_plural = "辞退"
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="recusal_once_per_person")
        ]

"""What was decided, the evidence frozen for it, and what it sets in motion on the platform."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from jspm_social.approvals.models import ApprovalRequest
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Effect
from jspm_social.platforms.outbox import EffectOperation
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from moderation.models.cases import Case
from moderation.models.comments import Commenter, CommentRevision
from moderation.models.holds import Hold
from moderation.states import OPEN_TASKS, STANDING_DECISIONS, DecisionState, TaskState


class Decision(models.Model):
    """A person's decision on the revision they saw, under the policy in force (§4(2), §8)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(CommentRevision, on_delete=models.PROTECT, related_name="+")
    # The comment's, once more: a person's strikes are found however much they wrote.
    commenter = models.ForeignKey(
        Commenter, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outcome = models.CharField("判断", max_length=16, choices=Outcome.choices)
    criteria = ArrayField(models.CharField(max_length=16), default=list)
    clauses = models.JSONField(default=list)  # [{"code", "text"}] as they read when decided
    note = models.TextField("理由・メモ", blank=True)
    policy_version = models.ForeignKey(
        "policy.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    ruleset = models.ForeignKey("policy.RuleSet", on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField("状態", max_length=16, choices=DecisionState.choices)
    approval = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    shown_notes = models.JSONField(default=list)  # what the planner told before the click
    decided_at = models.DateTimeField("判断日時")
    undo_until = models.DateTimeField("取り消し期限")

    class Meta:
        verbose_name = "判断"
        indexes = [
            models.Index(fields=["actor", "undo_until"], name="decision_by_actor"),
            models.Index(fields=["commenter", "-decided_at"], name="decision_by_commenter"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=sorted(STANDING_DECISIONS)),
                name="one_standing_decision_per_case",
            )
        ]


class EvidenceRecord(models.Model):
    """What was there when it was decided, or held by a rule, frozen before anything is removed
    (§4(2)). A hold has one for each text that it covers.
    """

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, related_name="evidence"
    )
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="evidence")
    content = models.JSONField()
    raw = models.BinaryField()  # the platform's own bytes
    sha256 = models.CharField(max_length=64)  # over canonical content, then raw, as frozen
    erased_sha256 = models.CharField(max_length=64, blank=True)  # the same over what is left
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__isnull=True) ^ models.Q(hold__isnull=True),
                name="evidence_of_one_cause",
            )
        ]


class Action(EffectOperation):
    """One effect on a case's comment or author on its way to the platform (対応).

    It is caused by a person's decision or by a rule's hold. A hide by a rule that a person then
    decides to leave hidden belongs to both.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions")
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="actions"
    )
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="actions")

    @property
    def cause(self) -> Decision | Hold:
        """What it is done for: the person's decision, where there is one."""
        cause = self.decision or self.hold
        assert cause is not None  # noqa: S101 -- a constraint of the table
        return cause

    class Meta:
        verbose_name = "対応"
        constraints = [
            models.UniqueConstraint(fields=["decision", "effect"], name="each_effect_once"),
            models.UniqueConstraint(fields=["hold", "effect"], name="each_effect_of_a_hold_once"),
            models.CheckConstraint(
                condition=models.Q(decision__isnull=False) | models.Q(hold__isnull=False),
                name="action_has_a_cause",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="action_due",
                condition=models.Q(state=OperationState.WAITING),
            ),
            models.Index(
                fields=["leased_until"],
                name="action_lapsed",
                condition=models.Q(state=OperationState.SENDING),
            ),
            models.Index(
                fields=["id"],
                name="action_needs_person",
                condition=models.Q(state__in=sorted(NEEDS_A_PERSON)),
            ),
        ]


class ManualTask(models.Model):
    """An effect that the API does not offer: a person does it on the platform's page."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="tasks")
    effect = models.CharField(max_length=16, choices=Effect.choices)
    link = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=16, choices=TaskState.choices, default=TaskState.OPEN)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "手作業"
        constraints = [
            models.UniqueConstraint(fields=["decision", "effect"], name="each_task_once")
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="task_to_do",
                condition=models.Q(state__in=sorted(OPEN_TASKS)),
            )
        ]

"""The register of actions besides posting (§5): proposed, agreed to, carried out, reviewed."""

from django.conf import settings
from django.db import models

from jspm_social.approvals.models import ApprovalRequest
from jspm_social.platforms.models import Channel
from jspm_social.platforms.outbox import RemoteOperation
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from posts.register_rules import Kind, Relation
from posts.states import ActionState


class RegisteredAction(models.Model):
    """One action on one channel. What is not in the register is not done."""

    kind = models.CharField("種類", max_length=16, choices=Kind.choices)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        "状態", max_length=16, choices=ActionState.choices, default=ActionState.PROPOSED
    )
    target_url = models.URLField("対象のアドレス", max_length=500, blank=True)
    relation = models.CharField(
        "本学会との関係", max_length=16, choices=Relation.choices, blank=True
    )
    exception = models.TextField("例外とする理由", blank=True)
    reason = models.TextField("理由", blank=True)
    plan = models.TextField("内容・進め方", blank=True)
    starts_at = models.DateTimeField("開始日時", null=True, blank=True)
    ends_at = models.DateTimeField("終了日時", null=True, blank=True)
    on_duty = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="コメントを見る当番",
    )
    archive = models.CharField("録画の扱い", max_length=200, blank=True)
    outcome = models.TextField("結果・記録", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("提案日時", auto_now_add=True)
    approval = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_at = models.DateTimeField("実施日時", null=True)
    review_on = models.DateField("次の見直し", null=True)

    class Meta:
        verbose_name = "アクション"
        ordering = ["-proposed_at", "-id"]


class ActionOperation(RemoteOperation):
    """One agreed action on its way to a platform, once (アクションの実施)."""

    action = models.OneToOneField(
        RegisteredAction, on_delete=models.PROTECT, related_name="operation"
    )
    progress = models.JSONField(default=dict)

    class Meta:
        verbose_name = "アクションの実施"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=OperationState.values),
                name="action_operation_state_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="action_operation_due",
                condition=models.Q(state__in=[OperationState.WAITING, OperationState.UNKNOWN]),
            ),
            models.Index(
                fields=["id"],
                name="action_operation_person",
                condition=models.Q(state__in=sorted(NEEDS_A_PERSON)),
            ),
        ]

"""Versions of the policy's text: announced, immutable once they have left the draft state (§8)."""

from django.db import models
from django.utils import timezone

from policy.states import VersionState


class PolicyVersion(models.Model):
    """One version of the whole policy, as announced."""

    number = models.PositiveIntegerField("版", unique=True)
    title = models.CharField("表題", max_length=200)
    effective_from = models.DateField("施行日")
    source_sha256 = models.CharField("原文のSHA-256", max_length=64, db_collation="C")
    state = models.CharField(
        "状態", max_length=16, choices=VersionState.choices, default=VersionState.DRAFT
    )
    created_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-number"]
        verbose_name = "運用方針の版"
        verbose_name_plural = "運用方針の版"
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=VersionState.IN_FORCE),
                name="policy_one_version_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=VersionState.values),
                name="policy_version_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(source_sha256__regex="^[0-9a-f]{64}$"),
                name="policy_version_sha256",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}版"


class Clause(models.Model):
    """A piece of the policy that a decision can cite: "4", "4(2)", "4(2)ア"."""

    version = models.ForeignKey(
        PolicyVersion, verbose_name="版", on_delete=models.PROTECT, related_name="clauses"
    )
    code = models.CharField("番号", max_length=16)
    heading = models.CharField("見出し", max_length=200, blank=True)
    text = models.TextField("本文", blank=True)
    position = models.PositiveSmallIntegerField("順序")

    class Meta:
        ordering = ["position"]
        verbose_name = "条項"
        verbose_name_plural = "条項"
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policy_clause_code"),
            models.UniqueConstraint(fields=["version", "position"], name="policy_clause_position"),
        ]

    def __str__(self) -> str:
        return self.code

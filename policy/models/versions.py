"""Versions of the policy's text: announced, immutable once they have left the draft state (§8)."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from policy.numbering import Level, level_of
from policy.states import VersionState


class PolicyVersion(models.Model):
    """One version of the whole policy: a draft, the one in force, or an earlier one.

    `edit_number` counts the changes of title, date and summary, so that a save from an old page
    is refused instead of overwriting somebody's words; each clause counts its own.
    """

    number = models.PositiveIntegerField("版")
    title = models.CharField("表題", max_length=200)
    effective_from = models.DateField("施行日")
    summary = models.TextField("改定の要点", blank=True)
    source_sha256 = models.CharField("原文のSHA-256", max_length=64, db_collation="C")
    state = models.CharField(
        "状態", max_length=16, choices=VersionState.choices, default=VersionState.DRAFT
    )
    edit_number = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("登録日時", default=timezone.now, editable=False)
    in_force_at = models.DateTimeField("施行の処理", null=True, editable=False)
    # Whoever changed the draft: they cannot approve it.
    contributors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="作成に関わった人", related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = "運用方針の版"
        verbose_name_plural = "運用方針の版"
        constraints = [
            # A draft that was given up leaves its number to the next.
            models.UniqueConstraint(
                fields=["number"],
                condition=~models.Q(state=VersionState.DROPPED),
                name="policy_version_number",
            ),
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
    """A piece of the policy that a decision can cite: "4", "4(2)", "4(2)ア".

    `anchor` stays with it through all versions; its number follows from the order.
    """

    version = models.ForeignKey(
        PolicyVersion, verbose_name="版", on_delete=models.PROTECT, related_name="clauses"
    )
    code = models.CharField("番号", max_length=16)
    anchor = models.CharField("リンク先の名前", max_length=32, db_collation="C")
    heading = models.CharField("見出し", max_length=200, blank=True)
    text = models.TextField("本文", blank=True)
    position = models.PositiveSmallIntegerField("順序")
    edit_number = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    edited_at = models.DateTimeField("更新日時", null=True)

    class Meta:
        ordering = ["position"]
        verbose_name = "条項"
        verbose_name_plural = "条項"
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policy_clause_code"),
            models.UniqueConstraint(fields=["version", "position"], name="policy_clause_position"),
            models.UniqueConstraint(fields=["version", "anchor"], name="policy_clause_anchor"),
            models.CheckConstraint(
                condition=models.Q(anchor__regex="^c[0-9a-z_-]+$"),
                name="policy_clause_anchor_plain",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def level(self) -> Level:
        return level_of(self.code, self.heading)

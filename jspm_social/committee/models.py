"""What the committee sets in the browser: one row per change, never edited, the latest counts."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from jspm_social.committee.states import ChangeState


class SettingChange(models.Model):
    """One change of one setting (`catalogue`), by whom, when and why.

    A change that lowers a safeguard counts only once another person has agreed.
    """

    name = models.CharField("設定", max_length=32, db_collation="C")
    value = models.IntegerField("値")
    reason = models.TextField("理由")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", default=timezone.now)
    state = models.CharField("状態", max_length=16, choices=ChangeState.choices)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    in_force_at = models.DateTimeField("適用日時", null=True)

    class Meta:
        verbose_name = "設定の変更"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(state=ChangeState.PROPOSED),
                name="one_open_proposal_per_setting",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ChangeState.values), name="setting_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=ChangeState.IN_FORCE, in_force_at__isnull=False)
                | (~models.Q(state=ChangeState.IN_FORCE) & models.Q(in_force_at__isnull=True)),
                name="setting_in_force_since",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ChangeState.IN_FORCE, answered_by=models.F("by")),
                name="setting_agreed_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["name", "-in_force_at", "-id"],
                condition=models.Q(state=ChangeState.IN_FORCE),
                name="setting_latest",
            )
        ]

"""What happened, who did it, why, and under which clause: written once, never changed.

The database itself refuses changes (migration 0002): triggers that also fire for replicas and
for the owner, and no right to UPDATE, DELETE or TRUNCATE for the application's role.
"""

from typing import cast

from django.conf import settings
from django.db import models

from jspm_social.audit.chain import Hashed, event_hash


class AuditEvent(models.Model):
    """One link of the chain. Only `audit.services.record` writes here.

    `id` is the place in the chain, without gaps: it is read under the chain's lock, so its order
    is the order of the commits. The row holds no personal details of commenters.
    """

    id = models.BigIntegerField("番号", primary_key=True)
    at = models.DateTimeField("日時")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="行った人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    actor_name = models.CharField("行った人の氏名", max_length=100)
    verb = models.CharField("行為", max_length=64, db_collation="C")
    target_type = models.CharField("対象の種類", max_length=64, db_collation="C")
    target_id = models.CharField("対象", max_length=64, db_collation="C")
    channel = models.BigIntegerField("公式アカウント", null=True)
    clause = models.CharField("条項", max_length=64, blank=True)
    policy_version = models.CharField("運用方針の版", max_length=64, blank=True)
    details = models.JSONField("詳細", default=dict)
    personal_digest = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "監査記録"
        verbose_name_plural = "監査記録"
        indexes = [
            models.Index(fields=["verb", "-id"], name="audit_by_verb"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["clause", "-id"], name="audit_by_clause"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def hashed(self) -> Hashed:
        return cast("Hashed", {name: getattr(self, name) for name in Hashed.__annotations__})

    def computed_hash(self) -> str:
        """What `hash` must be if nobody touched the row."""
        return event_hash(self.hashed())


class AuditPersonal(models.Model):
    """Names, notes and texts of one event: can be erased, cannot be changed.

    The event keeps a salted digest, so that a change here is noticed, and an erasure
    (`audit.services.erase_personal`, itself an event) leaves the chain intact.
    """

    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="personal"
    )
    salt = models.CharField(max_length=32)
    data = models.JSONField()

    class Meta:
        verbose_name = "監査記録の個人情報"
        verbose_name_plural = "監査記録の個人情報"

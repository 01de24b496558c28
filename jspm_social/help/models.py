"""What the committee itself writes into the help."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ContactNote(models.Model):
    """Whom to call in an emergency, as the committee wrote it; the newest row is what counts.

    Rows are only ever added: an earlier list of numbers can be looked up.
    """

    text = models.TextField("緊急時の連絡先", blank=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="書いた人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    written_at = models.DateTimeField("書いた日時", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "緊急時の連絡先"
        verbose_name_plural = "緊急時の連絡先"
        constraints = [
            # Of two people who saw the same note, the second is told.
            models.UniqueConstraint(
                fields=["replaces"], nulls_distinct=False, name="help_contacts_one_line"
            )
        ]

    def __str__(self) -> str:
        return f"緊急時の連絡先 {self.pk}"

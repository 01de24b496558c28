"""Posts that went the emergency fast lane, and who looked at that afterwards."""

from django.conf import settings
from django.db import models

from posts.models.review import Submission


class FastLane(models.Model):
    """One submission that the chair and one member may approve in place of the usual slots (緊急).

    Never changed, apart from the review afterwards by a third person. That a submission has one
    is part of what is voted on (`payload.content_hash`).
    """

    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, related_name="fast_lane"
    )
    reason = models.TextField("緊急とした理由")
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    marked_at = models.DateTimeField("緊急とした日時")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField("事後確認の日時", null=True)
    finding = models.TextField("事後確認の所見", blank=True)

    class Meta:
        verbose_name = "緊急扱い"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None, reviewed_at=None, finding="")
                | models.Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                & ~models.Q(finding=""),
                name="fast_lane_review_is_whole",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="fast_lane_has_a_reason"),
        ]
        indexes = [
            models.Index(
                fields=["marked_at"],
                condition=models.Q(reviewed_by=None),
                name="post_fast_lane_unreviewed",
            )
        ]

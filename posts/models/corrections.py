"""An error in what was published, from the first report to what was done about it (§7)."""

from django.conf import settings
from django.db import models

from jspm_social.approvals.models import ApprovalRequest
from posts.models.posts import Post
from posts.states import CorrectionState


class Correction(models.Model):
    """One report of an error in one post. The post itself stays on record as it was.

    `public_note` is what the public list of corrections says; it is approved with the decision.
    """

    class Decision(models.TextChoices):
        CORRECT = "correct", "訂正を投稿する"
        ANNOTATE = "annotate", "補足を投稿する"
        REMOVE = "remove", "投稿を取り下げる"
        NOTHING = "nothing", "対応しない"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(
        "状態",
        max_length=16,
        choices=CorrectionState.choices,
        default=CorrectionState.REPORTED,
    )
    told = models.TextField("指摘の内容")
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    told_at = models.DateTimeField("報告日時", auto_now_add=True)
    finding = models.TextField("事実確認の結果", blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField("確認日時", null=True)
    decision = models.CharField("対応", max_length=16, choices=Decision.choices, blank=True)
    public_note = models.TextField("公表する文", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("決定日時", null=True)
    approval = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.OneToOneField(
        Post, on_delete=models.PROTECT, null=True, related_name="answers_report"
    )  # the correcting post, which passes the gate by itself
    closed_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "誤りの報告"
        ordering = ["-told_at", "-id"]
        indexes = [models.Index(fields=["state", "-told_at"], name="correction_by_state")]

"""What is asked of reviewers and what they say: submissions, rules, comments, suggestions."""

from django.conf import settings
from django.db import models

from jspm_social.accounts.roles import Role
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.platforms.models import Channel
from posts.models.posts import Post, Revision
from posts.states import SuggestionState


class Submission(models.Model):
    """A draft put up for approval: exactly what each channel would be sent, and when (承認依頼).

    Never changed. `payloads` is {channel id: payload}; votes are bound to `content_hash`, which
    covers them, the window and the policy version.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="submissions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    payloads = models.JSONField("送信内容")
    not_before = models.DateTimeField("公開可能な期間の初め")
    not_after = models.DateTimeField("公開可能な期間の終わり")
    policy_version = models.ForeignKey(
        "policy.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    event_version = models.PositiveIntegerField(null=True)
    content_hash = models.CharField(max_length=64, db_collation="C")
    approval = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, related_name="submission"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField("依頼日時")

    class Meta:
        verbose_name = "承認依頼"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(not_after__gt=models.F("not_before")),
                name="submission_window_has_a_length",
            )
        ]


class ApprovalRule(models.Model):
    """How many people of which role must approve; the strictest of all that apply counts."""

    kind = models.CharField("種類", max_length=16, choices=Post.Kind.choices, blank=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField("役割", max_length=16, choices=Role.choices)
    count = models.PositiveSmallIntegerField("人数")

    class Meta:
        verbose_name = "承認の規則"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "role"],
                nulls_distinct=False,
                name="one_rule_per_kind_channel_and_role",
            ),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="rule_asks_for_someone"),
        ]


class Override(models.Model):
    """A second person lets a blocking finding pass, with a reason; only this finding."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="overrides")
    check_id = models.CharField("チェック", max_length=8)
    fingerprint = models.CharField(max_length=64, db_collation="C")
    reason = models.TextField("理由")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "fingerprint"], name="override_once")
        ]


class DraftComment(models.Model):
    """A remark on the draft, about a passage of one revision or the whole; open until resolved."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="remarks")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    quote = models.TextField("箇所", blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField("コメント")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", auto_now_add=True)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField("解決日時", null=True, blank=True)

    class Meta:
        verbose_name = "下書きへのコメント"
        ordering = ["at", "id"]


class Suggestion(models.Model):
    """Other words for a passage. Accepting it is the author's deed: the suggester stays free to
    approve.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="suggestions")
    old = models.TextField("元の文")
    start = models.PositiveIntegerField()
    new = models.TextField("提案", blank=True)
    note = models.TextField("理由", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", auto_now_add=True)
    state = models.CharField(
        "状態", max_length=16, choices=SuggestionState.choices, default=SuggestionState.OPEN
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "修正の提案"
        ordering = ["at", "id"]

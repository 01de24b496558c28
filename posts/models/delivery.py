"""One post on its way to one channel: the outbox row of publishing."""

from django.db import models

from jspm_social.platforms.outbox import RemoteOperation
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from posts.models.corrections import Correction
from posts.models.posts import Post
from posts.models.review import Submission


class Delivery(RemoteOperation):
    """What is to be done for a post on one channel, once (送信).

    `planned_at` is the time people chose, `due_at` (inherited) when the next attempt may be made.
    The payload is what was approved; it is never put together anew.
    """

    class Deed(models.TextChoices):
        PUBLISH = "publish", "公開"
        WITHDRAW = "withdraw", "取り下げ"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="deliveries")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="deliveries")
    correction = models.ForeignKey(
        Correction, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )  # what a withdrawal answers; None for one by the post's own date of expiry
    deed = models.CharField(max_length=16, choices=Deed.choices, default=Deed.PUBLISH)
    key = models.UUIDField(unique=True)
    payload = models.JSONField("送信内容")
    payload_hash = models.CharField(max_length=64, db_collation="C")
    planned_at = models.DateTimeField("予定日時")
    begun_at = models.DateTimeField("最初の送信", null=True, blank=True)
    progress = models.JSONField(default=dict)
    remote_id = models.CharField(max_length=255, blank=True)
    permalink = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField("公開日時", null=True, blank=True)
    stands = models.TextField("公開された本文", blank=True)  # as read back from the platform
    read_back_at = models.DateTimeField("確認日時", null=True, blank=True)
    tally_at = models.DateTimeField(null=True, blank=True)  # of the next reading of its numbers

    class Meta:
        verbose_name = "送信"
        constraints = [
            models.UniqueConstraint(
                fields=["post", "channel", "deed"],
                condition=~models.Q(state=OperationState.CANCELLED),
                name="one_delivery_per_post_and_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OperationState.values), name="delivery_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "planned_at", "id"],
                name="post_delivery_by_channel",
            ),
            models.Index(
                fields=["published_at"],
                name="post_delivery_published",
                condition=models.Q(state=OperationState.DONE),
            ),
            models.Index(
                fields=["due_at"],
                name="post_delivery_due",
                condition=models.Q(state__in=[OperationState.WAITING, OperationState.UNKNOWN]),
            ),
            models.Index(
                fields=["leased_until"],
                name="post_delivery_sending",
                condition=models.Q(state=OperationState.SENDING),
            ),
            models.Index(
                fields=["id"],
                name="post_delivery_needs_a_person",
                condition=models.Q(state__in=sorted(NEEDS_A_PERSON)),
            ),
        ]

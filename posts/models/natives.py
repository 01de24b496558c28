"""Posts that stand on the society's own accounts although the console did not publish them."""

from django.conf import settings
from django.db import models

from jspm_social.platforms.models import Channel, RemotePost
from posts.models.corrections import Correction
from posts.models.posts import Post
from posts.states import NativeState


class NativePost(models.Model):
    """A post that nobody approved here (コンソールの外での投稿), and what a person says of it.

    §3(1): only confirmed posts go out. `post` is one of ours that it belongs to.
    """

    remote = models.OneToOneField(RemotePost, on_delete=models.PROTECT, related_name="native")
    state = models.CharField(
        "状態", max_length=16, choices=NativeState.choices, default=NativeState.OPEN
    )
    noticed_at = models.DateTimeField("気づいた日時", auto_now_add=True)
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="natives"
    )
    reason = models.TextField("確認の内容", blank=True)
    correction = models.OneToOneField(
        Correction, on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField("確認日時", null=True)

    class Meta:
        verbose_name = "コンソールの外での投稿"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=NativeState.values), name="native_state_known"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"], name="native_open", condition=models.Q(state=NativeState.OPEN)
            )
        ]


class Watch(models.Model):
    """How far a channel's own posts were looked through. Before `due_at` nobody looks again."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="+")
    looked_to = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

"""What makes recurring work shorter, and lets people outside look."""

import secrets

from django.conf import settings
from django.db import models

from posts.models.posts import Post


def _token() -> str:
    return secrets.token_urlsafe(24)


class PostTemplate(models.Model):
    """A recurring announcement: its words with gaps to fill (ひな形)."""

    name = models.CharField("名称", max_length=120, unique=True)
    purpose = models.CharField("目的", max_length=16, choices=Post.Purpose.choices)
    kind = models.CharField("種類", max_length=16, choices=Post.Kind.choices)
    content = models.JSONField("内容")
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    kept_at = models.DateTimeField("保存日時", auto_now=True)

    class Meta:
        verbose_name = "ひな形"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReviewLink(models.Model):
    """A link by which somebody without an account reads one draft, until a day. Reads only."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="review_links")
    token = models.CharField(max_length=64, unique=True, default=_token)
    label = models.CharField("渡す相手", max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("作成日時", auto_now_add=True)
    expires_at = models.DateTimeField("期限")

    class Meta:
        verbose_name = "閲覧用リンク"
        ordering = ["-made_at"]

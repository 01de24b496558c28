"""Our own posts. Only the first shape: drafting, review and publishing come in their own part."""

from django.conf import settings
from django.db import models


class Post(models.Model):
    """One post of the society, before and after it goes out (投稿)."""

    class Purpose(models.TextChoices):
        """The five purposes of policy section 1."""

        KNOWLEDGE = "knowledge", "最新の研究成果・知見等の普及"
        EVENTS = "events", "学術集会・研修会等の告知"
        ACTIVITIES = "activities", "活動報告・方針・声明"
        AWARENESS = "awareness", "緩和医療への関心と理解の促進"
        MEMBERS = "members", "会員・関係者間の連携強化"

    title = models.CharField("件名", max_length=120)
    purpose = models.CharField("目的", max_length=16, choices=Purpose.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class PostRevision(models.Model):
    """A post's body at one time (版). Never changed afterwards."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    body = models.TextField("本文")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="post_revisions_are_numbered")
        ]

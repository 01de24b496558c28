"""Which posts announce which version of the policy (§8)."""

from django.db import models

from policy.models import PolicyVersion
from posts.models.posts import Post


class PolicyNotice(models.Model):
    """A post that was drafted because a version came into force: one per version and place."""

    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    place = models.CharField("掲載先", max_length=32)
    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="policy_notice")

    class Meta:
        verbose_name = "運用方針のお知らせ"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy_version", "place"], name="one_policy_notice_per_place"
            )
        ]

"""What was found when a post's links were opened."""

from django.db import models

from posts.models.posts import Post


class LinkCheck(models.Model):
    """One address of one post, as it answered when it was last opened. 0: not reached."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="link_checks")
    url = models.TextField("アドレス")
    status = models.PositiveSmallIntegerField()
    final_url = models.TextField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField("確認日時")

    class Meta:
        verbose_name = "リンクの確認"
        constraints = [
            models.UniqueConstraint(fields=["post", "url"], name="one_check_per_post_and_link")
        ]

"""How published posts were met with, read again and again: a time series per delivery."""

from django.db import models

from posts.models.delivery import Delivery


class Tally(models.Model):
    """One reading of what a platform counts for one post of ours (反響の数).

    None is what the platform does not tell; it is no zero. Readings inform, they rank nobody.
    """

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="tallies", db_index=False
    )
    at = models.DateTimeField("読み取り日時")
    likes = models.PositiveBigIntegerField("いいね", null=True)
    reposts = models.PositiveBigIntegerField("シェア", null=True)
    comments = models.PositiveBigIntegerField("コメント", null=True)
    views = models.PositiveBigIntegerField("表示", null=True)

    class Meta:
        verbose_name = "反響の数"
        constraints = [
            models.UniqueConstraint(fields=["delivery", "at"], name="one_tally_per_reading")
        ]

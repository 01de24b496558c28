"""The committee's measure for each channel, and the days on which nothing is posted (§3(3))."""

from datetime import time, timedelta

from django.db import models

from jspm_social.platforms.models import Channel
from posts.cadence import Rule


class Cadence(models.Model):
    """How often one channel posts. Without a row the usual measure counts."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="cadence")
    gap_minutes = models.PositiveIntegerField("投稿の間隔（分）", default=120)
    per_day = models.PositiveSmallIntegerField("1日の目安（件）", default=3)
    per_week = models.PositiveSmallIntegerField("1週間の目安（件）", default=10)
    quiet_from = models.TimeField("控える時間の初め", null=True, blank=True, default=time(21))
    quiet_to = models.TimeField("控える時間の終わり", null=True, blank=True, default=time(7))

    class Meta:
        verbose_name = "投稿の頻度"

    def rule(self) -> Rule:
        return Rule(
            gap=timedelta(minutes=self.gap_minutes),
            per_day=self.per_day,
            per_week=self.per_week,
            quiet_from=self.quiet_from,
            quiet_to=self.quiet_to,
        )


class BlackoutDay(models.Model):
    """A day on which the committee would rather not post (災害、訃報、記念日など)."""

    day = models.DateField("日付", unique=True)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "投稿を控える日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}（{self.reason}）"

"""What posts speak of: the facts of an event, and the sources of what is claimed."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """A meeting, seminar or deadline, in one place: what posts say of it is compared with this.

    `version` grows with every change of a fact, so that a post that quotes the old one is found.
    """

    name = models.CharField("名称", max_length=200)
    starts_on = models.DateField("開催日")
    ends_on = models.DateField("最終日", null=True, blank=True)
    start_time = models.TimeField("開始", null=True, blank=True)
    end_time = models.TimeField("終了", null=True, blank=True)
    venue = models.CharField("会場", max_length=200, blank=True)
    deadline = models.DateField("締切", null=True, blank=True)
    url = models.URLField("URL", max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField("更新日時", auto_now=True)

    class Meta:
        verbose_name = "イベント"
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="event_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.name


class EventChange(models.Model):
    """One fact of an event that became another: what posts may still quote wrongly."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=16)
    old = models.CharField(max_length=500, blank=True)
    new = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = "イベントの変更"
        ordering = ["-at", "-id"]


class SourceCard(models.Model):
    """Where a claim comes from: read by a person, on a day (§3(1))."""

    title = models.CharField("題名", max_length=300)
    url = models.URLField("URL", max_length=500, blank=True)
    doi = models.CharField("DOI", max_length=200, blank=True)
    published_on = models.DateField("発行日", null=True, blank=True)
    quote = models.TextField("該当箇所", blank=True)
    read_on = models.DateField("確認日")
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "出典"
        ordering = ["-read_on", "title"]
        constraints = [
            models.CheckConstraint(
                condition=~(models.Q(url="") & models.Q(doi="")), name="source_has_an_address"
            )
        ]

    def __str__(self) -> str:
        return self.title

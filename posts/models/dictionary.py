"""The committee's own entries of the word lists (言い換え辞書), and every change of them."""

from django.conf import settings
from django.db import models

from posts.checks.entries import Entry
from posts.states import EntryState


class DictionaryEntry(models.Model):
    """One entry as it stands. With a shipped entry's `key` it stands in that one's place.

    Never deleted (the database refuses it): what is no longer wanted is retired. `version` counts
    its changes, so that two people never overwrite each other.
    """

    key = models.SlugField("符号", max_length=16, unique=True)
    check_id = models.CharField("点検", max_length=3)
    name = models.CharField("名前", max_length=60)
    content = models.JSONField("内容")
    state = models.CharField(
        "状態", max_length=16, choices=EntryState.choices, default=EntryState.IN_USE
    )
    version = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField("更新日時")
    why = models.CharField("変更の理由", max_length=200)

    class Meta:
        verbose_name = "辞書の項目"
        ordering = ["check_id", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_id", "name"],
                condition=models.Q(state="in_use"),
                name="dictionary_names_differ",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=EntryState.values), name="dictionary_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.name}"

    @property
    def entry(self) -> Entry:
        return Entry.from_json(self.content)


class DictionaryChange(models.Model):
    """An entry as it was from then on, and who changed it, when and why. Never changed."""

    entry = models.ForeignKey(DictionaryEntry, on_delete=models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    content = models.JSONField("内容")
    state = models.CharField("状態", max_length=16, choices=EntryState.choices)
    why = models.CharField("変更の理由", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "辞書の変更"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "version"], name="dictionary_changes_are_numbered"
            )
        ]

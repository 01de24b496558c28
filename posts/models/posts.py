"""A post, the revisions of its draft, and who had a hand in it."""

from django.conf import settings
from django.db import models

from posts.content import Content
from posts.models.facts import Event, SourceCard
from posts.states import PostState


class Post(models.Model):
    """One post of the society, before and after it goes out (投稿).

    `content` is the draft as it stands; `version` counts its changes, so that a save from an old
    page is refused instead of overwriting somebody's words.
    """

    class Purpose(models.TextChoices):
        """The five purposes of policy section 1."""

        KNOWLEDGE = "knowledge", "最新の研究成果・知見等の普及"
        EVENTS = "events", "学術集会・研修会等の告知"
        ACTIVITIES = "activities", "活動報告・方針・声明"
        AWARENESS = "awareness", "緩和医療への関心と理解の促進"
        MEMBERS = "members", "会員・関係者間の連携強化"

    class Kind(models.TextChoices):
        """What decides who must approve (ApprovalRule)."""

        NOTICE = "notice", "お知らせ"
        EVENT = "event", "イベント告知"
        RESEARCH = "research", "研究・統計"
        STATEMENT = "statement", "声明・方針"
        CORRECTION = "correction", "訂正"

    title = models.CharField("件名", max_length=120)
    purpose = models.CharField("目的", max_length=16, choices=Purpose.choices)
    kind = models.CharField("種類", max_length=16, choices=Kind.choices, default=Kind.NOTICE)
    state = models.CharField(
        "状態", max_length=16, choices=PostState.choices, default=PostState.DRAFT
    )
    content = models.JSONField("下書き")
    version = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField("更新日時")
    sponsor = models.CharField("提供・協賛", max_length=200, blank=True)
    embargo_until = models.DateTimeField("解禁日時", null=True, blank=True)
    expires_at = models.DateTimeField("取り下げ日時", null=True, blank=True)
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    sources = models.ManyToManyField(SourceCard, blank=True, related_name="posts")
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who looks after it since its author left; None while that is the author."""

    class Meta:
        verbose_name = "投稿"
        indexes = [
            models.Index(fields=["state", "-edited_at", "-id"], name="post_by_state"),
            models.Index(fields=["-edited_at", "-id"], name="post_by_edit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=PostState.values), name="post_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def draft(self) -> Content:
        return Content.from_json(self.content)


class Revision(models.Model):
    """The draft at one time (版). Never changed afterwards."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("版")
    content = models.JSONField("内容")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "版"
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="post_revisions_are_numbered")
        ]

    @property
    def draft(self) -> Content:
        return Content.from_json(self.content)


class Contribution(models.Model):
    """Who changed a draft since its last complete approval: they cannot approve it (§3(1))."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="contributions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_at = models.DateTimeField("日時")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="contribution_once_per_person")
        ]

"""What came in: commenters, comments, their revisions, and how each revision was judged."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.db import models

from jspm_social.platforms.models import Channel, RemotePost
from jspm_social.platforms.names import Platform
from moderation.states import CommentStanding, Erasure
from policy.criteria import Route

# What few comments are is found by an index; what most are, by walking through all of them.
RARE_STANDINGS = frozenset(set(CommentStanding) - {CommentStanding.VISIBLE})
RARE_ROUTES = frozenset(set(Route) - {Route.PASS, Route.QUEUE})

UNNAMED = "unnamed:"  # begins the key of a commenter whom the platform does not name


class Commenter(models.Model):
    """A person who comments, as one channel's platform names them."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=255)  # the platform's own id, opaque
    name = models.CharField("表示名", max_length=500, blank=True)
    handle = models.CharField("アカウント", max_length=255, blank=True)
    url = models.CharField(max_length=500, blank=True)
    blocked = models.BooleanField("ブロック中", default=False)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "コメント投稿者"
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="one_row_per_commenter")
        ]

    def __str__(self) -> str:
        return self.name or self.handle or "（名前なし）"

    @property
    def platform_key(self) -> str:
        """The platform's own id; '' where it names nobody, so that nobody can be blocked."""
        return "" if self.key.startswith(UNNAMED) else self.key


class Comment(models.Model):
    """One comment under one of the society's posts. `text` is that of the latest revision."""

    # No indexes of their own: those below begin with each of the three.
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey(
        RemotePost, on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    commenter = models.ForeignKey(
        Commenter, on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    remote_id = models.CharField(max_length=255)
    parent_remote_id = models.CharField(max_length=255, blank=True)
    permalink = models.CharField(max_length=500, blank=True)
    text = models.TextField("本文")
    attachments = models.JSONField(default=list)
    revision_number = models.PositiveIntegerField(default=1)
    standing = models.CharField(
        "表示状態", max_length=16, choices=CommentStanding.choices, default=CommentStanding.VISIBLE
    )
    route = models.CharField("判定", max_length=16, choices=Route.choices, blank=True)
    posted_at = models.DateTimeField("投稿日時")
    edited_at = models.DateTimeField("編集日時", null=True, blank=True)
    received_at = models.DateTimeField("取得日時", auto_now_add=True)
    judged_at = models.DateTimeField("判定日時", null=True, blank=True)  # null: to be judged
    bigrams = ArrayField(models.BigIntegerField(), default=list)
    # Why text and pictures are gone from here as well; '' while they are kept.
    erasure = models.CharField(
        "消去", max_length=16, choices=Erasure.choices, default="", db_default="", blank=True
    )

    class Meta:
        verbose_name = "コメント"
        constraints = [
            models.UniqueConstraint(fields=["channel", "remote_id"], name="one_row_per_comment")
        ]
        indexes = [
            models.Index(fields=["commenter", "posted_at", "id"], name="comment_history"),
            models.Index(fields=["post", "posted_at", "id"], name="comment_thread"),
            HashIndex(fields=["permalink"], name="comment_by_permalink"),
            models.Index(fields=["channel", "-posted_at", "-id"], name="comment_by_channel"),
            models.Index(fields=["-posted_at", "-id"], name="comment_by_time"),
            models.Index(
                fields=["standing", "-posted_at", "-id"],
                name="comment_by_standing",
                condition=models.Q(standing__in=sorted(RARE_STANDINGS)),
            ),
            models.Index(
                fields=["route", "-posted_at", "-id"],
                name="comment_by_route",
                condition=models.Q(route__in=sorted(RARE_ROUTES)),
            ),
            models.Index(
                fields=["id"], name="comment_to_judge", condition=models.Q(judged_at__isnull=True)
            ),
            GinIndex(fields=["bigrams"], name="comment_search"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_chat(self) -> bool:
        """True for what somebody wrote to us on LINE: no publication, and never to be answered."""
        return self.channel.platform == Platform.LINE


class Tombstone(models.Model):
    """An id that its platform called gone before we knew it: what comes later is born gone."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    remote_id = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "remote_id"], name="one_tombstone_per_id")
        ]


class CommentRevision(models.Model):
    """A comment's text at one time, with the bytes it came in. Never changed afterwards, but for
    chats, which are erased.
    """

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="revisions", db_index=False
    )
    number = models.PositiveIntegerField()
    text = models.TextField()
    raw = models.BinaryField()
    author_name = models.CharField(max_length=500, blank=True)
    author_handle = models.CharField(max_length=255, blank=True)
    observed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "number"], name="revisions_are_numbered")
        ]


class Judgement(models.Model):
    """A verdict on one revision in one context, stored as it was. Never changed afterwards; of an
    erased chat it loses what was quoted, and keeps what was found.
    """

    revision = models.ForeignKey(
        CommentRevision, on_delete=models.CASCADE, related_name="judgements", db_index=False
    )
    ruleset = models.ForeignKey(  # nobody looks for all verdicts of one rule set
        "policy.RuleSet", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    engine_version = models.CharField(max_length=32)
    model_version = models.CharField(max_length=64, blank=True)
    context_hash = models.CharField(max_length=64)
    labels = ArrayField(models.CharField(max_length=16), default=list)
    signals = ArrayField(models.CharField(max_length=16), default=list)
    scores = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    problems = ArrayField(models.TextField(), default=list)
    route = models.CharField(max_length=16, choices=Route.choices)
    judged_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "revision",
                    "ruleset",
                    "engine_version",
                    "model_version",
                    "context_hash",
                ],
                name="one_judgement_per_context",
            )
        ]

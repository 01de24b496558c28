"""A picture or film of the society's, with the right to show it (§6)."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from jspm_social.platforms.names import Platform
from posts.payload import Payload


class MediaFile(models.Model):
    """One file, cleaned, and whose it is. The bytes never change; a new file is a new row."""

    class Kind(models.TextChoices):
        IMAGE = "image", "画像"
        VIDEO = "video", "動画"

    class Consent(models.TextChoices):
        """Whether the people in it agreed."""

        NOT_NEEDED = "not_needed", "人物なし・不要"
        GIVEN = "given", "同意あり"
        MISSING = "missing", "未確認"

    kind = models.CharField("種類", max_length=8, choices=Kind.choices)
    name = models.CharField("名称", max_length=200)
    file = models.FileField(upload_to="media/")
    mime = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_collation="C")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField("長さ（秒）", default=0)  # of a film; 0: not known
    alt = models.TextField("代替テキスト", blank=True)
    holder = models.CharField("権利者", max_length=200, blank=True)
    licence = models.CharField("利用条件", max_length=200, blank=True)
    credit = models.CharField("クレジット表記", max_length=200, blank=True)
    consent = models.CharField(
        "写っている人の同意", max_length=12, choices=Consent.choices, default=Consent.MISSING
    )
    no_reprint = models.BooleanField("無断転載禁止", default=False)
    platforms = ArrayField(
        models.CharField(max_length=16, choices=Platform.choices),
        verbose_name="使えるプラットフォーム",
        default=list,
        blank=True,
        help_text="空欄は、すべて。",
    )
    expires_on = models.DateField("利用期限", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("登録日時", auto_now_add=True)

    class Meta:
        verbose_name = "素材"
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name

    def stored_for(self, shape: str) -> "MediaFile | Rendition":
        """Return the bytes made for a shape (renditions.Shape.name), or else the file itself."""
        made = {one.shape: one for one in self.renditions.all()}
        return made.get(shape, self)

    def stored_as(self, sha256: str) -> "MediaFile | Rendition | None":
        """Return what holds, or held, exactly these bytes: the file itself or a rendition."""
        if self.sha256 == sha256:
            return self
        return next((one for one in self.renditions.all() if one.sha256 == sha256), None)

    def rights_problems(self, payload: Payload, at: datetime) -> list[str]:
        """Return what is missing for showing it there and then (§6)."""
        found = []
        if not self.holder.strip() or not self.licence.strip():
            found.append(f"「{self}」の権利者と利用条件が登録されていません。")
        if self.consent == self.Consent.MISSING:
            found.append(f"「{self}」に写っている人の同意が確認されていません。")
        if self.platforms and payload.platform not in self.platforms:
            found.append(f"「{self}」は、ここでは使えません。")
        if self.expires_on and timezone.localdate(at) > self.expires_on:
            found.append(f"「{self}」の利用期限が切れています。")
        return found


class Rendition(models.Model):
    """A picture as one platform is sent it. Like its file's, the bytes never change."""

    media = models.ForeignKey(MediaFile, on_delete=models.CASCADE, related_name="renditions")
    shape = models.CharField(max_length=16)
    file = models.FileField(upload_to="media/")
    mime = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_collation="C")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "shape"], name="one_rendition_per_shape")
        ]

"""The eight platforms and the effects that exist on them: words that every part shares."""

from django.db import models


class Platform(models.TextChoices):
    X = "x", "X"
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    YOUTUBE = "youtube", "YouTube"
    LINE = "line", "LINE"
    THREADS = "threads", "Threads"
    BLUESKY = "bluesky", "Bluesky"
    MASTODON = "mastodon", "Mastodon"


class Effect(models.TextChoices):
    """What can be done on a platform. There is no reply and no direct message (policy §4(1))."""

    HIDE = "hide", "非表示"
    UNHIDE = "unhide", "再表示"
    DELETE = "delete", "削除"
    BLOCK = "block", "ブロック"
    UNBLOCK = "unblock", "ブロック解除"
    MUTE = "mute", "ミュート"

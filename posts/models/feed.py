"""The private address of a person's calendar feed."""

import secrets

from django.conf import settings
from django.db import models


def _key() -> str:
    return secrets.token_urlsafe(24)


class FeedKey(models.Model):
    """Whoever has the key reads the plan; a new one makes the old one worthless."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=64, unique=True, default=_key)

    def renew(self) -> None:
        self.key = _key()
        self.save(update_fields=["key"])

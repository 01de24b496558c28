"""Which notice was sent to whom, so that none is sent twice."""

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """One mail to one person. `key` names the occasion."""

    key = models.CharField(max_length=80, db_collation="C")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "person"], name="notice_once_per_person")
        ]

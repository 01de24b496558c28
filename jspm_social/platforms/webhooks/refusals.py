"""Telling of what was refused, without letting whoever sends it fill the trail.

Each refusal is one counted row; per channel and reason one event is written a minute at most,
and it carries how many there were since the last. The first one is told at once.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel, WebhookRefusals

TELL_EVERY: Final = timedelta(minutes=1)


class Refusal(models.TextChoices):
    """Why a delivery was not let in."""

    FORGED = "forged", "署名が一致しません"
    OVERSIZED = "oversized", "大きすぎます"
    CONTENT_TYPE = "content_type", "JSONではありません"
    UNREADABLE = "unreadable", "読み取れません"
    STALE = "stale", "古すぎます"
    HANDSHAKE = "handshake", "確認用トークンが一致しません"


def count(channel: Channel, reason: Refusal) -> None:
    """Count one refusal; tell of it when nothing was told in the last minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO platforms_webhookrefusals AS known (channel_id, reason, count)
            VALUES (%s, %s, 1)
            ON CONFLICT (channel_id, reason) DO UPDATE SET count = known.count + 1
            RETURNING id, told_at
            """,
            [channel.pk, reason.value],
        )
        pk, told_at = cursor.fetchone()
    if told_at is None or told_at < timezone.now() - TELL_EVERY:
        _tell(pk)


def tell_rest() -> int:
    """Tell of what was counted since the last event. Returns how many events were written."""
    rows = WebhookRefusals.objects.filter(_due(timezone.now()), count__gt=0)
    return sum(_tell(pk) for pk in rows.values_list("pk", flat=True))


def _due(now: datetime) -> Q:
    return Q(told_at__isnull=True) | Q(told_at__lt=now - TELL_EVERY)


@one_write()
def _tell(pk: int) -> bool:
    now = timezone.now()
    rows = WebhookRefusals.objects.select_for_update(of=("self",)).select_related("channel")
    row = rows.filter(_due(now), pk=pk, count__gt=0).first()
    if row is None:  # another process was faster
        return False
    WebhookRefusals.objects.filter(pk=pk).update(count=0, told_at=now)
    record(
        actor=None,
        verb=Verb.WEBHOOK_REFUSED,
        target=row.channel,
        channel=row.channel_id,
        details={"reason": Refusal(row.reason).label, "count": row.count},
    )
    return True

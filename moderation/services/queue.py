"""Keeping the queue's index in step with the cases. Called inside the services' transactions."""

from collections.abc import Iterable

from django.db import connection

from moderation.models import Case, QueueEntry

# Every combination of filters that an open case answers to: a lane and, of each other kind, one
# or none; some twenty for a usual case. All lanes together leave consultations out.
_ENTER = """
    INSERT INTO moderation_queueentry (case_id, filters, urgency, opened_at)
    SELECT c.id, concat_ws(' ', lane.tag, criterion.tag, signal.tag, platform.tag, channel.tag),
           c.urgency, c.opened_at
    FROM moderation_case c
    JOIN moderation_comment ON moderation_comment.id = c.comment_id
    JOIN platforms_channel ON platforms_channel.id = moderation_comment.channel_id
    CROSS JOIN LATERAL (
      SELECT 'lane:' || c.lane UNION ALL SELECT 'lane:all' WHERE c.lane <> 'consultation'
    ) AS lane(tag)
    CROSS JOIN LATERAL (
      SELECT 'criterion:' || label FROM unnest(c.labels) AS label UNION ALL SELECT NULL
    ) AS criterion(tag)
    CROSS JOIN LATERAL (
      SELECT 'signal:' || name FROM unnest(c.signals) AS name UNION ALL SELECT NULL
    ) AS signal(tag)
    CROSS JOIN LATERAL (
      VALUES ('platform:' || platforms_channel.platform), (NULL)
    ) AS platform(tag)
    CROSS JOIN LATERAL (VALUES ('channel:' || platforms_channel.id), (NULL)) AS channel(tag)
    WHERE c.id = ANY(%s) AND c.state = 'open'
"""


def enter(cases: Iterable[Case]) -> None:
    """Put cases, as they are stored, into the queue if they are open; old entries are replaced."""
    ids = [case.pk for case in cases]
    if not ids:
        return
    QueueEntry.objects.filter(case__in=ids).delete()
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, [ids])


def leave(cases: Iterable[Case]) -> None:
    """Take cases out of the queue."""
    QueueEntry.objects.filter(case__in=[case.pk for case in cases]).delete()

"""The comments that were judged before. Reads only."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from moderation.services.intake import HISTORY

_EARLIER = """
    SELECT c.id, e.text FROM moderation_comment c
    CROSS JOIN LATERAL (
      SELECT h.text, h.posted_at, h.id FROM moderation_comment h
      WHERE h.commenter_id = c.commenter_id
        AND (h.posted_at, h.id) < (c.posted_at, c.id)
      ORDER BY h.posted_at DESC, h.id DESC LIMIT %s
    ) e
    WHERE c.id = ANY(%s) ORDER BY c.id, e.posted_at, e.id
"""


def earlier_texts(comment_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return each author's up to HISTORY earlier texts, oldest first, by the time they wrote."""
    histories: dict[int, tuple[str, ...]] = {}
    for comment_id, text in _rows(_EARLIER, [HISTORY, list(comment_ids)]):
        histories[comment_id] = (*histories.get(comment_id, ()), text)
    return histories


def _rows(query: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())

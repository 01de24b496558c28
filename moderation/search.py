"""Searching comments: by words, channel, post, standing and route, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from moderation.models import Comment
from moderation.text import bigrams, searchable

SEARCH_NEWEST = 4_000  # comments that a search walks through before it asks the index


def search_comments(
    *,
    text: str = "",
    channel: int | None = None,
    post: int | None = None,
    standing: str = "",
    route: str = "",
    after: tuple[datetime, int] | None = None,
    size: int = 20,
) -> list[Comment]:
    """Return up to `size` comments that contain `text` (at least two characters), newest first.

    `after` is the time and id of the last one already shown. Texts are compared by their pairs
    of characters; whether they really contain the words, `contains` tells.
    """
    place = Comment.objects.filter(**_given(channel=channel, post=post))
    if after is not None:
        order = Tuple(F("posted_at"), F("id"))
        place = place.filter(TupleLessThan(order, after))
    rows = place.filter(**_given(standing=standing, route=route))
    if text:
        found = _frequent(place, text, standing, route, size)
        rows = rows.filter(pk__in=found if len(found) == size else _rare(rows, text, size))
    shown = rows.select_related("channel", "commenter", "post").defer("bigrams")
    return list(shown.order_by("-posted_at", "-id")[:size])


def _given(**filters: object) -> dict[str, object]:
    return {name: value for name, value in filters.items() if value}


# The planner cannot know how frequent a word is, and one wrong guess reads a million rows. So
# the two ways are tried in turn, each fenced: a short walk through the newest finds what is
# frequent, and what is not frequent is few enough to fetch through the bigram index and sort.


def _frequent(
    place: QuerySet[Comment], text: str, standing: str, route: str, size: int
) -> list[int]:
    newest = place.order_by("-posted_at", "-id")
    columns = newest.values("id", "posted_at", "bigrams", "standing", "route")[:SEARCH_NEWEST]
    sql, params = columns.query.sql_with_params()
    return _ids(
        f"SELECT id FROM ({sql}) newest WHERE bigrams @> %s::bigint[]"  # noqa: S608 -- Django's own SQL
        " AND %s IN ('', standing) AND %s IN ('', route)"
        " ORDER BY posted_at DESC, id DESC LIMIT %s",
        [*params, bigrams(text), standing, route, size],
    )


def _rare(rows: QuerySet[Comment], text: str, size: int) -> list[int]:
    having = rows.filter(bigrams__contains=bigrams(text)).values("id", "posted_at")
    sql, params = having.query.sql_with_params()
    return _ids(
        f"WITH hits AS MATERIALIZED ({sql})"  # noqa: S608 -- Django's own SQL
        " SELECT id FROM hits ORDER BY posted_at DESC, id DESC LIMIT %s",
        [*params, size],
    )


def _ids(sql: str, params: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def contains(comment: Comment, text: str) -> bool:
    """Tell whether a comment really contains `text`, as search understands it."""
    return searchable(text) in searchable(comment.text)

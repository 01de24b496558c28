"""The numbers behind the public page on how the policy was applied. No words, no names."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db import connection

from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.names import Effect
from jspm_social.platforms.states import OperationState
from moderation.states import STANDING_DECISIONS, TaskState
from policy.transparency import Month

# The strongest effect that was really applied, by the platform's API or by hand, counts.
_APPLIED: Final = """
WITH applied AS (
  SELECT decision_id, max(array_position(%(effects)s, effect::text)) AS rank FROM (
    SELECT decision_id, effect FROM moderation_action
    WHERE state = %(done)s AND achieved = %(applied)s
    UNION ALL
    SELECT decision_id, effect FROM moderation_manualtask WHERE state = %(task_done)s
  ) told WHERE effect = ANY(%(effects)s) GROUP BY decision_id
), decided AS (
  SELECT decision.*, date_trunc('month', decided_at AT TIME ZONE 'Asia/Tokyo')::date AS month
  FROM moderation_decision decision
  WHERE state = ANY(%(standing)s)
    AND decided_at >= %(first)s::timestamp AT TIME ZONE 'Asia/Tokyo'
    AND decided_at < %(last)s::timestamp AT TIME ZONE 'Asia/Tokyo'
)
"""
_BY_CRITERION: Final = (
    _APPLIED
    + """
SELECT month, criterion, (%(effects)s)[rank], count(*)
FROM decided JOIN applied ON applied.decision_id = decided.id
CROSS JOIN LATERAL unnest(ARRAY(SELECT DISTINCT unnest(criteria)) || ARRAY['']) AS criterion
GROUP BY month, criterion, rank
"""
)
_BY_MONTH: Final = (
    _APPLIED
    + """
SELECT month,
       count(*),
       count(*) FILTER (WHERE outcome = ANY(%(reversals)s)),
       percentile_cont(0.5) WITHIN GROUP (
         ORDER BY extract(epoch FROM decided_at - opened_at) / 3600)::float8
FROM decided JOIN moderation_case c ON c.id = decided.case_id
GROUP BY month
"""
)
_EFFECTS: Final = [Effect.HIDE.value, Effect.DELETE.value, Effect.BLOCK.value]  # weakest first


def count(first: date, last: date) -> Sequence[Month]:
    """Count what was decided from `first` until before `last`, by month of the decision in
    Asia/Tokyo, the newest month first. Decisions that were taken back do not count.
    """
    by_criterion: dict[date, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(_BY_CRITERION, _values(first, last))
        for month, criterion, effect, number in cursor.fetchall():
            by_criterion[month][criterion][effect] = number
        cursor.execute(_BY_MONTH, _values(first, last))
        rows = cursor.fetchall()
    return [
        Month(
            first_day=month,
            effects=by_criterion[month].pop("", {}),
            removals=by_criterion[month],
            reversals=reversals,
            decided=decided,
            median_hours=median,
        )
        for month, decided, reversals, median in sorted(rows, reverse=True)
    ]


def _values(first: date, last: date) -> dict[str, Any]:
    return {
        "effects": _EFFECTS,
        "done": OperationState.DONE.value,
        "applied": Achieved.APPLIED.value,
        "task_done": TaskState.DONE.value,
        "standing": sorted(STANDING_DECISIONS),
        "reversals": ["restore", "unblock"],
        "first": first,
        "last": last,
    }

"""A day's cap on what may be hidden before a person has looked at it.

A rule that goes wrong, or a flood, must not hide a whole discussion: beyond the cap of every ground
that allows it, a comment waits for a person as others do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from django.db import connection
from django.utils import timezone

from moderation.models import Case
from policy.criteria import Route
from policy.models import Automation, CriterionSetting, RuleSet
from policy.verdict import Verdict


def within_caps(verdicts: Sequence[Verdict], ruleset: RuleSet) -> list[Verdict]:
    """The same verdicts, with a hold turned into an ordinary case where no ground has room."""
    if all(verdict.route != Route.HOLD for verdict in verdicts):
        return list(verdicts)
    _one_at_a_time()
    allowed = CriterionSetting.objects.filter(ruleset=ruleset, automation=Automation.HIDE)
    room = Counter(dict(allowed.values_list("criterion", "daily_cap")))
    room.subtract(label for label in _held_today() if label in room)
    kept = []
    for verdict in verdicts:
        grounds = [label for label in verdict.labels if label in room]
        if verdict.route != Route.HOLD:
            kept.append(verdict)
        elif any(room[label] > 0 for label in grounds):
            room.subtract(grounds)
            kept.append(verdict)
        else:
            kept.append(replace(verdict, route=Route.QUEUE))
    return kept


def _one_at_a_time() -> None:
    """Two workers that judge at once must not both use the last place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('moderation.holding'))")


def _held_today() -> list[str]:
    """The grounds of every comment that was held since midnight in Japan, one by one."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time()))
    held = Case.objects.filter(comment__route=Route.HOLD, comment__judged_at__gte=midnight)
    return [label for labels in held.values_list("labels", flat=True) for label in labels]

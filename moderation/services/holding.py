"""Which comments a rule may hide before a person has looked at them: few, and never in doubt.

The rule set asks for it by the verdict's route. Here it is refused wherever anything speaks for a
person: the author's own state, criticism, doubt of the judgement, a platform that could not take
it back, what people decided before, and a day's cap. A rule that goes wrong, or a flood, must not
hide a whole discussion. What is refused waits for a person as others do.

It is off until a criterion is switched to it. It is no strike, and no figure of what people
decided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from django.db import connection
from django.db.models import F
from django.utils import timezone

from moderation.models import Comment, Decision, Hold
from moderation.queries import can_hide_for_a_while
from moderation.states import STANDING_DECISIONS, HoldState
from policy.classifiers.explain import RULE as MODEL
from policy.criteria import Route
from policy.models import Automation, CriterionSetting, RuleSet
from policy.verdict import Verdict

Grounds = Mapping[int, list[str]]  # by comment: the criteria for which it may be held
_FOR_GOOD = (HoldState.RELEASED, HoldState.EXPIRED)  # shown again: no rule hides it once more


def grounds_to_hold(
    comments: Sequence[Comment], verdicts: Sequence[Verdict], ruleset: RuleSet
) -> Grounds:
    """Return what may be held, and for which criteria. What is held already needs no room.

    Part of the judgement's transaction; the comments are locked.
    """
    asked = {
        comment.pk: found
        for comment, verdict in zip(comments, verdicts, strict=True)
        if (found := _agreed_on(verdict))
    }
    if not asked:
        return {}
    _one_at_a_time()
    allowed = CriterionSetting.objects.filter(ruleset=ruleset, automation=Automation.HIDE)
    room = Counter(dict(allowed.values_list("criterion", "daily_cap")))
    room.subtract(label for label in _held_today() if label in room)
    held, settled = _held_already(asked), _settled(asked)
    given: dict[int, list[str]] = {}
    for comment in comments:
        wanted = [label for label in asked.get(comment.pk, ()) if label in room]
        if comment.pk in held:
            given |= {comment.pk: wanted} if wanted else {}
            continue
        grounds = [label for label in wanted if room[label] > 0]
        if grounds and comment.pk not in settled and can_hide_for_a_while(comment):
            room.subtract(grounds)
            given[comment.pk] = grounds
    return given


def with_refusals(
    comments: Sequence[Comment], verdicts: Sequence[Verdict], grounds: Grounds
) -> list[Verdict]:
    """Return the same verdicts, with an ordinary case where what was asked for is refused."""
    return [
        replace(verdict, route=Route.QUEUE)
        if verdict.route == Route.HOLD and comment.pk not in grounds
        else verdict
        for comment, verdict in zip(comments, verdicts, strict=True)
    ]


def _agreed_on(verdict: Verdict) -> list[str]:
    """The criteria that both the rules and, where there is one, the model find; none in doubt."""
    if verdict.route != Route.HOLD or verdict.signals or verdict.problems:
        return []
    by_rules = {item.criterion for item in verdict.evidence if item.rule != MODEL}
    return [label.value for label in verdict.labels if label in by_rules]


def _one_at_a_time() -> None:
    """Two workers that judge at once must not both use the last place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('moderation.holding'))")


def _held_today() -> list[str]:
    """The grounds of every comment that was held since midnight in Japan, one by one."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time()))
    held = Hold.objects.filter(held_at__gte=midnight).values_list("criteria", flat=True)
    return [label for criteria in held for label in criteria]


def _held_already(asked: Mapping[int, object]) -> set[int]:
    standing = Hold.objects.filter(case__comment__in=list(asked), state=HoldState.STANDING)
    return set(standing.values_list("case__comment", flat=True))


def _settled(asked: Mapping[int, object]) -> set[int]:
    """Comments on which people have decided before, or whose very text was held before."""
    decided = Decision.objects.filter(case__comment__in=list(asked), state__in=STANDING_DECISIONS)
    ended = Hold.objects.filter(case__comment__in=list(asked), state__in=_FOR_GOOD)
    this_text = Hold.objects.filter(
        revision__comment__in=list(asked), revision__number=F("revision__comment__revision_number")
    )
    return {
        *decided.values_list("case__comment", flat=True),
        *ended.values_list("case__comment", flat=True),
        *this_text.values_list("case__comment", flat=True),
    }

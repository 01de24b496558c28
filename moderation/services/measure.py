"""Counting, month by month, how people decided about what was judged."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from jspm_social.platforms.names import Platform
from moderation.models import Comment, CriterionCount, MonthCount
from moderation.settled import Settled, settled
from moderation.states import CaseOrigin
from policy.criteria import Criterion, Route


@dataclass(slots=True)
class Tally:
    """Counts by criterion; see CriterionCount."""

    said: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    sampled: int = 0


def count_lately() -> None:
    """Count this month and the one before anew: older ones stand."""
    this = month_of(timezone.now())
    for month in (_before(this), this):
        count_month(month)


def count_month(month: date) -> MonthCount:
    """Count one month anew, by the time of decision in Japan. Derived, so nothing is audited."""
    since, until = _began(month), _began(_after(month))
    tally = tally_of(settled(since=since, until=until))
    came = Comment.objects.filter(received_at__gte=since, received_at__lt=until)
    passed = came.filter(route=Route.PASS).exclude(channel__platform=Platform.LINE).count()
    with transaction.atomic():
        row, _ = MonthCount.objects.update_or_create(
            month=month,
            defaults={
                "passed": passed,
                "sampled": tally.sampled,
                "counted_at": timezone.now(),
            },
        )
        row.criteria.all().delete()
        CriterionCount.objects.bulk_create(
            CriterionCount(
                month=row,
                criterion=criterion,
                said=tally.said[criterion],
                right=tally.right[criterion],
                elsewhere=tally.elsewhere[criterion],
                noticed=tally.noticed[criterion],
                drawn=tally.drawn[criterion],
            )
            for criterion in Criterion.values
        )
    return row


def tally_of(found: Iterable[Settled]) -> Tally:
    """Count, of what people settled, what the judgement had said about the same words. Pure."""
    tally = Tally()
    for one in found:
        if not one.judged:
            continue
        tally.said.update(one.labels)
        tally.right.update(one.labels & one.grounds)
        missed = one.grounds - one.labels
        if one.route != Route.PASS:
            tally.elsewhere.update(missed)
        elif one.origin == CaseOrigin.SAMPLED:
            tally.sampled += 1
            tally.drawn.update(missed)
        else:
            tally.noticed.update(missed)
    return tally


def month_of(moment: datetime) -> date:
    """The first day of the month in Japan."""
    return timezone.localdate(moment).replace(day=1)


def _began(month: date) -> datetime:
    return timezone.make_aware(datetime.combine(month, time()))


def _before(month: date) -> date:
    return month.replace(year=month.year - (month.month == 1), month=(month.month - 2) % 12 + 1)


def _after(month: date) -> date:
    return month.replace(year=month.year + (month.month == 12), month=month.month % 12 + 1)

"""Keeping the queue's index in step with the cases. Called inside the services' transactions."""

from collections.abc import Iterable
from itertools import product

from moderation.models import Case, QueueEntry
from moderation.states import ALL_LANES, CaseState, Lane


def filters_of(case: Case) -> list[str]:
    """Return every combination of filters that an open case answers to.

    A lane and, of each other kind, one or none: some twenty combinations for a usual case.
    """
    channel = case.comment.channel
    lanes = [f"lane:{case.lane}"]
    if case.lane != Lane.CONSULTATION:
        lanes.append(ALL_LANES)
    kinds = [
        [f"criterion:{label}" for label in case.labels],
        [f"signal:{signal}" for signal in case.signals],
        [f"platform:{channel.platform}"],
        [f"channel:{channel.pk}"],
    ]
    combinations = product(lanes, *([*tags, ""] for tags in kinds))
    return [" ".join(filter(None, tags)) for tags in combinations]


def enter(cases: Iterable[Case]) -> None:
    """Put open cases into the queue; their old entries are replaced."""
    cases = list(cases)
    leave(cases)
    QueueEntry.objects.bulk_create(
        QueueEntry(case=case, filters=filters, urgency=case.urgency, opened_at=case.opened_at)
        for case in cases
        if case.state == CaseState.OPEN
        for filters in filters_of(case)
    )


def leave(cases: Iterable[Case]) -> None:
    """Take cases out of the queue."""
    QueueEntry.objects.filter(case__in=[case.pk for case in cases]).delete()

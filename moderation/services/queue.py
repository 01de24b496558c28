"""Keeping the queue's index in step with the cases. Called inside the services' transactions."""

from collections.abc import Iterable

from moderation.models import Case, QueueEntry
from moderation.states import ALL_LANES, CaseState, Lane


def tags_of(case: Case) -> list[str]:
    """Return the filters that an open case answers to."""
    channel = case.comment.channel
    tags = [
        f"lane:{case.lane}",
        f"platform:{channel.platform}",
        f"channel:{channel.pk}",
        *(f"criterion:{label}" for label in case.labels),
        *(f"signal:{signal}" for signal in case.signals),
    ]
    if case.lane != Lane.CONSULTATION:
        tags.insert(0, ALL_LANES)
    return tags


def enter(cases: Iterable[Case]) -> None:
    """Put open cases into the queue; their old entries are replaced."""
    cases = list(cases)
    leave(cases)
    QueueEntry.objects.bulk_create(
        QueueEntry(case=case, tag=tag, urgency=case.urgency, opened_at=case.opened_at)
        for case in cases
        if case.state == CaseState.OPEN
        for tag in tags_of(case)
    )


def leave(cases: Iterable[Case]) -> None:
    """Take cases out of the queue."""
    QueueEntry.objects.filter(case__in=[case.pk for case in cases]).delete()

"""Reading the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.audit.forms import SYSTEM_ACTOR
from jspm_social.audit.models import AuditEvent

PAGE_SIZE: Final = 50


@dataclass(frozen=True)
class Page:
    """One page, newest first; the numbers continue the search on either side, None at an end."""

    events: list[AuditEvent]
    older_than: int | None
    newer_than: int | None


def search(chosen: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    """The events that match every filter of `SearchForm.chosen`, newest first."""
    events = AuditEvent.objects.select_related("personal").order_by("-id")
    for name in ("verb", "target_type", "target_id", "clause"):
        if name in chosen:
            events = events.filter(**{name: chosen[name]})
    if "number" in chosen:
        events = events.filter(id=chosen["number"])
    if "since" in chosen:
        events = events.filter(at__gte=_midnight(chosen["since"]))
    if "until" in chosen:
        events = events.filter(at__lt=_midnight(chosen["until"] + timedelta(days=1)))
    if actor := chosen.get("actor"):
        events = events.filter(actor=None if actor == SYSTEM_ACTOR else actor)
    return events


def page(
    events: QuerySet[AuditEvent], *, before: int | None = None, after: int | None = None
) -> Page:
    """Keyset paging: page 500 costs what page 1 costs, and new events shift nothing."""
    if after is not None:
        rows = list(events.filter(id__gt=after).order_by("id")[: PAGE_SIZE + 1])
        shown = rows[:PAGE_SIZE][::-1]
        return _page(shown, older=bool(shown), newer=len(rows) > PAGE_SIZE)
    rows = list((events if before is None else events.filter(id__lt=before))[: PAGE_SIZE + 1])
    return _page(rows[:PAGE_SIZE], older=len(rows) > PAGE_SIZE, newer=before is not None)


def _page(events: list[AuditEvent], *, older: bool, newer: bool) -> Page:
    return Page(
        events,
        older_than=events[-1].id if events and older else None,
        newer_than=events[0].id if events and newer else None,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

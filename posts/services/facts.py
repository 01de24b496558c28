"""Events and sources: the facts that posts quote. A changed fact flags every such post."""

from collections.abc import Mapping
from typing import Any

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from posts.models import Event, EventChange, SourceCard

FACTS = ("name", "starts_on", "ends_on", "start_time", "end_time", "venue", "deadline", "url")


@one_write()
def add_event(*, actor: User, facts: Mapping[str, Any]) -> Event:
    event = Event.objects.create(**facts)
    record(actor=actor, verb=Verb.EVENT_CHANGED, target=event, details={"version": event.version})
    return event


@one_write()
def change_event(*, actor: User, event: Event, facts: Mapping[str, Any]) -> list[EventChange]:
    """Change facts of an event and keep what they were: posts that quote the old are flagged.

    Returns the changes; nothing happens when there are none.
    """
    event = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    changed = {
        name: (getattr(event, name), facts[name])
        for name in FACTS
        if name in facts and facts[name] != getattr(event, name)
    }
    if not changed:
        return []
    event.version += 1
    for name, (_, new) in changed.items():
        setattr(event, name, new)
    event.save()
    rows = EventChange.objects.bulk_create(
        EventChange(
            event=event,
            version=event.version,
            field=name,
            old=_told(old),
            new=_told(new),
            by=actor,
        )
        for name, (old, new) in changed.items()
    )
    record(
        actor=actor,
        verb=Verb.EVENT_CHANGED,
        target=event,
        details={"version": event.version, "fields": sorted(changed)},
    )
    return rows


@one_write()
def add_source(*, actor: User, facts: Mapping[str, Any]) -> SourceCard:
    source = SourceCard.objects.create(read_by=actor, **facts)
    record(actor=actor, verb=Verb.SOURCE_ADDED, target=source, details={"doi": source.doi})
    return source


def _told(value: Any) -> str:
    return "" if value is None else str(value)

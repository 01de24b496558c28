"""Writing the audit trail."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol

from django.db import connection, models, transaction
from django.utils import timezone

from jspm_social.audit.chain import GENESIS, personal_digest, storable, storable_text
from jspm_social.audit.models import AuditEvent, AuditPersonal
from jspm_social.audit.verbs import Verb

CHAIN_LOCK: Final = 0x6A73706D61756474
"""The key of the one advisory lock that orders the chain: "jspmaudt"."""

SYSTEM: Final = "システム"
"""Who acted where no person did."""


class Actor(Protocol):
    """A person, as far as this part knows people: it lies below `accounts`."""

    @property
    def pk(self) -> Any: ...
    @property
    def display_name(self) -> str: ...


class OutsideTransaction(Exception):
    """An event may only be written together with what it tells of."""


_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("audit_waiting", default=None)


@contextmanager
def one_write() -> Iterator[None]:
    """One transaction whose events are written at its very end, in the order they were told.

    For services that call other services (a confirmation that casts a vote): inside, every
    `record()` waits, so that no statement follows the chain's lock. Nests; also a decorator.
    """
    outer = _waiting.get()
    told: list[AuditEvent] = [] if outer is None else outer
    before = len(told)
    token = _waiting.set(told)
    try:
        with transaction.atomic():
            yield
            if outer is None:
                _waiting.set(None)
                _append(told)
    except BaseException:
        del told[before:]  # rolled back together with what they tell of
        raise
    finally:
        _waiting.reset(token)


def record(
    *,
    actor: Actor | None,
    verb: str,
    target: models.Model,
    clause: str = "",
    policy_version: str = "",
    channel: int | None = None,
    details: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one event; the last statement of every write, inside its transaction.

    `details` holds ids, states and other words that say nothing about a person; names, notes
    and texts go to `personal`, which can be erased later. `actor` None is the system itself.
    Inside `one_write()` the returned event has no id, time and hash before the end of it.

    Raises:
        OutsideTransaction: nothing would tie the event to the write.
        TypeError: a value that does not survive jsonb exactly (a float, a date, an object).
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(verb)
    event = AuditEvent(
        actor_id=actor.pk if actor else None,
        actor_name=storable_text(actor.display_name if actor else SYSTEM),
        verb=verb,
        target_type=target._meta.label_lower,  # noqa: SLF001
        target_id="" if target.pk is None else str(target.pk),
        channel=channel,
        clause=clause,
        policy_version=policy_version,
        details=storable(details or {}),
    )
    if personal:
        salt, data = secrets.token_hex(16), storable(personal)
        event.personal_digest = personal_digest(salt, data)
        event.personal = AuditPersonal(salt=salt, data=data)
    waiting = _waiting.get()
    if waiting is None:
        _append([event])
    else:
        waiting.append(event)
    return event


def erase_personal(
    *, actor: Actor | None, events: Iterable[AuditEvent], reason: str
) -> AuditEvent | None:
    """Erase the names, notes and texts of these events, for good; the events stay and verify.

    Returns the event that tells of the erasure, or None where nothing was left to erase.
    """
    with transaction.atomic():
        wanted = AuditPersonal.objects.filter(event_id__in=[event.pk for event in events])
        found = sorted(wanted.values_list("event_id", flat=True))
        if not found:
            return None
        wanted.filter(event_id__in=found).delete()
        return record(
            actor=actor,
            verb=Verb.AUDIT_PERSONAL_ERASED,
            target=AuditEvent(pk=found[0]),
            details={"events": found},
            personal={"reason": reason},
        )


def record_export(*, actor: Actor, chosen: Mapping[str, Any]) -> AuditEvent:
    """Tell that somebody took events out of the console, and by which filters."""
    with transaction.atomic():
        return record(
            actor=actor,
            verb=Verb.AUDIT_EXPORTED,
            target=AuditEvent(),
            details={"filters": {name: str(value) for name, value in chosen.items()}},
        )


def _append(events: list[AuditEvent]) -> None:
    if not events:
        return
    _lock_chain({event.actor_id for event in events} - {None})
    # A statement of its own: under READ COMMITTED it sees what the previous holder committed.
    last = AuditEvent.objects.order_by("-id").values_list("id", "hash").first()
    number, previous = last or (0, GENESIS)
    for number, event in enumerate(events, start=number + 1):  # noqa: B020
        event.id, event.at, event.previous_hash = number, timezone.now(), previous
        event.hash = previous = event.computed_hash()
    AuditEvent.objects.bulk_create(events)
    AuditPersonal.objects.bulk_create(_personal_rows(events))


def _personal_rows(events: list[AuditEvent]) -> Iterator[AuditPersonal]:
    for event in events:
        if event.personal_digest:
            event.personal.event = event
            yield event.personal


def _lock_chain(actors: set[int | None]) -> None:
    """Wait for the chain, after everything else this transaction could still wait for.

    Foreign keys are checked at commit by default, and the check locks the row pointed at: while
    holding the chain that would be a second order of locks, and so a deadlock. The checks run
    now instead, and the actors' rows, which the events themselves point at, are locked now too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if actors:
            cursor.execute(
                "SELECT FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
                [list(actors)],
            )
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])

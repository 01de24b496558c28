"""Writing the audit trail."""

import secrets
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models
from django.utils import timezone

from jspm_social.audit.chain import GENESIS, personal_digest, storable, storable_text
from jspm_social.audit.models import AuditEvent, AuditPersonal

if TYPE_CHECKING:
    from jspm_social.accounts.models import User

CHAIN_LOCK: Final = 0x6A73706D61756474
"""The key of the one advisory lock that orders the chain: "jspmaudt"."""

SYSTEM: Final = "システム"
"""Who acted where no person did."""


class OutsideTransaction(Exception):
    """An event may only be written together with what it tells of."""


def record(
    *,
    actor: "User | None",
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

    Raises:
        OutsideTransaction: nothing would tie the event to the write.
        TypeError: a value that does not survive jsonb exactly (a float, a date, an object).
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(verb)
    plain = storable(personal or {})
    salt = secrets.token_hex(16)
    event = AuditEvent(
        actor=actor,
        actor_name=storable_text(actor.display_name if actor else SYSTEM),
        verb=verb,
        target_type=target._meta.label_lower,  # noqa: SLF001
        target_id=str(target.pk),
        channel=channel,
        clause=clause,
        policy_version=policy_version,
        details=storable(details or {}),
        personal_digest=personal_digest(salt, plain) if plain else "",
    )
    _append(event)
    if plain:
        AuditPersonal.objects.create(event=event, salt=salt, data=plain)
    return event


def _append(event: AuditEvent) -> None:
    _lock_chain(event.actor_id)
    # A statement of its own: under READ COMMITTED it sees what the previous holder committed.
    last = AuditEvent.objects.order_by("-id").values_list("id", "hash").first()
    number, event.previous_hash = last or (0, GENESIS)
    event.id = number + 1
    event.at = timezone.now()
    event.hash = event.computed_hash()
    event.save(force_insert=True)


def _lock_chain(actor_id: int | None) -> None:
    """Wait for the chain, after everything else this transaction could still wait for.

    Foreign keys are checked at commit by default, and the check locks the row pointed at: while
    holding the chain that would be a second order of locks, and so a deadlock. The checks run
    now instead, and the actor's row, which the event itself points at, is locked now as well.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if actor_id is not None:
            cursor.execute("SELECT FROM accounts_user WHERE id = %s FOR KEY SHARE", [actor_id])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])

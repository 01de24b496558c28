"""Finding the first row that somebody touched."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.services import record
from jspm_social.audit.verify import Broken, Verified, verify
from tests.audit.conftest import without_triggers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

CONTENT = "its content does not match its hash"
LINK = "its previous hash is not the hash of the event before"


def remove(number: int) -> str:
    return (
        f"DELETE FROM audit_auditpersonal WHERE event_id = {number}; "
        f"DELETE FROM audit_auditevent WHERE id = {number}"
    )


@pytest.fixture
def five(transactional_db: None) -> list[AuditEvent]:
    """Five events; each has a note."""
    with transaction.atomic():
        return [
            record(actor=None, verb="case.opened", target=AuditEvent(), personal={"note": str(n)})
            for n in range(5)
        ]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE audit_auditevent SET verb = 'x' WHERE id IN (3, 5)", Broken(3, CONTENT)),
        ("UPDATE audit_auditevent SET details = '{\"a\": 1}' WHERE id = 1", Broken(1, CONTENT)),
        (
            "UPDATE audit_auditevent SET at = at + interval '1 microsecond' WHERE id = 5",
            Broken(5, CONTENT),
        ),
        ("UPDATE audit_auditevent SET actor_name = '別人' WHERE id = 2", Broken(2, CONTENT)),
        ("UPDATE audit_auditevent SET hash = repeat('a', 64) WHERE id = 4", Broken(4, CONTENT)),
        ("UPDATE audit_auditevent SET previous_hash = 'a' WHERE id = 2", Broken(2, LINK)),
        (
            remove(3),
            Broken(4, "the event before it is missing: expected 3"),
        ),
        (
            remove(1),
            Broken(2, "the event before it is missing: expected 1"),
        ),
        (
            'UPDATE audit_auditpersonal SET data = \'{"note": "嘘"}\' WHERE event_id = 4',
            Broken(4, "its personal details do not match their digest"),
        ),
        (
            "DELETE FROM audit_auditpersonal WHERE event_id = 2",
            Broken(2, "personal details are gone, and no event tells of an erasure"),
        ),
    ],
)
def test_verify_names_the_first_broken_row(
    five: list[AuditEvent], owner_connection: BaseDatabaseWrapper, tampering: str, broken: Broken
) -> None:
    with without_triggers(owner_connection), owner_connection.cursor() as cursor:
        cursor.execute(tampering)
    with transaction.atomic():
        assert verify() == broken
    with pytest.raises(CommandError, match=f"broken at event {broken.id}: {broken.reason}"):
        run()


def test_verify_finds_a_row_that_was_rehashed_after_a_change(
    five: list[AuditEvent], owner_connection: BaseDatabaseWrapper
) -> None:
    forged = five[2]
    forged.verb = "x"
    with without_triggers(owner_connection), owner_connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_auditevent SET verb = 'x', hash = %s WHERE id = %s",
            [forged.computed_hash(), forged.id],
        )
    with transaction.atomic():
        assert verify() == Broken(4, LINK)


def test_verify_audit_prints_the_count_and_the_last_hash(five: list[AuditEvent]) -> None:
    assert run() == f"OK 5 events, last hash {five[4].hash}\n"


def test_verify_of_an_empty_trail_is_fine(db: None) -> None:
    assert verify() == Verified(0, "0" * 64)


def test_verify_with_a_noted_hash_allows_later_events(five: list[AuditEvent]) -> None:
    assert run("--expect-last", five[2].hash).startswith("OK 5 events")


def test_verify_with_a_noted_hash_notices_a_removed_end(
    five: list[AuditEvent], owner_connection: BaseDatabaseWrapper
) -> None:
    with without_triggers(owner_connection), owner_connection.cursor() as cursor:
        cursor.execute(remove(5))
    assert run().startswith("OK 4 events")
    with pytest.raises(CommandError, match="event 5: the expected hash is missing"):
        run("--expect-last", five[4].hash)

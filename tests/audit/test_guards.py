"""The database refuses to change or remove what was recorded."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.services import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

TABLES = ("audit_auditevent", "audit_auditpersonal")
CHANGES = [
    "UPDATE audit_auditevent SET verb = 'x'",
    "DELETE FROM audit_auditevent",
    "TRUNCATE audit_auditevent CASCADE",
    "UPDATE audit_auditpersonal SET salt = 'x'",
    "TRUNCATE audit_auditpersonal",
]


@pytest.fixture
def event(guarded: BaseDatabaseWrapper) -> AuditEvent:
    with transaction.atomic():
        return record(
            actor=None, verb="case.opened", target=AuditEvent(), personal={"note": "理由"}
        )


@pytest.mark.parametrize("change", CHANGES)
def test_application_has_no_right_to_change_events(event: AuditEvent, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEvent.objects.get() == event


@pytest.mark.parametrize("change", CHANGES)
def test_triggers_refuse_changes_by_the_owner(
    event: AuditEvent, guarded: BaseDatabaseWrapper, change: str
) -> None:
    with pytest.raises(IntegrityError, match="append-only"), guarded.cursor() as cursor:
        cursor.execute(change)
    assert AuditEvent.objects.get().computed_hash() == event.hash


@pytest.mark.parametrize("change", CHANGES)
def test_triggers_refuse_changes_by_a_superuser_posing_as_a_replica(
    event: AuditEvent, guarded: BaseDatabaseWrapper, change: str
) -> None:
    # The embedded server's own administrator; nobody else may pose as a replica.
    superuser = connections.create_connection("owner")
    superuser.settings_dict = {**superuser.settings_dict, "USER": "postgres"}
    with superuser.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with pytest.raises(IntegrityError, match="append-only"):
            cursor.execute(change)
    superuser.close()


def test_triggers_always_fire(guarded: BaseDatabaseWrapper) -> None:
    with guarded.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid = ANY(%s::regclass[]) ORDER BY tgname",
            [list(TABLES)],
        )
        assert cursor.fetchall() == [
            ("audit_event_no_change", "A"),
            ("audit_event_no_truncate", "A"),
            ("audit_personal_no_change", "A"),
            ("audit_personal_no_truncate", "A"),
        ]


def test_application_is_neither_owner_nor_superuser(guarded: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) "
            "AND pg_has_role(current_user, relowner, 'MEMBER')",
            [list(TABLES)],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("table", "rights"),
    [
        ("audit_auditevent", {"SELECT", "INSERT"}),
        ("audit_auditpersonal", {"SELECT", "INSERT", "DELETE"}),
    ],
)
def test_application_has_exactly_the_rights_it_needs(
    guarded: BaseDatabaseWrapper, table: str, rights: set[str]
) -> None:
    every = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r FROM unnest(%s) r WHERE has_table_privilege(current_user, %s, r)",
            [every, table],
        )
        assert {row[0] for row in cursor.fetchall()} == rights

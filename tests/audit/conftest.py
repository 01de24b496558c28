"""The audit trail's guards, as the migration makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.conftest import let_tests_truncate

migration = import_module("jspm_social.audit.migrations.0002_append_only")


@pytest.fixture
def guarded(owner_connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """The owner's connection, with every trigger and right as in production."""
    with owner_connection.cursor() as cursor:
        cursor.execute(migration.NO_TRIGGERS)
        cursor.execute(migration.TRIGGERS)
    with owner_connection.schema_editor() as editor:
        migration.take_rights(apps, editor)
    yield owner_connection
    let_tests_truncate()


@contextmanager
def without_triggers(owner: BaseDatabaseWrapper) -> Iterator[None]:
    """What somebody with the owner's password could do."""
    tables = ("audit_auditevent", "audit_auditpersonal")
    with owner.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(migration.NO_TRIGGERS)
        cursor.execute(migration.TRIGGERS)
    let_tests_truncate()

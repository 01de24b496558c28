"""Fixtures that every test can use: the database as in production, the people, the policy."""

from collections.abc import Iterator
from typing import Any

import django_rq
import psycopg2
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.people import People, make_people


@pytest.fixture(autouse=True)
def rules_alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rules judge alone what comes in, so that tests can say what applies.

    Most use a policy of a few invented words. Tests marked `learned` have the model as well.
    """
    if "learned" not in request.keywords:
        monkeypatch.setattr("moderation.services.triage.model_in_use", lambda: None)


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause for garbage among thousands of tests is no fault of a phase or of the model."""
    if "budget" not in request.keywords:
        monkeypatch.setattr("policy.engine.PHASE_BUDGET", 60.0)
        monkeypatch.setattr("policy.engine.MODEL_BUDGET", 60.0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Make the database anew, migrated by its owner and used by the application's role.

    As in production, with one difference: the tests' role may empty tables between tests, the
    audit trail's too. The tests that prove its guards put them back.
    """
    with django_db_blocker.unblock():
        _recreate_database()
        call_command("migrate", verbosity=0)
        let_tests_truncate()
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()


def _recreate_database() -> None:
    owner = connections["owner"].settings_dict
    name = owner["NAME"]
    plain = psycopg2.connect(
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        dbname="postgres",
    )
    plain.autocommit = True
    with plain.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    plain.close()


def let_tests_truncate() -> None:
    """Lift, as the owner, what forbids to empty tables."""
    role = connections["default"].settings_dict["USER"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO "{role}"')
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND (tgtype & 32) <> 0"
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


@pytest.fixture
def owner_connection(
    transactional_db: None, django_db_blocker: Any
) -> Iterator[BaseDatabaseWrapper]:
    """The connection of the role that owns the tables. Sees only what is committed."""
    with django_db_blocker.unblock():
        yield connections["owner"]
        connections["owner"].close()


@pytest.fixture
def people(db: None) -> People:
    """One person of each role, a second moderator, and an outsider."""
    return make_people()


@pytest.fixture
def redis_clean() -> Iterator[None]:
    """Empty queues before and after."""
    connection = django_rq.get_connection("act")
    connection.flushdb()
    yield
    connection.flushdb()

"""Databases of the benchmark's own server: made, migrated, filled, dropped."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.core.management import call_command
from django.db import connections

from jspm_social.accounts.roles import Role
from tests.benchmarks.fill import enter_open_cases, fill, tidy
from tests.people import make_person


def superuser(name: str = "postgres") -> Any:
    """A connection of the superuser, whom only the owner of the folder of the socket can be."""
    settings = connections["default"].settings_dict
    plain = psycopg2.connect(
        host=settings["HOST"], port=settings["PORT"], user="postgres", dbname=name
    )
    plain.autocommit = True
    return plain


def use(name: str) -> None:
    """Let the application, and its owner role, work on this database from now on."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@contextmanager
def database(name: str) -> Iterator[str]:
    """A new database, migrated and with the policy loaded, in use; dropped at the end."""
    _server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _server(f'CREATE DATABASE "{name}" OWNER jspm_owner')
    try:
        use(name)
        call_command("migrate", verbosity=0)
        call_command("load_policy", verbosity=0, stdout=_Nothing())
        yield name
    finally:
        use("jspm")
        _server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def filled(name: str, *, comments: int, commenters: int) -> Iterator[str]:
    """A database with so many comments, a tenth of them open cases, and two moderators."""
    with database(name):
        for person in ("moderator", "moderator2"):
            make_person(person, Role.MODERATOR)
        with closing(superuser(name)) as connection:
            fill(connection, comments=comments, commenters=commenters)
            enter_open_cases()
            tidy(connection)
        yield name


def _server(statement: str) -> None:
    with closing(superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


class _Nothing:
    def write(self, text: str) -> None:
        """What a command says is not for the benchmark's page."""

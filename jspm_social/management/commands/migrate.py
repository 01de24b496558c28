"""`migrate`, run by the role that owns the tables, with rights for the application's role."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

OWNER = "owner"


class Command(DjangoMigrate):
    help = "Bring the database up to date (on the connection 'owner', see DATABASE_OWNER_URL)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Explain a missing owner before Django asks its database for checks."""
        if options["database"] == OWNER and OWNER not in connections:
            raise CommandError(
                "DATABASE_OWNER_URL is not set: the address of the database for the role that"
                " owns the tables. Give it to this command alone."
            )
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == OWNER:
            _grant_what_will_come(connections["default"].settings_dict["USER"])
        super().handle(*args, **options)


def _grant_what_will_come(role: str) -> None:
    """Let the application read and write every table that the owner creates from now on.

    Only by default privileges, never on tables that exist: the audit migration takes rights
    away from its tables, and a later `migrate` must not hand them back.
    """
    connection = connections[OWNER]
    if role == connection.settings_dict["USER"]:
        return
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quoted}")
        for rights, kind in (
            ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
            ("USAGE, SELECT", "SEQUENCES"),
        ):
            cursor.execute(f"ALTER DEFAULT PRIVILEGES GRANT {rights} ON {kind} TO {quoted}")

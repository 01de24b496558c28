"""Django system checks: what must be so before the console is safe to run."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

E_SUPERUSER = "jspm.E001"
E_OWNER = "jspm.E002"


@register(Tags.database)
def application_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The application's role must not be able to alter the audit trail behind its triggers.

    Asks the database, so it runs with `check --database default` and before `migrate`.
    """
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper, EXISTS (
              SELECT FROM pg_tables
              WHERE schemaname = current_schema() AND tableowner = current_user
            ) FROM pg_roles WHERE rolname = current_user
            """
        )
        superuser, owner = cursor.fetchone() or (False, False)
    found: list[CheckMessage] = []
    if superuser:
        found.append(Error("The application's database role is a superuser.", id=E_SUPERUSER))
    if owner:
        found.append(
            Error(
                "The application's database role owns tables.",
                hint="Let DATABASE_OWNER_URL name another role, and migrate with that one.",
                id=E_OWNER,
            )
        )
    return found

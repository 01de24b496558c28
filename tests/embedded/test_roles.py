"""What the two database roles may do, in the database that is there and in those made later."""

import pytest

from tests.embedded.starters import Var

_TRY = """
embedded.ensure_running()
def attempt(statement, **where):
    try:
        sql(statement, **where)
    except psycopg2.Error as error:
        return type(error).__name__
    return "done"
"""


def test_roles_are_no_superusers_and_only_the_owner_makes_databases(var: Var) -> None:
    seen = var.python(
        _TRY
        + """
print(sql("SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname ~ 'jspm' ORDER BY 1"))
print(sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'jspm'"))
print(attempt("CREATE DATABASE other"), attempt("CREATE TABLE mine ()"))
print(sql("SHOW timezone"), sql("SELECT lower('ＡÉ'), current_setting('server_encoding')"))
"""
    )
    assert seen.stdout.splitlines() == [
        "[('jspm_app', False, False), ('jspm_owner', False, True)]",
        "[('jspm_owner',)]",
        "InsufficientPrivilege InsufficientPrivilege",
        "[('UTC',)] [('ａé', 'UTF8')]",
    ]


@pytest.mark.parametrize("database", ["jspm", "test_made_later"])
def test_application_uses_the_owners_tables_but_cannot_empty_or_change_them(
    var: Var, database: str
) -> None:
    seen = var.python(
        _TRY
        + f"""
if "{database}" != "jspm":
    sql("CREATE DATABASE {database}", role="jspm_owner", dbname="postgres")
sql("CREATE TABLE t (id bigserial, a text)", role="jspm_owner", dbname="{database}")
for statement in (
    "INSERT INTO t (a) VALUES ('x')", "SELECT a FROM t", "UPDATE t SET a = 'y'", "DELETE FROM t",
    "TRUNCATE t", "ALTER TABLE t DROP COLUMN a", "DROP TABLE t", "CREATE INDEX ON t (a)",
):
    print(attempt(statement, dbname="{database}"))
"""
    )
    assert seen.stdout.splitlines() == ["done"] * 4 + ["InsufficientPrivilege"] * 4

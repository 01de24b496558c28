"""The benchmarks' invented console still fits the tables: without this it breaks unseen."""

import re
from pathlib import Path

import pytest
from django.apps import apps

SQL = Path(__file__).parent / "benchmarks" / "fill.sql"
INSERTS = re.findall(r"INSERT INTO (\w+)\s*\(([^)]*)\)", SQL.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("table", "columns"), INSERTS)
def test_every_column_that_must_be_filled_is(table: str, columns: str) -> None:
    [model] = [one for one in apps.get_models() if one._meta.db_table == table]
    fields = model._meta.concrete_fields
    named = {column.strip() for column in columns.split(",")}
    assert named <= {field.column for field in fields}
    assert {field.column for field in fields if not field.null} <= named


def test_there_are_tables_to_look_at() -> None:
    assert len(INSERTS) == 11

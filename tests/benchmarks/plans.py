"""What the server does for a page: its queries are caught, explained, and looked through."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

BIG = 5_000  # rows from which a table must not be read whole


@dataclass
class Caught:
    """The reading queries of one page, as they were sent."""

    queries: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            self.queries.append((sql, params))
        return execute(sql, params, many, context)


@contextmanager
def caught() -> Iterator[Caught]:
    queries = Caught()
    with connection.execute_wrapper(queries):
        yield queries


def scanned_whole(queries: Caught) -> list[str]:
    """Return each big table that one of the queries reads whole, with the query."""
    big = _big_tables()
    return [
        f"{node['Relation Name']}: {sql}"
        for sql, node in _steps(queries)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in big
    ]


def index_names(queries: Caught) -> list[str]:
    """Return the indexes by which the queries read, each once."""
    return sorted({node["Index Name"] for _, node in _steps(queries) if "Index Name" in node})


def _steps(queries: Caught) -> Iterator[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        for sql, params in queries.queries:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            for node in _nodes(plan[0]["Plan"]):
                yield sql, node


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _big_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG])
        return {name for (name,) in cursor.fetchall()}

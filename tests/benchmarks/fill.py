"""Large tables in little time: sample rows from Python, multiplied by the server."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import Json, execute_values

from moderation.models import Case
from moderation.services import queue
from moderation.text import bigrams
from policy.criteria import Criterion, Signal
from policy.data import COMMENTS

RARE_WORD = "鰯雲"  # in 30 comments, whatever the size
SAMPLES = 3000
_SQL = Path(__file__).with_name("fill.sql")
# As moderation.services.queue.filters_of: a lane and, of each other kind, one or none.
ENTER_OPEN_CASES = """
    INSERT INTO moderation_queueentry (case_id, filters, urgency, opened_at)
    SELECT c.id, concat_ws(' ', lanes.tag, criteria.tag, signals.tag, platforms.tag, channels.tag),
           c.urgency, c.opened_at
    FROM moderation_case c
    JOIN moderation_comment ON moderation_comment.id = c.comment_id
    JOIN platforms_channel ch ON ch.id = moderation_comment.channel_id
    CROSS JOIN LATERAL (
      SELECT 'lane:' || c.lane UNION ALL SELECT 'lane:all' WHERE c.lane <> 'consultation'
    ) AS lanes(tag)
    CROSS JOIN LATERAL (
      SELECT 'criterion:' || label FROM unnest(c.labels) AS label UNION ALL SELECT NULL
    ) AS criteria(tag)
    CROSS JOIN LATERAL (
      SELECT 'signal:' || name FROM unnest(c.signals) AS name UNION ALL SELECT NULL
    ) AS signals(tag)
    CROSS JOIN LATERAL (VALUES ('platform:' || ch.platform), (NULL)) AS platforms(tag)
    CROSS JOIN LATERAL (VALUES ('channel:' || ch.id), (NULL)) AS channels(tag)
    WHERE c.state = 'open'
"""
_TABLES = "tablename LIKE 'moderation\\_%' OR tablename LIKE 'audit\\_%'"
_INDEXES = f"""
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND ({_TABLES})
    AND indexname NOT IN (SELECT conname FROM pg_constraint) AND indexdef NOT LIKE '% UNIQUE %'
"""
_SAMPLE_TABLE = """
    CREATE UNLOGGED TABLE bench_sample (
      kind text, number bigint, text text, bigrams bigint[], raw bytea, labels text[],
      signals text[], scores jsonb, evidence jsonb, route text, lane text, urgency int)
"""


def fill(connection: Any, *, comments: int, commenters: int) -> None:
    """Fill a migrated, empty database; `connection` is the superuser's, with autocommit.

    Indexes are made after the rows, and foreign keys are not checked: both would take minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(_SAMPLE_TABLE)
        execute_values(cursor, "INSERT INTO bench_sample VALUES %s", list(_samples()))
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for statement in _SQL.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"comments": comments, "commenters": commenters})
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET ROLE jspm_owner")
        _set_sequences(cursor)
        cursor.execute("RESET ROLE")


def enter_open_cases() -> None:
    """Fill the queue's index as the console does."""
    cases = list(Case.objects.filter(state="open").only("pk").order_by("pk"))
    for start in range(0, len(cases), 5_000):
        queue.enter(cases[start : start + 5_000])


def tidy(connection: Any) -> None:
    """Remove what only the filling needed, and tell the planner what is there."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_sample, bench_row, bench_channel")
        cursor.execute("VACUUM (ANALYZE)")


def _set_sequences(cursor: Any) -> None:
    cursor.execute(
        f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND ({_TABLES}"
        " OR tablename LIKE 'platforms\\_%')"
    )
    for (table,) in cursor.fetchall():
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = 'id'"
            " AND is_identity = 'YES'",
            [table],
        )
        if cursor.fetchone():
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT coalesce(max(id), 1) FROM {table}))"
            )


def _samples() -> Iterator[tuple[Any, ...]]:
    """Yield rows of bench_sample: each a text of the labelled comments and a piece of another."""
    draw = random.Random(20260401)
    records = [
        json.loads(line) for path in COMMENTS for line in path.read_text("utf-8").splitlines()
    ]
    numbers = {"case": 0, "pass": 0}
    for _ in range(SAMPLES):
        record = draw.choice(records)
        told = record | {"text": record["text"] + draw.choice(records)["text"][:20]}
        lane = _lane(record)
        kind = "case" if lane else "pass"
        yield (kind, numbers[kind], *_sample(told, lane, draw))
        numbers[kind] += 1
    rare = {"text": f"空に{RARE_WORD}が出ていました。", "labels": [], "signals": []}
    yield ("rare", 0, *_sample(rare, "", draw))


def _lane(record: dict[str, Any]) -> str:
    if Signal.DISTRESS in record["signals"]:
        return "care"
    if record["labels"]:
        return "queue"
    return "consultation" if Signal.CONSULTATION in record["signals"] else ""


def _sample(record: dict[str, Any], lane: str, draw: random.Random) -> tuple[Any, ...]:
    text, labels, signals = record["text"], record["labels"], record["signals"]
    urgency = {"care": 0, "consultation": 60}.get(lane, draw.choice([10, 15, 20, 25, 30]))
    if lane == "queue" and draw.random() < 0.06:
        lane, urgency = "sample", 90
    scores = {key: 0.9 if key in labels else 0.0 for key in (*Criterion.values, *Signal.values)}
    evidence = [
        {"criterion": label, "start": 2, "end": 8, "why": "言い回し", "rule": "r", "field": "text"}
        for label in labels
    ]
    raw = psycopg2.Binary(json.dumps(record).encode())
    route = {"": "pass", "sample": "pass"}.get(lane, lane)
    return (
        *(text, bigrams(text), raw, labels, signals),
        *(Json(scores), Json(evidence), route, lane or "queue", urgency),
    )

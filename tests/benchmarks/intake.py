"""One worker's way of a comment, over real HTTP, against the same rows by bare INSERTs."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from unittest.mock import patch
from urllib.request import urlopen

from django.db import connection, transaction
from django.db.models import JSONField, QuerySet
from psycopg2.extras import Json, execute_values

from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.http import ChannelHttp
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Case, Comment, CommentRevision, Judgement, QueueEntry
from moderation.services import intake, triage
from moderation.services.pull import pull
from policy.data import COMMENTS
from policy.engine import Author, Context, evaluate, evaluate_many
from policy.queries import compiled_active_ruleset
from tests.benchmarks.databases import superuser

PLATFORMS = tuple(platform for platform in Platform if platform != Platform.LINE)  # with comments
PAGE = 100  # comments that a platform tells at once, and that are committed at once
POSTS = 40
_MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@dataclass(frozen=True)
class Intake:
    """Seconds for `comments` comments; `parts` add up to `worker`."""

    platform: str
    comments: int
    cases: int
    requests: int  # to the platform, for all of them
    worker: float
    bare: float
    parts: dict[str, float]


def measure(each: int, database: str) -> Iterator[Intake]:
    """Pull `each` comments from every platform of a sandbox, then write the same rows barely.

    The database has to be empty but for the policy.
    """
    evaluate("", Context("", Author("", "", "")), compiled_active_ruleset())  # compiled once
    with _sandbox(list(_records(each))) as url:
        for platform in PLATFORMS:
            channel = connect_channel(
                actor=None,
                platform=platform,
                name=f"bench {platform}",
                secrets=json.load(urlopen(f"{url}/_sandbox/credentials/{platform}")),
                base_url=f"{url}/{platform}",
            )
            yield _one(channel, each, database)


def _one(channel: Channel, each: int, database: str) -> Intake:
    with _clocks() as parts, _counted() as requests:
        begun = time.perf_counter()
        pulled = pull(channel=channel)
        worker = time.perf_counter() - begun
    if pulled != each:
        channel.refresh_from_db()
        raise RuntimeError(f"{channel}: {pulled} of {each} comments came ({channel.trouble})")
    store, judge = parts["store"], parts["judge"]
    engine, cases = parts["engine"], parts["cases"]
    return Intake(
        platform=str(channel.platform),
        comments=each,
        cases=Case.objects.filter(comment__channel=channel).count(),
        requests=len(requests),
        worker=worker,
        bare=_bare(channel, database),
        parts={
            "pull and normalise": worker - store - judge,
            "store": store,
            "judge: the engine": engine,
            "judge: read and write": judge - engine - cases,
            "open cases": cases,
        },
    )


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Collect the paths of all requests to the platform."""
    paths: list[str] = []
    call = ChannelHttp.call

    def counting(http: ChannelHttp, method: str, host: str, path: str, **more: Any) -> Any:
        paths.append(path)
        return call(http, method, host, path, **more)

    with patch.object(ChannelHttp, "call", counting):
        yield paths


@contextmanager
def _clocks() -> Iterator[dict[str, float]]:
    """Add up the seconds spent in the steps of the worker's way."""
    parts = dict.fromkeys(("store", "judge", "engine", "cases"), 0.0)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                parts[name] += time.perf_counter() - begun

        return call

    with ExitStack() as patches:
        for where, name, function in (
            ("moderation.services.pull.store_page", "store", intake.store_page),
            ("moderation.services.pull.judge_comments", "judge", triage.judge_comments),
            ("moderation.services.triage.evaluate_many", "engine", evaluate_many),
            ("moderation.services.triage._open_cases", "cases", triage._open_cases),
        ):
            patches.enter_context(patch(where, timed(name, function)))
        yield parts


@dataclass(frozen=True)
class _Rows:
    """Rows of one table, as psycopg2 writes them."""

    table: str
    columns: list[str]
    values: list[tuple[Any, ...]]


def _bare(channel: Channel, database: str) -> float:
    """Take the channel's rows out, and return the seconds that writing them back takes.

    By `INSERT … VALUES` with many rows a statement and a transaction per page, keys and foreign
    keys checked: the least that any program does to keep these rows. They are at hand in memory.
    """
    pages = list(_pages(channel))
    with closing(superuser(database)) as plain, plain.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # they leave in any order
        for rows in (rows for page in pages for rows in page):
            keys = [row[0] for row in rows.values]
            cursor.execute(f"DELETE FROM {rows.table} WHERE {rows.columns[0]} = ANY(%s)", [keys])
        cursor.execute("VACUUM ANALYZE")
    begun = time.perf_counter()
    for page in pages:
        with transaction.atomic(), connection.cursor() as cursor:
            for rows in page:
                columns = ", ".join(rows.columns)
                sql = f"INSERT INTO {rows.table} ({columns}) VALUES %s"
                execute_values(cursor.cursor, sql, rows.values, page_size=len(rows.values))
    return time.perf_counter() - begun


def _pages(channel: Channel) -> Iterator[list[_Rows]]:
    """Yield, per page of comments, the rows of each table in the order of their foreign keys."""
    ids = list(Comment.objects.filter(channel=channel).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PAGE):
        part = ids[start : start + PAGE]
        yield [
            _rows(Comment.objects.filter(pk__in=part)),
            _rows(CommentRevision.objects.filter(comment__in=part)),
            _rows(Judgement.objects.filter(revision__comment__in=part)),
            _rows(Case.objects.filter(comment__in=part)),
            _rows(QueueEntry.objects.filter(case__comment__in=part)),
        ]


def _rows(found: QuerySet[Any]) -> _Rows:
    fields = found.model._meta.concrete_fields
    return _Rows(
        table=found.model._meta.db_table,
        columns=[field.column for field in fields],
        values=[
            tuple(
                Json(value) if isinstance(field, JSONField) else value
                for field, value in zip(fields, row, strict=True)
            )
            for row in found.values_list(*(field.attname for field in fields))
        ],
    )


def _records(each: int) -> Iterator[dict[str, Any]]:
    """Yield comments of the last days: labelled texts, again and again, by many people."""
    texts = [
        json.loads(line)["text"]
        for path in COMMENTS
        for line in path.read_text("utf-8").splitlines()
    ]
    start = datetime.now(UTC) - timedelta(days=3)
    for platform in PLATFORMS:
        for number in range(each):
            person = number * 7919 % (each // 4)
            yield {
                "id": f"{platform}-{number}",
                "platform": platform.value,
                "post": {
                    "id": f"post{number % POSTS}",
                    "text": f"緩和ケア講座　第{number % POSTS}回",
                },
                "author": {"id": f"a{person}", "name": f"名前{person}", "handle": f"user{person}"},
                "text": texts[number % len(texts)],
                "created_at": (start + timedelta(days=2) * number / each).isoformat(),
            }


@contextmanager
def _sandbox(records: list[dict[str, Any]]) -> Iterator[str]:
    """Run a sandbox as a process of its own, as the platforms are; yield its address."""
    with NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as seed:
        seed.writelines(f"{json.dumps(record)}\n" for record in records)
        seed.flush()
        command = [sys.executable, str(_MANAGE), "sandbox", "--port", "0", "--seed", seed.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().removeprefix("sandbox: ").strip().rstrip("/")
            finally:
                process.terminate()

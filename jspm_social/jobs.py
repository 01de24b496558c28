"""Waking the workers. The database row is the truth; a lost wake-up is found by a sweeper."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import django_rq
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job, JobStatus

log = logging.getLogger(__name__)

# A finished job leaves nothing behind, a failed one a minute: its name is then free again.
RESULT_TTL, FAILURE_TTL = 0, 60
PATIENCE = 1.0  # seconds for one answer: whoever decides does not wait for a Redis that hangs
SILENCE = timedelta(seconds=90)  # a worker tells of its job every 30 seconds


def enqueue(name: str, *args: int | str, queue: str) -> None:
    """Ask a worker to run the function `name` (a dotted path) once this transaction commits.

    The same job with the same arguments waits in the queue at most once. A Redis outage is
    logged and otherwise ignored: whatever the job was to find stands in the database, and the
    periodic sweeper comes for it. Nothing is enqueued on rollback.
    """
    transaction.on_commit(partial(wake, name, *args, queue=queue))


def wake(name: str, *args: int | str, queue: str) -> None:
    """Ask at once: for callers that read committed rows, such as the sweepers."""
    connection = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
    work = django_rq.get_queue(queue, commit_mode="auto", connection=connection)
    job_id = "-".join([name.replace(".", "-"), *map(str, args)])
    put = partial(
        work.enqueue,
        name,
        *args,
        job_id=job_id,
        unique=True,
        result_ttl=RESULT_TTL,
        failure_ttl=FAILURE_TTL,
    )
    try:
        with suppress(DuplicateJobError):
            try:
                put()
            except DuplicateJobError:
                if _bury(work.fetch_job(job_id)):
                    put()
    except RedisError as error:
        log.warning("could not wake %s: %s; the sweeper will", name, type(error).__name__)


def _bury(job: Job | None) -> bool:
    """Free the name of a job that nobody does any more. Rows are claimed one by one, so a job
    that lives after all does no harm beside its successor.
    """
    since = _silent_since(job) if job else None
    if job is None or since is None or datetime.now(UTC) - since < SILENCE:
        return False
    job.delete()
    return True


def _silent_since(job: Job) -> datetime | None:
    """When a job gave its last sign; None for one that waits in its queue as it should."""
    match job.get_status():
        case JobStatus.STARTED:
            return job.last_heartbeat  # its worker may have been killed: then it beats no more
        case JobStatus.QUEUED if job.get_position() is None:
            return job.enqueued_at  # or it was killed between taking the job and beginning it
        case JobStatus.FAILED:
            return job.ended_at or job.last_heartbeat  # no end where its worker was missed
    return None

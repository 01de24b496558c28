"""Waking the workers. The database row is the truth; a lost wake-up is found by a sweeper."""

import logging
from functools import partial

import django_rq
from django.db import transaction
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

log = logging.getLogger(__name__)

# A finished job leaves nothing behind, a failed one a minute: its name is then free again.
RESULT_TTL, FAILURE_TTL = 0, 60


def enqueue(name: str, *args: int | str, queue: str) -> None:
    """Ask a worker to run the function `name` (a dotted path) once this transaction commits.

    The same job with the same arguments waits in the queue at most once. A Redis outage is
    logged and otherwise ignored: whatever the job was to find stands in the database, and the
    periodic sweeper comes for it. Nothing is enqueued on rollback.
    """
    transaction.on_commit(partial(wake, name, *args, queue=queue))


def wake(name: str, *args: int | str, queue: str) -> None:
    """Ask at once: for callers that read committed rows, such as the sweepers."""
    job_id = "-".join([name.replace(".", "-"), *map(str, args)])
    try:
        django_rq.get_queue(queue, commit_mode="auto").enqueue(
            name,
            *args,
            job_id=job_id,
            unique=True,
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
        )
    except DuplicateJobError:
        return
    except RedisError as error:
        log.warning("could not wake %s: %s; the sweeper will", name, type(error).__name__)

"""Waking the workers: never before the commit, never twice, and never at the cost of the write."""

import socket
from datetime import UTC, datetime, timedelta

import django_rq
import pytest
from django.db import transaction
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisDown
from rq import Queue
from rq.job import JobStatus

from jspm_social import jobs

JOB = "moderation.jobs.sweep"


def waiting(queue: str) -> list[tuple[str, tuple[object, ...]]]:
    return [(str(job.func_name), tuple(job.args)) for job in django_rq.get_queue(queue).jobs]


@pytest.mark.django_db(transaction=True)
def test_enqueue_waits_for_the_commit(redis_clean: None) -> None:
    with transaction.atomic():
        jobs.enqueue(JOB, 7, queue="act")
        assert waiting("act") == []
    assert waiting("act") == [(JOB, (7,))]
    assert waiting("intake") == []


@pytest.mark.django_db(transaction=True)
def test_enqueue_leaves_nothing_after_a_rollback(redis_clean: None) -> None:
    with transaction.atomic():
        jobs.enqueue(JOB, 7, queue="act")
        transaction.set_rollback(True)
    assert waiting("act") == []


@pytest.mark.django_db(transaction=True)
def test_enqueue_of_the_same_job_waits_once(redis_clean: None) -> None:
    for argument in (7, 7, 8, "7"):
        jobs.enqueue(JOB, argument, queue="act")
    jobs.enqueue(JOB, 7, queue="intake")
    assert waiting("act") == [(JOB, (7,)), (JOB, (8,))]


@pytest.mark.django_db(transaction=True)
def test_enqueue_while_redis_is_away_keeps_the_write_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise RedisDown("redis://user:secret@host is away")

    monkeypatch.setattr(Queue, "enqueue", away)
    with transaction.atomic():
        jobs.enqueue(JOB, 7, queue="act")
    assert [record.getMessage() for record in caplog.records] == [
        f"could not wake {JOB}: ConnectionError; the sweeper will"
    ]


def test_wake_asks_at_once_and_leaves_nothing_behind(redis_clean: None) -> None:
    jobs.wake(JOB, queue="intake")
    (job,) = django_rq.get_queue("intake").jobs
    assert (job.func_name, job.args) == (JOB, ())
    assert (job.result_ttl, job.failure_ttl) == (0, 60)


def test_wake_does_not_wait_for_a_redis_that_hangs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts and never answers
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        jobs.wake(JOB, queue="act")
    assert caplog.messages == [f"could not wake {JOB}: TimeoutError; the sweeper will"]


@pytest.mark.parametrize(("silent_for", "freed"), [(30, False), (120, True)])
def test_wake_frees_the_name_of_a_job_that_was_taken_and_never_begun(
    redis_clean: None, silent_for: int, freed: bool
) -> None:
    jobs.wake(JOB, queue="act")
    queue = django_rq.get_queue("act")
    (job,) = queue.jobs
    job.enqueued_at = datetime.now(UTC) - timedelta(seconds=silent_for)
    job.save()
    jobs.wake(JOB, queue="act")
    assert queue.count == 1  # it waits, however long: nobody has taken it
    queue.connection.lpop(queue.key)
    jobs.wake(JOB, queue="act")
    assert bool(waiting("act")) is freed


@pytest.mark.parametrize(("silent_for", "freed"), [(30, False), (120, True)])
def test_wake_frees_the_name_of_a_job_whose_worker_was_killed(
    redis_clean: None, silent_for: int, freed: bool
) -> None:
    jobs.wake(JOB, queue="act")
    (job,) = django_rq.get_queue("act").jobs
    django_rq.get_queue("act").empty()  # type: ignore[no-untyped-call]  # rq's
    job.save()
    job.set_status(JobStatus.STARTED)
    job.heartbeat(datetime.now(UTC) - timedelta(seconds=silent_for), 600)
    jobs.wake(JOB, queue="act")
    assert bool(waiting("act")) is freed

"""Redis loses everything, or is away: no decision is refused, nothing is lost, nobody is needed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import django_rq
import pytest
from django.urls import reverse
from django.utils import timezone

from jspm_social import embedded
from jspm_social.embedded.redis import Redis
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Heartbeat
from jspm_social.platforms.states import OperationState
from moderation import jobs
from moderation.models import Action, Case, Comment, Decision
from moderation.states import CaseState
from tests.flows.harness import UNDONE_BY_NOW, House, chain_is_whole, everything_once
from tests.people import client_of

ROOT = Path(__file__).resolve().parents[2]


def waiting_jobs() -> int:
    return sum(len(django_rq.get_queue(name)) for name in ("act", "intake"))


def test_everything_in_redis_is_lost(home: House) -> None:
    said = {home.say() for _ in range(3)}
    jobs.catch_up()
    assert waiting_jobs() == 1
    django_rq.get_connection("act").flushall()
    home.pull()
    everything_once(said)
    for remote_id in said:
        home.decide(remote_id)
    home.clock.shift(UNDONE_BY_NOW)
    jobs.sweep()
    assert waiting_jobs() == 3
    django_rq.get_connection("act").flushall()
    assert waiting_jobs() == 0
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert chain_is_whole()


@pytest.fixture
def redis_away() -> Iterator[None]:
    """The real server is stopped; afterwards it runs again, empty."""
    if "REDIS_URL" in os.environ:
        pytest.fail("this test stops its own Redis: leave REDIS_URL unset")
    Redis().stop()
    yield
    embedded.ensure_running(database=False)


def test_redis_is_away_for_thirty_seconds_during_decisions(
    facebook_home: House, request: pytest.FixtureRequest
) -> None:
    home = facebook_home
    removed, hidden, kept = (home.say() for _ in range(3))
    home.pull()
    deletion = home.decide(removed, Outcome.DELETE)
    home.sweep(UNDONE_BY_NOW)
    moderator, colleague = client_of(home.people.moderator), client_of(home.people.moderator2)
    request.getfixturevalue("redis_away")
    assert embedded.redis_url()
    for remote_id, outcome in ((hidden, "hide"), (kept, "keep")):
        case = home.case(remote_id)
        answer = moderator.post(
            reverse("moderation:decide", args=[case.pk]),
            {
                "outcome": outcome,
                "criteria": ["セ"] if outcome == "hide" else [],
                "revision": case.comment.revisions.get().pk,
                "note": "",
            },
        )
        assert answer.status_code == 302
        assert moderator.get(reverse("moderation:queue")).status_code == 200
    home.clock.shift(timedelta(seconds=30))
    confirmed = colleague.post(
        reverse("moderation:confirm", args=[deletion.pk]), {"agree": "yes", "note": ""}
    )
    assert confirmed.status_code == 302  # this one would wake a worker at once
    home.say()
    jobs.catch_up()  # a worker that was busy when Redis went away: its wake-ups are lost
    jobs.sweep()
    assert Decision.objects.count() == 3
    assert home.calls() == {f"hide {removed}": 1}
    embedded.ensure_running(database=False)
    assert waiting_jobs() == 0
    home.sweep()
    home.pull()
    assert home.calls() == {f"hide {removed}": 1, f"delete {removed}": 1, f"hide {hidden}": 1}
    assert Comment.objects.count() == 4
    assert chain_is_whole()


def test_a_real_worker_pulls_judges_and_sends(facebook_home: House) -> None:
    """The only test with RQ's own worker: its forks, its queues, its end."""
    home = facebook_home
    said = {home.say() for _ in range(2)}
    jobs.catch_up()
    run_worker()
    everything_once(said)
    assert Case.objects.filter(state=CaseState.OPEN).count() == 2
    for remote_id in said:
        home.decide(remote_id)
    Action.objects.update(due_at=timezone.now())  # the worker lives in real time
    django_rq.get_queue("act").enqueue("moderation.jobs.sweep")
    run_worker()
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert set(Action.objects.values_list("state", flat=True)) == {OperationState.DONE}
    assert Heartbeat.objects.filter(name="act").exists()
    assert chain_is_whole()


def run_worker() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "worker", "--burst", "act", "intake"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr

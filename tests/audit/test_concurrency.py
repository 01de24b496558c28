"""Many writers at once: one chain, no deadlock."""

import sys
import threading
import time
from collections.abc import Callable
from statistics import quantiles

import pytest
from django.db import connection, transaction

from jspm_social.accounts.models import User
from jspm_social.approvals.models import ApprovalRequest, Vote
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verify import Verified, verify
from tests.approvals.requests import make_request
from tests.people import make_people, make_person

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EACH = 8, 25


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Run each in a thread of its own with a connection of its own; what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait(timeout=30)
            work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_eight_writers_and_a_bulk_intake_make_one_unbroken_chain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = [make_person(f"writer{n}") for n in range(WRITERS)]
    took: list[float] = []

    def decide(actor: User) -> None:
        for _ in range(EACH):
            begun = time.perf_counter()
            with transaction.atomic():
                # like a decision: the row it is about is locked, then something is written
                User.objects.select_for_update(no_key=True).get(pk=people[0].pk)
                User.objects.filter(pk=actor.pk).update(reading="decided")
                record(actor=actor, verb="case.decided", target=actor, personal={"note": "理由"})
            took.append(time.perf_counter() - begun)

    def intake() -> None:
        for page in range(EACH):
            with transaction.atomic():
                User.objects.bulk_create(
                    User(username=f"c{page}-{n}", display_name="x") for n in range(50)
                )
                record(actor=None, verb="intake.page", target=people[0], details={"count": 50})

    assert at_once(*(lambda p=p: decide(p) for p in people), intake) == []
    with transaction.atomic():
        result = verify()
    assert isinstance(result, Verified)
    assert result.count == (WRITERS + 1) * EACH
    with capsys.disabled():
        percentile = quantiles(took, n=20)[-1] * 1000
        sys.stdout.write(
            f"\n{WRITERS} deciders and a bulk intake: 95th percentile {percentile:.1f} ms\n"
        )


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_foreign_key_is_checked_before_the_chain_is_taken() -> None:
    """One transaction inserts a row that points at a row another one holds. If the check came at
    commit, the first would hold the chain and wait for the row, the second the other way round.
    """
    people = make_people()
    request = make_request(people)
    held = threading.Event()

    def point_at_it() -> None:
        with transaction.atomic():
            until(held.is_set)
            Vote.objects.create(
                request=request, voter=people.member, content_hash="0" * 64, choice="approve"
            )
            record(actor=people.member, verb="approval.voted", target=request)

    def hold_it() -> None:
        with transaction.atomic():
            ApprovalRequest.objects.select_for_update().get(pk=request.pk)
            held.set()
            until(waiting_for_a_lock)
            record(actor=people.chair, verb="approval.voided", target=request)

    assert at_once(point_at_it, hold_it) == []
    verbs = AuditEvent.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["approval.opened", "approval.voided", "approval.voted"]


def test_the_actors_row_is_locked_before_the_chain_is_taken() -> None:
    people = make_people()
    held = threading.Event()

    def act() -> None:
        with transaction.atomic():
            until(held.is_set)
            record(actor=people.member, verb="case.decided", target=people.member)

    def hold_the_actor() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=people.member.pk)
            held.set()
            until(waiting_for_a_lock)
            record(actor=people.admin, verb="user.roles_set", target=people.member)

    assert at_once(act, hold_the_actor) == []
    verbs = AuditEvent.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["user.roles_set", "case.decided"]


def test_services_that_call_services_take_the_chain_once_and_last() -> None:
    """Both write rows after their first event, in opposite order of the rows."""
    people = make_people()
    first_told = threading.Barrier(2)

    def write(actor: User, other: User) -> None:
        with one_write():
            record(actor=actor, verb="approval.voted", target=actor)
            first_told.wait(timeout=30)
            for person in sorted((actor, other), key=lambda p: p.pk):
                User.objects.filter(pk=person.pk).update(reading="x")
            record(actor=actor, verb="case.confirmed", target=other)

    works = (
        lambda: write(people.member, people.chair),
        lambda: write(people.chair, people.member),
    )
    assert at_once(*works) == []
    verbs = AuditEvent.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["approval.voted", "case.confirmed"] * 2

"""Asking, answering, stepping aside, ending."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import deactivate, set_roles
from jspm_social.approvals import errors
from jspm_social.approvals.models import ApprovalRequest, Vote
from jspm_social.approvals.queries import approved, can_vote, latest_for, open_seats
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.services import expire_due, open_request, recuse, void, vote
from jspm_social.approvals.states import MOVES, Choice, RequestState
from jspm_social.audit.models import AuditEvent
from tests.approvals.requests import CONTENT, EDITED, make_request
from tests.audit.test_concurrency import at_once
from tests.people import People, make_people, make_person

APPROVE, REJECT = Choice.APPROVE, Choice.REJECT


def state_of(request: ApprovalRequest) -> str:
    return ApprovalRequest.objects.get(pk=request.pk).state


def yes(person: Any, request: ApprovalRequest, content: str = CONTENT) -> ApprovalRequest:
    return vote(actor=person, request=request, content_hash=content, choice=APPROVE)


def agree(people: People, request: ApprovalRequest) -> None:
    yes(people.member, request)


def events() -> list[tuple[str, str, dict[str, Any]]]:
    rows = AuditEvent.objects.order_by("id")
    return [(event.verb, event.actor_name, event.details) for event in rows]


def test_open_request_stores_what_is_asked_and_tells_it(people: People) -> None:
    slots = [Slot(Role.MEMBER, 2), Slot(Role.REVIEWER, 1)]
    request = make_request(people, *slots, contributors=[people.chair, people.moderator])
    stored = ApprovalRequest.objects.get()
    assert stored.state == RequestState.OPEN
    assert (stored.subject_type, stored.subject_id) == ("accounts.user", str(people.outsider.pk))
    assert stored.contributors == sorted([people.chair.pk, people.moderator.pk])
    assert open_seats(stored) == ["member", "member", "reviewer"]
    subject = ["accounts.user", str(people.outsider.pk)]
    assert events() == [
        (
            "approval.opened",
            "moderator さん",
            {
                "subject": subject,
                "content_hash": CONTENT,
                "state": "open",
                "slots": [{"role": "member", "count": 2}, {"role": "reviewer", "count": 1}],
                "by": stored.contributors,
            },
        )
    ]
    assert latest_for(people.outsider) == request


@pytest.mark.parametrize(
    "wrong",
    [[], [Slot(Role.MEMBER, 0)], [Slot("owner", 1)], [Slot(Role.MEMBER, 1), Slot(Role.CHAIR, -1)]],
)
def test_open_request_refuses_slots_that_ask_nobody(people: People, wrong: list[Slot]) -> None:
    with pytest.raises(ValueError, match="not a set of slots"):
        open_request(
            actor=people.moderator,
            subject=people.outsider,
            content_hash=CONTENT,
            slots=wrong,
            contributors=[],
            expires_at=timezone.now() + timedelta(days=1),
        )


def test_open_request_refuses_an_expiry_in_the_past(people: People) -> None:
    with pytest.raises(ValueError, match="expired from the start"):
        make_request(people, expires_at=timezone.now())


def test_open_request_refuses_a_second_open_one_for_the_subject(people: People) -> None:
    first = make_request(people)
    with pytest.raises(errors.AlreadyOpen):
        make_request(people, content_hash=EDITED)
    void(actor=people.moderator, request=first, reason="編集")
    second = make_request(people, content_hash=EDITED)
    assert latest_for(people.outsider) == second


def test_vote_that_fills_the_last_slot_approves(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 1), Slot(Role.REVIEWER, 1))
    assert yes(people.member, request).state == RequestState.OPEN
    assert open_seats(request) == ["reviewer"]
    assert not approved(people.outsider, CONTENT)
    settled = yes(people.reviewer, request)
    assert settled.state == RequestState.APPROVED
    assert settled.settled_at is not None
    assert approved(people.outsider, CONTENT)
    assert not approved(people.outsider, EDITED)
    told = [(verb, name, words["state"], words["choice"]) for verb, name, words in events()[1:]]
    assert told == [
        ("approval.voted", "member さん", "open", "approve"),
        ("approval.voted", "reviewer さん", "approved", "approve"),
    ]


def test_vote_by_two_of_one_role_does_not_fill_the_slot_of_another(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 1), Slot(Role.REVIEWER, 1))
    yes(people.member, request)
    assert yes(make_person("member2", Role.MEMBER), request).state == RequestState.OPEN


def test_vote_to_reject_ends_the_request_at_once(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 2))
    settled = vote(
        actor=people.member, request=request, content_hash=CONTENT, choice=REJECT, note="出典がない"
    )
    assert settled.state == state_of(request) == RequestState.REJECTED
    told = AuditEvent.objects.latest("id")
    assert told.personal.data == {"note": "出典がない"}
    assert "出典" not in str(told.details)


def test_vote_to_reject_needs_a_reason(people: People) -> None:
    request = make_request(people)
    with pytest.raises(errors.ReasonMissing):
        vote(
            actor=people.moderator2, request=request, content_hash=CONTENT, choice=REJECT, note=" "
        )
    assert state_of(request) == RequestState.OPEN


def test_vote_for_another_content_is_void(people: People) -> None:
    request = make_request(people)
    with pytest.raises(errors.VoteVoid):
        yes(people.moderator2, request, EDITED)
    assert Vote.objects.count() == 0


def test_vote_by_a_contributor_is_refused(people: People) -> None:
    request = make_request(people)
    with pytest.raises(errors.ContributorCannotVote):
        yes(people.moderator, request)


@pytest.mark.parametrize("name", ["member", "reviewer", "chair", "admin", "auditor", "outsider"])
def test_vote_by_somebody_of_another_role_is_refused(people: People, name: str) -> None:
    request = make_request(people)
    with pytest.raises(errors.NotEntitled):
        yes(people.named(name), request)


def test_vote_reads_the_roles_of_now_and_not_of_the_page(people: People) -> None:
    request = make_request(people)
    set_roles(actor=people.admin, user=people.moderator2, roles=[Role.MEMBER])
    with pytest.raises(errors.NotEntitled):
        yes(people.moderator2, request)


def test_vote_by_somebody_deactivated_is_refused(people: People) -> None:
    request = make_request(people)
    deactivate(actor=people.admin, user=people.moderator2, reason="退任")
    with pytest.raises(errors.NotEntitled):
        yes(people.moderator2, request)


def test_vote_of_somebody_who_lost_the_role_since_no_longer_counts(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 1), Slot(Role.REVIEWER, 1))
    yes(people.member, request)
    set_roles(actor=people.admin, user=people.member, roles=[])
    assert yes(people.reviewer, request).state == RequestState.OPEN
    assert open_seats(request) == ["member"]


def test_vote_does_not_count_for_a_role_gained_since(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 1), Slot(Role.REVIEWER, 1))
    second = make_person("member2", Role.MEMBER)
    yes(people.member, request)
    set_roles(actor=people.admin, user=people.member, roles=[Role.MEMBER, Role.REVIEWER])
    assert yes(second, request).state == RequestState.OPEN


def test_vote_twice_is_refused(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 2))
    yes(people.member, request)
    with pytest.raises(errors.AlreadyVoted):
        yes(people.member, request)
    assert Vote.objects.count() == 1


def test_vote_on_a_closed_request_is_refused(people: People) -> None:
    request = make_request(people)
    yes(people.moderator2, request)
    with pytest.raises(errors.RequestClosed):
        yes(make_person("moderator3", Role.MODERATOR), request)


def test_vote_after_the_deadline_is_refused_before_any_sweep(people: People) -> None:
    request = make_request(people)
    with time_machine.travel(request.expires_at, tick=False), pytest.raises(errors.RequestClosed):
        yes(people.moderator2, request)
    assert state_of(request) == RequestState.OPEN


def test_recuse_bars_from_voting(people: People) -> None:
    request = make_request(people)
    recuse(actor=people.moderator2, request=request, reason="共同研究者のため")
    assert not can_vote(request, people.moderator2)
    with pytest.raises(errors.RecusedCannotVote):
        yes(people.moderator2, request)
    with pytest.raises(errors.RecusedCannotVote):
        recuse(actor=people.moderator2, request=request, reason="共同研究者のため")
    assert AuditEvent.objects.latest("id").personal.data == {"reason": "共同研究者のため"}


def test_recuse_after_voting_is_refused(people: People) -> None:
    request = make_request(people, Slot(Role.MEMBER, 2))
    yes(people.member, request)
    with pytest.raises(errors.AlreadyVoted):
        recuse(actor=people.member, request=request, reason="やはり")


def test_recuse_needs_a_reason(people: People) -> None:
    with pytest.raises(errors.ReasonMissing):
        recuse(actor=people.moderator2, request=make_request(people), reason="　")


def test_void_takes_an_approval_back(people: People) -> None:
    request = make_request(people)
    yes(people.moderator2, request)
    assert void(actor=people.moderator, request=request, reason="編集").state == RequestState.VOID
    assert not approved(people.outsider, CONTENT)


def test_void_of_an_ended_request_is_refused(people: People) -> None:
    request = make_request(people)
    void(actor=None, request=request, reason="編集")
    with pytest.raises(errors.RequestClosed):
        void(actor=None, request=request, reason="編集")


def test_expire_due_closes_only_what_is_due(people: People) -> None:
    request = make_request(people)
    with time_machine.travel(request.expires_at - timedelta(seconds=1), tick=False):
        assert expire_due() == []
    with time_machine.travel(request.expires_at, tick=False):
        assert expire_due() == [request]
        assert expire_due() == []
    assert state_of(request) == RequestState.EXPIRED
    assert events()[-1][:2] == ("approval.expired", "システム")


def test_can_vote_is_true_only_for_those_who_could(people: People) -> None:
    request = make_request(people)
    able = [name for name in vars(people) if can_vote(request, getattr(people, name))]
    assert able == ["moderator2"]
    yes(people.moderator2, request)
    assert not can_vote(ApprovalRequest.objects.get(), make_person("third", Role.MODERATOR))


@pytest.mark.parametrize("old", RequestState)
def test_moves_end_at_every_state_but_open_and_approved(old: RequestState) -> None:
    expected: dict[str, set[str]] = {
        "open": {"approved", "rejected", "expired", "void"},
        "approved": {"void"},
    }
    assert MOVES[old] == expected.get(old, set())


@pytest.mark.django_db(transaction=True)
def test_votes_at_once_approve_exactly_once() -> None:
    people = make_people()
    voters = [make_person(f"voter{n}", Role.MEMBER) for n in range(6)]
    request = make_request(people, Slot(Role.MEMBER, 3))
    seen: list[str] = []

    def cast(voter: Any) -> Callable[[], None]:
        return lambda: seen.append(yes(voter, request).state)

    refused = at_once(*(cast(voter) for voter in voters))
    assert sorted(seen) == ["approved", "open", "open"]
    assert [type(error) for error in refused] == [errors.RequestClosed] * 3
    assert Vote.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_person_voting_twice_at_once_counts_once() -> None:
    people = make_people()
    request = make_request(people, Slot(Role.MEMBER, 2))
    refused = at_once(*[lambda: agree(people, request)] * 4)
    assert [type(error) for error in refused] == [errors.AlreadyVoted] * 3
    assert state_of(request) == RequestState.OPEN


@pytest.mark.django_db(transaction=True)
def test_a_vote_that_fails_with_its_caller_leaves_nothing() -> None:
    people = make_people()
    request = make_request(people)

    @transaction.atomic
    def confirm_and_fail() -> None:
        yes(people.moderator2, request)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        confirm_and_fail()
    assert state_of(request) == RequestState.OPEN
    assert Vote.objects.count() == 0

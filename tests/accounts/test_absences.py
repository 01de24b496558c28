"""Leave of absence: not asked, not told, and not approving beside one's deputy."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import Leave, User
from jspm_social.accounts.queries import acting_roles
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import appoint_deputy, end_leave, take_leave
from jspm_social.approvals.errors import OnLeave
from jspm_social.approvals.queries import approvers, can_vote
from jspm_social.approvals.services import vote
from jspm_social.approvals.states import Choice
from moderation.services.notice import send_care_notice
from moderation.states import Lane
from posts.services.notices import everybody
from tests.approvals.requests import CONTENT, make_request
from tests.moderation.making import make_channel, open_case, store_and_judge, told
from tests.moderation.small_policy import load_small_policy
from tests.people import People, client_of

TODAY = date(2026, 11, 6)
ONE_DAY = timedelta(days=1)


def away(people: People, first: date = TODAY, last: date = TODAY) -> Leave:
    return take_leave(actor=people.admin, person=people.moderator2, first_day=first, last_day=last)


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (2, True), (3, False)])
def test_leave_holds_from_its_first_to_its_last_day(
    people: People, days: int, expected: bool
) -> None:
    with time_machine.travel("2026-11-06T10:00+09:00", tick=False) as clock:
        away(people, TODAY, TODAY + 2 * ONE_DAY)
        clock.shift(days * ONE_DAY)
        assert people.moderator2.is_away() is expected
        assert (people.moderator2 in User.objects.at_work()) is not expected


def test_the_day_is_a_day_in_tokyo(people: People) -> None:
    with time_machine.travel("2026-11-05T14:59+00:00", tick=False) as clock:
        away(people)
        assert not people.moderator2.is_away()
        clock.shift(timedelta(minutes=1))
        assert people.moderator2.is_away()


def test_nobody_approves_on_leave_but_their_deputy_does(people: People) -> None:
    with time_machine.travel("2026-11-06T10:00+09:00", tick=False):
        request = make_request(people)
        leave = away(people)
        assert not can_vote(request, people.moderator2)
        cast = {"request": request, "content_hash": CONTENT, "choice": Choice.APPROVE}
        with pytest.raises(OnLeave):
            vote(actor=people.moderator2, **cast)  # type: ignore[arg-type]
        appoint_deputy(
            actor=people.admin,
            absent=people.moderator2,
            deputy=people.member,
            role=Role.MODERATOR,
            first_day=TODAY,
            last_day=TODAY,
        )
        assert can_vote(request, people.member)
        end_leave(actor=people.moderator2, leave=leave)
        assert can_vote(request, people.moderator2)


def test_the_roles_of_many_are_those_of_each(people: People) -> None:
    today = timezone.localdate()
    for absent, role in ((people.chair, Role.CHAIR), (people.reviewer, Role.REVIEWER)):
        appoint_deputy(
            actor=people.admin,
            absent=absent,
            deputy=people.member,
            role=role,
            first_day=today,
            last_day=today,
        )
    User.objects.filter(pk=people.reviewer.pk).update(is_active=False)  # no role to stand in for
    everyone = list(User.objects.all())
    found = acting_roles(everyone)
    assert found[people.member.pk] == {Role.MEMBER, Role.CHAIR}
    for person in everyone:
        assert found.get(person.pk, set()) == {role for role in Role if person.acts_as(role)}


def test_what_was_approved_before_the_leave_counts(people: People) -> None:
    request = make_request(people)
    vote(actor=people.moderator2, request=request, content_hash=CONTENT, choice=Choice.APPROVE)
    today = timezone.localdate()
    away(people, today, today)
    assert approvers(request) == {people.moderator2.pk: frozenset({"moderator"})}


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [(2, 1, "初日以降"), (-3, -1, "過ぎた"), (4, 6, "重なって"), (0, 3, "重なって")],
)
def test_days_that_make_no_leave_are_refused(
    people: People, first: int, last: int, told: str
) -> None:
    with time_machine.travel("2026-11-06T10:00+09:00", tick=False):
        away(people, TODAY + 3 * ONE_DAY, TODAY + 5 * ONE_DAY)
        with pytest.raises(ValidationError, match=told):
            away(people, TODAY + first * ONE_DAY, TODAY + last * ONE_DAY)
        assert Leave.objects.count() == 1


def test_everybody_takes_and_ends_their_own_leave_and_nobody_elses(people: People) -> None:
    member, other = client_of(people.member), client_of(people.moderator)
    today = timezone.localdate().isoformat()
    member.post(reverse("accounts:my_leave"), {"first_day": today, "last_day": today})
    leave = Leave.objects.get()
    assert leave.person == people.member
    assert "この不在を終える" in member.get(reverse("accounts:me")).content.decode()
    where = reverse("accounts:end_leave", args=[leave.pk])
    assert other.post(where).status_code == 404
    assert Leave.objects.exists()
    member.post(where)
    assert not Leave.objects.exists()


def test_a_care_notice_goes_to_whoever_is_there_and_to_all_when_nobody_is(
    people: People,
) -> None:
    load_small_policy()
    deciders = [people.moderator, people.moderator2, people.chair]
    for person in deciders:
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.jp")
    today = timezone.localdate()
    told_of = []
    for number in range(len(deciders) + 1):
        for gone in deciders[number - 1 : number]:
            take_leave(actor=people.admin, person=gone, first_day=today, last_day=today)
        (comment,) = store_and_judge(make_channel(name=f"学会{number}"), told(number + 1))
        case = open_case(comment, lane=Lane.CARE)
        mail.outbox.clear()
        assert send_care_notice(case=case)
        told_of.append(len(mail.outbox))
    assert told_of == [3, 2, 1, 3]


def test_nobody_on_leave_is_asked_about_posts(people: People) -> None:
    assert people.moderator2 in everybody()
    today = timezone.localdate()
    away(people, today, today)
    assert people.moderator2 not in everybody()
    assert people.moderator in everybody()

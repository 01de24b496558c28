"""The yearly review of who has access."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts import jobs
from jspm_social.accounts.models import AccessReview, User
from jspm_social.accounts.queries import to_review
from jspm_social.accounts.services import deactivate
from jspm_social.accounts.services.reviews import confirm_access, open_review
from jspm_social.audit.models import AuditEvent
from tests.people import People, client_of, make_person

YEAR = timedelta(days=365)


def test_the_last_answer_closes_the_review(people: People) -> None:
    review = open_review(actor=people.admin)
    for person in to_review(review).exclude(pk__in=[people.admin.pk, people.outsider.pk]):
        confirm_access(actor=people.admin, review=review, person=person)
    confirm_access(actor=people.chair, review=review, person=people.admin)
    assert not AccessReview.objects.get().closed_at
    deactivate(actor=people.admin, user=people.outsider, reason="役割がない")
    assert AccessReview.objects.get().closed_at
    answers = {a.person.username: (a.outcome, a.by_id) for a in review.answers.all()}
    assert len(answers) == 8
    assert answers["outsider"] == ("ended", people.admin.pk)
    assert answers["admin"] == ("kept", people.chair.pk)
    verbs = AuditEvent.objects.filter(verb="access_review.closed")
    assert verbs.count() == 1
    with pytest.raises(ValidationError, match="終わっています"):
        confirm_access(actor=people.chair, review=review, person=people.admin)


def test_nobody_confirms_themselves_while_somebody_else_can(people: People) -> None:
    review = open_review(actor=people.admin)
    with pytest.raises(ValidationError, match="自分の分"):
        confirm_access(actor=people.admin, review=review, person=people.admin)
    User.objects.filter(pk=people.chair.pk).update(is_active=False)
    confirm_access(actor=people.admin, review=review, person=people.admin)


def test_whoever_comes_later_is_not_part_of_it(people: People) -> None:
    review = open_review(actor=people.admin)
    late = make_person("late")
    assert late not in to_review(review)
    deactivate(actor=people.admin, user=late, reason="退任")
    assert not review.answers.exists()


def test_one_review_at_a_time(people: People) -> None:
    open_review(actor=people.admin)
    with pytest.raises(ValidationError, match="すでに始まって"):
        open_review(actor=people.chair)


def test_it_begins_by_itself_after_a_year_and_is_asked_for_again(people: People) -> None:
    User.objects.filter(pk=people.chair.pk).update(email="chair@example.jp")
    User.objects.filter(pk=people.member.pk).update(email="member@example.jp")
    now = timezone.now()
    told = []
    for days in (364, 366, 370, 381):
        with time_machine.travel(now + timedelta(days=days)):
            jobs.remind_of_review()
            told.append((AccessReview.objects.count(), len(mail.outbox)))
    assert told == [(0, 0), (1, 1), (1, 1), (1, 2)]
    assert {address for message in mail.outbox for address in message.to} == {"chair@example.jp"}
    assert AccessReview.objects.get().opened_by is None


def test_the_next_is_due_a_year_after_the_last(people: People) -> None:
    with time_machine.travel(timezone.now() + YEAR / 2) as clock:
        review = open_review(actor=people.admin)
        AccessReview.objects.filter(pk=review.pk).update(closed_at=timezone.now())
        clock.shift(YEAR - timedelta(days=1))
        jobs.remind_of_review()
        assert AccessReview.objects.count() == 1
        clock.shift(timedelta(days=2))
        jobs.remind_of_review()
        assert AccessReview.objects.count() == 2


def test_the_pages_of_the_review(people: People) -> None:
    admin = client_of(people.admin)
    admin.post(reverse("accounts:reviews"))
    review = AccessReview.objects.get()
    page = reverse("accounts:review", args=[review.pk])
    assert "まだ確認していない人（8人）" in admin.get(page).content.decode()
    admin.post(page, {"person": people.member.pk})
    told = admin.get(page).content.decode()
    assert "まだ確認していない人（7人）" in told
    assert "<strong>継続</strong>" in told
    assert admin.post(page, {"person": "x"}).status_code == 404
    assert "実施中" in admin.get(reverse("accounts:reviews")).content.decode()

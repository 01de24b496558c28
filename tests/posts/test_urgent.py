"""The emergency fast lane: two people instead of the usual ones, loudly, and looked at afterwards."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from posts import jobs
from posts.errors import Overtaken, Refused
from posts.models import FastLane, Post, Submission
from posts.services import publish, recheck, review, scheduling, urgent
from posts.states import PostState
from tests.people import NAMES, People, client_of, make_person
from tests.posts.making import approve, draft, edit, make_channel, submit
from tests.posts.wire import Wire

WHY = "台風で学術大会を中止するため"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()
    monkeypatch.setattr(publish, "publisher_of", lambda _channel: made)
    return made


def urgently(author: User, *channels: Channel, **more: Any) -> Submission:
    return submit(author, draft(author, *channels, **more), urgent_because=WHY)


def state(submission: Submission) -> str:
    return Post.objects.get(pk=submission.post_id).state


def send_all(people: People, submission: Submission) -> None:
    post = Post.objects.get(pk=submission.post_id)
    times = {int(pk): timezone.now() for pk in submission.payloads}
    for delivery in scheduling.schedule(actor=people.admin, post=post, times=times):
        publish.send(delivery_id=delivery.pk)


# --- who must agree


@pytest.mark.parametrize("kind", [Post.Kind.NOTICE, Post.Kind.RESEARCH, Post.Kind.STATEMENT])
def test_the_chair_and_one_member_are_enough_for_any_kind(
    people: People, channel: Channel, kind: Post.Kind
) -> None:
    submission = urgently(people.admin, channel, make_channel(Platform.LINE), kind=kind)
    approve(people.chair, submission)
    assert state(submission) == PostState.REVIEW
    approve(people.member, submission)
    assert state(submission) == PostState.APPROVED


def test_one_person_who_is_both_takes_one_seat(people: People, channel: Channel) -> None:
    people.chair.roles.append(Role.MEMBER)
    people.chair.save()
    submission = urgently(people.admin, channel)
    approve(people.chair, submission)
    assert state(submission) == PostState.REVIEW


def test_two_members_are_not_enough(people: People, channel: Channel) -> None:
    submission = urgently(people.admin, channel)
    approve(people.member, submission)
    approve(make_person("another", Role.MEMBER), submission)
    assert state(submission) == PostState.REVIEW


def test_neither_may_have_written_it(people: People, channel: Channel) -> None:
    submission = urgently(people.chair, channel)
    with pytest.raises(Refused, match="関わった人"):
        approve(people.chair, submission)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"anonymous"}))
def test_nobody_passes_it_alone(people: People, channel: Channel, name: str) -> None:
    person = people.named(name)
    assert person
    submission = urgently(make_person("author", Role.MEMBER), channel)
    with suppress(Refused):
        approve(person, submission)
    assert state(submission) == PostState.REVIEW


def test_all_else_of_the_gate_stays(people: People, channel: Channel, wire: Wire) -> None:
    submission = urgently(people.admin, channel)
    approve(people.chair, submission)
    edit(people.admin, submission.post, "中止のお知らせ。")
    with pytest.raises(Refused, match="承認待ちではありません"):
        approve(people.member, submission)
    plain = submit(people.admin, submission.post)  # not urgent: the usual slots again
    assert [slot["role"] for slot in plain.approval.slots] == ["member"]
    with pytest.raises(Refused, match="理由"):
        submit(people.admin, draft(people.admin, channel), urgent_because=" ")


def test_the_votes_are_bound_to_the_lane(people: People, channel: Channel, wire: Wire) -> None:
    """Whoever took the mark away would take the approval away with it."""
    submission = urgently(people.admin, channel)
    approve(people.chair, submission)
    approve(people.member, submission)
    post = Post.objects.get(pk=submission.post_id)
    (delivery,) = scheduling.schedule(
        actor=people.admin, post=post, times={channel.pk: timezone.now()}
    )
    with pytest.raises(DatabaseError, match="it is a record"), transaction.atomic():
        FastLane.objects.all().delete()
    with pytest.raises(DatabaseError, match="it is a record"), transaction.atomic():
        FastLane.objects.update(reason="べつの理由")
    exact = recheck._exact(delivery.submission)
    assert exact == submission.content_hash
    with patch.object(FastLane.objects, "filter", FastLane.objects.none().filter):
        assert recheck._exact(delivery.submission) != exact
    publish.send(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == OperationState.DONE


# --- loud


def test_everybody_is_told_when_it_is_marked_and_when_it_is_sent(
    people: People,
    channel: Channel,
    wire: Wire,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    User.objects.exclude(username="outsider").update(email="who@example.jp")
    woken: list[tuple[object, ...]] = []
    monkeypatch.setattr("jspm_social.jobs.wake", lambda *what, queue: woken.append(what))
    with django_capture_on_commit_callbacks(execute=True):
        submission = urgently(people.admin, channel)
    lane = submission.fast_lane
    assert ("posts.jobs.send_urgent_notice", lane.pk, "marked") in woken
    jobs.send_urgent_notice(lane.pk, "marked")
    jobs.send_urgent_notice(lane.pk, "marked")
    assert len(mail.outbox) == 6  # all who work on posts, each once; not the auditor
    assert "緊急" in mail.outbox[0].subject
    assert WHY in mail.outbox[0].body
    approve(people.chair, submission)
    approve(people.member, submission)
    with django_capture_on_commit_callbacks(execute=True):
        send_all(people, submission)
    assert ("posts.jobs.send_urgent_notice", lane.pk, "sent") in woken
    jobs.send_urgent_notice(lane.pk, "sent")
    assert len(mail.outbox) == 12
    marked = AuditEvent.objects.get(verb="fast_lane.marked")
    assert marked.personal.data == {"reason": WHY}


def test_the_pages_say_so(people: People, channel: Channel) -> None:
    submission = urgently(people.admin, channel)
    client = client_of(people.auditor)
    for url in (
        reverse("posts:index"),
        reverse("posts:post", args=[submission.post_id]),
        reverse("posts:urgent"),
    ):
        page = client.get(url).content.decode()
        assert WHY in page
        assert "緊急" in page


def test_the_form_asks_for_a_reason_and_keeps_what_was_typed(
    people: People, channel: Channel
) -> None:
    post = draft(people.admin, channel)
    client, url = client_of(people.admin), reverse("posts:submit", args=[post.pk])
    typed = {
        "version": post.version,
        "not_before_0": "2030-01-01",
        "not_before_1": "10:00",
        "not_after_0": "2030-01-09",
        "not_after_1": "10:00",
        "answer_by_0": "2030-01-01",
        "answer_by_1": "09:00",
        "not_before": "2030-01-01T10:00",
        "not_after": "2030-01-09T10:00",
        "answer_by": "2030-01-01T09:00",
    }
    refused = client.post(url, typed | {"lane": "urgent"})
    assert refused.status_code == 422
    assert "緊急として扱う理由を書いてください。" in refused.content.decode()
    assert client.post(url, typed | {"lane": "urgent", "urgent_because": WHY}).status_code == 302
    assert FastLane.objects.get().reason == WHY


# --- afterwards


def test_a_third_person_looks_at_it_afterwards(
    people: People, channel: Channel, wire: Wire
) -> None:
    submission = urgently(people.admin, channel)
    lane = submission.fast_lane
    with pytest.raises(Refused, match="まだ公開も終了も"):
        urgent.review(actor=people.moderator, lane=lane, finding="妥当")
    approve(people.chair, submission)
    approve(people.member, submission)
    send_all(people, submission)
    assert state(submission) == PostState.SENT
    for involved in (people.admin, people.chair, people.member):
        with pytest.raises(Refused, match="関わった人"):
            urgent.review(actor=involved, lane=lane, finding="妥当")
    with pytest.raises(Refused, match="内容を書いて"):
        urgent.review(actor=people.moderator, lane=lane, finding=" ")
    urgent.review(actor=people.moderator, lane=lane, finding="妥当な判断だった")
    with pytest.raises(Overtaken):
        urgent.review(actor=people.reviewer, lane=lane, finding="妥当")
    told = AuditEvent.objects.get(verb="fast_lane.reviewed")
    assert told.actor_id == people.moderator.pk
    page = client_of(people.member).get(reverse("posts:index")).content.decode()
    assert "緊急として扱っている投稿" not in page


def test_it_can_be_looked_at_when_nothing_came_of_it(people: People, channel: Channel) -> None:
    submission = urgently(people.admin, channel)
    review.take_back(actor=people.admin, post=submission.post)
    urgent.review(actor=people.moderator, lane=submission.fast_lane, finding="不要になった")
    assert FastLane.objects.get().reviewed_by == people.moderator


def test_the_list_offers_the_review_to_those_who_may(
    people: People, channel: Channel, django_assert_max_num_queries: Any
) -> None:
    submission = urgently(people.admin, channel)
    review.take_back(actor=people.admin, post=submission.post)
    url = reverse("posts:urgent")
    offered = {
        name: "事後の確認を記録する" in client_of(people.named(name)).get(url).content.decode()
        for name in ("admin", "moderator", "member", "auditor")
    }
    assert offered == {"admin": False, "moderator": True, "member": True, "auditor": False}
    lane = submission.fast_lane
    client_of(people.moderator).post(
        reverse("posts:review_urgent", args=[lane.pk]), {"finding": "適切"}
    )
    lane.refresh_from_db()
    assert lane.finding == "適切"
    with django_assert_max_num_queries(30):
        client_of(people.moderator).get(url)


def test_who_forgets_the_review_is_reminded_once(
    people: People, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(username="member").update(email="who@example.jp")
    urgently(people.admin, channel)
    jobs.remind()
    assert not [m for m in mail.outbox if "事後の確認が、まだ" in m.body]
    monkeypatch.setattr("posts.services.notices.REVIEW_URGENT_WITHIN", timedelta(days=-1))
    jobs.remind()
    jobs.remind()
    assert len([m for m in mail.outbox if "事後の確認が、まだ" in m.body]) == 1

"""Ending somebody's access, with what they had in hand, and giving it back."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.handover import open_work
from jspm_social.accounts.models import Deputyship, User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import appoint_deputy, deactivate, reactivate, set_roles
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import ManualTask
from moderation.states import TaskState
from policy.services import load_version_1
from posts.models import Post
from posts.services.handover import in_care_of
from posts.states import PostState
from tests.approvals.requests import make_request
from tests.moderation.making import decide_case, make_channel, open_case, store_and_judge, told
from tests.people import People, client_of
from tests.posts.making import draft


@pytest.fixture
def channel(db: None) -> Channel:
    load_version_1()
    return make_channel(Platform.X)


@pytest.fixture
def task(people: People, channel: Channel) -> ManualTask:
    """A task that the moderator took on."""
    (comment,) = store_and_judge(channel, told())
    decision = decide_case(open_case(comment), people.moderator)
    return ManualTask.objects.create(
        decision=decision, effect="block", state=TaskState.CLAIMED, claimed_by=people.moderator
    )


def test_what_is_in_hand_is_listed_before_the_click(
    people: People, channel: Channel, task: ManualTask
) -> None:
    draft(people.moderator, channel)
    make_request(people, contributors=[people.member])
    page = client_of(people.admin).get(reverse("accounts:deactivate", args=[people.moderator.pk]))
    html = page.content.decode()
    assert [(keeper.label, len(work)) for keeper, work in open_work(people.moderator)] == [
        ("回答を求められている承認", 1),
        ("引き受けている手作業", 1),
        ("担当している投稿", 1),
    ]
    for words in (
        "引き受けている手作業（1件）",
        "担当している投稿（1件）",
        "ほかに1人が回答できます",
    ):
        assert words in html


def test_all_of_it_passes_to_the_heir(people: People, channel: Channel, task: ManualTask) -> None:
    post = draft(people.moderator, channel)
    deactivate(actor=people.admin, user=people.moderator, reason="退任", heir=people.moderator2)
    task.refresh_from_db()
    post.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, people.moderator2)
    assert (post.created_by, post.in_charge) == (people.moderator, people.moderator2)
    assert list(in_care_of(people.moderator2)) == [post]
    assert open_work(people.moderator) == []
    event = AuditEvent.objects.filter(verb="user.deactivated").get()
    assert event.details == {"handed_over": 2, "heir": people.moderator2.pk}
    told_of = AuditEvent.objects.filter(verb__in=["task.open", "task.claimed", "post.handed_over"])
    assert {event.actor_id for event in told_of} == {people.admin.pk}


def test_without_an_heir_it_is_free_for_everybody(
    people: People, channel: Channel, task: ManualTask
) -> None:
    post = draft(people.moderator, channel)
    deactivate(actor=people.admin, user=people.moderator, reason="退任")
    task.refresh_from_db()
    post.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.OPEN, None)
    assert (post.in_charge, post.state) == (None, PostState.DRAFT)


def test_whoever_cannot_do_it_does_not_take_it_over(people: People, task: ManualTask) -> None:
    where = reverse("accounts:deactivate", args=[people.moderator.pk])
    answer = client_of(people.admin).post(where, {"reason": "退任", "heir": people.member.pk})
    assert answer.status_code == 422
    assert "「引き受けている手作業」を引き継げません" in answer.content.decode()
    task.refresh_from_db()
    assert task.claimed_by == people.moderator
    assert User.objects.get(pk=people.moderator.pk).is_active


def test_finished_posts_are_nobodys_work(people: People, channel: Channel) -> None:
    post = draft(people.member, channel)
    Post.objects.filter(pk=post.pk).update(state=PostState.SENT)
    assert list(in_care_of(people.member)) == []


def test_deputyships_end_with_the_access(people: People) -> None:
    today = timezone.localdate()
    for absent, deputy in ((people.member, people.moderator), (people.moderator, people.member)):
        appoint_deputy(
            actor=people.admin,
            absent=absent,
            deputy=deputy,
            role=absent.roles[0],
            first_day=today,
            last_day=today,
        )
    deactivate(actor=people.admin, user=people.member, reason="退任")
    assert not Deputyship.objects.exists()


@pytest.mark.parametrize("change", ["roles", "end", "end and again"])
def test_sessions_end_with_the_rights_they_began_with(people: People, change: str) -> None:
    member = client_of(people.member)
    assert member.get(reverse("accounts:me")).status_code == 200
    if change == "roles":
        set_roles(actor=people.admin, user=people.member, roles=[Role.MEMBER, Role.REVIEWER])
    else:
        deactivate(actor=people.admin, user=people.member, reason="退任")
    if change == "end and again":
        reactivate(actor=people.admin, user=people.member, reason="復帰")
    assert member.get(reverse("accounts:me")).status_code == 302
    if change != "end":
        again = client_of(User.objects.get(pk=people.member.pk))
        assert again.get(reverse("accounts:me")).status_code == 200


def test_nobody_changes_their_own_rights(people: People) -> None:
    second = set_roles(actor=people.chair, user=people.member, roles=[Role.ADMIN, Role.CHAIR])
    with pytest.raises(ValidationError, match="自分の役割"):
        set_roles(actor=second, user=second, roles=[Role.MEMBER])
    with pytest.raises(ValidationError, match="自分の役割"):
        set_roles(actor=second, user=second, roles=[*second.roles, Role.MODERATOR])
    with pytest.raises(ValidationError, match="自分の利用"):
        deactivate(actor=second, user=second, reason="退任")


def test_reactivating_the_active_is_refused(people: People) -> None:
    with pytest.raises(ValidationError, match="すでに利用できます"):
        reactivate(actor=people.admin, user=people.member, reason="復帰")

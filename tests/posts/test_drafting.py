"""Writing: nobody overwrites anybody, history is kept, and whoever changed it is remembered."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from jspm_social.approvals.states import RequestState
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from posts.content import Content
from posts.errors import Overtaken, Refused
from posts.models import Post
from posts.services import drafting
from posts.states import PostState
from tests.people import People
from tests.posts.making import approved_post, draft, edit, scheduled, submit


def contributors(post: Post) -> set[int]:
    return set(post.contributions.values_list("person", flat=True))


def test_a_draft_begins_with_its_first_revision(people: People, channel: Channel) -> None:
    post = draft(people.member, channel)
    assert (post.state, post.version) == (PostState.DRAFT, 1)
    assert [r.draft.body for r in post.revisions.all()] == ["学術大会のご案内です。"]
    assert contributors(post) == {people.member.pk}
    assert AuditEvent.objects.latest("id").verb == "post.begun"


def test_a_save_from_an_old_page_changes_nothing(people: People, channel: Channel) -> None:
    post = draft(people.member, channel)
    edit(people.chair, post, "委員長の文")
    with pytest.raises(Overtaken, match="先に保存"):
        drafting.save(actor=people.member, post=post, content=Content("古い文"), base_version=1)
    post.refresh_from_db()
    assert post.draft.body == "委員長の文"
    assert contributors(post) == {people.member.pk, people.chair.pk}


def test_saving_what_stands_there_is_no_contribution(people: People, channel: Channel) -> None:
    post = draft(people.member, channel)
    again = edit(people.chair, post, post.draft.body, cut=True)
    assert again.version == 1
    assert contributors(post) == {people.member.pk}
    assert post.revisions.count() == 1


def test_what_one_person_types_in_one_go_is_one_revision(people: People, channel: Channel) -> None:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock:
        post = draft(people.member, channel)
        for n in range(5):
            edit(people.member, post, f"文{n}")
        assert post.revisions.count() == 1
        clock.shift(timedelta(minutes=10))
        edit(people.member, post, "十分後")
        assert [r.draft.body for r in post.revisions.order_by("number")][1:] == ["十分後"]


def test_what_the_other_had_typed_is_kept_as_their_revision(
    people: People, channel: Channel
) -> None:
    post = draft(people.member, channel)
    edit(people.member, post, "委員の文")
    edit(people.chair, post, "委員長の文", cut=True)
    told = [(r.number, r.author, r.draft.body) for r in post.revisions.order_by("number")]
    assert told[1:] == [(2, people.member, "委員の文"), (3, people.chair, "委員長の文")]


@pytest.mark.parametrize("asked", [False, True])
def test_an_edit_voids_what_was_asked_or_given(
    people: People, channel: Channel, asked: bool
) -> None:
    post = draft(people.admin, channel) if asked else approved_post(people, channel)
    if asked:
        submit(people.admin, post)
    edit(people.admin, post, "一字ちがいます。")
    post.refresh_from_db()
    assert post.state == PostState.DRAFT
    assert post.submissions.get().approval.state == RequestState.VOID


def test_a_save_without_a_change_keeps_the_approval(people: People, channel: Channel) -> None:
    post = approved_post(people, channel)
    edit(people.chair, post, post.draft.body)
    post.refresh_from_db()
    assert post.state == PostState.APPROVED
    assert post.submissions.get().approval.state == RequestState.APPROVED


def test_what_is_scheduled_is_locked(people: People, channel: Channel) -> None:
    post = scheduled(people, channel, after=timedelta(hours=1))
    with pytest.raises(Refused, match="先に予約を取り消して"):
        edit(people.admin, post, "変更")
    with pytest.raises(Refused, match="予約済み"):
        drafting.drop(actor=people.admin, post=post, reason="中止")


def test_a_dropped_post_can_be_taken_up_again(people: People, channel: Channel) -> None:
    post = approved_post(people, channel)
    drafting.drop(actor=people.admin, post=post, reason="中止になりました")
    post.refresh_from_db()
    assert post.state == PostState.DROPPED
    with pytest.raises(Refused, match="編集できません"):
        edit(people.admin, post, "変更")
    drafting.take_up(actor=people.member, post=post)
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE posts_revision SET content = '{}'",
        "DELETE FROM posts_revision",
        "UPDATE posts_submission SET content_hash = repeat('0', 64)",
        "UPDATE posts_submission SET payloads = '{}'",
        "UPDATE posts_delivery SET payload = '{}'",
        "UPDATE posts_delivery SET payload_hash = repeat('0', 64)",
        "DELETE FROM posts_delivery",
    ],
)
def test_the_database_keeps_what_was_written(people: People, channel: Channel, sql: str) -> None:
    scheduled(people, channel, after=timedelta(hours=1))
    with (
        pytest.raises((DatabaseError, IntegrityError), match="refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

"""The gate: who may approve, what a vote is bound to, and that nobody passes by rank."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jspm_social.accounts.roles import Role
from jspm_social.approvals.services import expire_due
from jspm_social.approvals.states import Choice
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.errors import Overtaken, Refused
from posts.models import ApprovalRule, Post
from posts.services import review
from posts.states import PostState
from tests.people import People, make_person
from tests.posts.making import approve, draft, edit, make_channel, submit


def slots(post: Post) -> dict[str, int]:
    newest = post.submissions.order_by("-pk")[0]
    return {slot["role"]: slot["count"] for slot in newest.approval.slots}


def state(post: Post) -> str:
    post.refresh_from_db()
    return post.state


def test_one_other_member_approves_a_notice(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    submission = submit(people.admin, post)
    assert state(post) == PostState.REVIEW
    approve(people.member, submission)
    assert state(post) == PostState.APPROVED
    assert not post.contributions.exists()


def test_whoever_wrote_it_cannot_approve_it(people: People, channel: Channel) -> None:
    post = draft(people.member, channel)
    submission = submit(people.chair, post)
    with pytest.raises(Refused, match="作成や判断に関わった人"):
        approve(people.member, submission)


def test_whoever_changed_one_character_cannot_approve_it(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    edit(people.member, post, "学術大会のご案内です！")
    submission = submit(people.admin, post)
    with pytest.raises(Refused, match="作成や判断に関わった人"):
        approve(people.member, submission)


def test_whoever_puts_it_up_cannot_approve_it(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    submission = submit(people.member, post)
    with pytest.raises(Refused, match="作成や判断に関わった人"):
        approve(people.member, submission)


@pytest.mark.parametrize("name", ["admin", "chair", "moderator", "auditor", "outsider"])
def test_no_rank_passes_the_gate(people: People, channel: Channel, name: str) -> None:
    person = people.named(name)
    assert person
    submission = submit(people.reviewer, draft(people.reviewer, channel))
    with pytest.raises(Refused, match="役割"):
        approve(person, submission)


def test_research_needs_the_medical_reviewer_too(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, kind=Post.Kind.RESEARCH)
    submission = submit(people.admin, post)
    assert slots(post) == {"member": 1, "reviewer": 1}
    approve(people.member, submission)
    assert state(post) == PostState.REVIEW
    approve(people.reviewer, submission)
    assert state(post) == PostState.APPROVED


def test_what_cannot_be_called_back_needs_one_vote_more(people: People, channel: Channel) -> None:
    line = make_channel(Platform.LINE)
    post = draft(people.admin, channel, line)
    submission = submit(people.admin, post)
    assert slots(post) == {"member": 2}
    approve(people.member, submission)
    assert state(post) == PostState.REVIEW
    approve(make_person("second", Role.MEMBER), submission)
    assert state(post) == PostState.APPROVED


def test_the_strictest_rule_per_role_counts(people: People, channel: Channel) -> None:
    other = make_channel(Platform.FACEBOOK)
    for kind, where, role, count in (
        ("", None, Role.MEMBER, 1),
        ("", channel, Role.MEMBER, 3),
        (Post.Kind.EVENT, None, Role.CHAIR, 1),
        (Post.Kind.RESEARCH, None, Role.REVIEWER, 2),
        ("", other, Role.MEMBER, 5),
    ):
        ApprovalRule.objects.create(kind=kind, channel=where, role=role, count=count)
    post = draft(people.admin, channel, kind=Post.Kind.EVENT)
    submit(people.admin, post)
    assert slots(post) == {"member": 3, "chair": 1}


def test_sending_back_needs_a_reason_and_frees_the_draft(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    submission = submit(people.admin, post)
    seen = submission.content_hash
    with pytest.raises(Refused, match="理由"):
        review.answer(actor=people.member, post=post, seen_hash=seen, choice=Choice.REJECT)
    review.answer(
        actor=people.member, post=post, seen_hash=seen, choice=Choice.REJECT, note="曜日が違います"
    )
    assert state(post) == PostState.CHANGES
    edit(people.admin, post, "学術大会のご案内です。（金）")
    again = submit(people.admin, post)
    assert again.content_hash != seen
    approve(people.member, again)
    assert state(post) == PostState.APPROVED


def test_a_vote_for_another_content_does_not_count(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    old = submit(people.admin, post)
    edit(people.admin, post, "別の文です。")
    submit(people.admin, post)
    with pytest.raises(Refused, match="内容が変わりました"):
        approve(people.member, old)


def test_the_hash_covers_window_and_every_channel(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    now = timezone.now()
    seen = set()
    for days in (1, 2):
        submission = submit(
            people.admin, post, not_before=now, not_after=now + timedelta(days=days)
        )
        seen.add(submission.content_hash)
        review.take_back(actor=people.admin, post=post)
    other = make_channel(Platform.FACEBOOK)
    second = draft(people.admin, channel, other)
    seen.add(submit(people.admin, second, not_before=now).content_hash)
    assert len(seen) == 3


def test_after_an_approval_only_later_changes_bar_from_voting(
    people: People, channel: Channel
) -> None:
    post = draft(people.member, channel)
    second = make_person("second", Role.MEMBER)
    approve(second, submit(people.member, post))
    edit(people.admin, post, "少し直しました。")
    submission = submit(people.admin, post)
    approve(people.member, submission)  # wrote what the other approved; the change is not theirs
    assert state(post) == PostState.APPROVED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"not_after": timezone.now() - timedelta(days=1)}, "終わりは、初めより後"),
        (
            {
                "not_before": timezone.now() - timedelta(days=2),
                "not_after": timezone.now() - timedelta(days=1),
            },
            "すでに過ぎています",
        ),
        ({"not_after": timezone.now() + timedelta(days=200)}, "90日以内"),
    ],
)
def test_a_window_must_make_sense(
    people: People, channel: Channel, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        submit(people.admin, draft(people.admin, channel), **changes)


def test_what_does_not_fit_is_not_put_up(people: People, policy: None) -> None:
    instagram = make_channel(Platform.INSTAGRAM)
    with pytest.raises(Refused, match="学会 Instagram：画像か動画が必要です。"):
        submit(people.admin, draft(people.admin, instagram))
    with pytest.raises(Refused, match="投稿先を1つ以上"):
        submit(people.admin, draft(people.admin))


def test_a_page_that_is_old_puts_nothing_up(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    edit(people.member, post, "直しました")
    with pytest.raises(Overtaken):
        submit(people.admin, post, base_version=1)


def test_nobody_answers_twice_or_after_recusing(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, kind=Post.Kind.RESEARCH)
    submission = submit(people.admin, post)
    approve(people.member, submission)
    with pytest.raises(Refused, match="すでに回答"):
        approve(people.member, submission)
    review.recuse(actor=people.reviewer, post=post, reason="共同研究者のため")
    with pytest.raises(Refused, match="辞退"):
        approve(people.reviewer, submission)


def test_what_nobody_answers_becomes_a_draft_again(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel)
    submission = submit(people.admin, post)
    submission.approval.expires_at = timezone.now() - timedelta(seconds=1)
    submission.approval.save()
    expire_due()
    assert review.put_back_expired() == 1
    assert state(post) == PostState.DRAFT
    assert review.put_back_expired() == 0

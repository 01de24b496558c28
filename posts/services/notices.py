"""Mails about our own posts: a link and the internal title, never the text itself.

Each occasion is told once to each person. A lost mail is no loss: the same stands on the pages.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability, Role
from jspm_social.approvals.queries import can_vote
from jspm_social.approvals.states import RequestState
from jspm_social.platforms.states import NEEDS_A_PERSON
from posts.models import (
    ActionOperation,
    Delivery,
    DraftComment,
    FastLane,
    NativePost,
    Notice,
    Post,
    Submission,
)

log = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(days=2)  # of the end of the time to answer
REVIEW_URGENT_WITHIN = timedelta(days=3)
SUBJECT = "【広報コンソール】投稿についてのお知らせ"
URGENT = "【広報コンソール】【緊急】投稿についてのお知らせ"
ESCALATE_BEFORE = timedelta(days=1)  # then the chair is told as well


def mentioned(*, remark: DraftComment) -> None:
    """Tell the people whom a remark names."""
    line = f"{remark.by}さんが、下書きへのコメントであなたの名前を挙げています。"
    _tell(f"remark:{remark.pk}", remark.mentions.all(), remark.post, line)


def asked(*, submission: Submission) -> None:
    """Tell everybody who can approve that a post waits for them."""
    line = f"投稿の承認依頼があります（回答期限 {_until(submission)}）。"
    _tell(f"asked:{submission.pk}", _can_answer(submission), submission.post, line)


def to_remind() -> QuerySet[Submission]:
    soon = timezone.now() + REMIND_BEFORE
    return Submission.objects.filter(
        approval__state=RequestState.OPEN, approval__expires_at__lte=soon
    ).select_related("approval", "post")


def remind(*, submission: Submission) -> None:
    """Remind those who have not answered; when a day is left, tell the chair too. Each once."""
    line = f"承認の回答期限が近づいています（{_until(submission)}）。"
    _tell(f"remind:{submission.pk}", _can_answer(submission), submission.post, line)
    if submission.approval.expires_at - timezone.now() <= ESCALATE_BEFORE:
        chairs = User.objects.at_work().filter(roles__contains=[Role.CHAIR])
        line = f"承認がそろわないまま、回答期限（{_until(submission)}）が近づいています。"
        _tell(f"escalate:{submission.pk}", chairs, submission.post, line)


def needs_a_person(*, delivery: Delivery) -> None:
    """Tell who planned and who wrote the post that it did not go out, or that nobody knows."""
    if delivery.state not in NEEDS_A_PERSON:
        return
    post = delivery.post
    people = {post.in_charge_id or post.created_by_id, post.edited_by_id}
    people |= {delivery.submission.submitted_by_id}
    line = f"{delivery.channel}への公開に確認が必要です（{delivery.get_state_display()}）。"
    occasion = f"delivery:{delivery.pk}:{delivery.state}:{delivery.planned_at:%Y%m%d%H%M}"
    _tell(occasion, User.objects.filter(pk__in=people), post, line)


def action_needs_a_person(*, operation: ActionOperation) -> None:
    """Tell who proposed an action that the console could not do it, or that nobody knows."""
    if operation.state not in NEEDS_A_PERSON:
        return
    action = operation.action
    words = f"{action.get_kind_display()}を実施できたか、確認が必要です。\n\n{operation.channel}"
    path = reverse("posts:action", args=[action.pk])
    _send(f"action:{operation.pk}:{operation.state}", [action.proposed_by], words, path)


def native_noticed(*, native: NativePost) -> None:
    """Tell the committee that something stands there which nobody confirmed here (§3(1))."""
    people = User.objects.at_work().filter(roles__overlap=[Role.MEMBER, Role.CHAIR])
    line = "コンソールの外で公開された投稿があります。だれの投稿かを確認してください。"
    _send(
        f"native:{native.pk}",
        people,
        f"{line}\n\n{native.remote.channel}",
        reverse("posts:native", args=[native.pk]),
    )


def urgent_marked(*, lane: FastLane) -> None:
    """Tell everybody at once that a post is to go out as urgent."""
    line = f"{lane.marked_by}さんが、投稿を「緊急」として承認に出しました。\n理由：{lane.reason}"
    _tell(f"urgent:{lane.pk}", everybody(), lane.submission.post, line, URGENT)


def urgent_sent(*, lane: FastLane) -> None:
    """Tell everybody that an urgent post is out, and that a third person has to look at it."""
    line = (
        "「緊急」として扱った投稿を公開しました。関わっていない方が、事後の確認をしてください。\n"
        f"理由：{lane.reason}"
    )
    _tell(f"urgent-sent:{lane.pk}", everybody(), lane.submission.post, line, URGENT)


def urgent_to_review() -> QuerySet[FastLane]:
    late = timezone.now() - REVIEW_URGENT_WITHIN
    rows = FastLane.objects.filter(reviewed_by=None, marked_at__lte=late)
    return rows.select_related("submission__post", "marked_by")


def remind_of_urgent(*, lane: FastLane) -> None:
    """Tell everybody, once, that nobody has looked at an urgent post for three days."""
    line = "「緊急」として扱った投稿の事後の確認が、まだ行われていません。"
    _tell(f"urgent-review:{lane.pk}", everybody(), lane.submission.post, line)


def everybody() -> list[User]:
    """Whoever works on posts and is not on leave."""
    people = User.objects.at_work()
    return [person for person in people if person.can(Capability.REVIEW_POSTS)]


def _can_answer(submission: Submission) -> list[User]:
    everybody = User.objects.at_work()
    return [person for person in everybody if can_vote(submission.approval, person)]


def _tell(key: str, people: Iterable[User], post: Post, line: str, subject: str = SUBJECT) -> None:
    path = reverse("posts:post", args=[post.pk])
    _send(key, people, f"{line}\n\n{post.title}", path, subject)


def _send(key: str, people: Iterable[User], words: str, path: str, subject: str = SUBJECT) -> None:
    link = settings.SITE_URL.rstrip("/") + path
    for person in people:
        if not person.is_active or not person.email:
            continue
        _, first = Notice.objects.get_or_create(key=key, person=person)
        if first:
            _mail(person, subject, f"{words}\n{link}\n")


def _mail(person: User, subject: str, body: str) -> None:
    try:
        send_mail(subject, body, None, [person.email])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; it has addresses
        log.warning("no notice to user %s: %s", person.pk, type(error).__name__)


def _until(submission: Submission) -> str:
    moment = timezone.localtime(submission.approval.expires_at)
    return f"{moment.month}月{moment.day}日（{'月火水木金土日'[moment.weekday()]}）{moment:%H:%M}"

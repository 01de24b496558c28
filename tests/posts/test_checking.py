"""The content checks in the way of a post: put up, planned, sent; and letting one finding pass."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from posts import jobs
from posts.checks import LinkFact
from posts.errors import Overtaken, Refused
from posts.models import LinkCheck, Override, Post
from posts.queries import payloads_of
from posts.services import checking, publish, scheduling
from posts.states import PostState
from tests.people import People, client_of
from tests.posts.making import (
    approve,
    approved_post,
    delivery_of,
    draft,
    edit,
    make_channel,
    scheduled,
    submit,
)
from tests.posts.wire import Wire

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # a Monday
WRONG = "研修会は2026年11月20日（木）に開催します。"  # a Friday


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def blocks(post: Post) -> list[checking.Seen]:
    post.refresh_from_db()
    return [s for s in checking.check(post, payloads_of(post), timezone.now()) if s.blocks]


def test_a_wrong_weekday_is_not_put_up(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body=WRONG)
    with pytest.raises(Refused, match="日付と曜日"):
        submit(people.admin, post)
    edit(people.admin, post, WRONG.replace("木", "金"))
    submit(people.admin, post)


def test_a_second_person_lets_exactly_this_finding_pass(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body=WRONG)
    (seen,) = blocks(post)
    assert seen.words == "2026年11月20日（木）"
    passing: dict[str, Any] = {"post": post, "mark": seen.fingerprint}
    with pytest.raises(Refused, match="作成に関わった人"):
        checking.override(actor=people.admin, reason="正しい", **passing)
    with pytest.raises(Refused, match="理由"):
        checking.override(actor=people.member, reason=" ", **passing)
    checking.override(actor=people.member, reason="引用のため", **passing)
    assert Override.objects.get().check_id == "J01"
    with pytest.raises(Overtaken):
        checking.override(actor=people.chair, reason="同じく", **passing)
    submit(people.admin, post)
    edit(people.admin, post, WRONG.replace("20日（木）", "21日（木）"))
    assert len(blocks(post)) == 1  # another finding


def test_a_word_that_is_wrong_at_the_chosen_time_stops_the_plan(
    people: People, channel: Channel
) -> None:
    post = approved_post(people, channel, body="本日11月2日（月）、研修会を開催します。")
    later = {channel.pk: timezone.now() + timedelta(days=2)}
    with pytest.raises(Refused, match="日"):
        scheduling.schedule(actor=people.admin, post=post, times=later)
    now = {channel.pk: timezone.now()}
    scheduling.schedule(actor=people.admin, post=post, times=now)


def test_what_was_found_since_stops_the_sending(people: People, channel: Channel) -> None:
    link = "https://www.jspm.ne.jp/kenshu/"
    post = draft(people.admin, channel, body=f"研修会のご案内です。{link}")
    approve(people.member, submit(people.admin, post))
    post = Post.objects.get()
    scheduling.schedule(actor=people.admin, post=post, times={channel.pk: timezone.now()})
    checking.keep_links(post, [LinkFact(link, 404, link, "")])
    wire = Wire()
    with mock.patch.object(publish, "publisher_of", return_value=wire):
        publish.send(delivery_id=delivery_of(post).pk)
    delivery = delivery_of(post)
    assert (delivery.state, wire.posts) == (OperationState.FAILED, {})
    assert "リンク" in delivery.trouble


def test_links_are_opened_by_a_worker_and_kept(people: People, policy: None) -> None:
    facebook = make_channel(Platform.FACEBOOK)
    link = "https://www.jspm.ne.jp/kenshu/"
    post = draft(people.admin, facebook, body="研修会のご案内です。", link=link)
    answered = [LinkFact(link, 200, link, "研修会")]
    with mock.patch.object(jobs, "open_links", return_value=answered) as opened:
        jobs.check_links(post.pk)
    opened.assert_called_once_with([link])
    kept = LinkCheck.objects.get()
    assert (kept.status, kept.title) == (200, "研修会")
    approve(people.member, submit(people.admin, post))
    at = timezone.now() + timedelta(hours=1)
    scheduling.schedule(actor=people.admin, post=Post.objects.get(), times={facebook.pk: at})
    assert checking.links_to_open(at - timedelta(minutes=30)) == []
    assert checking.links_to_open(at - timedelta(minutes=5)) == [post.pk]


def test_the_pages_show_what_was_found(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body=WRONG)
    author, member = client_of(people.admin), client_of(people.member)
    page = author.get(reverse("posts:post", args=[post.pk])).content.decode()
    assert "直すまで公開できません" in page
    assert "このままでよいと許可する" not in page
    assert "日付と曜日" in author.get(reverse("posts:edit", args=[post.pk])).content.decode()
    page = member.get(reverse("posts:post", args=[post.pk])).content.decode()
    assert "このままでよいと許可する" in page
    (seen,) = blocks(post)
    sent = {"mark": seen.fingerprint, "reason": "引用のため"}
    member.post(reverse("posts:override", args=[post.pk]), sent)
    assert "許可済み" in author.get(reverse("posts:post", args=[post.pk])).content.decode()


def test_an_ordinary_post_goes_through_untouched(people: People, channel: Channel) -> None:
    post = scheduled(people, channel)
    with mock.patch.object(publish, "publisher_of", return_value=Wire()):
        publish.send(delivery_id=delivery_of(post).pk)
    post.refresh_from_db()
    assert post.state == PostState.SENT

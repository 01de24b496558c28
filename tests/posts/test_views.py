"""The pages: nothing typed is lost, a page that is old is told so, and buttons fit the person."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jspm_social.approvals.states import RequestState
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from posts.content import PollContent
from posts.forms import LOCAL, DraftForm
from posts.models import Delivery, Post
from posts.services import discuss
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


def url(name: str, row: Any = None) -> str:
    return reverse(f"posts:{name}", args=[row.pk] if row is not None else [])


def typed(post: Post, **changes: Any) -> dict[str, Any]:
    """What the draft's page would send for the post as it stands."""
    post.refresh_from_db()
    fields = DraftForm.initial_of(post)
    sent = {k: "on" if v is True else v for k, v in fields.items() if v not in (None, False)}
    return sent | changes


@pytest.fixture
def author(people: People) -> Client:
    return client_of(people.member)


def local(moment: Any) -> str:
    return timezone.localtime(moment).strftime(LOCAL)


def test_a_draft_is_begun_and_written(author: Client, channel: Channel) -> None:
    begun = author.post(url("begin"), {"title": "ご案内", "purpose": "events", "kind": "event"})
    post = Post.objects.get()
    assert begun["Location"] == url("edit", post)
    data = typed(post, body="一行目\r\n二行目", tags="＃緩和ケア、 学会  緩和ケア")
    data |= {f"on_{channel.pk}": "on", "option_1": "はい", "option_2": "いいえ", "poll_hours": "2"}
    assert author.post(url("edit", post), data)["Location"] == url("post", post)
    post.refresh_from_db()
    assert post.draft.body == "一行目\n二行目"
    assert post.draft.tags == ("緩和ケア", "学会")
    assert post.draft.poll == PollContent(("はい", "いいえ"), 120)
    assert list(post.draft.channels) == [channel.pk]


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    author: Client, people: People, channel: Channel
) -> None:
    post = draft(people.member, channel)
    answer = author.post(
        url("edit", post), typed(post, body="たいせつな文", link="http//x", option_1="一つだけ")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "たいせつな文" in page
    assert "選択肢が2つ以上" in page
    post.refresh_from_db()
    assert post.version == 1


def test_somebody_saved_first(author: Client, people: People, channel: Channel) -> None:
    post = draft(people.member, channel, body="大会は金曜日です。")
    mine = typed(post, body="大会は日曜日です。")
    edit(people.chair, post, "大会は土曜日です。")
    answer = author.post(url("edit", post), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "土曜日" in page
    assert "大会は日曜日です。</textarea>" in page
    post.refresh_from_db()
    assert post.draft.body == "大会は土曜日です。"
    answer = author.post(url("edit", post), mine | {"version": post.version})
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.draft.body == "大会は日曜日です。"


def test_autosave_keeps_it_and_tells_how_it_looks(
    author: Client, people: People, channel: Channel
) -> None:
    post = draft(people.member, channel)
    answer = author.post(url("autosave", post), typed(post, body="あ" * 150))
    page = answer.content.decode()
    assert "300／280字分（全角は2）（20超過）" in page
    assert f"{'あ' * 140}<del" in page
    assert 'name="version" value="2"' in page
    post.refresh_from_db()
    assert (post.version, post.revisions.count()) == (2, 1)
    old = author.post(url("autosave", post), typed(post, version=1, body="古い"))
    assert old.status_code == 409
    assert "保存していません" in old.content.decode()


def test_the_way_from_draft_to_schedule(people: People, channel: Channel) -> None:
    author, other = client_of(people.admin), client_of(people.member)
    post = draft(people.admin, channel)
    now = timezone.now()
    times = {"not_before": local(now), "not_after": local(now + timedelta(days=7))}
    asked = {"version": post.version, "answer_by": local(now + timedelta(days=2)), **times}
    assert author.post(url("submit", post), asked).status_code == 302
    assert "承認する</button>" not in author.get(url("post", post)).content.decode()
    page = other.get(url("post", post)).content.decode()
    assert "承認する</button>" in page
    assert url("post", post) in other.get(url("index")).content.decode().split("進行中")[0]
    seen = post.submissions.get().content_hash
    refused = author.post(url("answer", post), {"verb": "approve", "seen": seen})
    assert refused.status_code == 409
    assert "作成や判断に関わった人" in refused.content.decode()
    nothing = other.post(url("answer", post), {"verb": "send_back", "seen": seen})
    assert "理由を入力してください" in nothing.content.decode()
    other.post(url("answer", post), {"verb": "approve", "seen": seen, "note": "確認しました"})
    assert Post.objects.get().state == PostState.APPROVED
    at = (now + timedelta(days=1)).replace(hour=3, minute=0)
    plan = {"verb": "plan", f"at_{channel.pk}": local(at), "anyway": "on"}
    assert author.post(url("schedule", post), plan).status_code == 302
    assert Post.objects.get().state == PostState.SCHEDULED
    assert local(delivery_of(post).planned_at) == local(at)


def test_a_time_with_something_against_it_is_asked_about_once(
    people: People, channel: Channel
) -> None:
    scheduled(people, channel)
    post = approved_post(people, channel, body="まったく別のお知らせです。")
    author = client_of(people.admin)
    answer = author.post(url("schedule", post), {"verb": "now"})
    assert answer.status_code == 409
    assert "間隔が近すぎます" in answer.content.decode()
    answer = author.post(url("schedule", post), {"verb": "now", "anyway": "on"})
    assert answer.status_code == 302
    assert post.deliveries.count() == 1


def test_what_stands_in_the_way_is_named(people: People, policy: None) -> None:
    author = client_of(people.admin)
    post = draft(people.admin, make_channel(Platform.INSTAGRAM))
    now = timezone.now()
    page = author.get(url("post", post)).content.decode()
    assert "画像か動画が必要です" in page
    asked = {
        "version": 1,
        "not_before": local(now),
        "not_after": local(now + timedelta(days=1)),
        "answer_by": local(now + timedelta(hours=9)),
    }
    answer = author.post(url("submit", post), asked)
    assert answer.status_code == 409
    assert Post.objects.get().state == PostState.DRAFT


@pytest.mark.parametrize("verb", ["move", "again", "published", "give_up", "x"])
def test_a_delivery_is_moved_or_settled_by_hand(
    people: People, channel: Channel, verb: str
) -> None:
    post = scheduled(people, channel, after=timedelta(hours=2))
    row = delivery_of(post)
    if verb != "move":
        Delivery.objects.update(state=OperationState.FAILED, trouble="Rejected: X 403")
    at = timezone.now() + timedelta(hours=3)
    sent = {
        "verb": verb,
        "at": local(at),
        "permalink": "https://x.com/jspm/status/1",
        "note": "不要",
    }
    client_of(people.member).post(url("delivery", row), sent)
    row.refresh_from_db()
    expected = {"again": "waiting", "published": "done", "give_up": "cancelled", "move": "waiting"}
    assert row.state == expected.get(verb, "failed")
    assert (local(row.planned_at) == local(at)) is (verb in {"move", "again"})


def test_remarks_and_suggestions_from_the_page(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body="大会は金曜日です。")
    reviewer, author = client_of(people.member), client_of(people.admin)
    reviewer.post(url("remark", post), {"text": "@admin さん 曜日は？", "quote": "金曜日"})
    said = post.remarks.get()
    assert (said.start, list(said.mentions.all())) == (3, [people.admin])
    reviewer.post(url("suggest", post), {"old": "金曜日", "new": "土曜日"})
    made = post.suggestions.get()
    assert "採用する" not in reviewer.get(url("post", post)).content.decode()
    author.post(url("settle", made), {"verb": "accept"})
    author.post(url("resolve", said))
    post.refresh_from_db()
    assert post.draft.body == "大会は土曜日です。"
    missing = reviewer.post(url("suggest", post), {"old": "金曜日", "new": "日曜日"})
    assert missing.status_code == 409
    assert "見つかりません" in missing.content.decode()
    page = author.get(reverse("posts:revision", args=[post.pk, 2])).content.decode()
    assert "<del>" in page


def test_the_emergency_stop_from_the_page(people: People, channel: Channel) -> None:
    scheduled(people, channel)
    member, chair = client_of(people.member), client_of(people.chair)
    assert member.post(url("stop"), {"verb": "stop", "reason": ""}).status_code == 422
    member.post(url("stop"), {"verb": "stop", "reason": "誤りを見つけました"})
    assert StopSwitch.objects.get().reason == "誤りを見つけました"
    page = chair.get(url("stop")).content.decode()
    assert "誤りを見つけました" in page
    chair.post(url("stop"), {"verb": "ask"})
    assert "同意して再開する" not in chair.get(url("stop")).content.decode()
    assert "同意して再開する" in member.get(url("stop")).content.decode()
    member.post(url("stop"), {"verb": "agree"})
    assert not StopSwitch.objects.exists()
    assert Delivery.objects.get().state == OperationState.FAILED


def test_hostile_text_is_shown_as_text(people: People, channel: Channel) -> None:
    evil = "<script>alert(1)</script>&quot;"
    post = draft(people.member, channel, body=evil)
    discuss.remark(actor=people.chair, post=post, text=evil, quote=evil, start=0)
    discuss.suggest(actor=people.chair, post=post, old=evil, start=0, new=evil * 2)
    client = client_of(people.member)
    for name in ("post", "edit"):
        page = client.get(url(name, post)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;quot;" in page


def test_pages_cost_the_same_with_more_on_them(
    people: People, channel: Channel, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(people.member)
    posts = [draft(people.admin, channel, body=f"文{n}") for n in range(12)]
    for n in range(8):
        edit(people.admin, posts[0], f"版{n}", cut=True)
        discuss.remark(actor=people.chair, post=posts[0], text=f"コメント{n}")
    approve(people.member, submit(people.admin, posts[1]))
    with django_assert_max_num_queries(16):
        client.get(url("index"))
    with django_assert_max_num_queries(36):
        client.get(url("post", posts[0]))
    with django_assert_max_num_queries(20):
        client.get(url("edit", posts[0]))
    assert posts[1].submissions.get().approval.state == RequestState.APPROVED

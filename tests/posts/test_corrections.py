"""An error, from the report to the public list; and what was approved to stand only for a while."""

from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from posts.errors import Overtaken, Refused
from posts.models import Correction, Delivery, Post
from posts.services import corrections, emergency, look, publish, scheduling, settlement
from posts.states import CorrectionState, PostState
from tests.people import People, client_of
from tests.posts.making import approve, approved_post, make_channel, scheduled, submit
from tests.posts.wire import Death, Wire

NOTE = "開催日を「6月18日」と案内しましたが、正しくは「6月19日」です。"


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    with (
        mock.patch.object(publish, "publisher_of", return_value=wire),
        mock.patch.object(look, "publisher_of", return_value=wire),
    ):
        yield wire


def send_all(post: Post) -> None:
    for delivery in post.deliveries.filter(state=OperationState.WAITING).order_by("pk"):
        publish.send(delivery_id=delivery.pk)


@pytest.fixture
def published(people: People, channel: Channel, wire: Wire) -> Post:
    """A post that the admin wrote and that stands on two channels."""
    post = scheduled(people, channel, make_channel(Platform.FACEBOOK))
    send_all(post)
    post.refresh_from_db()
    assert post.state == PostState.SENT
    return post


def decided(people: People, post: Post, decision: Correction.Decision) -> Correction:
    row = corrections.report(actor=people.chair, post=post, told="日付が違います")
    corrections.check(actor=people.chair, correction=row, finding="6月19日が正しい")
    corrections.decide(actor=people.chair, correction=row, decision=decision, public_note=NOTE)
    return row


def agree(people: People, row: Correction) -> Correction:
    corrections.answer(actor=people.member, correction=row, agree=True)
    return Correction.objects.get(pk=row.pk)


def public_page() -> str:
    return client_of(None).get(reverse("posts:public_corrections")).content.decode()


def test_a_correcting_post_passes_the_gate_and_ends_on_the_public_page(
    people: People, published: Post, wire: Wire
) -> None:
    row = agree(people, decided(people, published, Correction.Decision.CORRECT))
    assert row.state == CorrectionState.UNDER_WAY
    answer = row.answer
    assert answer is not None
    assert (answer.kind, answer.corrects) == (Post.Kind.CORRECTION, published)
    assert answer.draft.body == f"【訂正】{NOTE}"
    assert set(answer.draft.channels) == set(published.draft.channels)
    assert NOTE not in public_page()
    approve(people.member, submit(people.chair, answer))
    now = timezone.now()
    times = dict.fromkeys(answer.draft.channels, now)
    scheduling.schedule(actor=people.chair, post=Post.objects.get(pk=answer.pk), times=times)
    send_all(answer)
    row.refresh_from_db()
    assert row.state == CorrectionState.CLOSED
    assert "訂正しました" in public_page()
    assert NOTE in public_page()
    published.refresh_from_db()
    assert published.state == PostState.SENT  # the original stays on record


def test_taking_down_goes_out_even_while_publishing_is_stopped(
    people: People, published: Post, wire: Wire
) -> None:
    assert len(wire.posts) == 2
    row = agree(people, decided(people, published, Correction.Decision.REMOVE))
    emergency.stop(actor=people.member, reason="誤り")
    send_all(published)
    assert wire.posts == {}
    row.refresh_from_db()
    assert row.state == CorrectionState.CLOSED
    assert StopSwitch.objects.exists()
    assert "取り下げました" in public_page()


def test_nothing_is_taken_down_without_agreement(
    people: People, published: Post, wire: Wire
) -> None:
    row = decided(people, published, Correction.Decision.REMOVE)
    assert not published.deliveries.filter(deed=Delivery.Deed.WITHDRAW).exists()
    with pytest.raises(Refused, match="関わった人"):
        corrections.answer(actor=people.chair, correction=row, agree=True)
    with pytest.raises(Refused, match="理由"):
        corrections.answer(actor=people.member, correction=row, agree=False)
    corrections.answer(actor=people.member, correction=row, agree=False, note="訂正で足ります")
    row.refresh_from_db()
    assert row.state == CorrectionState.CHECKED
    corrections.decide(
        actor=people.chair,
        correction=row,
        decision=Correction.Decision.NOTHING,
        public_note="",
    )
    assert agree(people, row).state == CorrectionState.CLOSED
    assert len(wire.posts) == 2
    assert "いまのところ、訂正はありません" in public_page()


def test_a_withdrawal_that_lost_its_agreement_is_not_sent(
    people: People, published: Post, wire: Wire
) -> None:
    row = agree(people, decided(people, published, Correction.Decision.REMOVE))
    Correction.objects.filter(pk=row.pk).update(state=CorrectionState.CHECKED)
    send_all(published)
    assert len(wire.posts) == 2
    withdrawals = published.deliveries.filter(deed=Delivery.Deed.WITHDRAW)
    assert {d.state for d in withdrawals} == {OperationState.FAILED}


def test_a_withdrawal_whose_worker_was_killed_is_taken_down_again(
    people: People, published: Post, wire: Wire
) -> None:
    row = agree(people, decided(people, published, Correction.Decision.REMOVE))
    withdrawals = published.deliveries.filter(deed=Delivery.Deed.WITHDRAW)
    with mock.patch.object(wire, "withdraw", side_effect=Death):
        for withdrawal in withdrawals:
            with pytest.raises(Death):
                publish.send(delivery_id=withdrawal.pk)
    with time_machine.travel(
        timezone.now() + timedelta(hours=3), tick=False
    ):  # no worker till then
        assert settlement.mark_lapsed() == 2
        assert {d.state for d in withdrawals.all()} == {OperationState.WAITING}
        send_all(published)
    assert {d.state for d in withdrawals.all()} == {OperationState.DONE}
    row.refresh_from_db()
    assert (wire.posts, row.state) == ({}, CorrectionState.CLOSED)


def test_whoever_wrote_it_does_not_check_it(people: People, published: Post) -> None:
    row = corrections.report(actor=people.admin, post=published, told="違うかもしれません")
    with pytest.raises(Refused, match="別の人"):
        corrections.check(actor=people.admin, correction=row, finding="正しいです")
    corrections.check(actor=people.member, correction=row, finding="誤りです")
    with pytest.raises(Overtaken):
        corrections.check(actor=people.chair, correction=row, finding="誤りです")
    with pytest.raises(Refused, match="公表する文"):
        corrections.decide(
            actor=people.chair,
            correction=row,
            decision=Correction.Decision.REMOVE,
            public_note=" ",
        )


def test_only_what_is_public_can_be_corrected(people: People, channel: Channel) -> None:
    with pytest.raises(Refused, match="まだ公開されていない"):
        corrections.report(actor=people.member, post=approved_post(people, channel), told="誤り")


def test_what_was_approved_for_a_while_is_taken_down(
    people: People, published: Post, wire: Wire
) -> None:
    Post.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    assert corrections.take_down_expired() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert corrections.take_down_expired() == 1
        assert corrections.take_down_expired() == 0
        send_all(published)
    assert wire.posts == {}


def test_the_pages_from_report_to_decision(people: People, published: Post) -> None:
    chair, member = client_of(people.chair), client_of(people.member)
    member.post(reverse("posts:report", args=[published.pk]), {"told": "曜日の誤り"})
    row = Correction.objects.get()
    page = reverse("posts:correction", args=[row.pk])
    chair.post(reverse("posts:correction_check", args=[row.pk]), {"finding": "金曜日が正しい"})
    chair.post(reverse("posts:correction_decide", args=[row.pk]), {"decision": ""})
    row.refresh_from_db()
    assert row.state == CorrectionState.CHECKED
    told = {"decision": "correct", "public_note": NOTE}
    chair.post(reverse("posts:correction_decide", args=[row.pk]), told)
    assert "同意する</button>" not in chair.get(page).content.decode()
    assert "同意する</button>" in member.get(page).content.decode()
    member.post(reverse("posts:correction_answer", args=[row.pk]), {"verb": "agree"})
    assert "【訂正】" in chair.get(page).content.decode()
    assert "曜日の誤り" in chair.get(reverse("posts:corrections")).content.decode()

"""From the schedule to the platform: in the window, in order, once, or a person is asked."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from jspm_social.approvals import services as approvals
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import (
    LEASE,
    MAX_ATTEMPTS,
    Settlement,
    has_lapsed,
    is_left_to_a_person,
    readable_unknowns,
)
from jspm_social.platforms.pausing import disconnect_channel, pause_channel
from jspm_social.platforms.publishing import Progress, Published, PublishRequest
from jspm_social.platforms.states import OperationState
from posts import jobs
from posts.errors import Overtaken, Refused
from posts.models import Delivery, Post
from posts.services import (
    by_hand,
    emergency,
    look,
    outgoing,
    publish,
    rows,
    scheduling,
    settlement,
)
from posts.services.recheck import LATE, LIMITED, TOO_LATE
from posts.states import PostState
from tests.people import People, client_of
from tests.posts.making import (
    approve,
    approved_post,
    delivery_of,
    draft,
    make_channel,
    scheduled,
    submit,
)
from tests.posts.wire import Death, Wire

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    with (
        mock.patch.object(publish, "publisher_of", return_value=wire),
        mock.patch.object(look, "publisher_of", return_value=wire),
    ):
        yield wire


def send(delivery: Delivery) -> Delivery:
    publish.send(delivery_id=delivery.pk)
    return Delivery.objects.get(pk=delivery.pk)


def state(post: Post) -> str:
    post.refresh_from_db()
    return post.state


# --- the schedule


def test_only_what_is_approved_can_be_scheduled(people: People, channel: Channel) -> None:
    post = approved_post(people, channel)
    request = post.submissions.get().approval
    approvals.void(actor=None, request=request, reason="")
    with pytest.raises(Refused, match="承認された投稿だけ"):
        scheduling.schedule(actor=people.admin, post=post, times={channel.pk: timezone.now()})


@pytest.mark.parametrize(
    ("after", "reason"),
    [(-HOUR, "過ぎた日時"), (timedelta(days=8), "公開期間の中")],
)
def test_a_time_lies_in_the_approved_window(
    people: People, channel: Channel, after: timedelta, reason: str
) -> None:
    post = approved_post(people, channel)
    times = {channel.pk: timezone.now() + after}
    with pytest.raises(Refused, match=reason):
        scheduling.schedule(actor=people.admin, post=post, times=times)


def test_every_channel_needs_a_time(people: People, channel: Channel) -> None:
    post = approved_post(people, channel, make_channel(Platform.FACEBOOK))
    with pytest.raises(Refused, match="すべての投稿先"):
        scheduling.schedule(actor=people.admin, post=post, times={channel.pk: timezone.now()})


def test_another_time_in_the_window_needs_no_new_vote(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    post = scheduled(people, channel, after=HOUR)
    delivery = delivery_of(post)
    scheduling.move_to(actor=people.admin, delivery=delivery, at=timezone.now() + 2 * HOUR)
    clock.shift(HOUR)
    assert send(delivery).state == OperationState.WAITING
    clock.shift(HOUR)
    assert send(delivery).state == OperationState.DONE
    with pytest.raises(Overtaken):
        scheduling.move_to(actor=people.admin, delivery=delivery, at=timezone.now() + HOUR)


def test_calling_back_makes_it_approved_again(people: People, channel: Channel, wire: Wire) -> None:
    post = scheduled(people, channel, after=HOUR)
    scheduling.unschedule(actor=people.admin, post=post, reason="延期")
    assert state(post) == PostState.APPROVED
    assert send(delivery_of(post)).state == OperationState.CANCELLED
    scheduling.schedule(actor=people.admin, post=post, times={channel.pk: timezone.now()})
    assert post.deliveries.count() == 2


# --- sending


def test_it_goes_out_once_and_what_stands_there_is_read_back(
    people: People, channel: Channel, wire: Wire
) -> None:
    post = scheduled(people, channel)
    delivery = send(delivery_of(post))
    assert (delivery.state, delivery.remote_id) == (OperationState.DONE, str(delivery.key))
    assert state(post) == PostState.SENT
    send(delivery)
    look.read_back(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.stands == "学術大会のご案内です。"
    assert wire.order == ["学術大会のご案内です。"]
    verbs = list(AuditEvent.objects.order_by("-id").values_list("verb", flat=True)[:3])
    assert verbs == ["delivery.read_back", "delivery.done", "post.sent"]


def test_not_after_twenty_minutes(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    clock.shift(timedelta(minutes=20, seconds=1))
    delivery = send(delivery)
    assert delivery.state == OperationState.FAILED
    assert delivery.trouble == TOO_LATE
    assert wire.posts == {}


def test_held_by_a_limit_until_it_was_too_late_a_person_learns_of_the_limit(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    Channel.objects.update(calm_until=timezone.now() + HOUR)
    clock.shift(timedelta(minutes=20))
    assert send(delivery).state == OperationState.WAITING
    clock.shift(timedelta(seconds=1))
    delivery = send(delivery)
    assert (delivery.state, delivery.trouble) == (OperationState.FAILED, TOO_LATE + LIMITED)
    assert wire.posts == {}


def killed(delivery: Delivery, step: str) -> None:
    """A worker that is killed as it comes to this step of a sending."""
    with mock.patch.object(publish, step, side_effect=Death), pytest.raises(Death):
        publish.send(delivery_id=delivery.pk)


@pytest.mark.parametrize("step", ["refusal", "request_for", "publisher_of", "_begin"])
def test_killed_before_anything_was_sent_it_simply_waits_again(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller, step: str
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    killed(delivery, step)
    clock.shift(LEASE + timedelta(seconds=1))
    assert settlement.mark_lapsed() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.begun_at) == (OperationState.WAITING, None)
    assert send(delivery).state == OperationState.DONE
    assert len(wire.order) == 1


def test_killed_over_a_late_one_the_next_says_that_it_was_not_sent(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    post = scheduled(people, channel)
    clock.shift(timedelta(minutes=40))
    killed(delivery_of(post), "refusal")
    clock.shift(LEASE + timedelta(seconds=1))
    wire.findable = False  # nobody could look: nobody has to
    settlement.mark_lapsed()
    delivery = send(delivery_of(post))
    assert (delivery.state, delivery.trouble) == (OperationState.FAILED, TOO_LATE)
    chair = client_of(people.chair)
    told = "予定の時刻を過ぎたため送信しませんでした。"
    assert told in chair.get(reverse("posts:index")).content.decode()
    page = client_of(people.admin).get(reverse("posts:post", args=[post.pk])).content.decode()
    assert f"{told}プラットフォームには何も送っていません。" in page


def test_killed_while_sending_it_is_looked_for_and_then_too_late(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    post, wire.answer = scheduled(people, channel), "dies before"
    with pytest.raises(Death):
        publish.send(delivery_id=delivery_of(post).pk)
    clock.shift(timedelta(minutes=21))
    settlement.mark_lapsed()
    delivery = delivery_of(post)
    assert delivery.state == OperationState.UNKNOWN
    look.reconcile(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.trouble) == (OperationState.FAILED, look.NOT_FOUND)
    page = client_of(people.admin).get(reverse("posts:post", args=[post.pk])).content.decode()
    assert "送り直していません。プラットフォームの画面で、公開されているかを確かめて" in page


def test_what_kills_its_worker_every_time_is_left_to_a_person(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    for _ in range(MAX_ATTEMPTS):
        killed(delivery, "refusal")
        clock.shift(LEASE + timedelta(seconds=1))
        assert settlement.mark_lapsed() == 1
    delivery.refresh_from_db()
    assert (delivery.state, wire.posts) == (OperationState.FAILED, {})
    assert "処理が何度も途切れた" in delivery.trouble


def test_who_was_held_up_past_the_lease_sends_nothing(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery, real = delivery_of(scheduled(people, channel)), outgoing.request_for

    def slow(row: Delivery) -> PublishRequest:
        """Meanwhile the lease runs out, and another worker sends it."""
        with mock.patch.object(publish, "request_for", real):
            clock.shift(LEASE + timedelta(seconds=1))
            settlement.mark_lapsed()
            assert send(row).state == OperationState.DONE
        return real(row)

    wire.repeatable = True  # a second sending would not be noticed there
    with (
        mock.patch.object(publish, "request_for", slow),
        mock.patch.object(wire, "publish", wraps=wire.publish) as published,
    ):
        assert send(delivery).state == OperationState.DONE
    assert published.call_count == 1


def test_who_looks_at_the_clock_too_late_sends_nothing_although_nobody_has_settled_it(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    with passes_while_preparing(clock, 2 * LEASE):
        delivery = send(delivery)
    assert (delivery.state, delivery.begun_at) == (OperationState.WAITING, None)
    assert (delivery.trouble, wire.posts) == (f"Transient: {publish.HELD_UP}", {})
    clock.move_to(delivery.due_at)
    assert send(delivery).state == OperationState.DONE
    assert len(wire.order) == 1


def test_who_was_long_in_preparing_has_a_whole_lease_for_sending(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery, real, nearly = delivery_of(scheduled(people, channel)), wire.publish, LEASE * 0.9

    def slow(request: PublishRequest, progress: Progress) -> Published:
        clock.shift(nearly)
        assert settlement.mark_lapsed() == 0
        return real(request, progress)

    with (
        passes_while_preparing(clock, nearly),
        mock.patch.object(wire, "publish", slow),
    ):
        delivery = send(delivery)
    assert (delivery.state, delivery.leased_until) == (OperationState.DONE, None)
    verbs = AuditEvent.objects.filter(target_type="posts.delivery").values_list("verb", flat=True)
    assert list(verbs) == ["delivery.done"]


def test_what_became_too_late_while_it_was_prepared_is_not_sent(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    clock.move_to(delivery.planned_at + LATE - timedelta(seconds=30))
    with passes_while_preparing(clock, timedelta(minutes=1)):
        delivery = send(delivery)
    assert (delivery.state, delivery.begun_at) == (OperationState.WAITING, None)
    clock.move_to(delivery.due_at)
    delivery = send(delivery)
    assert (delivery.state, delivery.trouble) == (OperationState.FAILED, TOO_LATE)
    assert not wire.posts


@contextmanager
def passes_while_preparing(clock: time_machine.Traveller, time: timedelta) -> Iterator[None]:
    """So long it takes to read what is to be sent."""
    real = outgoing.request_for

    def slow(row: Delivery) -> PublishRequest:
        clock.shift(time)
        return real(row)

    with mock.patch.object(publish, "request_for", slow):
        yield


@contextmanager
def as_the_sweeper_takes_it(happens: Callable[[], object]) -> Iterator[None]:
    """It was listed as lapsed, and this happens just before the sweeper has its locks."""
    real = rows.lock

    def late(post: Post) -> Post:
        happens()
        return real(post)

    with mock.patch.object(settlement, "lock", late):
        yield


def test_what_was_begun_as_the_sweeper_came_is_unknown(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    killed(delivery, "_begin")
    begun = timezone.now()
    clock.shift(LEASE + timedelta(seconds=1))
    row = Delivery.objects.filter(pk=delivery.pk)
    with as_the_sweeper_takes_it(lambda: row.update(begun_at=begun)):
        assert settlement.mark_lapsed() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.begun_at) == (OperationState.UNKNOWN, begun)


def test_who_begins_as_the_sweeper_comes_is_left_to_it(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    """It looked at its clock within the lease, and wrote when that was over."""
    delivery = delivery_of(scheduled(people, channel))
    killed(delivery, "_begin")
    held_up, just_before = settlement.load(delivery.pk), timezone.now() + LEASE * 0.9
    clock.shift(LEASE + timedelta(seconds=1))

    def begin() -> None:
        with time_machine.travel(just_before, tick=False):
            publish._begin(held_up)

    with as_the_sweeper_takes_it(begin):
        assert settlement.mark_lapsed() == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.begun_at) == (OperationState.SENDING, just_before)
    assert delivery.leased_until == held_up.leased_until == just_before + LEASE
    assert woken() == set()  # nobody else sends it
    settlement.finish(held_up, Settlement(OperationState.DONE))
    assert delivery_of(delivery.post).state == OperationState.DONE


def test_from_looking_to_settling_the_sweeper_holds_the_row(
    transactional_db: None, people: People, channel: Channel, clock: time_machine.Traveller
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    killed(delivery, "_begin")
    clock.shift(LEASE + timedelta(seconds=1))
    free = []

    def look_meanwhile(row: Delivery, now: datetime) -> bool:
        free.append(somebody_else(lambda: can_be_taken(row.pk)))
        return has_lapsed(row, now)

    with mock.patch.object(settlement, "has_lapsed", look_meanwhile):
        assert settlement.mark_lapsed() == 1
    assert free == [False]
    assert can_be_taken(delivery.pk)


def can_be_taken(delivery_id: int) -> bool:
    with transaction.atomic():
        free = Delivery.objects.select_for_update(no_key=True, skip_locked=True)
        return free.filter(pk=delivery_id).first() is not None


def somebody_else(looks: Callable[[], bool]) -> bool:
    """What another connection finds at this moment."""

    def look() -> bool:
        try:
            return looks()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(look).result()


def test_what_was_not_approved_is_not_sent(people: People, channel: Channel, wire: Wire) -> None:
    post = scheduled(people, channel)
    approvals.void(actor=None, request=post.submissions.get().approval, reason="")
    delivery = send(delivery_of(post))
    assert (delivery.state, wire.posts) == (OperationState.FAILED, {})
    assert "承認された内容と一致しません" in delivery.trouble


def test_an_embargo_that_was_set_later_holds(people: People, channel: Channel, wire: Wire) -> None:
    post = scheduled(people, channel)
    Post.objects.filter(pk=post.pk).update(embargo_until=timezone.now() + HOUR)
    assert send(delivery_of(post)).state == OperationState.FAILED
    assert wire.posts == {}


def test_pause_disconnect_and_stop_hold_everything(
    people: People, channel: Channel, wire: Wire
) -> None:
    delivery = delivery_of(scheduled(people, channel))
    emergency.stop(actor=people.member, reason="誤りの疑い")
    assert send(delivery).state == OperationState.WAITING
    StopSwitch.objects.all().delete()
    pause_channel(actor=people.admin, channel=channel)
    assert send(delivery).state == OperationState.WAITING
    disconnect_channel(actor=people.admin, channel=channel)
    assert send(delivery).state == OperationState.FAILED
    assert wire.posts == {}


@pytest.mark.parametrize("answer", ["lost after", "lost before"])
def test_a_lost_answer_is_settled_by_looking(
    people: People, channel: Channel, wire: Wire, answer: str
) -> None:
    post = scheduled(people, channel)
    wire.answer = answer
    delivery = send(delivery_of(post))
    assert delivery.state == OperationState.UNKNOWN
    send(delivery)
    assert len(wire.posts) == (answer == "lost after")
    Delivery.objects.update(due_at=timezone.now())
    look.reconcile(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    if answer == "lost after":
        assert (delivery.state, delivery.remote_id) == (OperationState.DONE, str(delivery.key))
    else:
        assert delivery.state == OperationState.WAITING
        assert send(delivery).state == OperationState.DONE
    assert len(wire.order) == 1


def test_where_nobody_can_look_it_stays_unknown(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    wire.findable, wire.answer = False, "lost after"
    delivery = send(delivery_of(scheduled(people, channel)))
    for _ in range(3):
        clock.shift(timedelta(minutes=16))
        look.reconcile(delivery_id=delivery.pk)
        assert send(delivery).state == OperationState.UNKNOWN
    assert len(wire.order) == 1
    assert Delivery.objects.get(pk=delivery.pk).readings == 2  # the third time it was too early
    for _ in range(30):
        clock.shift(timedelta(hours=25))
        look.reconcile(delivery_id=delivery.pk)
    assert is_left_to_a_person(Delivery.objects.get(pk=delivery.pk))
    clock.shift(timedelta(days=1))
    assert not readable_unknowns(Delivery.objects.all(), timezone.now()).exists()


def test_where_the_platform_refuses_repeats_it_is_sent_again(
    people: People, channel: Channel, wire: Wire
) -> None:
    wire.findable, wire.repeatable, wire.answer = False, True, "lost after"
    delivery = send(delivery_of(scheduled(people, channel)))
    Delivery.objects.update(due_at=timezone.now())
    look.reconcile(delivery_id=delivery.pk)
    assert send(delivery).state == OperationState.DONE
    assert len(wire.order) == 1


def test_one_channel_in_order_of_the_planned_times(
    people: People, channel: Channel, wire: Wire
) -> None:
    first, second = scheduled(people, channel), scheduled(people, channel)
    assert send(delivery_of(second)).state == OperationState.WAITING
    assert send(delivery_of(first)).state == OperationState.DONE
    assert send(delivery_of(second)).state == OperationState.DONE


def woken() -> set[int]:
    """The deliveries that a sweep asks the workers to send."""
    with mock.patch.object(jobs, "wake") as wake:
        jobs.sweep()
    return {call.args[1] for call in wake.call_args_list if call.args[0] == "posts.jobs.send"}


def both(people: People, channel: Channel, line: Channel) -> tuple[Delivery, Delivery]:
    """One post, due now on an account and then on LINE."""
    post = draft(people.admin, channel, line)
    submission = submit(people.admin, post)
    for person in (people.member, people.chair):
        approve(person, submission)
    now = timezone.now()
    scheduling.schedule(actor=people.admin, post=post, times={channel.pk: now, line.pk: now})
    return post.deliveries.get(channel=channel), post.deliveries.get(channel=line)


def test_what_goes_last_is_woken_when_it_is_left_alone_or_late(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    line = make_channel(Platform.LINE)
    people.chair.roles.append("member")
    people.chair.save()
    (one, last), (two, second), (three, third) = (both(people, channel, line) for _ in range(3))
    assert woken() == {one.pk, last.pk}  # the first of each channel
    assert send(last).state == OperationState.WAITING
    assert [send(one).state, send(two).state] == [OperationState.DONE] * 2
    assert woken() == {three.pk, last.pk, second.pk}
    clock.shift(timedelta(minutes=20, seconds=1))
    assert woken() == {three.pk, last.pk, second.pk, third.pk}  # a person has to be told
    assert send(third).state == OperationState.FAILED


def test_what_stands_behind_a_sending_is_not_woken_until_that_is_over_or_it_is_late(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    first, second = (delivery_of(scheduled(people, channel)) for _ in range(2))
    assert woken() == {first.pk}
    killed(first, "request_for")
    assert woken() == set()
    clock.shift(LEASE + timedelta(seconds=1))
    assert woken() == {first.pk}  # the lease is over
    killed(first, "request_for")
    clock.shift(timedelta(minutes=16))
    Delivery.objects.filter(pk=first.pk).update(leased_until=timezone.now() + LEASE)
    assert woken() == {second.pk}  # a person has to be told
    assert send(second).state == OperationState.FAILED


def test_one_channel_fails_and_the_other_goes_on(
    people: People, channel: Channel, wire: Wire
) -> None:
    post = scheduled(people, channel, make_channel(Platform.FACEBOOK))
    one, other = post.deliveries.order_by("pk")
    wire.answer = "no"
    assert send(one).state == OperationState.FAILED
    assert send(other).state == OperationState.DONE
    assert state(post) == PostState.SCHEDULED
    by_hand.give_up(actor=people.admin, delivery=one, note="Xでは出さない")
    assert state(post) == PostState.SENT


# --- a person


def test_a_failed_one_can_be_sent_again_in_the_window(
    people: People, channel: Channel, wire: Wire
) -> None:
    wire.answer = "no"
    delivery = send(delivery_of(scheduled(people, channel)))
    with pytest.raises(Refused, match="公開期間の中"):
        by_hand.send_again(
            actor=people.admin, delivery=delivery, at=timezone.now() + timedelta(days=30)
        )
    by_hand.send_again(actor=people.admin, delivery=delivery, at=timezone.now())
    assert send(delivery).state == OperationState.DONE
    with pytest.raises(Overtaken):
        by_hand.give_up(actor=people.admin, delivery=delivery, note="もう不要")


def test_sent_again_and_then_not_the_page_still_says_to_look(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    wire.findable, wire.answer = False, "lost after"
    post = scheduled(people, channel)
    delivery, admin = send(delivery_of(post)), client_of(people.admin)
    assert delivery.state == OperationState.UNKNOWN
    by_hand.send_again(actor=people.admin, delivery=delivery, at=timezone.now())
    clock.shift(timedelta(minutes=21))
    delivery = send(delivery)
    assert (delivery.state, delivery.begun_at) == (OperationState.FAILED, None)
    page = admin.get(reverse("posts:post", args=[post.pk])).content.decode()
    assert "プラットフォームには何も送っていません" not in page
    assert (
        "今回は何も送っていません。前の回の投稿が残っていることもあるため、"
        "プラットフォームの画面で、公開されているかを確かめてから選んでください。"
    ) in page


def test_a_person_who_has_looked_can_say_that_it_stands(
    people: People, channel: Channel, wire: Wire
) -> None:
    wire.findable, wire.answer = False, "lost after"
    post = scheduled(people, channel)
    delivery = send(delivery_of(post))
    with pytest.raises(Refused, match="アドレス"):
        by_hand.mark_published(actor=people.admin, delivery=delivery, permalink="見ました")
    by_hand.mark_published(
        actor=people.admin, delivery=delivery, permalink="https://x.com/jspm/status/1"
    )
    assert state(post) == PostState.SENT


def test_going_on_after_a_stop_takes_two_and_asks_about_what_is_overdue(
    people: People, channel: Channel, wire: Wire, clock: time_machine.Traveller
) -> None:
    overdue = delivery_of(scheduled(people, channel))
    later = delivery_of(scheduled(people, make_channel(Platform.FACEBOOK), after=HOUR))
    emergency.stop(actor=people.member, reason="訃報のため")
    with pytest.raises(Refused, match="依頼が出ていません"):
        emergency.agree_to_resume(actor=people.member)
    emergency.ask_to_resume(actor=people.member)
    with pytest.raises(Refused, match="関わった人"):
        emergency.agree_to_resume(actor=people.member)
    with pytest.raises(Refused, match="役割"):
        emergency.agree_to_resume(actor=people.moderator)
    people.chair.roles.append("member")
    people.chair.save()
    assert emergency.agree_to_resume(actor=people.chair) == 1
    assert not StopSwitch.objects.exists()
    overdue = send(overdue)
    assert (overdue.state, wire.posts) == (OperationState.FAILED, {})
    assert "緊急停止の間" in overdue.trouble
    clock.shift(HOUR)
    assert send(later).state == OperationState.DONE

"""Numbers read back: when, how often, what is not told, and what they look like on the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from unittest import mock

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, strategies as st
from pytest_django import DjangoAssertNumQueries

from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    ReadingPaused,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.states import ChannelState, OperationState
from posts import jobs
from posts.models import Delivery, Post, Tally
from posts.presenters.tallies import HEIGHT, WIDTH, chart, tallies as shown
from posts.services import tallies
from tests.people import People, client_of
from tests.posts.making import make_channel, scheduled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock:
        yield clock


@dataclass
class Counter:
    """A platform that counts as a test tells it to."""

    at_once: int = 2
    told: dict[str, Counts] = field(default_factory=dict)
    error: PlatformError | None = None
    asked: list[list[str]] = field(default_factory=list)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        self.asked.append(list(remote_ids))
        if self.error:
            raise self.error
        return {i: self.told.get(i, Counts(0, 0, 0)) for i in remote_ids if i != "gone"}


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    with mock.patch.object(tallies, "own_posts_of", return_value=counter):
        yield counter


def published(
    people: People, channel: Channel, remote_id: str = "1", ago: timedelta = timedelta()
) -> Delivery:
    """A post that went out that long ago."""
    delivery = scheduled(people, channel).deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=OperationState.DONE, remote_id=remote_id, published_at=timezone.now() - ago
    )
    delivery.refresh_from_db()
    return delivery


def told_of(delivery: Delivery) -> list[tuple[int | None, ...]]:
    return list(
        delivery.tallies.order_by("at").values_list("likes", "reposts", "comments", "views")
    )


# --- when


def test_hourly_on_day_one_then_daily_then_not_any_more(
    people: People, channel: Channel, counter: Counter, clock: time_machine.Traveller
) -> None:
    delivery, begun = published(people, channel), timezone.now()
    for step in [HOUR / 4] * 96 + [6 * HOUR] * 160:
        tallies.read(channel=channel)
        clock.shift(step)
    times = [at - begun for at in delivery.tallies.order_by("at").values_list("at", flat=True)]
    assert times[:25] == [HOUR * n for n in range(25)]
    assert [b - a for a, b in pairwise(times[24:])] == [DAY] * 29
    assert times[-1] == 30 * DAY


@given(
    age=st.timedeltas(timedelta(), 40 * DAY),
    length=st.timedeltas(timedelta(), timedelta(minutes=9)),
)
def test_the_next_reading_is_never_before_an_hour_and_never_after_a_day(
    age: timedelta, length: timedelta
) -> None:
    now = timezone.now() + length
    assert HOUR <= tallies.next_at(now - age, now) - now <= DAY


def test_only_what_stands_there_is_read(people: People, channel: Channel, counter: Counter) -> None:
    waiting = scheduled(people, channel).deliveries.get()
    withdrawn, by_hand = published(people, channel, "2"), published(people, channel, "")
    Delivery.objects.create(
        post=withdrawn.post,
        submission=withdrawn.submission,
        channel=channel,
        deed=Delivery.Deed.WITHDRAW,
        state=OperationState.DONE,
        key="11111111-2222-4333-8444-555555555555",
        payload={},
        planned_at=timezone.now(),
        due_at=timezone.now(),
    )
    assert tallies.read(channel=channel) == 0
    assert counter.asked == []
    assert {waiting.tallies.count(), by_hand.tallies.count()} == {0}


@pytest.mark.parametrize("state", [ChannelState.PAUSED, ChannelState.RECONNECT])
def test_a_channel_that_is_not_read_is_not_counted(
    people: People, channel: Channel, counter: Counter, state: ChannelState
) -> None:
    published(people, channel)
    Channel.objects.update(state=state)
    channel.refresh_from_db()
    tallies.read(channel=channel)
    assert counter.asked == []


# --- what is told


def test_what_is_not_told_is_none(people: People, channel: Channel, counter: Counter) -> None:
    delivery = published(people, channel)
    counter.told["1"] = Counts(likes=3, comments=0)
    assert tallies.read(channel=channel) == 1
    assert told_of(delivery) == [(3, None, 0, None)]


def test_several_are_asked_for_at_once_and_a_gone_one_tells_nothing(
    people: People, channel: Channel, counter: Counter
) -> None:
    rows = {
        i: published(people, channel, i, ago=HOUR * n) for n, i in enumerate(["1", "gone", "3"])
    }
    assert tallies.read(channel=channel) == 2
    assert counter.asked == [["1", "gone"], ["3"]]
    assert [told_of(row) for row in rows.values()] == [[(0, 0, 0, None)], [], [(0, 0, 0, None)]]


def test_a_reading_is_claimed_by_one_worker(
    people: People, channel: Channel, counter: Counter
) -> None:
    delivery = published(people, channel)
    tallies.read(channel=channel)
    tallies.read(channel=channel)
    assert len(counter.asked) == delivery.tallies.count() == 1


@pytest.mark.parametrize(
    ("error", "wait", "state"),
    [
        (Unsupported("no permission"), HOUR, ChannelState.ACTIVE),
        (Rejected("no such id"), HOUR, ChannelState.ACTIVE),
        (AuthExpired("dead"), HOUR, ChannelState.RECONNECT),
        (RateLimited("wait", until=datetime.fromisoformat("2026-11-02T15:00Z")), 5 * HOUR, None),
        (ReadingPaused("room", until=datetime.fromisoformat("2026-11-03T10:00Z")), DAY, None),
    ],
)
def test_an_error_puts_the_reading_off_and_loses_nothing(  # noqa: PLR0917 - a case each
    people: People,
    channel: Channel,
    counter: Counter,
    error: PlatformError,
    wait: timedelta,
    state: ChannelState | None,
) -> None:
    delivery, counter.error = published(people, channel), error
    tallies.read(channel=channel)
    delivery.refresh_from_db()
    channel.refresh_from_db()
    assert delivery.tally_at == timezone.now() + wait
    assert channel.state == (state or ChannelState.ACTIVE)
    assert (channel.read_after is not None) == isinstance(error, ReadingPaused)
    assert not Tally.objects.exists()


def test_a_worker_that_died_is_followed_by_another(
    people: People, channel: Channel, counter: Counter, clock: time_machine.Traveller
) -> None:
    delivery = published(people, channel)
    with (
        mock.patch.object(counter, "numbers", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        tallies.read(channel=channel)
    clock.shift(tallies.LEASE)
    tallies.read(channel=channel)
    assert told_of(delivery) == [(0, 0, 0, None)]


def test_workers_are_woken_once_a_channel(people: People, channel: Channel) -> None:
    other = make_channel(Platform.BLUESKY)
    for account, number in ((channel, "1"), (channel, "2"), (other, "3")):
        published(people, account, number)
    Channel.objects.filter(pk=other.pk).update(read_after=timezone.now() + HOUR)
    with mock.patch.object(jobs, "wake") as wake:
        jobs.look_around()
    numbers = [c for c in wake.call_args_list if c.args[0] == "posts.jobs.read_numbers"]
    assert [call.args[1] for call in numbers] == [channel.pk]


# --- on the page


def read_as(delivery: Delivery, *values: int | None, name: str = "likes") -> None:
    for n, value in enumerate(values):
        Tally.objects.create(delivery=delivery, at=timezone.now() + HOUR * n, **{name: value})


def test_the_page_shows_numbers_and_says_what_is_not_told(people: People, channel: Channel) -> None:
    delivery = published(people, channel)
    Tally.objects.create(delivery=delivery, at=timezone.now(), likes=0, comments=1234)
    Tally.objects.create(delivery=delivery, at=timezone.now() + HOUR, likes=2, comments=1235)
    page = client_of(people.auditor).get(f"/posts/{delivery.post_id}/").content.decode()
    assert "反響の数" in page
    assert "1,235" in page
    assert page.count("分かりません") >= 2
    assert 'role="img"' in page
    assert "style=" not in page


def test_numbers_cost_two_queries_however_many_there_are(
    people: People, django_assert_num_queries: DjangoAssertNumQueries, policy: None
) -> None:
    post = scheduled(people, *map(make_channel, [Platform.X, Platform.BLUESKY, Platform.MASTODON]))
    post.deliveries.update(state=OperationState.DONE, published_at=timezone.now())
    for delivery in post.deliveries.all():
        read_as(delivery, *range(50))
    with django_assert_num_queries(2):
        assert [len(row["days"]) for row in shown(post)] == [3, 3, 3]


def test_a_post_without_readings_has_no_numbers(people: People, channel: Channel) -> None:
    delivery = published(people, channel)
    page = client_of(people.member).get(f"/posts/{delivery.post_id}/").content.decode()
    assert "反響の数" not in page


def test_a_single_reading_draws_no_curve(people: People, channel: Channel) -> None:
    delivery = published(people, channel)
    read_as(delivery, 5)
    (row,) = shown(Post.objects.get())
    assert row["chart"] is None


def test_views_are_drawn_only_where_nothing_else_is_told(people: People, channel: Channel) -> None:
    delivery = published(people, channel)
    read_as(delivery, 20, 40, name="views")
    (row,) = shown(Post.objects.get())
    assert [line.kind for line in row["chart"]["lines"]] == ["views"]
    assert row["chart"]["lines"][0].points == "30.0,50.0 312.0,8.0"


@given(st.lists(st.none() | st.integers(0, 10**12), min_size=2, max_size=60))
def test_every_curve_stays_within_its_drawing(values: list[int | None]) -> None:
    now = timezone.now()
    drawn = chart([Tally(at=now + HOUR * n, likes=v) for n, v in enumerate(values)])
    told = [v for v in values if v is not None]
    if drawn is None:
        assert not told
        return
    (line,) = drawn["lines"]
    points = [tuple(map(float, p.split(","))) for p in line.points.split(" ")]
    assert len(points) == len(told)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)

"""A channel's meter: what it counts, when it writes, what it holds back, what it believes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from jspm_social.platforms.budgets import ledger
from jspm_social.platforms.budgets.meter import UNSAVED, ChannelMeter
from jspm_social.platforms.errors import CeilingReached, RateLimited, ReadingPaused
from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.models import BudgetUse, Channel
from jspm_social.platforms.names import Platform
from tests.moderation.making import make_channel

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
MIDNIGHT_IN_LOS_ANGELES = datetime(2026, 4, 2, 7, tzinfo=UTC)
LIST = Asked("GET", "api", "/youtube/v3/commentThreads")
HIDE = Asked("POST", "api", "/youtube/v3/comments/setModerationStatus")
FINE = Answer(200, {}, {})
MENTIONS = Asked("GET", "api", "/2/users/11/mentions", {"max_results": "100"})
HIDE_ON_X = Asked("PUT", "api", "/2/tweets/1/hidden")
READ_ON_META = Asked("GET", "graph", "/v26.0/me")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def youtube(db: None) -> Channel:
    return make_channel(Platform.YOUTUBE)


@pytest.fixture
def x(db: None) -> Channel:
    return make_channel(Platform.X)


def used(channel: Channel) -> dict[str, int]:
    """What is stored, by meter, of all windows together."""
    rows = BudgetUse.objects.filter(channel=channel).order_by("meter")
    found: dict[str, int] = {}
    for row in rows:
        found[row.meter] = found.get(row.meter, 0) + row.used
    return found


def spend(meter: ChannelMeter, units: int) -> None:
    """Let so many lists be answered, without asking first."""
    for _ in range(units):
        meter.note(LIST, FINE)
    meter.save()


def post(number: int) -> Answer:
    return Answer(200, {}, {"data": [{"id": str(number)}]})


def usage(percent: int, minutes: int = 0) -> Answer:
    wait = f'"estimated_time_to_regain_access": {minutes}'
    told = f'{{"1": [{{"call_count": {percent}, {wait}}}]}}'
    return Answer(200, {"X-Business-Use-Case-Usage": told}, {})


# --- counting


def test_nothing_is_written_before_some_requests_were_answered(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    meter = ChannelMeter(youtube)
    for answered in range(1, UNSAVED):
        meter.note(LIST, FINE)
        assert used(youtube) == {}, answered
    meter.note(LIST, FINE)
    assert used(youtube) == {"youtube.units": UNSAVED}


def test_what_is_pending_is_written_in_one_statement(
    x: Channel, clock: time_machine.Traveller
) -> None:
    meter = ChannelMeter(x, unsaved=100)
    for number in range(50):
        meter.note(MENTIONS, post(number))
    with CaptureQueriesContext(connection) as queries:
        meter.save()
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        meter.save()
    assert len(queries) == 0
    assert used(x) == {"x.dollars": 50 * 1_000, "x.objects": 100, "x.reads": 50}


def test_a_meter_that_dies_forgets_no_more_than_it_may(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    ChannelMeter(youtube).note(LIST, FINE)  # and is never heard of again
    for total in range(23):
        meter = ChannelMeter(youtube)
        for _ in range(total):
            meter.note(LIST, FINE)
        lost = total - used(youtube).get("youtube.units", 0)
        assert 0 <= lost < UNSAVED
        BudgetUse.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_many_workers_count_on_one_channel_without_losing_any() -> None:
    channel = make_channel(Platform.YOUTUBE)

    def work() -> None:
        try:
            spend(ChannelMeter(channel, unsaved=3), 40)
        finally:
            connections.close_all()

    workers = [Thread(target=work) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert used(channel) == {"youtube.units": 200}


def test_a_new_window_begins_at_nothing(youtube: Channel, clock: time_machine.Traveller) -> None:
    meter = ChannelMeter(youtube, reading=True)
    spend(meter, 12)
    clock.move_to(MIDNIGHT_IN_LOS_ANGELES)
    spend(meter, 5)
    rows = BudgetUse.objects.filter(channel=youtube).order_by("starts_at")
    assert [row.used for row in rows] == [12, 5]
    (units, *_) = ledger.budgets_of(youtube, MIDNIGHT_IN_LOS_ANGELES)
    assert (units.used, units.ends_at) == (5, MIDNIGHT_IN_LOS_ANGELES + timedelta(days=1))


def test_units_of_all_youtube_channels_are_one_budget(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    other = make_channel(Platform.YOUTUBE, "もうひとつ")
    spend(ChannelMeter(other), 30)
    spend(ChannelMeter(youtube), 12)
    assert ledger.budgets_of(youtube, NOON)[0].used == 42
    assert ledger.budgets_of(other, NOON)[0].used == 42


def test_the_same_thing_is_counted_once_a_day(x: Channel, clock: time_machine.Traveller) -> None:
    for _ in range(3):  # each in a process of its own
        meter = ChannelMeter(x)
        meter.note(MENTIONS, post(1))
        meter.note(MENTIONS, post(1))
        meter.save()
    assert used(x)["x.dollars"] == 1_000
    clock.shift(timedelta(hours=12))  # midnight in UTC
    meter = ChannelMeter(x)
    meter.note(MENTIONS, post(1))
    meter.save()
    assert used(x)["x.dollars"] == 2_000


def test_a_count_that_cannot_be_written_hides_no_answer(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    meter = ChannelMeter(youtube, unsaved=1)
    with mock.patch.object(ledger, "add", side_effect=DatabaseError):
        meter.note(LIST, FINE)
    meter.note(LIST, FINE)
    assert used(youtube) == {"youtube.units": 2}


# --- holding back


def test_reading_leaves_the_last_thousand_units_to_the_effects(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    spend(ChannelMeter(youtube, unsaved=10_000), 8_999)
    reading = ChannelMeter(youtube, reading=True)
    reading.allow(LIST)
    reading.note(LIST, FINE)
    with pytest.raises(ReadingPaused) as paused:
        reading.allow(LIST)
    assert paused.value.until == MIDNIGHT_IN_LOS_ANGELES
    ChannelMeter(youtube).allow(LIST)  # an effect's own look at a comment
    ChannelMeter(youtube).allow(HIDE)


def test_effects_go_on_to_the_very_limit_and_then_wait_for_midnight(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    spend(ChannelMeter(youtube, unsaved=10_000), 9_000)
    meter = ChannelMeter(youtube)
    for _ in range(20):
        meter.allow(HIDE)
        meter.note(HIDE, FINE)
    with pytest.raises(RateLimited) as limited:
        meter.allow(HIDE)
    assert limited.value.until == MIDNIGHT_IN_LOS_ANGELES
    meter.save()
    assert used(youtube) == {"youtube.units": 10_000}


def test_a_quota_that_google_raised(youtube: Channel, clock: time_machine.Traveller) -> None:
    youtube.options = {"daily_units": 50_000}
    spend(ChannelMeter(youtube, unsaved=50_000), 12_000)
    ChannelMeter(youtube, reading=True).allow(LIST)


def test_youtube_is_believed_against_our_own_count(
    youtube: Channel, clock: time_machine.Traveller
) -> None:
    meter = ChannelMeter(youtube, reading=True)
    refusal = {"error": {"errors": [{"reason": "quotaExceeded"}]}}
    meter.note(LIST, Answer(403, {}, refusal))
    meter.save()
    assert used(youtube) == {"youtube.units": 10_000}
    with pytest.raises(RateLimited):
        ChannelMeter(youtube).allow(HIDE)


def test_money_without_a_ceiling_is_only_counted(x: Channel, clock: time_machine.Traveller) -> None:
    meter = ChannelMeter(x, reading=True, unsaved=10_000)
    for number in range(1_000):
        meter.allow(MENTIONS)
        meter.note(MENTIONS, post(number))
    assert meter.next_reading() is None


def test_a_ceiling_is_never_exceeded(x: Channel, clock: time_machine.Traveller) -> None:
    x.monthly_ceiling = 5
    meter = ChannelMeter(x, reading=True, unsaved=1_000)
    full = Asked("GET", "api", "/2/tweets/search/recent", {"max_results": "100"})  # 0.5 dollars
    for page in range(9):
        meter.allow(full)
        ids = range(page * 100, page * 100 + 100)
        meter.note(full, Answer(200, {}, {"data": [{"id": str(i)} for i in ids]}))
    meter.allow(full)
    meter.note(full, Answer(200, {}, {"data": [{"id": f"last{i}"} for i in range(100)]}))
    with pytest.raises(ReadingPaused) as paused:
        meter.allow(full)
    assert paused.value.until == datetime(2026, 5, 1, tzinfo=UTC)
    meter.save()
    assert used(x)["x.dollars"] == 5_000_000
    with pytest.raises(CeilingReached):
        ChannelMeter(x).allow(HIDE_ON_X)


def test_a_hide_goes_out_where_reading_has_stopped(
    x: Channel, clock: time_machine.Traveller
) -> None:
    x.monthly_ceiling = 5
    meter = ChannelMeter(x, unsaved=10_000)
    for number in range(4_800):
        meter.note(MENTIONS, post(number))
    meter.save()
    with pytest.raises(ReadingPaused):
        ChannelMeter(x, reading=True).allow(MENTIONS)
    ChannelMeter(x).allow(HIDE_ON_X)


@pytest.mark.parametrize("platform", [Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS])
def test_percentages_of_meta_hold_reading_until_the_named_time(
    db: None, clock: time_machine.Traveller, platform: Platform
) -> None:
    channel = make_channel(platform)
    reading = ChannelMeter(channel, reading=True)
    reading.note(READ_ON_META, usage(94))
    reading.allow(READ_ON_META)
    reading.note(READ_ON_META, usage(95, minutes=7))
    with pytest.raises(ReadingPaused) as paused:
        reading.allow(READ_ON_META)
    assert paused.value.until == NOON + timedelta(minutes=7)
    ChannelMeter(channel).allow(Asked("POST", "graph", "/v26.0/1"))
    clock.shift(timedelta(minutes=7))
    reading.allow(READ_ON_META)


def test_what_was_told_is_known_to_the_next_process(
    db: None, clock: time_machine.Traveller
) -> None:
    channel = make_channel(Platform.MASTODON)
    reading = Asked("GET", "server", "/api/v1/notifications")
    reset = (NOON + timedelta(minutes=4)).isoformat()
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": reset}
    first = ChannelMeter(channel, reading=True)
    first.note(reading, Answer(200, headers, []))
    first.save()
    with pytest.raises(ReadingPaused):
        ChannelMeter(channel, reading=True).allow(reading)
    clock.shift(timedelta(minutes=4))
    ChannelMeter(channel, reading=True).allow(reading)


def test_line_tells_the_months_quota_in_two_answers(
    db: None, clock: time_machine.Traveller
) -> None:
    channel = make_channel(Platform.LINE)
    meter = ChannelMeter(channel, unsaved=1)
    for path, body in (
        ("quota", {"type": "limited", "value": 200}),
        ("quota/consumption", {"totalUsage": 150}),
        ("quota/consumption", {"totalUsage": 180}),
        ("quota", {"type": "limited", "value": 200}),
    ):
        meter.note(Asked("GET", "api", f"/v2/bot/message/{path}"), Answer(200, {}, body))
    (messages,) = ledger.budgets_of(channel, NOON)
    assert (messages.used, messages.limit) == (180, 200)
    assert messages.ends_at == datetime(2026, 4, 30, 15, tzinfo=UTC)


# --- the rows


def test_several_channels_are_looked_up_with_one_query(
    db: None, clock: time_machine.Traveller, django_assert_num_queries: Any
) -> None:
    channels = [make_channel(platform) for platform in Platform]
    with django_assert_num_queries(1):
        found = ledger.budgets_of_all(channels, NOON)
    assert set(found) == {channel.pk for channel in channels}


def test_finished_windows_are_forgotten_in_time(
    youtube: Channel, x: Channel, clock: time_machine.Traveller
) -> None:
    spend(ChannelMeter(youtube), 1)
    meter = ChannelMeter(x)
    meter.note(MENTIONS, post(1))
    meter.save()
    assert ledger.forget_old(NOON + timedelta(days=1)) == 0
    assert ledger.forget_old(NOON + timedelta(days=4)) == 1  # what was counted on one day
    assert set(used(x)) == {"x.dollars", "x.reads"}
    assert ledger.forget_old(NOON + timedelta(days=500)) == 3

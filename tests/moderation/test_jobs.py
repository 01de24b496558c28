"""What the periodic jobs find and wake."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel, Heartbeat, StopSwitch
from jspm_social.platforms.states import ChannelState
from jspm_social.platforms.switch import stop
from moderation import jobs
from moderation.models import Action, Case, Comment, Decision
from moderation.services import second_look
from moderation.services.second_look import week_began
from moderation.states import CaseState, Lane
from tests.moderation.making import decide_case, make_channel, open_case, store, told
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")
Woken = list[tuple[str, int, str]]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> Woken:
    """What workers were asked for, instead of asking them."""
    asked: Woken = []

    def wake(name: str, pk: int, *, queue: str) -> None:
        asked.append((name.removeprefix("moderation.jobs."), pk, queue))

    monkeypatch.setattr(jobs, "wake", wake)
    return asked


@pytest.fixture
def action(channel: Channel, people: People) -> Action:
    case = open_case(store(channel, told(1))[0])
    decide_case(case, people.moderator)
    Action.objects.update(due_at=timezone.now())
    return Action.objects.get()


def test_sweep_wakes_for_effects_that_are_due(action: Action, woken: Woken) -> None:
    jobs.sweep()
    assert woken == [("send", action.pk, "act")]
    woken.clear()
    Action.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    jobs.sweep()
    assert woken == []


def test_sweep_sends_nothing_while_all_is_stopped(
    action: Action, woken: Woken, people: People
) -> None:
    stop(actor=people.member, kind=StopSwitch.Kind.EFFECTS, reason="試験")
    jobs.sweep()
    assert woken == []
    jobs.send(action.pk)
    action.refresh_from_db()
    assert (action.state, action.attempts) == ("waiting", 0)


def test_sweep_reads_back_what_nobody_knows(action: Action, woken: Woken) -> None:
    Action.objects.update(state="unknown")
    jobs.sweep()
    assert woken == [("reconcile", action.pk, "act")]


def test_sweep_finds_effects_whose_worker_died(action: Action, woken: Woken) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Action.objects.update(state="sending", leased_until=past)
    jobs.sweep()
    action.refresh_from_db()
    assert action.state == "unknown"
    assert Case.objects.get().state == CaseState.ATTENTION
    assert ("reconcile", action.pk, "act") in woken


def test_sweep_repeats_notices_that_got_lost(
    channel: Channel, people: People, woken: Woken
) -> None:
    people.moderator.email = "moderator@example.jp"
    people.moderator.save()
    one, two, three, four, five = store(channel, *(told(n) for n in range(1, 6)))
    lost = open_case(one, lane=Lane.CARE)
    acting = open_case(four, lane=Lane.CARE, state=CaseState.ACTING)
    open_case(five, lane=Lane.CARE, state=CaseState.CLOSED)
    open_case(two, lane=Lane.CARE, care_notice_at=timezone.now())
    open_case(three)
    jobs.sweep()
    assert sorted(woken) == [("send_care_notice", pk, "act") for pk in (lost.pk, acting.pk)]
    jobs.send_care_notice(lost.pk)
    lost.refresh_from_db()
    assert lost.care_notice_at is not None


def test_sweep_ends_requests_that_nobody_answered(
    facebook: Channel, people: People, woken: Woken
) -> None:
    case = open_case(store(facebook, told(1))[0])
    decision = decide_case(case, people.moderator, Outcome.DELETE)
    assert decision.approval is not None
    type(decision.approval).objects.update(expires_at=timezone.now())
    jobs.sweep()
    assert Decision.objects.get().state == "refused"
    assert Case.objects.get().state == CaseState.OPEN


def test_catch_up_judges_what_was_stored_and_wakes_every_reader(
    channel: Channel, woken: Woken
) -> None:
    store(channel, told(1))
    resting = make_channel(name="休み")
    paused = make_channel(name="停止")
    later = timezone.now() + timedelta(minutes=1)
    Channel.objects.filter(pk=resting.pk).update(calm_until=later)
    Channel.objects.filter(pk=paused.pk).update(state=ChannelState.PAUSED)
    jobs.catch_up()
    assert not Comment.objects.filter(judged_at__isnull=True).exists()
    assert woken == [("pull", channel.pk, "intake")]


def test_each_sweep_gives_a_sign_of_life(woken: Woken) -> None:
    jobs.sweep()
    first = Heartbeat.objects.get(name="act").at
    jobs.sweep()
    jobs.catch_up()
    assert Heartbeat.objects.get(name="act").at > first
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"act", "intake", "sample"}


def test_catch_up_draws_each_weeks_sample_once(channel: Channel, woken: Woken) -> None:
    store(channel, told(1))
    jobs.catch_up()
    assert not Case.objects.exists()  # it begins to count
    last_week = week_began(timezone.now()) - timedelta(seconds=1)
    Heartbeat.objects.filter(name="sample").update(at=last_week)
    jobs.catch_up()
    assert Case.objects.get().lane == Lane.SAMPLE
    store(channel, told(2))
    jobs.catch_up()
    assert Case.objects.count() == 1


def test_sample_that_could_not_be_drawn_stays_due(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> list[Case]:
        raise RuntimeError

    last_week = week_began(timezone.now()) - timedelta(seconds=1)
    Heartbeat.objects.create(name="sample", at=last_week)
    monkeypatch.setattr(second_look, "draw_sample", failing)
    with pytest.raises(RuntimeError):
        second_look.draw_weekly_sample()
    assert Heartbeat.objects.get().at == last_week


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-23T08:00:00+09:00", "2026-11-23T08:00:00+09:00"),
        ("2026-11-23T07:59:59+09:00", "2026-11-16T08:00:00+09:00"),
        ("2026-11-22T23:30:00+00:00", "2026-11-23T08:00:00+09:00"),
        ("2026-11-29T14:59:00+00:00", "2026-11-23T08:00:00+09:00"),
        ("2027-01-03T12:00:00+09:00", "2026-12-28T08:00:00+09:00"),
    ],
)
def test_week_begins_on_monday_at_eight_in_tokyo(now: str, began: str) -> None:
    assert week_began(datetime.fromisoformat(now)) == datetime.fromisoformat(began)


def test_pull_of_a_channel_that_rests_reads_nothing(channel: Channel) -> None:
    Channel.objects.update(state=ChannelState.PAUSED)
    jobs.pull(channel.pk)
    channel.refresh_from_db()
    assert channel.pulled_at is None

"""How an outbox row travels: claimed once, settled once, and unknown wherever it is not known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jspm_social.platforms.contract import Achieved, Receipt, Standing, Target
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    Pending,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Effect
from jspm_social.platforms.operations import (
    BACK_OFF,
    LEASE,
    MAX_ATTEMPTS,
    READ_SOONEST,
    RECONNECT_WAIT,
    Settlement,
    call,
    claim,
    due,
    judge_error,
    lapsed,
    read_back,
    read_later,
    settle,
    stopped,
)
from jspm_social.platforms.states import ChannelState, OperationState
from jspm_social.transitions import StaleState
from moderation.models import Action
from tests.moderation.making import decide_case, make_channel, open_case, store, told
from tests.moderation.small_policy import load_small_policy
from tests.people import People

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
TARGET = Target("c1", "post-1", "a1")


class Platformlike:
    """Answers as it is told; counts what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.calls = answer, list[tuple[str, Effect, Target]]()

    def apply(self, effect: Effect, target: Target) -> Receipt:
        self.calls.append(("apply", effect, target))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Receipt(effect, self.answer)

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        self.calls.append(("read", effect, target))
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: Standing = self.answer
        return answer

    def pull(self, cursor: Any) -> Any:
        raise AssertionError

    def test_connection(self) -> Any:
        raise AssertionError


@pytest.fixture
def action(people: People) -> Action:
    """A hide that is due."""
    load_small_policy()
    case = open_case(store(make_channel(), told(1))[0])
    decision = decide_case(case, people.moderator)
    Action.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    return Action.objects.get(decision=decision)


def sending(action: Action) -> Action:
    assert claim(action)
    return action


def stored(action: Action) -> Action:
    return Action.objects.get(pk=action.pk)


def due_now() -> list[Action]:
    return list(due(Action.objects.all(), timezone.now()))


@pytest.mark.parametrize(
    ("error", "state", "wait"),
    [
        (AuthExpired("token"), OperationState.WAITING, RECONNECT_WAIT),
        (Transient("503"), OperationState.WAITING, timedelta(seconds=5)),
        (Rejected("403"), OperationState.FAILED, None),
        (Unsupported("plan"), OperationState.FAILED, None),
        (OutcomeUnknown("timeout"), OperationState.UNKNOWN, timedelta(seconds=5)),
        (PlatformError("something new"), OperationState.UNKNOWN, timedelta(seconds=5)),
    ],
)
def test_error_says_what_happens_next(
    error: PlatformError, state: OperationState, wait: timedelta | None
) -> None:
    settlement = judge_error(error, attempts=1, now=NOW)
    assert settlement.state == state
    assert settlement.due_at == (None if wait is None else NOW + wait)
    assert settlement.trouble == f"{type(error).__name__}: {error.detail}"
    assert settlement.achieved == ""


def test_rate_limit_waits_until_the_platform_says() -> None:
    until = NOW + timedelta(minutes=7)
    settlement = judge_error(RateLimited("429", until=until), attempts=99, now=NOW)
    assert (settlement.state, settlement.due_at) == (OperationState.WAITING, until)


def test_what_is_gone_is_not_our_removal() -> None:
    settlement = judge_error(Missing("404"), attempts=1, now=NOW)
    assert (settlement.state, settlement.achieved) == (OperationState.DONE, "gone")


def test_failures_for_now_back_off_and_end_with_a_person() -> None:
    settlements = [
        judge_error(Transient("503"), attempts=attempts, now=NOW)
        for attempts in range(1, MAX_ATTEMPTS + 1)
    ]
    waits = [(s.due_at - NOW).total_seconds() for s in settlements if s.due_at]
    assert tuple(waits) == BACK_OFF[: MAX_ATTEMPTS - 1] == tuple(sorted(waits))
    assert [s.state for s in settlements] == [OperationState.WAITING] * 7 + [OperationState.FAILED]


def test_trouble_is_cut_to_what_the_row_can_hold() -> None:
    assert len(judge_error(Rejected("x" * 500), attempts=1, now=NOW).trouble) == 200


def test_claim_takes_a_due_row_once(action: Action) -> None:
    other = stored(action)
    before = timezone.now()
    assert claim(action)
    assert not claim(other)
    assert not claim(action)
    row = stored(action)
    assert (row.state, row.attempts) == (OperationState.SENDING, 1)
    assert row.leased_until is not None
    assert before + LEASE <= row.leased_until <= timezone.now() + LEASE


def test_claim_leaves_a_row_that_is_not_due(action: Action) -> None:
    Action.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert not claim(stored(action))
    assert stored(action).attempts == 0


def test_due_leaves_out_what_must_wait(action: Action) -> None:
    channel, soon = action.channel, timezone.now() + timedelta(minutes=1)
    assert due_now() == [action]
    Channel.objects.filter(pk=channel.pk).update(calm_until=soon)
    assert due_now() == []
    Channel.objects.filter(pk=channel.pk).update(calm_until=timezone.now())
    assert due_now() == [action]
    Action.objects.update(due_at=soon)
    assert due_now() == []


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (ChannelState.ACTIVE, True),
        (ChannelState.RECONNECT, True),
        (ChannelState.DISCONNECTED, True),
        (ChannelState.PAUSED, False),
    ],
)
def test_due_by_the_state_of_the_channel(action: Action, state: ChannelState, found: bool) -> None:
    Channel.objects.update(state=state)
    assert bool(due_now()) is found


@pytest.mark.parametrize("achieved", list(Achieved))
def test_call_tells_what_was_achieved(action: Action, achieved: Achieved) -> None:
    client = Platformlike(achieved)
    settlement = call(client, sending(action), TARGET)
    assert settlement == Settlement(OperationState.DONE, achieved=achieved.value)
    assert client.calls == [("apply", Effect.HIDE, TARGET)]


def test_call_never_raises_for_a_platforms_error(action: Action) -> None:
    settlement = call(Platformlike(OutcomeUnknown("cut")), sending(action), TARGET)
    assert (settlement.state, settlement.trouble) == (
        OperationState.UNKNOWN,
        "OutcomeUnknown: cut",
    )


def test_call_does_not_hide_a_mistake_of_our_own(action: Action) -> None:
    with pytest.raises(ZeroDivisionError):
        call(Platformlike(ZeroDivisionError()), sending(action), TARGET)


def test_settle_writes_how_it_ended(action: Action) -> None:
    settle(sending(action), Settlement(OperationState.DONE, achieved="applied"))
    row = stored(action)
    assert (row.state, row.achieved, row.leased_until) == (OperationState.DONE, "applied", None)
    assert row.settled_at is not None


def test_settle_for_later_keeps_the_row_alive(action: Action) -> None:
    later = timezone.now() + timedelta(minutes=5)
    settle(
        sending(action), Settlement(OperationState.WAITING, trouble="Transient: 5", due_at=later)
    )
    row = stored(action)
    assert (row.state, row.due_at, row.trouble) == (OperationState.WAITING, later, "Transient: 5")
    assert row.settled_at is None


def test_settle_after_somebody_else_is_stale(action: Action) -> None:
    mine = sending(action)
    settle(stored(action), Settlement(OperationState.UNKNOWN, trouble="lease"))
    with pytest.raises(StaleState):
        settle(mine, Settlement(OperationState.FAILED, trouble="late"))
    assert stored(action).trouble == "lease"


def test_settle_of_an_earlier_attempt_is_stale(action: Action) -> None:
    mine = sending(action)
    later = timezone.now() + 2 * LEASE  # the lease ran out and another worker sends by now
    Action.objects.update(leased_until=later)
    with pytest.raises(StaleState):
        settle(mine, Settlement(OperationState.DONE, achieved="applied"))
    assert stored(action).state == OperationState.SENDING


def test_expired_token_asks_for_a_reconnection(action: Action) -> None:
    settle(sending(action), judge_error(AuthExpired("401"), attempts=1, now=timezone.now()))
    channel = Channel.objects.get()
    assert (channel.state, channel.trouble) == (ChannelState.RECONNECT, "AuthExpired: 401")


def test_expired_token_leaves_a_paused_channel_paused(action: Action) -> None:
    sending(action)
    Channel.objects.update(state=ChannelState.PAUSED)
    settle(action, judge_error(AuthExpired("401"), attempts=1, now=timezone.now()))
    assert Channel.objects.get().state == ChannelState.PAUSED


def test_lapsed_finds_rows_whose_worker_died(action: Action) -> None:
    sending(action)
    rows = Action.objects.all()
    assert list(lapsed(rows, timezone.now())) == []
    assert list(lapsed(rows, timezone.now() + LEASE + timedelta(seconds=1))) == [action]


LATER = datetime(2026, 11, 2, 3, tzinfo=UTC)
READ_BACK = [
    (Effect.HIDE, Standing.HIDDEN, OperationState.DONE, "applied"),
    (Effect.HIDE, Standing.REMOVED, OperationState.DONE, "applied"),
    (Effect.HIDE, Standing.VISIBLE, OperationState.WAITING, ""),
    (Effect.UNHIDE, Standing.VISIBLE, OperationState.DONE, "applied"),
    (Effect.UNHIDE, Standing.HIDDEN, OperationState.WAITING, ""),
    (Effect.DELETE, Standing.REMOVED, OperationState.DONE, "applied"),
    (Effect.DELETE, Standing.GONE, OperationState.DONE, "gone"),
    (Effect.DELETE, Standing.VISIBLE, OperationState.WAITING, ""),
    (Effect.BLOCK, Standing.BLOCKED, OperationState.DONE, "applied"),
    (Effect.BLOCK, Standing.NOT_BLOCKED, OperationState.WAITING, ""),
    (Effect.UNBLOCK, Standing.NOT_BLOCKED, OperationState.DONE, "applied"),
    (Effect.UNBLOCK, Standing.BLOCKED, OperationState.WAITING, ""),
    (Effect.BLOCK, Standing.UNREADABLE, OperationState.UNKNOWN, ""),
]


@pytest.mark.parametrize(("effect", "standing", "state", "achieved"), READ_BACK)
def test_read_back_believes_only_what_it_reads(
    action: Action, effect: Effect, standing: Standing, state: OperationState, achieved: str
) -> None:
    action.effect = effect
    client = Platformlike(standing)
    settlement = read_back(client, action, TARGET)
    assert (settlement.state, settlement.achieved) == (state, achieved)
    assert client.calls == [("read", effect, TARGET)]


def test_read_back_of_what_is_missing_says_gone(action: Action) -> None:
    settlement = read_back(Platformlike(Missing("404")), action, TARGET)
    assert (settlement.state, settlement.achieved) == (OperationState.DONE, "gone")


def test_what_does_not_happen_is_sent_later_each_time_and_not_for_ever(action: Action) -> None:
    """A platform that breaks at every writing and shows, at every reading, that nothing happened:
    the row ends with a person instead of being sent for ever.
    """
    waits = list[float]()
    for _ in range(MAX_ATTEMPTS):
        Action.objects.update(due_at=timezone.now())
        row = sending(stored(action))
        settle(row, call(Platformlike(OutcomeUnknown("500")), row, TARGET))
        before = timezone.now()
        settle(row, read_back(Platformlike(Standing.VISIBLE), row, TARGET))
        waits.append(round((row.due_at - before).total_seconds()))
    assert tuple(waits[:-1]) == BACK_OFF[: MAX_ATTEMPTS - 1]
    row = stored(action)
    assert (row.state, row.trouble) == (OperationState.FAILED, "OutcomeUnknown: 500")


def test_an_unknown_outcome_is_not_read_at_once(action: Action) -> None:
    row, before = sending(action), timezone.now()
    settle(row, call(Platformlike(OutcomeUnknown("cut")), row, TARGET))
    assert stored(action).due_at >= before + timedelta(seconds=BACK_OFF[0])


@pytest.mark.parametrize(
    "error", [RateLimited("429", until=NOW), AuthExpired("401")], ids=["asked to wait", "no token"]
)
def test_waiting_for_the_platform_or_for_a_token_is_no_attempt(
    action: Action, error: PlatformError
) -> None:
    for _ in range(MAX_ATTEMPTS + 1):
        Action.objects.update(due_at=timezone.now())
        row = sending(stored(action))
        settle(row, call(Platformlike(error), row, TARGET))
    assert (stored(action).state, stored(action).attempts) == (OperationState.WAITING, 0)


def test_read_back_that_fails_leaves_it_unknown(action: Action) -> None:
    action.trouble = "OutcomeUnknown: cut"
    settlement = read_back(Platformlike(Transient("503")), action, TARGET)
    assert (settlement.state, settlement.trouble) == (
        OperationState.UNKNOWN,
        "OutcomeUnknown: cut",
    )


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (Pending("soon", until=LATER), 3),
        (RateLimited("429", until=LATER), 3),
        (Transient("503"), 15),
    ],
)
def test_a_reading_comes_when_the_platform_says(
    action: Action, error: PlatformError, minutes: int
) -> None:
    now = LATER - timedelta(minutes=3)
    assert read_later(action, now, error).due_at == now + timedelta(minutes=minutes)


def test_a_moment_that_has_passed_is_not_at_once(action: Action) -> None:
    late = LATER + timedelta(hours=1)
    assert read_later(action, late, Pending("was", until=LATER)).due_at == late + READ_SOONEST


def test_stopped_is_told_per_kind(people: People) -> None:
    StopSwitch.objects.create(kind="effects", reason="変です", stopped_by=people.member)
    assert stopped(StopSwitch.Kind.EFFECTS)
    assert not stopped(StopSwitch.Kind.PUBLISHING)

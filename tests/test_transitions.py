"""Every state machine: what is declared happens, what is not declared is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.states import MOVES as REQUEST_MOVES, RequestState
from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import (
    CHANNEL_MOVES,
    NEEDS_A_PERSON,
    OPERATION_MOVES,
    SETTLED,
    ChannelState,
    OperationState,
)
from jspm_social.transitions import IllegalMove, Moves, StaleState, move, moves
from moderation.states import (
    ACTIVE_CASES,
    CASE_MOVES,
    DECISION_MOVES,
    STANDING_DECISIONS,
    TASK_MOVES,
    CaseState,
    DecisionState,
    TaskState,
)
from policy.states import RULESET_MOVES, VERSION_MOVES, RuleSetState, VersionState
from posts.states import (
    ACTION_MOVES,
    CORRECTION_MOVES,
    POST_MOVES,
    SUGGESTION_MOVES,
    ActionState,
    CorrectionState,
    PostState,
    SuggestionState,
)

MACHINES: dict[str, tuple[Moves, type[models.TextChoices]]] = {
    "channel": (CHANNEL_MOVES, ChannelState),
    "operation": (OPERATION_MOVES, OperationState),
    "case": (CASE_MOVES, CaseState),
    "decision": (DECISION_MOVES, DecisionState),
    "task": (TASK_MOVES, TaskState),
    "request": (REQUEST_MOVES, RequestState),
    "version": (VERSION_MOVES, VersionState),
    "ruleset": (RULESET_MOVES, RuleSetState),
    "post": (POST_MOVES, PostState),
    "suggestion": (SUGGESTION_MOVES, SuggestionState),
    "correction": (CORRECTION_MOVES, CorrectionState),
    "registered": (ACTION_MOVES, ActionState),
}


def test_moves_refuses_a_table_that_leads_nowhere() -> None:
    with pytest.raises(IllegalMove, match="lost"):
        moves({"a": {"b", "lost"}, "b": set()})


@pytest.mark.parametrize("name", MACHINES)
def test_table_knows_every_state_and_no_other(name: str) -> None:
    table, states = MACHINES[name]
    assert set(table) == set(states)
    assert all(state not in targets for state, targets in table.items())


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_can_be_reached(name: str) -> None:
    table, states = MACHINES[name]
    begin: dict[str, set[str]] = {
        "decision": {DecisionState.TAKEN, DecisionState.AWAITING_SECOND},
        "ruleset": {RuleSetState.DRAFT, RuleSetState.COPY},
    }
    beginnings = begin.get(name, {next(iter(states))})
    reached = set().union(*table.values()) | {str(state) for state in beginnings}
    assert {str(state) for state in states} == {str(state) for state in reached}


class Row:
    """Stands for a model's row where only the look-up in the table matters."""

    pk = 1
    _meta = Channel._meta

    class _default_manager:  # noqa: N801 -- the name that Django gives it
        @staticmethod
        def filter(**_kwargs: Any) -> Any:
            class Hits:
                @staticmethod
                def update(**_changes: Any) -> int:
                    return 1

            return Hits

    def __init__(self, state: str) -> None:
        self.state = state


def try_move(table: Moves, old: str, new: str) -> bool:
    row: Any = Row(old)
    try:
        move(row, table=table, to=new)
    except IllegalMove:
        assert row.state == old
        return False
    assert row.state == new
    return True


@pytest.mark.parametrize("name", MACHINES)
def test_exactly_the_declared_moves_are_possible(name: str) -> None:
    table, states = MACHINES[name]
    possible = {(old, new) for old in states for new in states if try_move(table, old, new)}
    assert possible == {(old, new) for old, targets in table.items() for new in targets}


def test_what_is_over_stays_over() -> None:
    ends = {name: {s for s, to in table.items() if not to} for name, (table, _) in MACHINES.items()}
    assert ends == {
        "channel": set(),
        "operation": {"done", "cancelled"},
        "case": set(),
        "decision": {"confirmed", "refused", "undone"},
        "task": {"done", "not_possible", "cancelled"},
        "request": {"rejected", "expired", "void"},
        "version": {"retired", "dropped"},
        "ruleset": {"withdrawn"},
        "post": {"sent"},
        "suggestion": {"accepted", "declined"},
        "correction": {"closed"},
        "registered": {"dropped"},
    }


def test_groups_of_states_say_what_they_are_named_for() -> None:
    assert set(SETTLED) == {s for s, to in OPERATION_MOVES.items() if not to}
    assert set(NEEDS_A_PERSON) == {OperationState.UNKNOWN, OperationState.FAILED}
    assert set(ACTIVE_CASES) == set(CaseState) - {CaseState.CLOSED}
    assert set(STANDING_DECISIONS) == set(DecisionState) - {
        DecisionState.REFUSED,
        DecisionState.UNDONE,
    }


def test_nothing_is_sent_twice_without_a_look_in_between() -> None:
    into_sending = {s for s, to in OPERATION_MOVES.items() if OperationState.SENDING in to}
    assert into_sending == {OperationState.WAITING}


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(platform="x", name="学会", account_id="own")


def stored(row: models.Model) -> str:
    return str(type(row)._default_manager.values_list("state", flat=True).get(pk=row.pk))


def test_move_stores_state_and_changes_and_updates_the_row(channel: Channel) -> None:
    move(channel, table=CHANNEL_MOVES, to=ChannelState.RECONNECT, trouble="AuthExpired")
    assert (channel.state, channel.trouble) == (ChannelState.RECONNECT, "AuthExpired")
    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == (ChannelState.RECONNECT, "AuthExpired")


def test_move_of_a_stale_row_changes_nothing(channel: Channel) -> None:
    mine, theirs = Channel.objects.get(), Channel.objects.get()
    move(theirs, table=CHANNEL_MOVES, to=ChannelState.PAUSED)
    with pytest.raises(StaleState):
        move(mine, table=CHANNEL_MOVES, to=ChannelState.DISCONNECTED, trouble="lost")
    assert (mine.state, mine.trouble) == (ChannelState.ACTIVE, "")
    assert stored(mine) == ChannelState.PAUSED


def test_move_holds_only_while_its_condition_does(channel: Channel) -> None:
    with pytest.raises(StaleState):
        move(channel, table=CHANNEL_MOVES, to=ChannelState.PAUSED, where={"name": "別の学会"})
    assert stored(channel) == ChannelState.ACTIVE
    move(channel, table=CHANNEL_MOVES, to=ChannelState.PAUSED, where={"name": "学会"})
    assert stored(channel) == ChannelState.PAUSED


def test_move_that_the_table_does_not_know_touches_nothing(
    channel: Channel, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0), pytest.raises(IllegalMove, match="active -> active"):
        move(channel, table=CHANNEL_MOVES, to=ChannelState.ACTIVE)


def test_move_of_a_row_that_is_gone_is_stale(db: None) -> None:
    request = ApprovalRequest.objects.create(
        subject_type="x",
        subject_id="1",
        content_hash="0" * 64,
        slots=[],
        expires_at=timezone.now() + timedelta(days=1),
    )
    ApprovalRequest.objects.filter(pk=request.pk).delete()
    with pytest.raises(StaleState):
        move(request, table=REQUEST_MOVES, to=RequestState.VOID)

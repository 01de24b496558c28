"""YouTube changes up to fifty comments with one request; every row keeps its own guarantees."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from jspm_social.platforms import operations, switch
from jspm_social.platforms.budgets.ledger import budgets_of
from jspm_social.platforms.capabilities import AT_ONCE, Outcome
from jspm_social.platforms.contract import Achieved, BatchClient, Receipt, Standing, Target
from jspm_social.platforms.errors import OutcomeUnknown, RateLimited, Rejected, Transient
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import due
from jspm_social.platforms.registry import client_for
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment, Decision
from moderation.services import act
from moderation.services.decide import undo
from moderation.services.intake import store_page
from moderation.services.triage import judge_pending
from tests.flows.harness import (
    NOBODY_LEFT,
    SPAM,
    UNDONE_BY_NOW,
    House,
    Mortal,
    chain_is_whole,
    decide_now,
    together,
)
from tests.flows.test_laws import BEGINNING, Death, cast, said, the_law
from tests.people import People

__all__ = ["cast"]
SET = "/youtube/v3/comments/setModerationStatus"
WAITING, DONE = OperationState.WAITING, OperationState.DONE


@pytest.fixture
def home(empty_house: House) -> House:
    empty_house.connect(Platform.YOUTUBE)
    return empty_house


def decided(home: House, count: int, outcome: Outcome = Outcome.HIDE) -> list[str]:
    """So many comments, each decided."""
    said = [home.say() for _ in range(count)]
    home.pull()
    for remote_id in said:
        home.decide(remote_id, outcome)
    return said


def requests(home: House) -> list[list[str]]:
    """The ids of each request that changed something, oldest first."""
    sent = [request for _, request in home.sandbox.requests if request.path == SET]
    return [request.query["id"].split(",") for request in sent]


def states() -> set[str]:
    return set(Action.objects.values_list("state", flat=True))


def units(home: House) -> int:
    """What the platform itself has counted."""
    return home.sandbox.store.world("youtube").units


@pytest.mark.parametrize(
    ("at_once", "cost", "calls"), [({}, 5_000, 100), (AT_ONCE, 100, 2)], ids=["singly", "together"]
)
def test_units_of_a_hundred_hides(
    home: House, monkeypatch: pytest.MonkeyPatch, at_once: Any, cost: int, calls: int
) -> None:
    monkeypatch.setattr(act, "AT_ONCE", at_once)
    said = decided(home, 100)
    before = units(home)
    home.sweep(UNDONE_BY_NOW)
    assert (units(home) - before, len(requests(home))) == (cost, calls)
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert states() == {DONE}
    counted, *_ = budgets_of(home.channel, timezone.now())
    assert counted.used == units(home) - 1  # the trial before the channel was stored


def test_every_row_is_settled_and_recorded_by_itself(home: House) -> None:
    said = decided(home, 5)
    home.sweep(UNDONE_BY_NOW)
    assert [sorted(ids) for ids in requests(home)] == [sorted(said)]
    for action in Action.objects.all():
        assert (action.state, action.achieved, action.attempts) == (DONE, "applied", 1)
        assert action.leased_until is None
    assert set(Comment.objects.values_list("standing", flat=True)) == {"hidden"}
    assert {home.case(remote_id).state for remote_id in said} == {"closed"}
    assert chain_is_whole()


def test_one_comment_that_is_gone_does_not_keep_the_others(home: House) -> None:
    said = decided(home, 4)
    home.sandbox.store.set_state("youtube", said[1], "gone")
    home.sweep(UNDONE_BY_NOW)
    assert [len(ids) for ids in requests(home)] == [4, 1, 1, 1, 1]
    achieved = dict(Action.objects.values_list("decision__case__comment__remote_id", "achieved"))
    assert achieved == {i: "gone" if i == said[1] else "applied" for i in said}
    assert home.calls() == {f"hide {i}": 1 for i in said if i != said[1]}


@pytest.mark.parametrize("status", ["400", "403", "404"])
def test_a_refusal_of_all_falls_back_to_one_by_one(
    home: House, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    from jspm_social.platforms.sandbox import youtube

    reason = {"400": "processingFailure", "403": "forbidden", "404": "commentNotFound"}[status]
    single = youtube._set_status

    def only_single(request: Any, store: Any) -> Any:
        if "," in request.query["id"]:
            return youtube._error(int(status), reason, "refused")
        return single(request, store)

    monkeypatch.setattr(youtube, "_set_status", only_single)
    said = decided(home, 3)
    home.sweep(UNDONE_BY_NOW)
    assert [len(ids) for ids in requests(home)] == [3, 1, 1, 1]
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert states() == {DONE}


def test_a_lost_answer_leaves_all_unknown_and_is_settled_by_reading(home: House) -> None:
    said = decided(home, 4)
    home.fault("timeout_after")
    home.sweep(UNDONE_BY_NOW)
    assert states() == {OperationState.UNKNOWN}
    home.sweep_until_quiet()
    assert states() == {DONE}
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert len(requests(home)) == 1


def test_what_was_lost_before_it_arrived_goes_out_again(home: House) -> None:
    said = decided(home, 4)
    home.fault("timeout_before")
    home.sweep(UNDONE_BY_NOW)
    assert states() == {OperationState.UNKNOWN}
    home.sweep_until_quiet()
    assert states() == {DONE}
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}


@pytest.mark.parametrize("fault", ["429", "quota"])
def test_all_wait_when_the_platform_says_so(home: House, fault: str) -> None:
    decided(home, 3)
    home.fault(fault)
    home.sweep(UNDONE_BY_NOW)
    assert states() == {WAITING}
    assert set(Action.objects.values_list("attempts", flat=True)) == {0}
    assert len(requests(home)) == 1
    assert Channel.objects.get().calm_until is not None


def test_a_limit_in_the_middle_of_single_calls_ends_them(home: House) -> None:
    said = decided(home, 4)
    home.sandbox.store.set_state("youtube", said[3], "gone")  # refuses them all together
    home.fault("429", match="GET /youtube/v3/comments")  # the look after the lost one
    home.sweep(UNDONE_BY_NOW)
    assert len(requests(home)) <= 5
    assert states() <= {WAITING, DONE}
    home.sweep(timedelta(minutes=5))
    assert states() == {DONE}
    assert home.calls() == {f"hide {i}": 1 for i in said[:3]}


def test_what_must_not_go_out_stays_behind(home: House) -> None:
    """Each row is looked at again after its claim: one is undone, one edited, one already due."""
    said = decided(home, 3)
    undone = Decision.objects.get(case=home.case(said[0]))
    undo(actor=home.people.moderator, decision=undone)
    Comment.objects.filter(remote_id=said[1]).update(revision_number=2)
    home.sweep(UNDONE_BY_NOW)
    assert requests(home) == [[said[2]]]
    assert home.calls() == {f"hide {said[2]}": 1}


def test_the_stop_is_obeyed_between_single_calls(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = decided(home, 4)
    home.sandbox.store.set_state("youtube", said[0], "gone")
    real, sent = operations.call, []

    def stop_after_the_first(*args: Any) -> Any:
        settlement = real(*args)
        sent.append(args[1])
        switch.stop(actor=home.people.member, kind=StopSwitch.Kind.EFFECTS, reason="いますぐ")
        return settlement

    monkeypatch.setattr(act, "call", stop_after_the_first)
    home.sweep(UNDONE_BY_NOW)
    assert len(sent) == 1
    assert Action.objects.filter(state=WAITING).count() == 3


def test_a_lease_that_runs_out_ends_the_single_calls(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = decided(home, 4)
    home.sandbox.store.set_state("youtube", said[0], "gone")
    real = operations.call

    def slowly(*args: Any) -> Any:
        home.clock.shift(timedelta(minutes=2.5))
        return real(*args)

    monkeypatch.setattr(act, "call", slowly)
    home.clock.shift(UNDONE_BY_NOW)
    act.send(action_id=Action.objects.earliest("pk").pk)
    assert Action.objects.filter(state=DONE).count() == 2
    left = Action.objects.filter(state=WAITING)
    assert [(row.attempts, row.leased_until) for row in left] == [(0, None)] * 2


def test_deletions_go_together_and_bans_alone(home: House) -> None:
    said = decided(home, 3, Outcome.DELETE)
    for decision in Decision.objects.all():
        home.confirm(decision)
    home.sweep(UNDONE_BY_NOW)
    home.sweep()
    assert sorted(len(ids) for ids in requests(home)) == [3, 3]  # the hides, then the deletions
    assert {home.calls()[f"delete {remote_id}"] for remote_id in said} == {1}
    banned = decided(home, 2, Outcome.BLOCK)
    for decision in Decision.objects.filter(outcome=Outcome.BLOCK):
        home.confirm(decision)
    home.sweep(UNDONE_BY_NOW)
    home.sweep()
    bans = [ids for ids in requests(home)[2:] if len(ids) == 1]
    assert sorted(bans) == sorted([[remote_id] for remote_id in banned])


def test_two_workers_at_once_send_every_comment_once(home: House) -> None:
    said = decided(home, 30)
    home.clock.shift(UNDONE_BY_NOW)
    ids = list(Action.objects.values_list("pk", flat=True))
    results = together(*[partial(act.send, action_id=pk) for pk in (ids[0], ids[7], ids[21])])
    assert results == [None, None, None]
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert set(Action.objects.values_list("attempts", flat=True)) == {1}
    assert chain_is_whole()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_with_a_batch_on_the_wire(
    home: House, mortal: Mortal, when: str
) -> None:
    said = decided(home, 3)
    home.clock.shift(UNDONE_BY_NOW)
    first = Action.objects.earliest("pk")
    where = "moderation.services.act.call_together"
    mortal.run("moderation.jobs.send", die=(when, where), action_id=first.pk)
    assert states() == {OperationState.SENDING}
    home.sweep(NOBODY_LEFT)
    home.sweep_until_quiet()
    assert states() == {DONE}
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}


def test_who_takes_several_at_once_says_so(home: House) -> None:
    for platform, effect in AT_ONCE:
        assert effect is not Effect.BLOCK
        access = home.channel.access()
        assert platform is Platform(home.channel.platform)
        assert isinstance(client_for(access, save_secrets=lambda _: None), BatchClient)


# --- the laws, whatever a platform answers


ANSWERS = ("fine", "lost after", "lost before", "busy", "5xx", "no", "half", "dies after")


@dataclass
class Wire:
    """A platform that takes several at once; `answers` is what it says, call by call."""

    answers: list[str]
    hidden: set[str] = field(default_factory=set)
    clear: set[int] = field(default_factory=set)  # actions that got a clear 'done'

    def apply(self, effect: Effect, target: Target) -> Receipt:
        self._perform([target], refusable=False)
        return Receipt(effect, Achieved.APPLIED)

    def apply_many(self, effect: Effect, targets: Sequence[Target]) -> None:
        assert 1 < len(targets) <= 50
        self._perform(targets, refusable=True)

    def _perform(self, targets: Sequence[Target], *, refusable: bool) -> None:
        ids = [target.comment_id for target in targets]
        rows = Action.objects.filter(
            decision__case__comment__remote_id__in=ids,
            state=OperationState.SENDING,
            leased_until__gt=timezone.now(),
        )
        assert len(rows) == len(set(ids)) == len(ids), "only what is claimed goes out, once"
        for action in rows:
            the_law(action)
            assert action.pk not in self.clear, "nothing goes out after a clear answer"
        answer = self.answers.pop(0) if self.answers else "fine"
        if answer == "busy":
            raise RateLimited("wait", until=timezone.now() + timedelta(minutes=15))
        if answer in {"5xx", "lost before"}:
            raise Transient("503") if answer == "5xx" else OutcomeUnknown("lost")
        if answer in {"no", "half"} and refusable:
            self.hidden.update(ids[: len(ids) // 2] if answer == "half" else [])
            raise Rejected("for the sake of one")
        self.hidden.update(ids)
        if answer == "lost after":
            raise OutcomeUnknown("lost")
        if answer == "dies after":
            raise Death
        self.clear.update(action.pk for action in rows)

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        return Standing.HIDDEN if target.comment_id in self.hidden else Standing.VISIBLE

    def pull(self, cursor: Any) -> Any:
        return iter(())

    def test_connection(self) -> Any:
        raise AssertionError


@given(answers=st.lists(st.sampled_from(ANSWERS), max_size=10), count=st.integers(2, 5))
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_laws_hold_for_each_of_many(
    cast: People, django_db_blocker: Any, answers: list[str], count: int
) -> None:
    wire = Wire(list(answers))
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        time_machine.travel(BEGINNING, tick=False) as clock,
        mock.patch.object(act, "client_of", return_value=wire),
    ):
        channel = Channel.objects.create(platform=Platform.YOUTUBE, name="c", account_id="1")
        written = [replace(said(SPAM), remote_id=f"c{n}") for n in range(count)]
        store_page(channel=channel, comments=written)
        judge_pending()
        for case in Case.objects.all():
            decide_now(cast.moderator, case, Outcome.HIDE)
        for _ in range(40):
            clock.shift(timedelta(minutes=20))
            act.mark_lapsed()
            for action in due(Action.objects.all(), timezone.now()):
                with suppress(Death):
                    act.send(action_id=action.pk)
            for action in Action.objects.filter(state=OperationState.UNKNOWN):
                act.reconcile(action_id=action.pk)
        for action in Action.objects.all():
            done = action.state == OperationState.DONE
            assert done or action.state == OperationState.FAILED
            if done:
                assert action.case.comment.remote_id in wire.hidden
        transaction.set_rollback(True)

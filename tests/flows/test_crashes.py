"""The process dies after every commit of a comment's way, and nothing is lost or done twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import LEASE, claim, lapsed
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment, Decision
from moderation.services import act
from moderation.states import CaseState, CommentStanding, DecisionState
from tests.flows.harness import (
    KIND,
    NOBODY_LEFT,
    SPAM,
    UNDONE_BY_NOW,
    House,
    Mortal,
    action_of,
    chain_is_whole,
    everything_once,
)

PULL = "moderation.jobs.pull"
SEND = "moderation.jobs.send"
RECONCILE = "moderation.jobs.reconcile"


@pytest.mark.parametrize(
    ("when", "where"),
    [
        ("before", "moderation.services.pull._read"),  # the reading lease is committed
        ("before", "moderation.services.intake.record"),  # a page is written, not committed
        ("before", "moderation.services.pull.judge_comments"),  # a page is stored
        ("before", "moderation.services.triage.record"),  # judged, not committed
        ("after", "moderation.services.pull.judge_comments"),  # judged, cases opened
    ],
)
def test_intake_dies_and_nothing_is_lost(
    home: House, mortal: Mortal, when: str, where: str
) -> None:
    said = {home.say(text) for text in (SPAM, KIND, SPAM)}
    mortal.run(PULL, die=(when, where), channel_id=home.channel.pk)
    home.clock.shift(NOBODY_LEFT)
    home.pull()
    everything_once(said)
    assert Case.objects.filter(state=CaseState.OPEN).count() == 2
    assert chain_is_whole()


def test_deciding_dies_before_the_commit_and_the_case_is_open(
    facebook_home: House, mortal: Mortal
) -> None:
    home = facebook_home
    remote_id = home.say()
    home.pull()
    decide(home, mortal, remote_id, die=("before", "moderation.services.decide.record_decision"))
    assert not Decision.objects.exists()
    assert not Action.objects.exists()
    assert home.case(remote_id).state == CaseState.OPEN
    home.decide(remote_id)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert chain_is_whole()


def decide(
    home: House,
    mortal: Mortal,
    remote_id: str,
    outcome: Outcome = Outcome.HIDE,
    die: tuple[str, str] = ("after", "moderation.services.decide.decide"),
) -> None:
    mortal.run(
        "tests.flows.mortal.decide",
        die=die,
        case_id=home.case(remote_id).pk,
        actor_id=home.people.moderator.pk,
        outcome=outcome.value,
    )


def hidden_by_a_process_that_died(
    home: House, mortal: Mortal, die: tuple[str, str]
) -> tuple[str, Action]:
    """Decide to hide, in one process that dies, and send in another that dies as told."""
    remote_id = home.say()
    home.pull()
    decide(home, mortal, remote_id)
    home.clock.shift(UNDONE_BY_NOW)
    action = Action.objects.get()
    mortal.run(SEND, die=die, action_id=action.pk)
    action.refresh_from_db()
    return remote_id, action


def is_hidden_and_done(home: House, remote_id: str) -> None:
    """The hide was carried out exactly once, and everything of ours says so."""
    assert home.calls() == {f"hide {remote_id}": 1}
    action = Action.objects.get()
    assert (action.state, action.achieved) == (OperationState.DONE, "applied")
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Comment.objects.get().standing == CommentStanding.HIDDEN
    assert Decision.objects.get().state == DecisionState.TAKEN
    assert chain_is_whole()


AROUND_THE_CALL = [
    # where the process dies, how often the effect has happened by then
    (("before", "moderation.services.act.call"), 0),  # claimed
    (("before", "moderation.services.act.finish"), 1),  # happened, nothing written
    (("before", "moderation.services.act.conclude"), 1),  # happened, written, not committed
]


@pytest.mark.parametrize(("die", "happened"), AROUND_THE_CALL)
def test_a_hide_dies_around_the_call(
    hiding_home: House, mortal: Mortal, die: tuple[str, str], happened: int
) -> None:
    """Where the platform can be read, it is; on X a person looks and says what to do."""
    home = hiding_home
    remote_id, action = hidden_by_a_process_that_died(home, mortal, die)
    assert action.state == OperationState.SENDING
    assert sum(home.calls().values()) == happened
    home.sweep_until_quiet()
    if home.channel.platform == Platform.X:
        action.refresh_from_db()
        assert action.state == OperationState.UNKNOWN
        assert home.case(remote_id).state == CaseState.ATTENTION
        assert sum(home.calls().values()) == happened  # never sent again unasked
        settle_by_hand = act.mark_done if happened else act.send_again
        settle_by_hand(actor=home.people.moderator, action=action)
        home.sweep()
    is_hidden_and_done(home, remote_id)


@pytest.mark.parametrize(
    "die",
    [
        ("before", "moderation.services.act.claim"),
        ("after", "moderation.services.act.finish"),
    ],
)
def test_a_hide_dies_before_the_claim_or_after_the_settlement(
    home: House, mortal: Mortal, die: tuple[str, str]
) -> None:
    remote_id, _ = hidden_by_a_process_that_died(home, mortal, die)
    home.sweep_until_quiet()
    is_hidden_and_done(home, remote_id)


@pytest.mark.parametrize(("fault", "happened"), [("timeout_before", 0), ("timeout_after", 1)])
@pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies"])
def test_an_answer_is_lost(
    hiding_home: House, mortal: Mortal, fault: str, happened: int, *, dies: bool
) -> None:
    """`dies`: so does the process that then reads the platform, or whoever writes the doubt."""
    home = hiding_home
    remote_id = home.say()
    home.pull()
    action = action_of(home.decide(remote_id))
    home.fault(fault)
    home.sweep(UNDONE_BY_NOW)
    action.refresh_from_db()
    assert action.state == OperationState.UNKNOWN
    assert sum(home.calls().values()) == happened
    if dies and home.channel.platform != Platform.X:
        home.clock.shift(timedelta(minutes=10))
        mortal.run(RECONCILE, die=("before", "moderation.services.act.finish"), action_id=action.pk)
    home.sweep_until_quiet()
    if home.channel.platform == Platform.X:
        assert home.case(remote_id).state == CaseState.ATTENTION
        assert sum(home.calls().values()) == happened
        action.refresh_from_db()
        settle_by_hand = act.mark_done if happened else act.send_again
        settle_by_hand(actor=home.people.moderator, action=action)
        home.sweep()
    is_hidden_and_done(home, remote_id)


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.MASTODON])
@pytest.mark.parametrize(("die", "happened"), AROUND_THE_CALL)
def test_a_block_dies_around_the_call(
    empty_house: House, mortal: Mortal, platform: Platform, die: tuple[str, str], happened: int
) -> None:
    """Also where there is nothing else: Mastodon hides no comment."""
    home = empty_house
    home.connect(platform)
    remote_id = home.say()
    home.pull()
    decision = home.decide(remote_id, Outcome.BLOCK)
    home.sweep(UNDONE_BY_NOW)
    home.confirm(decision)
    block = Action.objects.get(effect=Effect.BLOCK)
    mortal.run(SEND, die=die, action_id=block.pk)
    person = f"block {Comment.objects.get().commenter.key}"
    assert home.calls().get(person, 0) == happened
    home.sweep_until_quiet()
    hidden = {} if platform == Platform.MASTODON else {f"hide {remote_id}": 1}
    assert home.calls() == hidden | {person: 1}
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Comment.objects.get().commenter.blocked
    assert chain_is_whole()


DELETABLE = [Platform.FACEBOOK, Platform.YOUTUBE, Platform.INSTAGRAM]


@pytest.mark.parametrize("platform", DELETABLE)
@pytest.mark.parametrize(("die", "happened"), AROUND_THE_CALL)
def test_a_deletion_dies_around_the_call(
    empty_house: House, mortal: Mortal, platform: Platform, die: tuple[str, str], happened: int
) -> None:
    home = empty_house
    home.connect(platform)
    remote_id = home.say()
    home.pull()
    decide(home, mortal, remote_id, Outcome.DELETE)
    home.sweep(UNDONE_BY_NOW)
    mortal.run(
        "tests.flows.mortal.confirm",
        die=("before", "jspm_social.jobs.wake"),  # committed; nobody was woken
        decision_id=Decision.objects.get().pk,
        actor_id=home.people.moderator2.pk,
    )
    deletion = Action.objects.get(effect=Effect.DELETE)
    mortal.run(SEND, die=die, action_id=deletion.pk)
    assert home.calls().get(f"delete {remote_id}", 0) == happened
    home.sweep_until_quiet()
    assert home.calls() == {f"hide {remote_id}": 1, f"delete {remote_id}": 1}
    assert home.state(remote_id) == "removed"
    assert home.case(remote_id).state == CaseState.CLOSED
    deletion.refresh_from_db()
    assert deletion.state == OperationState.DONE
    assert chain_is_whole()


@pytest.mark.parametrize("meanwhile", ["settled", "sent again"])
def test_what_was_settled_or_claimed_anew_meanwhile_has_not_lapsed(
    facebook_home: House, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The sweeper listed three rows; the first is no longer what it was, the others still are."""
    home = facebook_home
    remote_ids = [home.say() for _ in range(3)]
    home.pull()
    rows = [action_of(home.decide(remote_id)) for remote_id in remote_ids]
    home.clock.shift(UNDONE_BY_NOW)
    assert all(claim(row) for row in rows)
    home.clock.shift(NOBODY_LEFT)

    def list_and_then_it_happens(*args: Any) -> Any:
        listed = list(lapsed(*args).values_list("pk", flat=True))
        row = Action.objects.filter(pk=rows[0].pk)
        if meanwhile == "settled":
            row.update(state=OperationState.DONE, leased_until=None)
        else:
            row.update(leased_until=timezone.now() + LEASE)
        return Action.objects.filter(pk__in=listed)

    monkeypatch.setattr(act, "lapsed", list_and_then_it_happens)
    assert act.mark_lapsed() == 2
    states = [Action.objects.get(pk=row.pk).state for row in rows]
    first = OperationState.DONE if meanwhile == "settled" else OperationState.SENDING
    assert states == [first, OperationState.UNKNOWN, OperationState.UNKNOWN]


def test_the_sweeper_dies_between_doubt_and_reading(facebook_home: House, mortal: Mortal) -> None:
    home = facebook_home
    die = ("before", "moderation.services.act.finish")
    remote_id, action = hidden_by_a_process_that_died(home, mortal, die)
    home.clock.shift(NOBODY_LEFT)
    mortal.run("moderation.jobs.sweep", die=("after", "moderation.services.act.mark_lapsed"))
    action.refresh_from_db()
    assert action.state == OperationState.UNKNOWN
    home.sweep_until_quiet()
    is_hidden_and_done(home, remote_id)

"""A rule hides, a person decides, and whatever breaks in between, nobody stays hidden unseen."""

from datetime import timedelta

import pytest

import moderation.jobs
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms import switch
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.pausing import disconnect_channel, pause_channel, resume_channel
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment, Commenter, Decision, EvidenceRecord, Hold
from moderation.queries import strikes
from moderation.services import act, evidence, holds
from moderation.services.decide import undo
from moderation.states import CaseState, CommentStanding, HoldState
from policy.queries import active_ruleset
from tests.flows.harness import (
    KIND,
    NOBODY_LEFT,
    UNDONE_BY_NOW,
    House,
    Mortal,
    chain_is_whole,
)
from tests.flows.test_crashes import AROUND_THE_CALL, PULL, SEND
from tests.moderation.small_policy import let_hold

SPAM_GROUND = "セ"
LATE = holds.SHOWN_AGAIN_AFTER + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def holding(empty_house: House) -> None:
    let_hold(active_ruleset(), {SPAM_GROUND: 20})


def held(home: House) -> str:
    """One comment that a rule has hidden."""
    remote_id = home.say()
    home.pull()
    home.sweep()
    return remote_id


def pull_only(home: House) -> None:
    """Pull and judge; no worker sends anything."""
    moderation.jobs.pull(home.channel.pk)


def hide() -> Action:
    return Action.objects.get(effect=Effect.HIDE)


def test_a_rule_hides_and_a_person_is_asked(hiding_home: House) -> None:
    home = hiding_home
    remote_id = held(home)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert home.state(remote_id) == "hidden"
    case, hold = home.case(remote_id), Hold.objects.get()
    assert (case.state, hold.state) == (CaseState.OPEN, HoldState.STANDING)
    assert Comment.objects.get().standing == CommentStanding.HIDDEN
    assert not Decision.objects.exists()
    assert not strikes(Commenter.objects.get().pk).exists()
    told = {e.verb: e for e in AuditEvent.objects.filter(verb__in=["case.held", "effect.done"])}
    for event in told.values():
        assert event.actor_id is None
        assert event.clause == SPAM_GROUND
        assert event.details["ruleset"] == active_ruleset().number
    assert set(told["case.held"].details["scores"]) == {SPAM_GROUND}
    assert told["effect.done"].details["hold"] == hold.pk
    home.sweep(timedelta(hours=71))
    assert home.calls() == {f"hide {remote_id}": 1}
    assert chain_is_whole()


def test_keeping_shows_it_again(hiding_home: House) -> None:
    home = hiding_home
    remote_id = held(home)
    home.decide(remote_id, Outcome.KEEP)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert home.state(remote_id) == "visible"
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Comment.objects.get().standing == CommentStanding.VISIBLE
    assert Hold.objects.get().state == HoldState.RELEASED
    home.sweep(LATE)
    assert len(home.calls()) == 2
    assert not strikes(Commenter.objects.get().pk).exists()
    assert chain_is_whole()


def test_hiding_goes_on_from_there(hiding_home: House) -> None:
    home = hiding_home
    remote_id = held(home)
    decision = home.decide(remote_id, Outcome.HIDE)
    assert home.case(remote_id).state == CaseState.CLOSED
    home.sweep(LATE)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert hide().decision == decision
    assert strikes(Commenter.objects.get().pk).count() == 1
    assert EvidenceRecord.objects.count() == 2
    assert all(evidence.verify(frozen) for frozen in EvidenceRecord.objects.all())


@pytest.mark.parametrize("outcome", [Outcome.HIDE, Outcome.DELETE])
def test_what_somebody_showed_again_on_the_platform_is_hidden_anew(
    facebook_home: House, outcome: Outcome
) -> None:
    home = facebook_home
    remote_id = held(home)
    home.sandbox.store.set_state("facebook", remote_id, "visible")
    Comment.objects.update(standing=CommentStanding.VISIBLE)  # as the next reading tells
    home.decide(remote_id, outcome)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 2}
    assert home.state(remote_id) == "hidden"
    assert Comment.objects.get().standing == CommentStanding.HIDDEN


@pytest.mark.parametrize("there", ["visible", "hidden"])
def test_keeping_what_reads_as_visible_leaves_it_visible(facebook_home: House, there: str) -> None:
    """Also where the reading was older than the hide."""
    home = facebook_home
    remote_id = held(home)
    home.sandbox.store.set_state("facebook", remote_id, there)
    Comment.objects.update(standing=CommentStanding.VISIBLE)
    home.decide(remote_id, Outcome.KEEP)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert home.state(remote_id) == "visible"
    assert home.case(remote_id).state == CaseState.CLOSED


def test_deleting_goes_on_from_there(facebook_home: House) -> None:
    home = facebook_home
    remote_id = held(home)
    decision = home.decide(remote_id, Outcome.DELETE)
    home.sweep(UNDONE_BY_NOW)
    home.confirm(decision)
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1, f"delete {remote_id}": 1}
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Hold.objects.get().state == HoldState.TAKEN_OVER


@pytest.mark.parametrize("outcome", [Outcome.KEEP, Outcome.HIDE])
def test_undoing_a_decision_holds_it_once_more(facebook_home: House, outcome: Outcome) -> None:
    home = facebook_home
    remote_id = held(home)
    decision = home.decide(remote_id, outcome)
    undo(actor=home.people.moderator, decision=Decision.objects.get(pk=decision.pk))
    assert Hold.objects.get().state == HoldState.STANDING
    assert hide().decision is None
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert home.case(remote_id).state == CaseState.OPEN
    home.sweep(LATE)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}


def test_no_second_person_agrees_and_it_is_held_once_more(facebook_home: House) -> None:
    home = facebook_home
    remote_id = held(home)
    decision = home.decide(remote_id, Outcome.DELETE)
    home.confirm(decision, agree=False)
    assert Hold.objects.get().state == HoldState.STANDING
    home.sweep(LATE)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}


def test_nobody_decides_and_it_is_shown_again(hiding_home: House) -> None:
    home = hiding_home
    remote_id = held(home)
    home.sweep(LATE)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert home.state(remote_id) == "visible"
    assert home.case(remote_id).state == CaseState.OPEN
    assert Hold.objects.get().state == HoldState.EXPIRED
    assert AuditEvent.objects.filter(verb="case.hold_expired", actor=None).count() == 1
    Comment.objects.update(judged_at=None)  # judged as before: it is not hidden a second time
    home.pull()
    home.sweep_until_quiet()
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    home.decide(remote_id, Outcome.HIDE)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls()[f"hide {remote_id}"] == 2
    assert chain_is_whole()


def test_the_stop_switch_holds_the_hide(facebook_home: House) -> None:
    home = facebook_home
    switch.stop(actor=home.people.moderator, kind=StopSwitch.Kind.EFFECTS, reason="確認中")
    remote_id = held(home)
    assert home.calls() == {}
    home.sweep(LATE)  # nobody decided meanwhile
    switch.resume(actor=home.people.moderator, kind=StopSwitch.Kind.EFFECTS)
    home.sweep_until_quiet()
    assert home.calls() == {}  # it was never hidden, and so it is not shown again either
    assert home.case(remote_id).state == CaseState.OPEN


@pytest.mark.parametrize("outcome", [Outcome.KEEP, Outcome.HIDE])
def test_a_person_is_faster_than_a_paused_account(facebook_home: House, outcome: Outcome) -> None:
    home = facebook_home
    remote_id = home.say()
    pull_only(home)
    pause_channel(actor=home.people.admin, channel=home.case(remote_id).comment.channel)
    home.sweep()
    home.decide(remote_id, outcome)
    home.clock.shift(UNDONE_BY_NOW)
    resume_channel(actor=home.people.admin, channel=home.case(remote_id).comment.channel)
    home.sweep_until_quiet()
    assert home.calls() == ({} if outcome is Outcome.KEEP else {f"hide {remote_id}": 1})
    assert home.case(remote_id).state == CaseState.CLOSED


def test_an_edit_that_is_no_violation_is_shown_again(facebook_home: House) -> None:
    home = facebook_home
    remote_id = held(home)
    home.sandbox.store.edit(home.channel.platform, remote_id, KIND)
    home.clock.shift(NOBODY_LEFT)
    home.pull()
    home.sweep_until_quiet()
    assert home.state(remote_id) == "visible"
    assert Hold.objects.get().state == HoldState.CALLED_OFF
    assert home.case(remote_id).state == CaseState.OPEN


def test_a_refused_hide_troubles_nobody(facebook_home: House) -> None:
    home = facebook_home
    remote_id = home.say()
    pull_only(home)
    disconnect_channel(actor=home.people.admin, channel=home.case(remote_id).comment.channel)
    home.sweep()
    assert hide().state == OperationState.CANCELLED
    assert Hold.objects.get().state == HoldState.CALLED_OFF
    assert home.case(remote_id).state == CaseState.OPEN


@pytest.mark.parametrize(("die", "happened"), AROUND_THE_CALL[:2])
def test_the_hide_dies_around_the_call(
    hiding_home: House, mortal: Mortal, die: tuple[str, str], happened: int
) -> None:
    home = hiding_home
    remote_id = home.say()
    pull_only(home)
    mortal.run(SEND, die=die, action_id=hide().pk)
    assert sum(home.calls().values()) == happened
    home.sweep_until_quiet()
    if home.channel.platform == Platform.X:
        settle_by_hand = act.mark_done if happened else act.send_again
        settle_by_hand(actor=home.people.moderator, action=hide())
        home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1}
    assert Hold.objects.get().state == HoldState.STANDING
    home.sweep(LATE)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert home.case(remote_id).state == CaseState.OPEN
    assert chain_is_whole()


@pytest.mark.parametrize(
    "where", ["moderation.services.holds.enqueue", "moderation.services.triage.record"]
)
def test_the_verdict_dies_and_is_written_once(
    facebook_home: House, mortal: Mortal, where: str
) -> None:
    """Verdict, case, hold, evidence and hide are one transaction."""
    home = facebook_home
    remote_id = home.say()
    mortal.run(PULL, die=("before", where), channel_id=home.channel.pk)
    rows = (Case, Hold, Action, EvidenceRecord)
    assert not any(model.objects.exists() for model in rows)
    home.clock.shift(NOBODY_LEFT)
    home.pull()
    home.sweep_until_quiet()
    assert [model.objects.count() for model in rows] == [1, 1, 1, 1]
    assert home.calls() == {f"hide {remote_id}": 1}
    assert chain_is_whole()


def test_showing_it_again_dies_and_is_done_once(facebook_home: House, mortal: Mortal) -> None:
    home = facebook_home
    remote_id = held(home)
    home.clock.shift(LATE)
    mortal.run("moderation.jobs.sweep", die=("before", "moderation.services.holds._record"))
    assert Hold.objects.get().state == HoldState.STANDING
    mortal.run("moderation.jobs.sweep", die=("after", "moderation.services.holds.show_expired"))
    assert Hold.objects.get().state == HoldState.EXPIRED
    home.sweep_until_quiet()
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert chain_is_whole()

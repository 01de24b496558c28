"""What a decision sets in motion, and what holds it: undo, two people, stops, limits, tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jspm_social.platforms import switch
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import READ_AGAIN, READINGS, claim
from jspm_social.platforms.pausing import pause_channel, resume_channel
from jspm_social.platforms.states import ChannelState, OperationState
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Comment, Commenter, Decision, ManualTask, QueueEntry
from moderation.services import act, second_look, tasks
from moderation.services.decide import undo
from moderation.services.second import ANSWER_WITHIN
from moderation.states import CaseState, CommentStanding, DecisionState, TaskState
from tests.flows.harness import (
    KIND,
    UNDONE_BY_NOW,
    House,
    action_of,
    chain_is_whole,
    decide_now,
)
from tests.people import client_of

EFFECTS = StopSwitch.Kind.EFFECTS
TWO_PEOPLE = [  # where an effect waits for a second moderator: platform, wish, effect
    (Platform.FACEBOOK, Outcome.DELETE, "delete"),
    (Platform.FACEBOOK, Outcome.BLOCK, "block"),
    (Platform.YOUTUBE, Outcome.DELETE, "delete"),
    (Platform.YOUTUBE, Outcome.BLOCK, "block"),
]


def comment_in(home: House, text: str = "") -> str:
    """One comment, pulled and judged."""
    remote_id = home.say(text) if text else home.say()
    home.pull()
    return remote_id


def target(home: House, effect: str, remote_id: str) -> str:
    """How the sandbox counts an effect: Facebook's block names the person."""
    if effect == "block" and home.channel.platform == Platform.FACEBOOK:
        return f"block {Commenter.objects.get().key}"
    return f"{effect} {remote_id}"


# --- undo


def test_nothing_goes_out_within_the_undo_window(home: House) -> None:
    remote_id = comment_in(home)
    decision = home.decide(remote_id)
    home.sweep(timedelta(seconds=14))
    assert home.calls() == {}
    undo(actor=home.people.moderator, decision=decision)
    home.sweep_until_quiet()
    assert home.calls() == {}
    assert home.case(remote_id).state == CaseState.OPEN
    assert QueueEntry.objects.filter(case=home.case(remote_id)).exists()
    home.decide(remote_id)  # and it can be decided anew
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert chain_is_whole()


def test_undo_comes_too_late(facebook_home: House) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    decision = home.decide(remote_id)
    home.clock.shift(UNDONE_BY_NOW)
    with pytest.raises(Overtaken, match="時間を過ぎました"):
        undo(actor=home.people.moderator, decision=decision)
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1}


def test_undoing_twice_is_told(facebook_home: House) -> None:
    decision = facebook_home.decide(comment_in(facebook_home))
    undo(actor=facebook_home.people.moderator, decision=decision)
    with pytest.raises(Overtaken):
        undo(actor=facebook_home.people.moderator, decision=decision)


def test_undo_after_the_second_person_agreed_is_told(facebook_home: House) -> None:
    home = facebook_home
    decision = home.decide(comment_in(home), Outcome.DELETE)
    home.confirm(decision)
    decision.refresh_from_db()
    with pytest.raises(Overtaken):
        undo(actor=home.people.moderator, decision=decision)


def test_undo_of_keeping_when_somebody_has_flagged_since_is_told(facebook_home: House) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    decision = home.decide(remote_id, Outcome.KEEP)
    second_look.flag(actor=home.people.member, comment=Comment.objects.get(), note="もう一度")
    with pytest.raises(Overtaken):
        undo(actor=home.people.moderator, decision=decision)
    decision.refresh_from_db()
    assert decision.state == DecisionState.TAKEN
    assert home.case(remote_id).state == CaseState.OPEN


# --- two people


@pytest.mark.smoke
@pytest.mark.parametrize(("platform", "outcome", "effect"), TWO_PEOPLE)
def test_what_is_final_waits_for_a_second_person(
    empty_house: House, platform: Platform, outcome: Outcome, effect: str
) -> None:
    home = empty_house
    home.connect(platform)
    remote_id = comment_in(home)
    decision = home.decide(remote_id, outcome)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}
    assert home.case(remote_id).state == CaseState.AWAITING_SECOND
    with pytest.raises(Refused):
        home.confirm(decision, actor=home.people.moderator)  # nobody agrees with themselves
    home.sweep(timedelta(days=1))
    assert home.calls() == {f"hide {remote_id}": 1}
    home.confirm(decision)
    home.work()
    assert home.calls() == {f"hide {remote_id}": 1, target(home, effect, remote_id): 1}
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Commenter.objects.get().blocked == (effect == "block")
    removed = effect == "delete" or platform == Platform.YOUTUBE
    standing = CommentStanding.REMOVED if removed else CommentStanding.HIDDEN
    assert Comment.objects.get().standing == standing
    assert chain_is_whole()


@pytest.mark.parametrize(("platform", "outcome", "effect"), TWO_PEOPLE)
def test_agreed_within_the_undo_window_the_hide_still_comes_first(
    empty_house: House, platform: Platform, outcome: Outcome, effect: str
) -> None:
    """A deletion that overtakes its own hide would be recorded as the author's."""
    home = empty_house
    home.connect(platform)
    remote_id = comment_in(home)
    home.confirm(home.decide(remote_id, outcome))
    home.work()
    assert home.calls() == {}
    home.sweep(UNDONE_BY_NOW)
    home.sweep()
    assert list(home.calls()) == [f"hide {remote_id}", target(home, effect, remote_id)]
    assert set(Action.objects.values_list("achieved", flat=True)) == {"applied"}
    removed = effect == "delete" or platform == Platform.YOUTUBE
    standing = CommentStanding.REMOVED if removed else CommentStanding.HIDDEN
    assert Comment.objects.get().standing == standing


@pytest.mark.parametrize("how", ["refused", "expired"])
def test_nobody_agrees_and_the_case_is_open_again(facebook_home: House, how: str) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    decision = home.decide(remote_id, Outcome.DELETE)
    home.sweep(UNDONE_BY_NOW)
    if how == "refused":
        home.confirm(decision, agree=False)
    else:
        home.sweep(ANSWER_WITHIN)
        with pytest.raises(Refused):
            home.confirm(decision)
    decision.refresh_from_db()
    assert decision.state == DecisionState.REFUSED
    assert home.case(remote_id).state == CaseState.OPEN
    assert QueueEntry.objects.filter(case=home.case(remote_id)).exists()
    home.sweep_until_quiet()
    assert home.calls() == {f"hide {remote_id}": 1}  # what can be taken back stays until decided
    again = home.decide(remote_id, Outcome.DELETE)
    home.confirm(again)
    home.sweep_until_quiet()
    assert home.calls() == {f"hide {remote_id}": 2, f"delete {remote_id}": 1}
    assert chain_is_whole()


def test_refused_within_the_undo_window_nothing_goes_out(facebook_home: House) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    home.confirm(home.decide(remote_id, Outcome.DELETE), agree=False)
    home.sweep_until_quiet()
    assert home.calls().get(f"delete {remote_id}") is None
    assert home.case(remote_id).state == CaseState.OPEN


def test_a_block_on_x_becomes_a_task_once_two_people_agree(empty_house: House) -> None:
    home = empty_house
    home.connect(Platform.X)
    remote_id = comment_in(home)
    decision = home.decide(remote_id, Outcome.BLOCK)
    home.sweep(UNDONE_BY_NOW)
    assert not ManualTask.objects.exists()
    home.confirm(decision)
    task = ManualTask.objects.get()
    assert (task.effect, task.state) == (Effect.BLOCK, TaskState.OPEN)
    assert home.case(remote_id).state == CaseState.ACTING
    tasks.claim(actor=home.people.moderator, task=task)
    tasks.close(actor=home.people.moderator, task=task, done=True, note="")
    assert home.case(remote_id).state == CaseState.CLOSED
    assert Commenter.objects.get().blocked
    assert home.calls() == {f"hide {remote_id}": 1}


def test_taken_back_later_by_a_decision_of_its_own(home: House) -> None:
    remote_id = comment_in(home)
    home.decide(remote_id)
    home.sweep(UNDONE_BY_NOW)
    second_look.reconsider(actor=home.people.moderator, comment=Comment.objects.get())
    home.decide(remote_id, Outcome.RESTORE)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1, f"unhide {remote_id}": 1}
    assert home.state(remote_id) == "visible"
    assert Comment.objects.get().standing == CommentStanding.VISIBLE


# --- the stop switch


def test_nothing_goes_out_while_stopped(home: House) -> None:
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    switch.stop(actor=home.people.member, kind=EFFECTS, reason="誤操作の疑い")
    home.sweep(UNDONE_BY_NOW)
    act.send(action_id=action.pk)  # a wake-up from before the stop
    home.sweep(timedelta(days=1))
    assert home.calls() == {}
    switch.resume(actor=home.people.moderator, kind=EFFECTS)
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1}
    assert chain_is_whole()


def test_stopped_between_the_claim_and_the_call(
    facebook_home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    home.clock.shift(UNDONE_BY_NOW)

    def claim_then_stop(row: Any) -> bool:
        claimed = claim(row)
        switch.stop(actor=home.people.member, kind=EFFECTS, reason="いますぐ")
        return claimed

    monkeypatch.setattr(act, "claim", claim_then_stop)
    act.send(action_id=action.pk)
    monkeypatch.undo()
    assert home.calls() == {}
    switch.resume(actor=home.people.moderator, kind=EFFECTS)
    home.sweep(timedelta(minutes=1))
    assert home.calls() == {f"hide {remote_id}": 1}


# --- what the platform says


def test_a_rate_limit_is_waited_for(home: House) -> None:
    """X tells a time; Facebook minutes; YouTube nothing, and the adapter chooses."""
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    home.fault("429", reset_in=600)
    home.sweep(UNDONE_BY_NOW)
    action.refresh_from_db()
    assert action.state == OperationState.WAITING
    channel = action.channel
    channel.refresh_from_db()
    assert channel.calm_until == action.due_at
    wait = action.due_at - timezone.now()
    assert wait > timedelta(seconds=30)
    requests = home.sandbox.store.world(channel.platform).reads
    home.sweep(wait - timedelta(seconds=10))
    home.pull()
    assert home.sandbox.store.world(channel.platform).reads == requests  # not one call meanwhile
    home.sweep(timedelta(seconds=15))
    assert home.calls() == {f"hide {remote_id}": 1}


@pytest.mark.parametrize("platform", [Platform.X, Platform.YOUTUBE])
def test_an_expired_token_is_renewed_on_the_way(empty_house: House, platform: Platform) -> None:
    home = empty_house
    home.connect(platform)
    remote_id = comment_in(home)
    home.decide(remote_id)
    home.sandbox.store.expire_token(platform.value)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}
    home.channel.refresh_from_db()
    assert home.channel.state == ChannelState.ACTIVE
    assert home.channel.access().secrets["access_token"] == f"sandbox-{platform}-access-1"


def test_a_revoked_token_asks_for_a_new_connection_and_nothing_is_lost(home: House) -> None:
    remote_id = comment_in(home)
    home.decide(remote_id)
    home.sandbox.store.expire_token(home.channel.platform, revoked=True)
    home.sweep(UNDONE_BY_NOW)
    channel = home.channel
    channel.refresh_from_db()
    assert channel.state == ChannelState.RECONNECT
    assert Action.objects.get().state == OperationState.WAITING
    home.sandbox.store.rotate_tokens(channel.platform)  # a person connects it again
    channel.credential.replace(home.sandbox.store.credentials(channel.platform))
    type(channel).objects.filter(pk=channel.pk).update(state=ChannelState.ACTIVE, trouble="")
    home.sweep(timedelta(minutes=16))
    assert home.calls() == {f"hide {remote_id}": 1}


def test_a_broken_platform_is_tried_again_until_it_works(home: House) -> None:
    """A 5xx on a change may have happened: it is read back, and sent again only if it had not."""
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    home.fault("5xx", times=2)
    home.sweep(UNDONE_BY_NOW)
    home.sweep_until_quiet()
    action.refresh_from_db()
    if home.channel.platform == Platform.X:
        assert action.state == OperationState.UNKNOWN
        assert home.calls() == {}
        return
    assert home.calls() == {f"hide {remote_id}": 1}
    assert action.state == OperationState.DONE


def test_deleted_by_its_author_is_recorded_as_gone(home: House) -> None:
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    home.sandbox.store.delete_by_author(home.channel.platform, remote_id)
    home.sweep(UNDONE_BY_NOW)
    action.refresh_from_db()
    assert (action.state, action.achieved) == (OperationState.DONE, "gone")
    assert Comment.objects.get().standing == CommentStanding.GONE
    assert home.case(remote_id).state == CaseState.CLOSED
    assert home.calls() == {}


def test_deleted_by_us_stays_ours_whatever_the_pull_says(facebook_home: House) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    home.confirm(home.decide(remote_id, Outcome.DELETE))
    home.sweep(UNDONE_BY_NOW)
    home.sweep_until_quiet()
    home.pull()
    assert Comment.objects.get().standing == CommentStanding.REMOVED
    assert home.calls()[f"delete {remote_id}"] == 1


# --- edits


def test_edited_after_the_decision_is_not_sent(home: House) -> None:
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    home.sandbox.store.edit(home.channel.platform, remote_id, "まったく別の文章です。")
    home.pull()
    home.sweep(UNDONE_BY_NOW)
    action.refresh_from_db()
    assert action.state == OperationState.FAILED
    assert "編集" in action.trouble
    assert home.case(remote_id).state == CaseState.ATTENTION
    assert home.calls() == {}


def test_edited_while_being_read_is_not_decided(facebook_home: House) -> None:
    """The page was loaded before the edit, the button pressed after it."""
    home = facebook_home
    remote_id = comment_in(home)
    seen = home.case(remote_id)
    read = seen.comment.revisions.get().pk
    home.sandbox.store.edit("facebook", remote_id, "まったく別の文章です。")
    home.pull()
    from moderation.services.decide import decide

    with pytest.raises(Overtaken, match="編集"):
        decide(
            actor=home.people.moderator,
            case=seen,
            revision_id=read,
            outcome=Outcome.KEEP,
            criteria=[],
        )
    assert home.case(remote_id).state == CaseState.OPEN
    assert not Decision.objects.exists()


def test_edited_after_it_was_kept_comes_back(home: House) -> None:
    remote_id = comment_in(home)
    first = home.decide(remote_id, Outcome.KEEP)
    home.sandbox.store.edit(home.channel.platform, remote_id, "死にたい。もう消えてしまいたい。")
    home.pull()
    reopened = home.case(remote_id)
    assert reopened.pk != first.case_id
    assert (reopened.state, reopened.origin, reopened.lane) == ("open", "edited", "care")


def test_a_decided_case_is_not_reopened_by_judging_again(home: House) -> None:
    remote_id = comment_in(home)
    home.decide(remote_id, Outcome.KEEP)
    Comment.objects.update(judged_at=None)
    home.pull()
    assert home.case(remote_id).state == CaseState.CLOSED


# --- by hand


@pytest.mark.parametrize("verb", ["send_again", "mark_done", "give_up"])
def test_by_hand_only_what_needs_a_hand(facebook_home: House, verb: str) -> None:
    """The page still shows *unknown*; meanwhile it was read back and is being sent again."""
    home = facebook_home
    action = action_of(home.decide(comment_in(home)))
    Action.objects.update(state=OperationState.SENDING)
    note = {"note": "不要"} if verb == "give_up" else {}
    for state in (OperationState.SENDING, OperationState.DONE, OperationState.WAITING):
        Action.objects.update(state=state)
        action.refresh_from_db()
        with pytest.raises(Overtaken):
            getattr(act, verb)(actor=home.people.moderator, action=action, **note)
        action.refresh_from_db()
        assert action.state == state


def test_a_flagged_comment_that_passed_goes_the_same_way(home: House) -> None:
    remote_id = comment_in(home, KIND)
    case = second_look.flag(actor=home.people.member, comment=Comment.objects.get(), note="")
    decide_now(home.people.moderator, case, Outcome.HIDE)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1}


def test_reading_an_unknown_outcome_in_vain_is_no_attempt(empty_house: House) -> None:
    """X tells nobody whether a reply is hidden. A person who sends again gets every attempt."""
    home = empty_house
    home.connect(Platform.X)
    action = action_of(home.decide(comment_in(home)))
    home.fault("5xx")
    home.sweep(UNDONE_BY_NOW)
    home.sweep_until_quiet()
    action.refresh_from_db()
    assert (action.state, action.attempts) == (OperationState.UNKNOWN, 1)
    assert action.readings == 3  # after 15, 30 and 60 minutes
    assert timezone.now() < action.due_at <= timezone.now() + timedelta(hours=2)
    act.send_again(actor=home.people.moderator, action=action)
    assert (action.attempts, action.readings) == (0, 0)


def test_an_unknown_outcome_that_nobody_can_read_is_left_to_a_person(empty_house: House) -> None:
    """Read again after ever longer waits, for two days; then the page says that it is over."""
    home = empty_house
    home.connect(Platform.X)
    action = action_of(home.decide(comment_in(home)))
    home.fault("5xx")
    home.sweep(UNDONE_BY_NOW)
    page = client_of(home.people.moderator)
    said = "自動の確認は終わりました"
    waits = []
    for _ in READINGS:
        assert said not in page.get("/attention/").content.decode()
        action.refresh_from_db()
        waits.append((action.due_at - timezone.now()).total_seconds() / 60)
        home.sweep(action.due_at - timezone.now() + timedelta(seconds=1))
    assert [round(wait) for wait in waits[1:]] == list(READINGS[:-1])
    requests = len(home.sandbox.requests)
    home.sweep(timedelta(days=30))
    assert len(home.sandbox.requests) == requests
    action.refresh_from_db()
    assert (action.state, action.readings) == (OperationState.UNKNOWN, len(READINGS))
    page = client_of(home.people.moderator)  # a month later
    assert said in page.get("/attention/").content.decode()


def test_a_platform_that_cannot_be_asked_does_not_use_up_the_readings(home: House) -> None:
    action = action_of(home.decide(comment_in(home)))
    home.fault("timeout_after")
    home.sweep(UNDONE_BY_NOW)
    home.fault("5xx", match="GET *", times=50)
    for _ in range(len(READINGS) + 2):
        home.sweep(READ_AGAIN + timedelta(seconds=1))
    action.refresh_from_db()
    assert (action.state, action.readings) == (OperationState.UNKNOWN, 0)


def test_a_ban_writes_author_and_comment_in_the_order_in_which_a_page_is_stored(
    empty_house: House,
) -> None:
    """Two orders would be a deadlock, now and then."""
    home = empty_house
    home.connect(Platform.YOUTUBE)
    home.confirm(home.decide(comment_in(home), Outcome.BLOCK))
    home.sweep(UNDONE_BY_NOW)
    ban = Action.objects.get(effect=Effect.BLOCK)
    with CaptureQueriesContext(connection) as queries:
        act.send(action_id=ban.pk)
    written = [query["sql"].split('"')[1] for query in queries if query["sql"].startswith("UPDATE")]
    order = [table for table in written if table.startswith("moderation_comment")]
    assert order[:2] == ["moderation_commenter", "moderation_comment"]


def test_nothing_goes_to_a_channel_that_is_paused(facebook_home: House) -> None:
    home = facebook_home
    remote_id = comment_in(home)
    action = action_of(home.decide(remote_id))
    pause_channel(actor=home.people.admin, channel=home.channel)
    home.sweep(UNDONE_BY_NOW)
    act.send(action_id=action.pk)  # a wake-up from before the pause
    assert home.calls() == {}
    resume_channel(actor=home.people.admin, channel=home.channel)
    home.sweep()
    assert home.calls() == {f"hide {remote_id}": 1}

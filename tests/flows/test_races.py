"""Two at once: one wins, the other is told, and the platform sees one effect."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import quantiles
from typing import Any

import pytest
from django.db import connection, connections

from jspm_social.accounts.roles import Role
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.channels import RENEWAL_LOCK, client_of, renewing
from jspm_social.platforms.contract import Target
from jspm_social.platforms.errors import RateLimited
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import BACK_OFF, Settlement, claim, judge_error
from jspm_social.platforms.states import OperationState
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Case, Comment, Decision, QueueEntry
from moderation.services import act
from moderation.services.decide import undo
from moderation.services.intake import store_page
from moderation.services.pull import pull
from moderation.services.triage import judge_comments
from moderation.states import STANDING_DECISIONS, CaseState, DecisionState
from tests.flows.harness import (
    KIND,
    NOBODY_LEFT,
    UNDONE_BY_NOW,
    House,
    action_of,
    chain_is_whole,
    decide_now,
    decision_of,
    everything_once,
    together,
)
from tests.people import make_person

ROUNDS = 5  # each race is run so often, on fresh rows


def comments_in(home: House, count: int = ROUNDS) -> list[str]:
    said = [home.say() for _ in range(count)]
    home.pull()
    return said


def attempt(work: Callable[[], Any]) -> Any:
    """The result, or the refusal that a person would have been shown."""
    try:
        return work()
    except Refused as refused:
        return refused


def unrefused(results: list[Any]) -> list[Any]:
    """What did not end in a refusal; any other error is the test's."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refused):
            raise result
    return [r for r in results if not isinstance(r, Refused)]


@pytest.mark.smoke
def test_two_moderators_decide_the_same_case(facebook_home: House) -> None:
    home = facebook_home
    people = home.people
    for remote_id in comments_in(home):
        results = together(
            partial(decide_now, people.moderator, home.case(remote_id), Outcome.HIDE),
            partial(decide_now, people.moderator2, home.case(remote_id), Outcome.KEEP),
        )
        (winner,) = unrefused(results)
        assert sum(isinstance(result, Overtaken) for result in results) == 1
        assert Decision.objects.get(case__comment__remote_id=remote_id) == winner
    home.sweep(UNDONE_BY_NOW)
    assert set(home.calls().values()) <= {1}
    assert len(home.calls()) == Decision.objects.filter(outcome=Outcome.HIDE).count()
    assert chain_is_whole()


def test_undo_against_the_worker(facebook_home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the very end of the window: either it was undone, or it was sent, never both."""
    home = facebook_home
    for remote_id in comments_in(home):
        action = action_of(home.decide(remote_id))
        Action.objects.filter(pk=action.pk).update(due_at=action.created_at)
        unrefused(
            together(
                partial(undo, actor=home.people.moderator, decision=decision_of(action)),
                partial(act.send, action_id=action.pk),
            )
        )
        action.refresh_from_db()
        decision = Decision.objects.get(pk=decision_of(action).pk)
        undone = decision.state == DecisionState.UNDONE
        sent = f"hide {remote_id}" in home.calls()
        assert undone is not sent
        state = OperationState.CANCELLED if undone else OperationState.DONE
        assert action.state == state
        assert home.case(remote_id).state == (CaseState.OPEN if undone else CaseState.CLOSED)
    assert chain_is_whole()


@pytest.mark.smoke
def test_two_workers_send_the_same_effect(home: House) -> None:
    said = comments_in(home, 3)
    for remote_id in said:
        action = action_of(home.decide(remote_id))
        home.clock.shift(UNDONE_BY_NOW)
        unrefused(together(*[partial(act.send, action_id=action.pk)] * 3))
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert set(Action.objects.values_list("attempts", flat=True)) == {1}
    assert chain_is_whole()


ROTATING = [Platform.X, Platform.BLUESKY]  # each of their refresh tokens is good once


@pytest.mark.parametrize("platform", ROTATING)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
def test_two_workers_meet_a_token_that_has_expired(
    empty_house: House, platform: Platform, *, at_once: bool
) -> None:
    """A refresh token is taken once: who comes second takes what the first has stored."""
    home = empty_house
    home.connect(platform)
    said = comments_in(home, 3)
    clients = [client_of(home.channel) for _ in said]
    home.sandbox.store.expire_token(platform)
    hides = [
        partial(client.apply, Effect.HIDE, target_of(remote_id))
        for client, remote_id in zip(clients, said, strict=True)
    ]
    unrefused(together(*hides) if at_once else [hide() for hide in hides])
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert home.sandbox.store.world(platform).tokens.serial == 1
    renewed = home.channel.access().secrets
    assert renewed["access_token"] == f"sandbox-{platform}-access-1"
    assert renewed["refresh_token"] == f"sandbox-{platform}-refresh-1"


@pytest.mark.parametrize("platform", ROTATING)
def test_a_token_that_another_worker_stored_and_that_expired_too_is_renewed(
    empty_house: House, platform: Platform
) -> None:
    home = empty_house
    home.connect(platform)
    said = comments_in(home, 2)
    quick, slow = client_of(home.channel), client_of(home.channel)
    for client, remote_id in zip((quick, slow), said, strict=True):
        home.sandbox.store.expire_token(platform)
        client.apply(Effect.HIDE, target_of(remote_id))
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert home.sandbox.store.world(platform).tokens.serial == 2


def target_of(remote_id: str) -> Target:
    comment = Comment.objects.select_related("post", "commenter").get(remote_id=remote_id)
    return Target(remote_id, comment.post.remote_id, comment.commenter.key)


def test_an_account_connected_anew_while_a_token_is_renewed_keeps_the_new_one(
    empty_house: House,
) -> None:
    """A worker that renews the old token is let finish, and is then overwritten: not after it."""
    home = empty_house
    channel = home.connect(Platform.X)
    home.sandbox.store.rotate_tokens("x")  # what the person who connects is given
    given = home.sandbox.store.credentials("x")["access_token"]
    again = threading.Thread(target=partial(on_its_own, partial(home.connect, Platform.X)))
    with renewing(channel):
        again.start()
        wait_until(somebody_waits_for_the_lock)
        Credential.objects.get(channel=channel).replace({"access_token": "renewed"})
    again.join(timeout=30)
    assert channel.access().secrets["access_token"] == given


def on_its_own(work: Callable[[], Any]) -> None:
    """Run in a thread that closes what connections it opened."""
    try:
        work()
    finally:
        connections.close_all()


def somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = %s",
            [RENEWAL_LOCK],
        )
        return cursor.fetchone() is not None


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited half a minute in vain")


def test_two_readers_of_one_channel(home: House) -> None:
    said = {home.say(text) for text in [KIND] * 15}
    channel = home.channel
    read = unrefused(together(*[partial(pull, channel=channel)] * 3))
    assert sum(read) == len(said)
    everything_once(said)


def test_three_people_confirm_at_once(facebook_home: House) -> None:
    home = facebook_home
    others = [make_person(f"m{n}", Role.MODERATOR) for n in range(3)]
    said = comments_in(home)
    for remote_id in said:
        decision = home.decide(remote_id, Outcome.DELETE)
        results = together(*(partial(home.confirm, decision, actor=who) for who in others))
        assert len(unrefused(results)) == 1
        assert Action.objects.filter(decision=decision, effect=Effect.DELETE).count() == 1
    home.sweep(UNDONE_BY_NOW)
    home.sweep()
    assert home.calls() == {f"{e} {r}": 1 for r in said for e in ("hide", "delete")}
    assert chain_is_whole()


def test_undo_against_the_second_moderator(facebook_home: House) -> None:
    """Both take the decision and its vote: in one order, or they would wait for each other."""
    home = facebook_home
    for remote_id in comments_in(home, 8):
        decision = home.decide(remote_id, Outcome.DELETE)
        done = unrefused(
            together(
                partial(undo, actor=home.people.moderator, decision=decision),
                partial(home.confirm, decision),
            )
        )
        assert len(done) == 1
        decision.refresh_from_db()
        undone = decision.state == DecisionState.UNDONE
        assert decision.state in {DecisionState.UNDONE, DecisionState.CONFIRMED}
        deletions = Action.objects.filter(decision=decision, effect=Effect.DELETE)
        assert deletions.exists() is not undone
    assert chain_is_whole()


def test_deciding_against_judging_leaves_the_queue_right(facebook_home: House) -> None:
    home = facebook_home
    said = comments_in(home, 10)
    for remote_id in said:
        comment = Comment.objects.get(remote_id=remote_id)
        results = together(
            partial(judge_comments, comment_ids=[comment.pk]),
            partial(decide_now, home.people.moderator, home.case(remote_id), Outcome.HIDE),
        )
        assert len(unrefused(results)) == 2
    assert not QueueEntry.objects.exists()


def test_a_late_answer_does_not_end_the_next_attempt(facebook_home: House) -> None:
    """A worker stood still for longer than its lease; meanwhile another one sends."""
    home = facebook_home
    action = action_of(home.decide(comments_in(home, 1)[0]))
    home.clock.shift(UNDONE_BY_NOW)
    slow = Action.objects.select_related("decision__case__comment").get(pk=action.pk)
    assert claim(slow)
    home.clock.shift(NOBODY_LEFT)
    act.mark_lapsed()
    act.reconcile(action_id=action.pk)
    home.clock.shift(timedelta(seconds=BACK_OFF[0]))
    quick = Action.objects.get(pk=action.pk)
    assert claim(quick)
    error = RateLimited("late", until=action.due_at)
    act.finish(slow, judge_error(error, attempts=1, now=action.due_at))
    quick.refresh_from_db()
    assert quick.state == OperationState.SENDING
    act.finish(quick, Settlement(OperationState.DONE, achieved="applied"))
    assert action_of(decision_of(action)).state == OperationState.DONE


def test_a_late_but_clear_answer_settles_the_doubt(home: House) -> None:
    action = action_of(home.decide(comments_in(home, 1)[0]))
    home.clock.shift(UNDONE_BY_NOW)
    slow = Action.objects.select_related(
        "channel", "decision__policy_version", "decision__case__comment"
    ).get(pk=action.pk)
    assert claim(slow)
    home.clock.shift(NOBODY_LEFT)
    act.mark_lapsed()
    assert Case.objects.get().state == CaseState.ATTENTION
    act.finish(slow, Settlement(OperationState.DONE, achieved="applied"))
    assert action_of(decision_of(action)).state == OperationState.DONE
    assert Case.objects.get().state == CaseState.CLOSED
    assert chain_is_whole()


DECIDERS, EACH = 8, 6


def test_eight_deciders_and_a_bulk_intake(
    facebook_home: House, capsys: pytest.CaptureFixture[str]
) -> None:
    home = facebook_home
    said = comments_in(home, DECIDERS * EACH)
    people = [make_person(f"d{n}", Role.MODERATOR) for n in range(DECIDERS)]
    took: list[float] = []
    other = home.connect(Platform.YOUTUBE)
    for _ in range(300):
        home.say(KIND, Platform.YOUTUBE)

    def decide_all(number: int) -> None:
        for remote_id in said[number::DECIDERS]:
            began = time.perf_counter()
            decide_now(people[number], home.case(remote_id), Outcome.HIDE)
            took.append(time.perf_counter() - began)

    def take_in(channel: Channel) -> int:
        return pull(channel=channel)

    results = together(*(partial(decide_all, n) for n in range(DECIDERS)), partial(take_in, other))
    assert unrefused(results)[-1] == 300
    assert Decision.objects.filter(state__in=STANDING_DECISIONS).count() == len(said)
    assert Comment.objects.count() == len(said) + 300
    assert chain_is_whole()
    with capsys.disabled():
        percentile = quantiles(took, n=20)[-1] * 1000
        sys.stdout.write(
            f"\n{DECIDERS} deciders and a bulk intake: 95th percentile {percentile:.0f} ms\n"
        )


def test_the_same_page_stored_by_two_processes_at_once(facebook_home: House) -> None:
    home = facebook_home
    for _ in range(20):
        home.say(KIND)
    pages = list(client_of(home.channel).pull({}))
    for page in pages:
        store = partial(store_page, channel=home.channel, comments=page.comments)
        unrefused(together(store, store, store))
    assert Comment.objects.count() == 20
    home.clock.shift(timedelta(seconds=1))
    home.pull()
    everything_once({c.remote_id for page in pages for c in page.comments})

"""Whatever people, workers and the platform do, in whatever order: the laws of an effect hold.

Random sequences of steps against a fake wire that answers, fails, loses answers or sees its
caller die. The laws are checked at the very moment at which an effect would happen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, event, given, settings, strategies as st

from jspm_social.approvals.models import Vote
from jspm_social.approvals.services import expire_due
from jspm_social.approvals.states import Choice
from jspm_social.platforms import switch
from jspm_social.platforms.capabilities import Outcome, capability
from jspm_social.platforms.contract import (
    Achieved,
    Receipt,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Missing, OutcomeUnknown, RateLimited, Rejected, Transient
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import due
from jspm_social.platforms.states import NEEDS_A_PERSON, SETTLED, OperationState
from moderation.errors import Refused
from moderation.models import Action, Case, Comment, Decision, ManualTask, QueueEntry
from moderation.services import act, second_look, tasks
from moderation.services.decide import undo
from moderation.services.intake import store_page
from moderation.services.second import confirm, put_back_expired
from moderation.services.triage import judge_pending
from moderation.states import (
    ACTIVE_CASES,
    STANDING_DECISIONS,
    CaseState,
    CommentStanding,
    DecisionState,
)
from policy.services import load_version_1
from tests.flows.harness import SPAM, decide_now
from tests.people import People, make_people

EFFECTS = StopSwitch.Kind.EFFECTS
BEGINNING = datetime(2026, 11, 1, tzinfo=UTC)
ANSWERS = ("fine", "lost after", "lost before", "dies after", "dies before", "busy", "5xx", "no")


class Death(BaseException):
    """The process ends here. Nothing of ours catches it."""


@dataclass
class Wire:
    """The platform: what is true there, and what it will answer next."""

    platform: Platform
    answer: str = "fine"
    hidden: bool = False
    removed: bool = False
    gone: bool = False
    blocked: bool = False
    clear: set[int] = field(default_factory=set)  # actions that got a clear answer

    def apply(self, effect: Effect, target: Target) -> Receipt:
        action = Action.objects.get(state=OperationState.SENDING, leased_until__gt=timezone.now())
        assert action.effect == effect
        the_law(action)
        assert action.pk not in self.clear
        answer, self.answer = self.answer, "fine"
        if answer in {"lost before", "dies before"}:
            raise OutcomeUnknown("lost") if answer == "lost before" else Death
        if answer in {"busy", "5xx", "no"}:
            raise _refusal(answer)
        if (self.gone or self.removed) and effect not in {Effect.BLOCK, Effect.UNBLOCK}:
            self.clear.add(action.pk)
            raise Missing("gone")
        self.happens(effect)
        if answer in {"lost after", "dies after"}:
            raise OutcomeUnknown("lost") if answer == "lost after" else Death
        self.clear.add(action.pk)
        return Receipt(effect, Achieved.APPLIED)

    def happens(self, effect: Effect) -> None:
        if effect in {Effect.HIDE, Effect.UNHIDE}:
            self.hidden = effect is Effect.HIDE
        elif effect in {Effect.BLOCK, Effect.UNBLOCK}:
            self.blocked = effect is Effect.BLOCK
        rejects = effect is Effect.BLOCK and self.platform is Platform.YOUTUBE
        self.removed = self.removed or effect is Effect.DELETE or rejects

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        bans = effect is Effect.BLOCK and self.platform is Platform.YOUTUBE
        if bans or self.platform is Platform.X:
            return Standing.UNREADABLE
        if effect in {Effect.BLOCK, Effect.UNBLOCK}:
            return Standing.BLOCKED if self.blocked else Standing.NOT_BLOCKED
        if self.removed or self.gone:
            return Standing.GONE
        return Standing.HIDDEN if self.hidden else Standing.VISIBLE


def _refusal(answer: str) -> Exception:
    if answer == "busy":
        return RateLimited("wait", until=timezone.now() + timedelta(minutes=15))
    return Transient("503") if answer == "5xx" else Rejected("no")


def the_law(action: Action) -> None:
    """What must be true when an effect is about to happen."""
    decision = Decision.objects.get(actions=action)
    assert not StopSwitch.objects.exists(), "nothing goes out while stopped"
    assert decision.state in STANDING_DECISIONS, "nothing goes out after undo or refusal"
    assert timezone.now() >= decision.undo_until, "nothing goes out within the undo window"
    latest = decision.case.comment.revision_number
    assert decision.revision.number == latest, "nothing goes out on an edited comment"
    cell = capability(Platform(action.channel.platform), Effect(action.effect))
    if not cell.reversible or action.effect == Effect.BLOCK:
        agreed = Vote.objects.filter(request=decision.approval, choice=Choice.APPROVE)
        voters = set(agreed.values_list("voter", flat=True))
        assert decision.state == DecisionState.CONFIRMED
        assert voters - {decision.actor_id}, "what is final takes two people"
        others = decision.actions.filter(pk__lt=action.pk)
        assert not others.filter(state=OperationState.WAITING).exists(), "the hide comes first"


@dataclass
class World:
    wire: Wire
    people: People
    comment: Comment
    clock: time_machine.Traveller

    def step(self, name: str, choice: int) -> None:
        try:
            getattr(self, name)(choice)
        except Refused:
            event(f"{name}: refused")
        except Death:
            event(f"{name}: died")
        self.holds()

    def _person(self, choice: int) -> Any:
        return (self.people.moderator, self.people.moderator2)[choice % 2]

    def _case(self) -> Case | None:
        return Case.objects.filter(comment=self.comment).order_by("-opened_at", "-pk").first()

    def _decision(self) -> Decision | None:
        return Decision.objects.order_by("-decided_at", "-pk").first()

    # --- people

    def decide(self, choice: int) -> None:
        case = self._case()
        if case is not None:
            decide_now(self._person(choice), case, list(Outcome)[choice % len(Outcome)])

    def undo(self, choice: int) -> None:
        if decision := self._decision():
            undo(actor=self._person(choice), decision=decision)

    def agree(self, choice: int) -> None:
        if decision := self._decision():
            confirm(actor=self._person(choice), decision=decision, agree=True)

    def refuse(self, choice: int) -> None:
        if decision := self._decision():
            confirm(actor=self._person(choice), decision=decision, agree=False, note="いいえ")

    def reconsider(self, choice: int) -> None:
        second_look.reconsider(actor=self._person(choice), comment=self.comment)

    def flag(self, choice: int) -> None:
        second_look.flag(actor=self.people.member, comment=self.comment, note="")

    def stop(self, choice: int) -> None:
        switch.stop(actor=self.people.member, kind=EFFECTS, reason="確認")

    def resume(self, choice: int) -> None:
        switch.resume(actor=self.people.moderator, kind=EFFECTS)

    def by_hand(self, choice: int) -> None:
        """What the page would offer, on a row as the page had read it."""
        action = Action.objects.order_by("-pk").first()
        if action is None:
            return
        actor, verb = self._person(choice), choice % 3
        if verb == 0:
            act.send_again(actor=actor, action=action)
            self.wire.clear.discard(action.pk)  # a person wants it again
        elif verb == 1:
            act.mark_done(actor=actor, action=action)
            self.wire.happens(Effect(action.effect))  # the person saw to it
        else:
            act.give_up(actor=actor, action=action, note="不要")

    def task(self, choice: int) -> None:
        for task in ManualTask.objects.all():
            tasks.claim(actor=self._person(choice), task=task)
            tasks.close(actor=self._person(choice), task=task, done=bool(choice % 3), note="済")

    # --- the platform

    def answers(self, choice: int) -> None:
        self.wire.answer = ANSWERS[choice % len(ANSWERS)]

    def vanishes(self, choice: int) -> None:
        self.wire.gone = choice % 4 == 0

    def edited(self, choice: int) -> None:
        store_page(channel=self.comment.channel, comments=[said(f"{SPAM} {choice}")])
        judge_pending()

    # --- machinery and time

    def time_goes_by(self, choice: int) -> None:
        self.clock.shift((5, 16, 60, 400, 4000, 8 * 86_400)[choice % 6])

    def send(self, choice: int) -> None:
        """A wake-up for any row at all, due or not."""
        for pk in list(Action.objects.values_list("pk", flat=True)):
            act.send(action_id=pk)

    def sweep(self, choice: int) -> None:
        act.mark_lapsed()
        for pk in list(due(Action.objects.all(), timezone.now()).values_list("pk", flat=True)):
            act.send(action_id=pk)
        for pk in list(Action.objects.values_list("pk", flat=True)):
            act.reconcile(action_id=pk)
        expire_due()
        put_back_expired()

    # --- what is always true

    def holds(self) -> None:
        active = list(Case.objects.filter(state__in=ACTIVE_CASES))
        assert len(active) <= 1
        for case in Case.objects.all():
            standing = case.decisions.filter(state__in=STANDING_DECISIONS)
            assert standing.count() <= 1
            self._case_tells_the_truth(case, standing.first())
        queued = set(QueueEntry.objects.values_list("case", flat=True))
        assert queued == {case.pk for case in active if case.state == CaseState.OPEN}

    def _case_tells_the_truth(self, case: Case, decision: Decision | None) -> None:
        effects = set(decision.actions.values_list("state", flat=True)) if decision else set()
        match case.state:
            case CaseState.OPEN:
                assert decision is None
            case CaseState.CLOSED:
                assert decision is not None
                assert effects <= SETTLED
            case CaseState.ATTENTION:
                assert effects & NEEDS_A_PERSON
            case CaseState.AWAITING_SECOND:
                assert decision is not None
                assert decision.state == DecisionState.AWAITING_SECOND
            case CaseState.ACTING:
                assert decision is not None

    def comes_to_rest(self) -> None:
        """In the end, with a kind platform and nobody doing anything, what is ours is true."""
        self.resume(0)
        self.wire.answer = "fine"
        for _ in range(20):
            self.clock.shift(4000)
            self.sweep(0)
        self.holds()
        unsettled = Action.objects.exclude(state__in=SETTLED).values_list("state", flat=True)
        assert set(unsettled) <= NEEDS_A_PERSON
        self.comment.refresh_from_db()
        if self.comment.standing == CommentStanding.REMOVED:
            assert self.wire.removed, "ours only if we did it"


def said(text: str) -> RemoteComment:
    return RemoteComment(
        remote_id="c1",
        post=RemotePostRef("p1", "お知らせ"),
        author=RemoteAuthor("a1", "名前", "who"),
        text=text,
        created_at=BEGINNING - timedelta(days=1),
        raw=b"{}",
    )


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[People]:
    """People and policy, once for all examples; undone with the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_version_1()
        yield make_people()
        transaction.set_rollback(True)


@contextmanager
def world(platform: Platform, people: People) -> Iterator[World]:
    """A fresh world in a transaction that is rolled back."""
    wire = Wire(platform)
    with (
        transaction.atomic(),
        time_machine.travel(BEGINNING, tick=False) as clock,
        mock.patch.object(act, "client_of", return_value=wire),
    ):
        channel = Channel.objects.create(platform=platform, name="c", account_id="1")
        store_page(channel=channel, comments=[said(SPAM)])
        judge_pending()
        yield World(wire, people, Comment.objects.get(), clock)
        transaction.set_rollback(True)


STEPS = (
    *("decide", "undo", "agree", "agree", "refuse", "reconsider", "flag", "stop", "resume"),
    *("by_hand", "task", "answers", "answers", "vanishes", "edited", "send", "sweep", "sweep"),
    *("time_goes_by", "time_goes_by", "time_goes_by", "decide"),
)


@pytest.mark.smoke
@pytest.mark.parametrize("platform", [Platform.X, Platform.FACEBOOK, Platform.YOUTUBE])
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 23)), min_size=8, max_size=40)
)
@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_laws_hold_whatever_happens(
    cast: People,
    django_db_blocker: Any,
    platform: Platform,
    steps: list[tuple[str, int]],
) -> None:
    with django_db_blocker.unblock(), world(platform, cast) as here:
        for name, choice in steps:
            here.step(name, choice)
        here.comes_to_rest()

"""Agreed shares, likes and follows: done once, never an answer, and a person where in doubt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms import comment_links
from jspm_social.platforms.engaging import Engagement, Subject
from jspm_social.platforms.errors import (
    AuthExpired,
    Missing,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import LEASE
from jspm_social.platforms.publishing import Progress
from jspm_social.platforms.states import ChannelState, OperationState
from posts import jobs
from posts.errors import Refused
from posts.models import ActionOperation, RegisteredAction
from posts.register_rules import Kind, Relation
from posts.services import engage, register
from posts.states import ActionState
from tests.people import People, client_of
from tests.posts.making import make_channel

URL = "https://bsky.app/profile/other.example/post/3abc"


class Death(BaseException):
    """The process ends here. Nothing of ours catches it."""


@dataclass
class There:
    """What is true on the platform, and what happens to the next request."""

    to_us: bool = False
    did: list[str] = field(default_factory=list)
    answer: BaseException | None = None  # of the next doing
    arrives: bool = False  # whether it is done although it is answered like that
    look: PlatformError | None = None

    def resolve(self, engagement: Engagement, url: str) -> Subject:
        if self.look:
            raise self.look
        return Subject(f"{engagement.value} {url}", to_us=self.to_us)

    def stands(self, engagement: Engagement, subject: Subject, progress: Progress) -> bool:
        return subject.id in self.did

    def perform(self, engagement: Engagement, subject: Subject, progress: Progress) -> None:
        progress.keep(begun="yes")
        answer, self.answer = self.answer, None
        if answer is None or self.arrives:
            assert subject.id not in self.did, "nothing is done twice"
            self.did.append(subject.id)
        if answer is not None:
            raise answer


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def there() -> Iterator[There]:
    there = There()
    with mock.patch.object(engage, "engager_of", return_value=there):
        yield there


@pytest.fixture
def account(db: None) -> Channel:
    return make_channel(Platform.BLUESKY)


def agreed(people: People, account: Channel, kind: Kind = Kind.SHARE) -> RegisteredAction:
    relation = Relation.SOCIETY
    stated = {"target_url": URL, "relation": relation}
    action = register.propose(actor=people.admin, kind=kind, channel=account, stated=stated)
    register.answer(actor=people.member, action=action, agree=True)
    return action


def run(action: RegisteredAction) -> ActionOperation:
    operation = ActionOperation.objects.get(action=action)
    engage.perform(operation_id=operation.pk)
    action.refresh_from_db()
    operation.refresh_from_db()
    return operation


def look(operation: ActionOperation) -> ActionOperation:
    engage.reconcile(operation_id=operation.pk)
    operation.refresh_from_db()
    return operation


# --- what is done


@pytest.mark.parametrize("kind", [Kind.SHARE, Kind.LIKE, Kind.FOLLOW])
def test_agreed_to_means_done_once(
    people: People, account: Channel, there: There, kind: Kind
) -> None:
    action = agreed(people, account, kind)
    operation = run(action)
    run(action)
    assert there.did == [f"{kind.value} {URL}"]
    assert (operation.state, action.state) == (OperationState.DONE, ActionState.DONE)
    assert action.done_by is None
    assert (action.review_on is not None) == (kind == Kind.FOLLOW)
    assert AuditEvent.objects.filter(verb="action.sent").count() == 1


def test_nothing_goes_out_before_it_is_agreed_to(people: People, account: Channel) -> None:
    stated = {"target_url": URL, "relation": Relation.OURS}
    register.propose(actor=people.admin, kind=Kind.SHARE, channel=account, stated=stated)
    assert not ActionOperation.objects.exists()


def test_what_was_done_by_hand_already_is_not_done_again(
    people: People, account: Channel, there: There
) -> None:
    action = agreed(people, account)
    there.did.append(f"share {URL}")
    assert run(action).state == OperationState.DONE
    assert there.did == [f"share {URL}"]


@pytest.mark.parametrize(
    ("platform", "kind"),
    [(Platform.X, Kind.LIKE), (Platform.X, Kind.FOLLOW), (Platform.FACEBOOK, Kind.SHARE)],
)
def test_what_the_api_does_not_offer_stays_a_manual_task(
    people: People, platform: Platform, kind: Kind
) -> None:
    action = agreed(people, make_channel(platform), kind)
    assert not ActionOperation.objects.exists()
    register.carry_out(actor=people.member, action=action, outcome="")
    action.refresh_from_db()
    assert (action.state, action.done_by) == (ActionState.DONE, people.member)


def test_without_the_permission_it_stays_a_manual_task(people: People) -> None:
    server = make_channel(Platform.MASTODON)
    Channel.objects.update(granted=["write:statuses"])
    server.refresh_from_db()
    agreed(people, server, Kind.LIKE)
    assert not ActionOperation.objects.exists()


# --- what is looked at once more


def test_a_comment_to_us_is_neither_liked_nor_shared_at_send(
    people: People, account: Channel, there: There
) -> None:
    action = agreed(people, account, Kind.LIKE)
    with mock.patch.object(comment_links, "_look_up", [lambda *_: True]):
        operation = run(action)
    assert (operation.state, there.did) == (OperationState.FAILED, [])
    assert engage.AN_ANSWER in operation.trouble


def test_a_comment_to_us_that_only_the_platform_knows_is_refused_too(
    people: People, account: Channel, there: There
) -> None:
    there.to_us = True
    action = agreed(people, account, Kind.LIKE)
    operation = run(action)
    assert (operation.state, there.did) == (OperationState.FAILED, [])
    assert engage.AN_ANSWER in operation.trouble
    assert action.state == ActionState.AGREED


def test_what_would_answer_is_not_done_by_hand_either(
    people: People, account: Channel, there: There
) -> None:
    there.to_us = True
    action = agreed(people, account, Kind.LIKE)
    run(action)
    page = client_of(people.member).get(f"/posts/register/{action.pk}/").content.decode()
    assert "行わないでください" in page
    assert "実施したと記録する" not in page
    with pytest.raises(Refused, match="返信にあたる"):
        register.carry_out(actor=people.member, action=action, outcome="画面で行った")
    register.drop(actor=people.member, action=action)
    action.refresh_from_db()
    assert action.state == ActionState.DROPPED


def test_what_was_changed_after_the_votes_is_not_done(
    people: People, account: Channel, there: There
) -> None:
    action = agreed(people, account)
    RegisteredAction.objects.update(target_url="https://bsky.app/profile/evil.example/post/3abc")
    assert run(action).state == OperationState.FAILED
    assert there.did == []


def test_a_permission_that_was_taken_back_stops_it(people: People, there: There) -> None:
    server = make_channel(Platform.MASTODON)
    action = agreed(people, server)
    Channel.objects.update(granted=["read:statuses"])
    operation = run(action)
    assert (operation.state, there.did) == (OperationState.FAILED, [])
    assert operation.trouble.startswith("Unsupported")


def test_the_emergency_stop_holds_it(people: People, account: Channel, there: There) -> None:
    action = agreed(people, account)
    StopSwitch.objects.create(
        kind=StopSwitch.Kind.PUBLISHING, reason="確認中", stopped_by=people.member
    )
    assert run(action).state == OperationState.WAITING
    with mock.patch.object(jobs, "wake") as wake:
        jobs.sweep()
    assert not [c for c in wake.call_args_list if c.args[0] == "posts.jobs.perform_action"]
    StopSwitch.objects.all().delete()
    assert run(action).state == OperationState.DONE


def test_a_paused_account_waits(people: People, account: Channel, there: There) -> None:
    action = agreed(people, account)
    Channel.objects.update(state=ChannelState.PAUSED)
    assert run(action).state == OperationState.WAITING
    assert there.did == []


# --- when something breaks


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_is_settled_by_looking(
    people: People, account: Channel, there: There, arrives: bool
) -> None:
    there.answer, there.arrives = OutcomeUnknown("lost"), arrives
    action = agreed(people, account)
    operation = run(action)
    assert (operation.state, action.state) == (OperationState.UNKNOWN, ActionState.AGREED)
    ActionOperation.objects.update(due_at=timezone.now())
    look(operation)
    run(action)
    assert there.did == [f"share {URL}"]
    action.refresh_from_db()
    assert action.state == ActionState.DONE


@pytest.mark.parametrize("arrives", [True, False])
def test_a_worker_that_dies_leaves_it_unknown_and_never_twice(
    people: People, account: Channel, there: There, arrives: bool, clock: time_machine.Traveller
) -> None:
    there.answer, there.arrives = Death(), arrives
    action = agreed(people, account)
    operation = ActionOperation.objects.get()
    with pytest.raises(Death):
        engage.perform(operation_id=operation.pk)
    clock.shift(LEASE + timedelta(seconds=1))
    assert engage.mark_lapsed() == 1
    operation.refresh_from_db()
    assert operation.state == OperationState.UNKNOWN
    look(operation)
    run(action)
    assert there.did == [f"share {URL}"]
    assert action.state == ActionState.DONE


def test_a_clear_answer_that_comes_late_still_counts(
    people: People, account: Channel, there: There, clock: time_machine.Traveller
) -> None:
    action = agreed(people, account)

    def slow(*_: object) -> None:
        clock.shift(LEASE + timedelta(seconds=1))
        assert engage.mark_lapsed() == 1

    with mock.patch.object(there, "perform", slow):
        operation = run(action)
    assert (operation.state, action.state) == (OperationState.DONE, ActionState.DONE)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Transient("503"), OperationState.WAITING),
        (RateLimited("wait", until=timezone.now() + timedelta(days=1)), OperationState.WAITING),
        (AuthExpired("dead"), OperationState.WAITING),
        (Unsupported("not our plan"), OperationState.FAILED),
        (Rejected("no"), OperationState.FAILED),
        (Missing("gone"), OperationState.FAILED),
    ],
)
def test_a_refusal_does_nothing_and_says_what_is_next(
    people: People, account: Channel, there: There, error: PlatformError, state: OperationState
) -> None:
    there.answer = error
    action = agreed(people, account)
    assert run(action).state == state
    assert (there.did, action.state) == ([], ActionState.AGREED)


def test_an_outcome_that_cannot_be_read_waits_for_a_person(
    people: People, account: Channel, there: There
) -> None:
    there.answer = OutcomeUnknown("lost")
    operation = run(agreed(people, account))
    there.look = Unsupported("nobody can ask")
    ActionOperation.objects.update(due_at=timezone.now())
    assert (look(operation).state, operation.readings) == (OperationState.UNKNOWN, 1)


# --- and a person


def test_a_person_takes_over_what_failed(people: People, account: Channel, there: There) -> None:
    there.answer = Rejected("no")
    action = agreed(people, account)
    run(action)
    register.carry_out(actor=people.member, action=action, outcome="画面で行った")
    assert ActionOperation.objects.get().state == OperationState.CANCELLED
    action.refresh_from_db()
    assert action.done_by == people.member


def test_what_is_dropped_is_not_done(people: People, account: Channel, there: There) -> None:
    action = agreed(people, account)
    register.drop(actor=people.member, action=action)
    assert run(action).state == OperationState.CANCELLED
    assert there.did == []


def test_nobody_takes_over_while_it_is_being_done(people: People, account: Channel) -> None:
    action = agreed(people, account)
    ActionOperation.objects.update(state=OperationState.SENDING)
    with pytest.raises(Refused, match="いま実施"):
        register.carry_out(actor=people.member, action=action, outcome="")
    with pytest.raises(Refused, match="いま実施"):
        register.drop(actor=people.member, action=action)
    action.refresh_from_db()
    assert action.state == ActionState.AGREED


def test_the_page_says_who_does_it(people: People, account: Channel, there: There) -> None:
    action = agreed(people, account)
    member = client_of(people.member)
    address = f"/posts/register/{action.pk}/"
    page = member.get(address).content.decode()
    assert "まもなく実施されます" in page
    assert "実施したと記録する" not in page
    there.answer = Rejected("no")
    run(action)
    page = member.get(address).content.decode()
    assert "プラットフォームに断られました" in page
    assert "実施したと記録する" in page
    ActionOperation.objects.update(state=OperationState.WAITING)
    run(action)
    assert "コンソール・" in member.get(address).content.decode()

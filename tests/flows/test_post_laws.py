"""Whatever authors, reviewers, workers and platforms do, in whatever order: the laws of publishing.

Random sequences of steps against a fake wire that answers, fails, loses answers or sees its
caller die. The laws are checked at the very moment at which a post would go out.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import (
    HealthCheck,
    Phase,
    currently_in_test_context,
    event,
    given,
    settings,
    strategies as st,
)

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals.models import Vote
from jspm_social.approvals.services import expire_due
from jspm_social.approvals.states import Choice
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import PublishRequest
from jspm_social.platforms.states import NEEDS_A_PERSON, SETTLED, OperationState
from policy.services import load_version_1
from posts import jobs
from posts.errors import Refused
from posts.models import Delivery, FastLane, MediaFile, Post
from posts.services import (
    by_hand,
    drafting,
    emergency,
    gate,
    library,
    look,
    publish,
    review,
    scheduling,
    settlement,
)
from posts.states import PostState
from tests.people import People, make_people, make_person
from tests.posts import making
from tests.posts.test_library import RIGHTS, jpeg, upload
from tests.posts.wire import ANSWERS, Death, Wire

Exact: TypeAlias = tuple[int, str, tuple[tuple[str, str], ...]]
"""Channel, words, and of each picture the digest of its bytes and its alternative text."""

PICTURE = jpeg(60, 60)
BEGINNING = datetime(2026, 11, 2, tzinfo=UTC)
LATE = timedelta(minutes=20)


def _note(what: str) -> None:
    """For hypothesis' statistics, where it is hypothesis that runs this."""
    if currently_in_test_context():
        event(what)


@dataclass
class World:
    """One post on its way, and everybody around it. `wrote` is the tests' own memory of who
    changed which text since the last complete approval, `approved` of exactly what was agreed to
    for each channel: words, alternative texts, the very bytes of the picture.
    """

    wires: dict[int, Wire]
    persons: list[User]
    channels: list[Channel]
    clock: time_machine.Traveller
    file: MediaFile
    bytes: dict[str, str]  # the digests of the pictures' bytes, read when they were made
    wrote: set[int] = field(default_factory=set)
    approved: dict[Exact, set[int]] = field(default_factory=dict)  # → who approved it

    @property
    def post(self) -> Post:
        return Post.objects.get()

    def step(self, name: str, choice: int) -> None:
        try:
            with transaction.atomic():
                getattr(self, name)(choice)
        except Refused:
            _note(f"{name}: refused")
        self.holds()

    def _person(self, choice: int) -> User:
        return self.persons[choice % len(self.persons)]

    # --- the laws

    def the_law(self, request: PublishRequest) -> None:
        """What must be true when a post is about to go out."""
        delivery = Delivery.objects.get(key=request.key)
        now = timezone.now()
        assert delivery.state == OperationState.SENDING
        assert not StopSwitch.objects.exists(), "nothing goes out while stopped"
        assert delivery.planned_at <= now <= delivery.planned_at + LATE, "nor before, nor late"
        window = delivery.submission
        assert window.not_before <= delivery.planned_at <= window.not_after
        assert delivery.post.state == PostState.SCHEDULED
        voters = self.approved.get(_sent(delivery.channel_id, request), set())
        assert voters, f"nobody approved {request.text!r}, byte for byte"
        votes = Vote.objects.filter(request=window.approval, choice=Choice.APPROVE)
        assert set(votes.values_list("voter", flat=True)) == voters
        self._are_enough(voters, urgent=FastLane.objects.filter(submission=window).exists())
        if delivery.channel.platform == Platform.LINE:
            others = delivery.post.deliveries.exclude(pk=delivery.pk)
            assert set(others.values_list("state", flat=True)) <= SETTLED, "LINE goes last"

    def _are_enough(self, voters: set[int], *, urgent: bool) -> None:
        """By enough people: two on the fast lane, the chair and somebody else who is a member."""
        roles = {person.pk: set(person.roles) for person in self.persons}
        if urgent:
            _note("sent as urgent")
            pairs = [(a, b) for a in voters for b in voters if a != b]
            assert any(Role.CHAIR in roles[a] and Role.MEMBER in roles[b] for a, b in pairs)
            return
        needed = 2 if any(c.platform == Platform.LINE for c in self.channels) else 1
        assert sum(Role.MEMBER in roles[voter] for voter in voters) >= needed

    # --- people

    def describes(self, choice: int) -> None:
        """Somebody writes another alternative text. Whatever was not yet scheduled must be
        approved anew; what was goes out as it was approved.
        """
        rights = {"alt": f"写真の説明{choice}"}
        library.change_rights(actor=self._person(choice), file=self.file, rights=rights)

    def tampers(self, choice: int) -> None:
        """Other bytes lie where the approved ones were."""
        stored = self.file.renditions.all()[choice % self.file.renditions.count()]
        Path(stored.file.path).write_bytes(b"another picture %d" % choice)

    def edits(self, choice: int) -> None:
        person = self._person(choice)
        before = self.post.content
        making.edit(person, self.post, f"本文{choice}", cut=bool(choice % 2))
        if self.post.content != before:
            self.wrote.add(person.pk)

    def submits(self, choice: int) -> None:
        person = self._person(choice)
        now = timezone.now()
        why = "災害のため" if choice % 4 == 0 else None
        until = now + timedelta(hours=1 + choice % 48)
        making.submit(person, self.post, not_after=until, urgent_because=why)

    def approves(self, choice: int) -> None:
        self._answers(choice, Choice.APPROVE)

    def sends_back(self, choice: int) -> None:
        self._answers(choice, Choice.REJECT)

    def _answers(self, choice: int, said: Choice) -> None:
        submission = gate.current(self.post)
        if submission is None:
            return
        person = self._person(choice)
        review.answer(
            actor=person,
            post=self.post,
            seen_hash=submission.content_hash,
            choice=said,
            note="なおしてください",
        )
        assert person.pk not in self.wrote, "nobody who wrote it answers for it"
        assert person.pk != submission.submitted_by_id
        if self.post.state == PostState.APPROVED:
            voters = {v.voter_id for v in submission.approval.votes.all()}
            for channel in self.channels:
                payload = submission.payloads[str(channel.pk)]
                self.approved[_agreed(channel.pk, payload, self.bytes)] = voters
            self.wrote.clear()

    def takes_back(self, choice: int) -> None:
        review.take_back(actor=self._person(choice), post=self.post)

    def schedules(self, choice: int) -> None:
        at = timezone.now() + timedelta(minutes=(0, 1, 30, 300)[choice % 4])
        times = {channel.pk: at for channel in self.channels}
        scheduling.schedule(actor=self._person(choice), post=self.post, times=times)

    def moves(self, choice: int) -> None:
        delivery = Delivery.objects.order_by("-pk").first()
        if delivery is not None:
            at = timezone.now() + timedelta(minutes=choice * 7)
            scheduling.move_to(actor=self._person(choice), delivery=delivery, at=at)

    def unschedules(self, choice: int) -> None:
        scheduling.unschedule(actor=self._person(choice), post=self.post, reason="")

    def drops(self, choice: int) -> None:
        verb = drafting.drop if choice % 2 else drafting.take_up
        more = {"reason": "中止"} if choice % 2 else {}
        verb(actor=self._person(choice), post=self.post, **more)

    def stops(self, choice: int) -> None:
        emergency.stop(actor=self._person(choice), reason="確認")

    def asks_to_resume(self, choice: int) -> None:
        emergency.ask_to_resume(actor=self._person(choice))

    def agrees_to_resume(self, choice: int) -> None:
        emergency.agree_to_resume(actor=self._person(choice))
        waiting = Delivery.objects.filter(state=OperationState.WAITING)
        assert not waiting.filter(planned_at__lte=timezone.now()).exists(), "asked about anew"

    def by_hand(self, choice: int) -> None:
        """What the page offers, by somebody who has looked at the platform."""
        delivery = Delivery.objects.filter(state__in=NEEDS_A_PERSON).order_by("-pk").first()
        if delivery is None:
            return
        stands = str(delivery.key) in self.wires[delivery.channel_id].posts
        actor = self._person(choice)
        if stands:
            by_hand.mark_published(
                actor=actor, delivery=delivery, permalink="https://example.net/p"
            )
        elif choice % 2:
            at = timezone.now() + timedelta(minutes=choice)
            by_hand.send_again(actor=actor, delivery=delivery, at=at)
        else:
            by_hand.give_up(actor=actor, delivery=delivery, note="不要")

    # --- machinery, platforms and time

    def answers(self, choice: int) -> None:
        wire = list(self.wires.values())[choice % len(self.wires)]
        wire.answer = ANSWERS[choice % len(ANSWERS)]

    def time_goes_by(self, choice: int) -> None:
        self.clock.shift((5, 60, 301, 1300, 4000, 90_000)[choice % 6])

    def send(self, choice: int) -> None:
        """A wake-up for any row at all, due or not."""
        for pk in list(Delivery.objects.values_list("pk", flat=True)):
            self._may_die(publish.send, pk)

    def sweep(self, choice: int) -> None:
        settlement.mark_lapsed()
        for state, job in (
            (OperationState.WAITING, publish.send),
            (OperationState.UNKNOWN, look.reconcile),
            (OperationState.DONE, look.read_back),
        ):
            for pk in list(Delivery.objects.filter(state=state).values_list("pk", flat=True)):
                self._may_die(job, pk)
        expire_due()
        review.put_back_expired()

    def _may_die(self, job: Any, pk: int) -> None:
        try:
            job(delivery_id=pk)
        except Death:
            _note("died")

    # --- what is always true

    def holds(self) -> None:
        post = self.post
        active = post.deliveries.exclude(state=OperationState.CANCELLED)
        states = set(active.values_list("state", flat=True))
        if post.state == PostState.SENT:
            assert states == {OperationState.DONE}
        elif post.state == PostState.SCHEDULED:
            assert states - SETTLED, "somebody still has to do something"
        else:
            assert not states
        if post.state == PostState.REVIEW:
            assert gate.current(post) is not None
        for delivery in post.deliveries.filter(state=OperationState.DONE):
            assert str(delivery.key) in self.wires[delivery.channel_id].posts or (
                delivery.permalink == "https://example.net/p"
            )

    def comes_to_rest(self) -> None:
        """In the end, with kind platforms and nobody doing anything, nothing hangs."""
        for wire in self.wires.values():
            wire.answer = "fine"
        StopSwitch.objects.all().delete()
        for _ in range(12):
            self.clock.shift(1000)
            self.sweep(0)
        self.holds()
        unsettled = Delivery.objects.exclude(state__in=SETTLED)
        waiting = unsettled.filter(planned_at__lte=timezone.now())
        assert set(waiting.values_list("state", flat=True)) <= NEEDS_A_PERSON
        for channel, wire in self.wires.items():
            mine = {str(d.key) for d in Delivery.objects.filter(channel=channel)}
            assert set(wire.posts) <= mine


def _agreed(channel: int, payload: dict[str, Any], held: dict[str, str]) -> Exact:
    """What a channel is to be sent, by the approved payload and the bytes that it names."""
    media = tuple((held[item["sha256"]], item["alt"]) for item in payload["media"])
    return channel, payload["text"], media


def _sent(channel: int, request: PublishRequest) -> Exact:
    """What a channel is being sent: the bytes are read as a platform would read them."""
    media = []
    for item in request.media:
        assert item.open
        with item.open() as stream:
            media.append((hashlib.sha256(stream.read()).hexdigest(), item.alt))
    return channel, request.text, tuple(media)


@pytest.fixture(scope="module")
def cast(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    """People and policy, once for all examples; undone with the module."""
    place = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with place, django_db_blocker.unblock(), transaction.atomic():
        load_version_1()
        yield make_people()
        transaction.set_rollback(True)


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@contextmanager
def world(platforms: tuple[Platform, ...], people: People) -> Iterator[World]:
    """A fresh world in a transaction that is rolled back."""
    with transaction.atomic(), time_machine.travel(BEGINNING, tick=False) as clock:
        members = [make_person(f"m{n}", Role.MEMBER) for n in range(2)]
        channels = [making.make_channel(platform) for platform in platforms]
        wires = {
            channel.pk: Wire(
                repeatable=channel.platform == Platform.LINE,
                findable=channel.platform != Platform.LINE,
            )
            for channel in channels
        }
        author = people.member
        both = make_person("both", Role.CHAIR, Role.MEMBER)
        file = library.take_in(actor=author, upload=upload(PICTURE), rights=RIGHTS)
        held = {one.sha256: _digest(one.file.path) for one in file.renditions.all()}
        persons = [author, *members, people.reviewer, people.chair, both]
        here = World(wires, persons, channels, clock, file, held)
        making.draft(author, *channels, body="本文", media=(file.pk,))
        here.wrote.add(author.pk)
        for wire in wires.values():
            wire.law = here.the_law
        with (
            mock.patch.object(publish, "publisher_of", lambda channel: wires[channel.pk]),
            mock.patch.object(look, "publisher_of", lambda channel: wires[channel.pk]),
        ):
            yield here
        transaction.set_rollback(True)


STEPS = (
    *("edits", "submits", "submits", "approves", "approves", "approves", "approves"),
    *("sends_back", "takes_back", "schedules", "schedules", "schedules", "moves"),
    *("describes", "tampers"),
    *("unschedules", "drops", "stops", "asks_to_resume", "agrees_to_resume", "by_hand"),
    *("answers", "answers", "time_goes_by", "time_goes_by", "send", "sweep", "sweep"),
)
STRAIGHT = (("submits", 0), ("approves", 4), ("approves", 1), ("schedules", 0))  # as urgent
USUAL = (("submits", 6), ("approves", 1), ("approves", 2), ("schedules", 0))


@pytest.mark.smoke
@pytest.mark.parametrize(
    "platforms",
    [(Platform.X,), (Platform.FACEBOOK, Platform.LINE), (Platform.BLUESKY, Platform.MASTODON)],
    ids=["one", "with an irreversible one", "two"],
)
@given(
    first=st.sampled_from([(), USUAL[:1], USUAL[:3], USUAL, STRAIGHT[:2], STRAIGHT]),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 23)), min_size=8, max_size=40),
)
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_laws_of_publishing_hold_whatever_happens(
    cast: People,
    django_db_blocker: Any,
    platforms: tuple[Platform, ...],
    first: tuple[tuple[str, int], ...],
    steps: list[tuple[str, int]],
) -> None:
    with django_db_blocker.unblock(), world(platforms, cast) as here:
        for name, choice in [*first, *steps]:
            here.step(name, choice)
        here.comes_to_rest()


@pytest.mark.parametrize("way", [USUAL, STRAIGHT], ids=["usual", "urgent"])
def test_the_straight_way_goes_out_once(
    cast: People, django_db_blocker: Any, way: tuple[tuple[str, int], ...]
) -> None:
    with django_db_blocker.unblock(), world((Platform.X, Platform.LINE), cast) as here:
        for name, choice in [*way, ("sweep", 0), ("sweep", 0), ("sweep", 0)]:
            here.step(name, choice)
        assert here.post.state == PostState.SENT
        assert [len(wire.posts) for wire in here.wires.values()] == [1, 1]
        assert {d.stands for d in Delivery.objects.all()} == {"本文"}


def test_other_bytes_than_the_approved_ones_never_go_out(
    cast: People, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), world((Platform.X,), cast) as here:
        steps = [*USUAL, *(("tampers", number) for number in range(7)), ("sweep", 0)]
        for name, choice in steps:
            here.step(name, choice)
        assert Delivery.objects.get().state == OperationState.FAILED
        assert [wire.posts for wire in here.wires.values()] == [{}]


def test_the_sweeper_wakes_what_is_due(cast: People, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), world((Platform.X,), cast) as here:
        for name, choice in (*USUAL[:2], USUAL[3]):
            here.step(name, choice)
        with mock.patch.object(jobs, "wake") as wake:
            jobs.sweep()
        wake.assert_called_once_with("posts.jobs.send", Delivery.objects.get().pk, queue="act")

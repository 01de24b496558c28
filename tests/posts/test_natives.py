"""Posts that the console did not publish: noticed once, never a false alarm, settled by a person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from hypothesis import example, given, settings, strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    ReadingPaused,
    Transient,
)
from jspm_social.platforms.models import Channel, RemotePost
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Published
from jspm_social.platforms.states import ChannelState, OperationState
from posts import jobs
from posts.errors import Overtaken, Refused
from posts.models import Correction, Delivery, NativePost, Watch
from posts.queries import older_than_connection
from posts.services import by_hand, look, native_answers, natives, publish
from posts.states import NativeState
from tests.people import People, client_of
from tests.posts.making import draft, make_channel, scheduled
from tests.posts.wire import Wire

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-02T10:00Z", tick=False) as clock:
        yield clock


@dataclass
class Account:
    """What stands on an account, and what was asked of it."""

    posts: list[Published] = field(default_factory=list)
    error: PlatformError | None = None
    since: list[datetime] = field(default_factory=list)

    def recent(self, since: datetime) -> Iterator[Published]:
        self.since.append(since)
        if self.error:
            raise self.error
        return iter([p for p in self.posts if p.published_at and p.published_at >= since])

    def by_hand(
        self, remote_id: str, text: str = "手で出した投稿です。", at: datetime | None = None
    ) -> None:
        moment = at or timezone.now()
        self.posts.append(Published(remote_id, f"https://example.net/p/{remote_id}", text, moment))


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    with mock.patch.object(natives, "own_posts_of", return_value=account):
        yield account


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    with (
        mock.patch.object(publish, "publisher_of", return_value=wire),
        mock.patch.object(look, "publisher_of", return_value=wire),
    ):
        yield wire


@pytest.fixture
def channel(channel: Channel, clock: time_machine.Traveller) -> Channel:
    """An account that was connected an hour ago."""
    clock.shift(HOUR)
    return channel


def sent(people: People, channel: Channel, wire: Wire, account: Account) -> Delivery:
    """A post that the console sent just now; it stands on the account."""
    delivery = scheduled(people, channel).deliveries.get()
    publish.send(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    if delivery.remote_id or delivery.state == OperationState.UNKNOWN:
        account.by_hand(str(delivery.key), delivery.payload["text"])
    return delivery


def noticed(channel: Channel) -> list[str]:
    natives.look(channel=channel)
    rows = NativePost.objects.filter(remote__channel=channel).order_by("pk")
    return list(rows.values_list("remote__remote_id", flat=True))


def a_native(channel: Channel, account: Account, remote_id: str = "native-1") -> NativePost:
    account.by_hand(remote_id)
    natives.look(channel=channel)
    return NativePost.objects.get(remote__remote_id=remote_id)


# --- what is noticed


def test_a_post_by_hand_is_noticed_once_with_text_link_and_time(
    channel: Channel, account: Account, clock: time_machine.Traveller
) -> None:
    native = a_native(channel, account)
    assert (native.remote.text, native.state) == ("手で出した投稿です。", NativeState.OPEN)
    assert native.remote.permalink == "https://example.net/p/native-1"
    clock.shift(natives.EVERY)
    assert noticed(channel) == ["native-1"]
    events = AuditEvent.objects.filter(verb="native.noticed")
    assert [event.clause for event in events] == ["§3(1)"]


def test_what_the_console_sent_is_no_news(
    people: People, channel: Channel, account: Account, wire: Wire
) -> None:
    sent(people, channel, wire, account)
    assert noticed(channel) == []
    assert RemotePost.objects.count() == 1


def test_what_was_there_before_the_connection_is_history(
    channel: Channel, account: Account
) -> None:
    account.by_hand("old", at=channel.created_at - MINUTE)
    RemotePost.objects.create(channel=channel, remote_id="older", posted_at="2026-01-01T00:00Z")
    RemotePost.objects.create(channel=channel, remote_id="chat:U1", posted_at="2026-01-01T00:00Z")
    assert noticed(channel) == []
    assert older_than_connection() == 1
    assert account.since == [channel.created_at]


def test_a_post_that_its_comments_told_of_is_noticed_too(
    channel: Channel, account: Account
) -> None:
    now = timezone.now()
    RemotePost.objects.create(channel=channel, remote_id="commented", posted_at=now)
    RemotePost.objects.create(channel=channel, remote_id="chat:U1", posted_at=now)
    RemotePost.objects.create(channel=channel, remote_id="no time is told")
    assert noticed(channel) == ["commented"]


def test_while_an_outcome_is_unknown_nothing_is_misreported(
    people: People, channel: Channel, account: Account, wire: Wire, clock: time_machine.Traveller
) -> None:
    wire.answer = "lost after"
    delivery = sent(people, channel, wire, account)
    assert delivery.state == OperationState.UNKNOWN
    assert noticed(channel) == []
    clock.shift(natives.EVERY)
    look.reconcile(delivery_id=delivery.pk)  # found there, as the platform tells
    delivery.refresh_from_db()
    assert delivery.state == OperationState.DONE
    assert noticed(channel) == []


def test_once_a_person_says_it_did_not_go_out_it_is_looked_at(
    people: People, channel: Channel, account: Account, wire: Wire, clock: time_machine.Traveller
) -> None:
    wire.answer = "lost after"
    delivery = sent(people, channel, wire, account)
    assert noticed(channel) == []
    by_hand.give_up(actor=people.member, delivery=delivery, note="出ていない")
    clock.shift(natives.EVERY)
    assert noticed(channel) == [str(delivery.key)]


def test_a_worker_that_dies_while_sending_makes_no_alarm(
    people: People, channel: Channel, account: Account
) -> None:
    delivery = scheduled(people, channel).deliveries.get()
    now = timezone.now()
    Delivery.objects.update(state=OperationState.SENDING, begun_at=now, leased_until=now + HOUR)
    account.by_hand("who knows", delivery.payload["text"])
    assert noticed(channel) == []


def test_an_unknown_outcome_hides_only_its_own_time(
    people: People, channel: Channel, account: Account, wire: Wire, clock: time_machine.Traveller
) -> None:
    wire.answer = "lost before"
    delivery = sent(people, channel, wire, account)
    account.posts.clear()
    clock.shift(3 * HOUR)
    assert Delivery.objects.get(pk=delivery.pk).state == OperationState.UNKNOWN
    account.by_hand("next-day")
    assert noticed(channel) == ["next-day"]


def test_a_post_of_ours_under_another_id_is_known_by_its_words_and_time(
    people: People, channel: Channel, account: Account, wire: Wire, clock: time_machine.Traveller
) -> None:
    delivery = sent(people, channel, wire, account)
    account.posts[:] = []
    account.by_hand("another-id", delivery.payload["text"])
    assert noticed(channel) == []
    clock.shift(2 * HOUR)
    account.by_hand("the-same-words-later", delivery.payload["text"])
    assert noticed(channel) == ["the-same-words-later"]


def test_a_copy_of_a_post_whose_own_place_is_known_is_noticed(
    people: People, channel: Channel, account: Account, wire: Wire
) -> None:
    delivery = sent(people, channel, wire, account)
    account.by_hand("copied-by-hand", delivery.payload["text"])
    assert noticed(channel) == ["copied-by-hand"]


@pytest.mark.parametrize(
    "address", ["https://x.com/jspm/status/123456?s=20", "https://youtu.be/watch?v=123456"]
)
def test_what_a_person_marked_as_published_is_known_by_its_address(
    people: People, channel: Channel, account: Account, wire: Wire, address: str
) -> None:
    wire.answer = "lost after"
    delivery = sent(people, channel, wire, account)
    account.posts.clear()
    by_hand.mark_published(actor=people.member, delivery=delivery, permalink=address)
    account.by_hand("123456", "サイトで直した文")
    account.by_hand("654321", "ほかの文")
    assert noticed(channel) == ["654321"]


@example(after=40 * MINUTE, known=False)
@given(after=st.timedeltas(-5 * MINUTE, 40 * MINUTE), known=st.booleans())
@settings(max_examples=50)
def test_whatever_may_be_ours_is_never_an_alarm(after: timedelta, known: bool) -> None:
    """From the first attempt on until nothing is sent any more, on both platforms' clocks."""
    planned = timezone.now()
    delivery = Delivery(
        state=OperationState.SENDING if known else OperationState.UNKNOWN,
        begun_at=planned,
        planned_at=planned,
        payload={"text": "x"},
    )
    post = RemotePost(remote_id="1", text="別の文", posted_at=planned + after)
    assert natives._explains(delivery, post)


# --- how it is looked for


def test_looked_through_every_half_hour_with_overlap(
    channel: Channel, account: Account, clock: time_machine.Traveller
) -> None:
    begun = timezone.now()
    for _ in range(13):
        natives.look(channel=channel)
        clock.shift(10 * MINUTE)
    looks = [begun + 30 * MINUTE * n for n in range(5)]
    expected = [channel.created_at, *(max(channel.created_at, t - HOUR) for t in looks[:-1])]
    assert account.since == expected


@pytest.mark.parametrize(
    "error",
    [
        Transient("503"),
        AuthExpired("dead"),
        ReadingPaused("room", until=datetime.fromisoformat("2026-11-03T10:00Z")),
    ],
)
def test_an_error_loses_nothing(
    channel: Channel, account: Account, error: PlatformError, clock: time_machine.Traveller
) -> None:
    account.error = error
    account.by_hand("native-1")
    assert noticed(channel) == []
    account.error = None
    clock.shift(2 * DAY)
    Channel.objects.update(state=ChannelState.ACTIVE)
    channel.refresh_from_db()
    assert noticed(channel) == ["native-1"]


def test_a_worker_that_died_is_followed_by_another(
    channel: Channel, account: Account, clock: time_machine.Traveller
) -> None:
    account.by_hand("native-1")
    with (
        mock.patch.object(account, "recent", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        natives.look(channel=channel)
    assert noticed(channel) == []  # its claim still counts
    clock.shift(natives.LEASE)
    assert noticed(channel) == ["native-1"]


def test_line_lists_nothing_and_is_never_looked_at(channel: Channel) -> None:
    make_channel(Platform.LINE)
    paused = make_channel(Platform.BLUESKY)
    Channel.objects.filter(pk=paused.pk).update(state=ChannelState.PAUSED)
    with mock.patch.object(jobs, "wake") as wake:
        jobs.look_around()
    assert [c.args[:2] for c in wake.call_args_list] == [
        ("posts.jobs.look_at_own_posts", channel.pk)
    ]
    Watch.objects.create(channel=channel, due_at=timezone.now() + MINUTE)
    assert not natives.due(timezone.now()).exists()


# --- who is told


def test_the_committee_is_told_once(
    people: People, channel: Channel, account: Account, settings: Settings
) -> None:
    for name in ("member", "chair", "auditor", "outsider"):
        person = people.named(name)
        assert person is not None
        person.email = f"{name}@example.org"
        person.save()
    native = a_native(channel, account)
    for _ in range(2):
        jobs.send_native_notice(native.pk)
    told = sorted(address for message in mail.outbox for address in message.to)
    assert told == ["chair@example.org", "member@example.org"]
    body = str(mail.outbox[0].body)
    assert f"/posts/outside/{native.pk}/" in body
    assert "手で出した投稿" not in body  # never the text itself


def test_the_notice_is_asked_for_with_the_write(
    channel: Channel, account: Account, django_capture_on_commit_callbacks: object
) -> None:
    with mock.patch.object(natives, "enqueue") as enqueue:
        native = a_native(channel, account)
    enqueue.assert_called_once_with("posts.jobs.send_native_notice", native.pk, queue="intake")


# --- what a person says of it


def test_linked_to_the_post_that_was_approved(
    people: People, channel: Channel, account: Account, wire: Wire
) -> None:
    native, delivery = a_native(channel, account), sent(people, channel, wire, account)
    native_answers.link(actor=people.member, native=native, post=delivery.post, reason="手で投稿")
    native.refresh_from_db()
    assert (native.state, native.post_id) == (NativeState.OURS, delivery.post_id)
    assert native.settled_by == people.member


def test_a_draft_was_never_confirmed(people: People, channel: Channel, account: Account) -> None:
    native = a_native(channel, account)
    with pytest.raises(Refused, match="承認されていない"):
        native_answers.link(actor=people.member, native=native, post=draft(people.admin, channel))
    native.refresh_from_db()
    assert native.state == NativeState.OPEN


def test_a_note_needs_words_and_stands_in_the_audit_trail(
    people: People, channel: Channel, account: Account
) -> None:
    native = a_native(channel, account)
    with pytest.raises(Refused, match="だれが"):
        native_answers.note(actor=people.member, native=native, reason=" ")
    native_answers.note(actor=people.member, native=native, reason="事務局が休館を知らせた")
    assert AuditEvent.objects.filter(verb="native.noted").count() == 1
    with pytest.raises(Overtaken):
        native_answers.note(actor=people.chair, native=native, reason="私も")


def test_an_error_goes_into_the_chain_of_corrections(
    people: People, channel: Channel, account: Account, wire: Wire
) -> None:
    native, delivery = a_native(channel, account), sent(people, channel, wire, account)
    with pytest.raises(Refused, match="もとになった"):
        native_answers.report(actor=people.member, native=native, post=None, told="日付が違う")
    native_answers.link(actor=people.member, native=native, post=delivery.post)
    native_answers.report(actor=people.chair, native=native, post=None, told="日付が違う")
    report = Correction.objects.get()
    assert report.post == delivery.post
    assert "日付が違う" in report.told
    assert native.remote.permalink in report.told
    native.refresh_from_db()
    assert (native.state, native.correction) == (NativeState.REPORTED, report)


def test_a_refused_report_leaves_all_as_it_was(
    people: People, channel: Channel, account: Account, wire: Wire
) -> None:
    native, delivery = a_native(channel, account), sent(people, channel, wire, account)
    with pytest.raises(Refused, match="どこが"):
        native_answers.report(actor=people.member, native=native, post=delivery.post, told=" ")
    native.refresh_from_db()
    assert (native.state, Correction.objects.count()) == (NativeState.OPEN, 0)


# --- the pages


def test_the_pages_show_it_and_take_an_answer(
    people: People, channel: Channel, account: Account
) -> None:
    native = a_native(channel, account)
    member = client_of(people.member)
    assert "コンソールの外での投稿が1件あります" in member.get("/posts/").content.decode()
    listed = member.get("/posts/outside/").content.decode()
    assert "手で出した投稿です。" in listed
    assert "https://example.net/p/native-1" in listed
    empty = member.post(f"/posts/outside/{native.pk}/", {"verb": "note", "words": ""})
    assert empty.status_code == 422
    assert "だれが、なぜ投稿したか" in empty.content.decode()
    linked = member.post(f"/posts/outside/{native.pk}/", {"verb": "link", "words": "残る言葉"})
    assert linked.status_code == 422
    assert "残る言葉" in linked.content.decode()
    noted = member.post(f"/posts/outside/{native.pk}/", {"verb": "note", "words": "事務局"})
    assert noted.status_code == 302
    assert "件あります" not in member.get("/posts/").content.decode()
    assert "確認の記録" in member.get(f"/posts/outside/{native.pk}/").content.decode()


def test_who_may_only_read_sees_no_form(people: People, channel: Channel, account: Account) -> None:
    native = a_native(channel, account)
    auditor = client_of(people.auditor)
    page = auditor.get(f"/posts/outside/{native.pk}/").content.decode()
    assert 'name="words"' not in page
    assert auditor.post(f"/posts/outside/{native.pk}/", {"verb": "note"}).status_code == 403


def test_a_hostile_text_is_only_text(people: People, channel: Channel, account: Account) -> None:
    account.by_hand("bad", "<script>alert(1)</script>\x00\ud800")
    account.posts[-1] = Published(
        "bad", "javascript:alert(1)", account.posts[-1].text, timezone.now()
    )
    natives.look(channel=channel)
    page = client_of(people.member).get("/posts/outside/").content.decode()
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert "&lt;script&gt;" in page


def test_the_list_costs_the_same_whatever_its_length(
    people: People,
    channel: Channel,
    account: Account,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        account.by_hand(f"native-{number}")
    natives.look(channel=channel)
    member = client_of(people.member)
    with django_assert_max_num_queries(14):
        assert member.get("/posts/outside/").content.decode().count("手で出した") == 30

"""Webhooks over real HTTP, from the sandbox's account to the moderators' mail, beside the pulls."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from jspm_social.platforms.models import Channel, Credential, WebhookDelivery
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import line_chats
from jspm_social.platforms.sandbox.model import HIDDEN
from jspm_social.platforms.states import ChannelState, DeliveryState
from jspm_social.platforms.vault import seal
from jspm_social.platforms.webhooks import address_of, inbox
from moderation import jobs
from moderation.models import Case, Comment
from moderation.services.pull import pull
from moderation.states import CommentStanding, Lane
from tests.flows.harness import KIND, NOBODY_LEFT, SPAM, House, Mortal, chain_is_whole

AGAIN = {"id": "a1", "name": "名前1", "handle": "who1"}  # who wrote the first comment
DISTRESS = "もう消えてしまいたいです。死にたい"
PUBLIC = [Platform.X, Platform.FACEBOOK, Platform.THREADS, Platform.INSTAGRAM]


@pytest.fixture
def door(live_server: Any, settings: Settings) -> None:
    settings.SITE_URL = live_server.url
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)


def subscribe(home: House, channel: Channel) -> None:
    address = address_of(channel)
    assert address is not None
    home.sandbox.webhooks.subscribe(channel.platform, address.url, address.verify_token)


@pytest.fixture(params=PUBLIC, ids=str)
def home(request: pytest.FixtureRequest, door: None, empty_house: House) -> House:
    """One channel whose platform tells by itself; our first post was read with a comment."""
    empty_house.connect(request.param)
    empty_house.say(KIND)
    empty_house.pull()
    subscribe(empty_house, empty_house.channel)
    return empty_house


@pytest.fixture
def line(door: None, empty_house: House) -> House:
    channel = Channel.objects.create(platform=Platform.LINE, name="LINE", account_id=line_chats.OWN)
    secrets = {"access_token": "t", "channel_secret": "sandbox-line-channel-secret"}
    Credential.objects.create(channel=channel, sealed=seal(secrets))
    empty_house.channels[Platform.LINE] = channel
    subscribe(empty_house, channel)
    return empty_house


def told(home: House) -> None:
    """Let everything that was sent arrive, and the workers do what waits."""
    home.sandbox.webhooks.settle()
    assert {status for _, status in home.sandbox.webhooks.answers} <= {200}
    home.work()
    home.work()  # what the first round asked for on the other queue


def write(home: House, text: str, **more: Any) -> str:
    sent = line_chats.handle({"user": "U" + "1" * 32, "text": text, **more}, home.sandbox.webhooks)
    return str(sent["id"])


def stored() -> list[dict[str, Any]]:
    columns = (
        "remote_id", "parent_remote_id", "permalink", "text", "attachments", "standing", "route",
        "posted_at", "post__remote_id", "post__text", "post__permalink", "post__posted_at",
        "commenter__key", "commenter__name", "commenter__handle", "commenter__url",
        "revision_number", "revisions__text", "revisions__author_name", "cases__lane",
        "cases__labels", "revisions__judgements__context_hash",
    )  # fmt: skip
    return list(Comment.objects.order_by("posted_at", "remote_id").values(*columns))


# --- from there to here


def test_a_comment_comes_by_webhook_alone(home: House) -> None:
    """Where the platform tells all of it, it is stored without a read; else it is read at once."""
    before = len(home.sandbox.requests)
    said = home.say(SPAM)
    told(home)
    row = Comment.objects.get(remote_id=said)
    assert (row.text, row.revision_number) == (SPAM, 1)
    assert Case.objects.get(comment=row).lane == Lane.QUEUE
    read = len(home.sandbox.requests) - before
    assert (read > 0) == (home.channel.platform == Platform.INSTAGRAM)
    assert chain_is_whole()


@pytest.mark.parametrize("first", ["webhook", "pull"])
def test_both_orders_end_with_the_rows_of_the_pull_alone(home: House, first: str) -> None:
    said = [home.say(SPAM), home.say(KIND), home.say(SPAM, author=AGAIN)]
    home.say("本学会より", author={"id": "own"})
    if first == "webhook":
        told(home)
        assert Comment.objects.count() == 1 + len(said)
        pull(channel=home.channel)
    else:
        pull(channel=home.channel)
        told(home)
    home.pull()
    beside = stored()
    alone_again(home)
    assert beside == stored()
    assert len(beside) == 1 + len(said)


def alone_again(home: House) -> None:
    """Forget everything that came in, and read it once more without webhooks."""
    from jspm_social.platforms.models import RemotePost, SyncCursor
    from moderation.models import Commenter, CommentRevision, Judgement, QueueEntry

    for model in (QueueEntry, Case, Judgement, CommentRevision, Comment, Commenter, RemotePost):
        model.objects.all().delete()
    SyncCursor.objects.update(position={})
    first = home.sandbox.store.world(str(home.channel.platform))
    assert first.comments
    home.pull()


@pytest.mark.parametrize("fault", ["webhook_twice", "webhook_late"])
def test_twice_and_out_of_order(home: House, fault: str) -> None:
    home.sandbox.faults.add(fault, platform=str(home.channel.platform))
    said = [home.say(SPAM), home.say(KIND)]
    told(home)
    home.pull()
    for remote_id in said:
        assert Comment.objects.get(remote_id=remote_id).revisions.count() == 1
    assert chain_is_whole()


def test_x_reply_without_its_author_is_read_at_once(door: None, empty_house: House) -> None:
    home = empty_house
    home.connect(Platform.X)
    home.say(KIND)
    home.pull()
    subscribe(home, home.channel)
    home.sandbox.faults.add("webhook_bare", platform="x")
    said = home.say(SPAM)
    told(home)
    assert Comment.objects.get(remote_id=said).commenter.name == "名前2"


def test_facebook_tells_of_edits_deletions_and_hiding(door: None, empty_house: House) -> None:
    home = empty_house
    home.connect(Platform.FACEBOOK)
    home.say(KIND)
    home.pull()
    subscribe(home, home.channel)
    edited, deleted, hidden = (home.say(KIND) for _ in range(3))
    told(home)
    store = home.sandbox.store
    store.edit("facebook", edited, SPAM)
    store.delete_by_author("facebook", deleted)
    store.set_state("facebook", hidden, HIDDEN)
    told(home)
    row = Comment.objects.get(remote_id=edited)
    assert (row.text, row.revision_number) == (SPAM, 2)
    assert Case.objects.get(comment=row).lane == Lane.QUEUE
    assert Comment.objects.get(remote_id=deleted).standing == CommentStanding.GONE
    assert Comment.objects.get(remote_id=hidden).standing == CommentStanding.HIDDEN


def test_a_paused_channels_deliveries_wait(home: House) -> None:
    Channel.objects.update(state=ChannelState.PAUSED)
    home.say(SPAM)
    told(home)
    home.pull()
    assert Comment.objects.count() == 1
    Channel.objects.update(state=ChannelState.ACTIVE)
    home.pull()
    assert Comment.objects.count() == 2


def test_a_channel_that_must_rest_is_not_read(home: House) -> None:
    Channel.objects.update(calm_until=timezone.now() + timedelta(hours=1))
    before = len(home.sandbox.requests)
    home.say(SPAM)
    told(home)
    assert len(home.sandbox.requests) == before
    whole = home.channel.platform != Platform.INSTAGRAM
    assert Comment.objects.count() == (2 if whole else 1)


# --- LINE


def test_a_line_of_distress_reaches_people_at_once(line: House, mailoutbox: list[Any]) -> None:
    write(line, "こんにちは")
    distress = write(line, DISTRESS)
    told(line)
    case = Case.objects.get()
    assert (case.comment.remote_id, case.lane) == (distress, Lane.CARE)
    assert len(mailoutbox) == 2  # one for each moderator
    for mail in mailoutbox:
        assert f"/cases/{case.pk}/" in mail.body
        assert "消えて" not in mail.body + mail.subject
    assert Comment.objects.count() == 2
    assert chain_is_whole()


def test_unsend_over_the_wire(line: House) -> None:
    distress = write(line, DISTRESS)
    told(line)
    write(line, "", unsend=distress)
    told(line)
    row = Comment.objects.get()
    assert (row.text, row.erasure) == ("", "unsent")


def test_unsend_that_overtakes_its_message(line: House) -> None:
    line.sandbox.faults.add("webhook_late", platform="line")
    distress = write(line, DISTRESS)
    write(line, "", unsend=distress)
    told(line)
    assert (Comment.objects.get().text, Case.objects.exists()) == ("", False)


def test_a_chat_channel_is_never_pulled_and_tells_when_it_last_heard(line: House) -> None:
    line.pull()
    line.channel.refresh_from_db()
    assert (line.channel.trouble, line.channel.pulled_at) == ("", None)
    write(line, "こんにちは")
    told(line)
    line.channel.refresh_from_db()
    assert line.channel.pulled_at is not None


# --- what may go wrong


@pytest.mark.parametrize(
    ("when", "where"),
    [
        ("after", "jspm_social.platforms.webhooks.inbox.claim"),
        ("before", "moderation.services.intake.record"),  # written, not committed
        ("before", "moderation.services.deliveries.judge_comments"),  # stored
        ("before", "moderation.services.triage.record"),  # judged, not committed
        ("after", "moderation.services.deliveries.judge_comments"),
    ],
)
def test_the_worker_dies_and_nothing_is_lost(
    line: House, mortal: Mortal, when: str, where: str
) -> None:
    distress = write(line, DISTRESS)
    line.sandbox.webhooks.settle()
    delivery = WebhookDelivery.objects.get()
    mortal.run("moderation.jobs.take_delivery", die=(when, where), delivery_id=delivery.pk)
    line.clock.shift(NOBODY_LEFT)
    line.pull()
    row = Comment.objects.get()
    assert (row.remote_id, row.revisions.count(), row.route) == (distress, 1, "care")
    assert Case.objects.get().lane == Lane.CARE
    assert row.revisions.get().judgements.count() == 1
    delivery.refresh_from_db()
    assert (delivery.state, bytes(delivery.body)) == (DeliveryState.TAKEN, b"")
    assert chain_is_whole()


def test_everything_in_redis_is_lost(line: House) -> None:
    import django_rq

    write(line, DISTRESS)
    line.sandbox.webhooks.settle()
    django_rq.get_connection("intake").flushall()
    line.work()
    assert not Comment.objects.exists()
    line.pull()
    assert Comment.objects.get().route == "care"


def test_redis_is_away_and_the_answer_is_the_same(line: House, settings: Settings) -> None:
    real, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:9/0"
    write(line, DISTRESS)
    line.sandbox.webhooks.settle()
    assert list(line.sandbox.webhooks.answers)[-1] == ("line", 200)
    assert WebhookDelivery.objects.get().state == DeliveryState.WAITING
    settings.REDIS_URL = real
    line.pull()
    assert Comment.objects.get().route == "care"


def test_what_can_never_be_taken_is_given_up_and_told(
    line: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError(f"quoting {DISTRESS}")

    monkeypatch.setattr("moderation.services.deliveries.store_chats", broken)
    write(line, DISTRESS)
    told(line)
    for _ in range(8):
        line.clock.shift(timedelta(hours=1))
        line.pull()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, inbox.MOST_ATTEMPTS)
    line.channel.refresh_from_db()
    assert line.channel.trouble == "RuntimeError: an error of the console itself"
    assert DISTRESS not in caplog.text
    assert chain_is_whole()


def test_deliveries_are_forgotten_after_their_time(line: House) -> None:
    write(line, "こんにちは")
    told(line)
    line.clock.shift(timedelta(days=6))
    jobs.forget()
    assert WebhookDelivery.objects.count() == 1
    line.clock.shift(timedelta(days=2))
    jobs.forget()
    assert not WebhookDelivery.objects.exists()


def test_two_workers_take_one_delivery_once(line: House) -> None:
    from tests.flows.harness import together

    write(line, DISTRESS)
    line.sandbox.webhooks.settle()
    pk = WebhookDelivery.objects.get().pk
    results = together(*(lambda: jobs.take_delivery(pk) for _ in range(4)))
    assert results == [None] * 4
    assert Comment.objects.get().revisions.count() == 1
    assert Case.objects.count() == 1
    connection.close()

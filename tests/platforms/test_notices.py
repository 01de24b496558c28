"""The mails to the admins about a channel: once, with a link and no secret."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings

from jspm_social.accounts.models import User
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.errors import AuthExpired
from jspm_social.platforms.health import note_trouble
from jspm_social.platforms.models import Channel, ChannelNotice, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.notices import send_due
from jspm_social.platforms.pausing import disconnect_channel, pause_channel, resume_channel
from jspm_social.platforms.sandbox.server import running_sandbox
from jspm_social.platforms.states import ChannelState
from jspm_social.platforms.vault import seal
from tests.moderation.making import make_channel
from tests.people import People

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "EAAB-very-secret"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def admins(people: People, settings: Settings, clock: time_machine.Traveller) -> list[str]:
    """Two admins with an address, one without, one who left; everybody else has one, too."""
    settings.SITE_URL = "https://console.example.jp/"
    for number, person in enumerate(User.objects.all()):
        User.objects.filter(pk=person.pk).update(email=f"person{number}@example.jp")
    roles = {"roles": ["admin"], "display_name": "管理者", "reading": "かんりしゃ"}
    User.objects.create(username="second", email="second@example.jp", **roles)
    User.objects.create(username="unreachable", **roles)
    User.objects.create(username="gone", email="gone@example.jp", is_active=False, **roles)
    first = User.objects.get(pk=people.admin.pk).email
    return sorted([first, "second@example.jp"])


@pytest.fixture
def channel(db: None) -> Channel:
    channel = make_channel(Platform.THREADS, "学会の<Threads>")
    Credential.objects.create(channel=channel, sealed=seal({"access_token": SECRET}))
    return channel


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def breaks(channel: Channel) -> None:
    note_trouble(channel=fresh(channel), error=AuthExpired("401"))


def ends(channel: Channel, **times: Any) -> None:
    Credential.objects.filter(channel=channel).update(**times)


def recipients(mailoutbox: list[Any]) -> list[str]:
    assert all(len(mail.to) == 1 for mail in mailoutbox)
    return sorted(mail.to[0] for mail in mailoutbox)


def test_broken_connection_is_told_to_every_admin_once(
    admins: list[str], channel: Channel, mailoutbox: list[Any]
) -> None:
    breaks(channel)
    assert send_due() == 1
    assert recipients(mailoutbox) == admins
    for mail in mailoutbox:
        assert mail.subject == "【広報コンソール】アカウントの再接続をお願いします"
        assert f"https://console.example.jp/channels/{channel.pk}/" in mail.body
        assert "「学会の<Threads>」（Threads）" in mail.body
        assert SECRET not in mail.subject + mail.body
    for _ in range(3):
        breaks(channel)
        assert send_due() == 0
    assert len(mailoutbox) == len(admins)
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.details) == ("channel.notice", {"kind": "reconnect", "recipients": 2})


def test_pausing_and_resuming_is_no_reconnection(
    admins: list[str], people: People, channel: Channel, clock: time_machine.Traveller
) -> None:
    breaks(channel)
    assert send_due() == 1
    clock.shift(DAY)
    pause_channel(actor=people.admin, channel=fresh(channel))
    resume_channel(actor=people.admin, channel=fresh(channel))
    breaks(channel)
    assert fresh(channel).state == ChannelState.RECONNECT
    assert send_due() == 0


def test_failing_anew_after_a_reconnection_is_told_anew(
    admins: list[str], people: People, clock: time_machine.Traveller, settings: Settings
) -> None:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:

        def connect() -> Channel:
            return connect_channel(
                actor=people.admin,
                platform=Platform.THREADS,
                name="Threads",
                secrets=sandbox.store.credentials("threads"),
                base_url=sandbox.base_url("threads"),
            )

        channel = connect()
        breaks(channel)
        assert send_due() == 1
        clock.shift(DAY)
        assert connect() == channel
        assert fresh(channel).broken_at is None
        assert send_due() == 0
        breaks(channel)
        assert send_due() == 1
    assert ChannelNotice.objects.count() == 2


@pytest.mark.parametrize("field", ["expires_at", "data_access_until"])
def test_an_end_is_told_14_and_3_days_before(
    admins: list[str],
    channel: Channel,
    clock: time_machine.Traveller,
    mailoutbox: list[Any],
    field: str,
) -> None:
    ends(channel, **{field: NOW + 30 * DAY})
    told = []
    for day in range(30):
        if send_due():
            told.append((30 - day, mailoutbox[-1].subject))
        clock.shift(DAY)
    assert told == [
        (14, "【広報コンソール】アカウントの接続の期限が近づいています"),
        (3, "【広報コンソール】アカウントの接続の期限が迫っています"),
    ]
    assert "2026年5月1日（金）12:00に期限が切れます" in mailoutbox[-1].body


def test_an_end_that_moved_is_told_again(
    admins: list[str], channel: Channel, clock: time_machine.Traveller
) -> None:
    ends(channel, expires_at=NOW + 10 * DAY)
    assert (send_due(), send_due()) == (1, 0)
    ends(channel, expires_at=NOW + 70 * DAY)
    assert send_due() == 0
    clock.shift(57 * DAY)
    assert send_due() == 1


def test_what_is_renewed_by_itself_is_not_told(admins: list[str], channel: Channel) -> None:
    ends(channel, expires_at=NOW + 15 * DAY)  # from 30 days on it is renewed
    assert send_due() == 0


def test_nothing_is_told_of_what_is_disconnected(
    admins: list[str], people: People, channel: Channel
) -> None:
    breaks(channel)
    disconnect_channel(actor=people.admin, channel=fresh(channel))
    assert send_due() == 0


def test_mail_that_reaches_nobody_stays_due(
    admins: list[str], channel: Channel, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    def down(*_: Any) -> None:
        raise OSError

    breaks(channel)
    monkeypatch.setattr("jspm_social.platforms.notices.send_mail", down)
    assert send_due() == 0
    monkeypatch.undo()
    assert send_due() == 1
    assert recipients(mailoutbox) == admins


def test_an_address_that_is_refused_keeps_the_mail_from_nobody_else(
    admins: list[str], channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(subject: str, body: str, sender: None, to: list[str]) -> None:
        if to == admins[:1]:
            raise OSError
        reached.extend(to)

    reached = list[str]()
    breaks(channel)
    monkeypatch.setattr("jspm_social.platforms.notices.send_mail", picky)
    assert send_due() == 1
    assert reached == admins[1:]
    assert send_due() == 0


def test_several_channels_are_looked_up_together(
    admins: list[str], channel: Channel, django_assert_num_queries: Any
) -> None:
    make_channel(Platform.X)
    with django_assert_num_queries(2):
        assert send_due() == 0

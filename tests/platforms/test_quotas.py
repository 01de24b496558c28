"""Quotas that have to be asked for, and when a channel may be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings

from jspm_social.platforms import quotas
from jspm_social.platforms.budgets.ledger import budgets_of
from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.errors import AuthExpired
from jspm_social.platforms.health import may_be_read, readable
from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import running_sandbox
from jspm_social.platforms.states import ChannelState
from tests.moderation.making import make_channel

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)


class Line:
    """What a client of LINE asks when its connection is tested."""

    def __init__(self, channel: Channel, error: Exception | None = None) -> None:
        self._meter, self._error = ChannelMeter(channel, unsaved=1), error

    def test_connection(self) -> None:
        if self._error:
            raise self._error
        for path, body in (
            ("/v2/bot/message/quota", {"type": "limited", "value": 1_000}),
            ("/v2/bot/message/quota/consumption", {"totalUsage": 250}),
        ):
            self._meter.note(Asked("GET", "api", path), Answer(200, {}, body))


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_quota_of_line_is_asked_for_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    make_channel(Platform.X)
    channel = make_channel(Platform.LINE)
    monkeypatch.setattr(quotas, "client_of", Line)
    assert list(quotas.due(NOW)) == [channel]
    quotas.ask(channel=channel)
    (messages,) = budgets_of(channel, NOW)
    assert (messages.used, messages.limit, messages.percent) == (250, 1_000, 25)
    assert not quotas.due(NOW + timedelta(hours=5)).exists()
    assert list(quotas.due(NOW + timedelta(hours=6))) == [channel]


@pytest.mark.django_db
def test_quota_that_cannot_be_asked_for_shows_on_the_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = make_channel(Platform.LINE)
    monkeypatch.setattr(quotas, "client_of", lambda channel: Line(channel, AuthExpired("401")))
    quotas.ask(channel=channel)
    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == (ChannelState.RECONNECT, "AuthExpired: 401")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"state": ChannelState.PAUSED}, False),
        ({"state": ChannelState.RECONNECT}, False),
        ({"calm_until": timedelta(seconds=1)}, False),
        ({"read_after": timedelta(seconds=1)}, False),
        ({"calm_until": timedelta(), "read_after": timedelta()}, True),
        ({"calm_until": timedelta(), "read_after": timedelta(seconds=1)}, False),
    ],
)
def test_a_channel_may_be_read(changes: dict[str, Any], *, may: bool) -> None:
    moved = {k: NOW + v if isinstance(v, timedelta) else v for k, v in changes.items()}
    Channel.objects.filter(pk=make_channel().pk).update(**moved)
    assert may_be_read(Channel.objects.get(), NOW) is may
    assert readable(NOW).exists() is may


@pytest.mark.django_db
def test_quota_over_the_real_wire(settings: Settings) -> None:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:
        channel = connect_channel(
            actor=None,
            platform=Platform.LINE,
            name="LINE",
            secrets=sandbox.store.credentials("line"),
            base_url=sandbox.base_url("line"),
        )
        quotas.ask(channel=channel)
        asked = [request.path for _, request in sandbox.requests]
    assert asked[-2:] == ["/v2/bot/message/quota", "/v2/bot/message/quota/consumption"]
    (messages,) = budgets_of(channel, datetime.now(UTC))
    assert messages.kind.name == "line.messages"
    assert messages.limit is not None
    assert not quotas.due(datetime.now(UTC)).exists()

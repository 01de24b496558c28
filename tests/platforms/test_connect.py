"""Connecting an account."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms import registry
from jspm_social.platforms.connect import (
    NotConnected,
    connect_channel,
    imported_channel,
    test_channel as ask_again,
)
from jspm_social.platforms.errors import AuthExpired, PlatformError, Unsupported
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.registry import CLIENTS, CREDENTIALS, credential_fields
from jspm_social.platforms.sandbox.ids import OWN_IDS
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.states import ChannelState
from tests.people import People

PLATFORMS = list(CLIENTS)


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:
        yield sandbox


def secrets_of(sandbox: Sandbox, platform: Platform) -> dict[str, str]:
    found = sandbox.store.credentials(platform.value)
    return {name: found[name] for name in credential_fields(platform) if found.get(name)}


def connect(sandbox: Sandbox, platform: Platform = Platform.X, name: str = "学会") -> Channel:
    return connect_channel(
        actor=None,
        platform=platform,
        name=name,
        secrets=secrets_of(sandbox, platform),
        base_url=sandbox.base_url(platform.value),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("platform", PLATFORMS)
def test_connect_stores_who_we_are_and_seals_the_secrets(
    sandbox: Sandbox, platform: Platform
) -> None:
    channel = Channel.objects.get(pk=connect(sandbox, platform).pk)
    assert (channel.state, channel.account_id) == (ChannelState.ACTIVE, OWN_IDS[platform.value])
    assert channel.account_name
    assert secrets_of(sandbox, platform).items() <= channel.access().secrets.items()
    sealed = bytes(Credential.objects.get().sealed)
    assert all(secret.encode() not in sealed for secret in channel.access().secrets.values())


def test_connect_leaves_an_event_without_secrets(sandbox: Sandbox, people: People) -> None:
    channel = connect_channel(
        actor=people.admin,
        platform=Platform.X,
        name="学会",
        secrets=secrets_of(sandbox, Platform.X),
        base_url=sandbox.base_url("x"),
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id, event.channel) == (
        "channel.connected",
        people.admin.pk,
        channel.pk,
    )
    assert event.details == {"platform": "x", "account_id": OWN_IDS["x"], "granted": None}


@pytest.mark.django_db
@pytest.mark.parametrize("state", [ChannelState.ACTIVE, ChannelState.RECONNECT])
def test_connect_again_puts_the_same_channel_back_to_work(
    sandbox: Sandbox, state: ChannelState
) -> None:
    first = connect(sandbox)
    Credential.objects.get().replace({"access_token": "dead"})
    Channel.objects.update(state=state, trouble="AuthExpired: 401", calm_until=timezone.now())
    again = Channel.objects.get(pk=connect(sandbox, name="別の名称").pk)
    assert (again.pk, again.name) == (first.pk, "学会")
    assert (again.state, again.trouble, again.calm_until) == (ChannelState.ACTIVE, "", None)
    assert secrets_of(sandbox, Platform.X).items() <= again.access().secrets.items()
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["channel.connected", "channel.reconnected"]


@pytest.mark.django_db
def test_connect_refuses_a_name_that_is_taken(sandbox: Sandbox) -> None:
    connect(sandbox)
    with pytest.raises(NotConnected, match="同じ名称"):
        connect(sandbox, Platform.FACEBOOK)
    assert Channel.objects.count() == Credential.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ({}, "認証情報が足りません：access_token"),
        ({"access_token": ""}, "認証情報が足りません：access_token"),
        ({"access_token": "t", "password": "p"}, "知らない項目があります：password"),
    ],
)
def test_connect_names_missing_and_unknown_secrets(secrets: dict[str, str], message: str) -> None:
    with pytest.raises(NotConnected, match=message):
        connect_channel(actor=None, platform=Platform.X, name="学会", secrets=secrets)
    assert not Channel.objects.exists()


@pytest.mark.django_db
def test_connect_stores_nothing_if_the_platform_refuses(sandbox: Sandbox) -> None:
    with pytest.raises(AuthExpired):
        connect_channel(
            actor=None,
            platform=Platform.X,
            name="学会",
            secrets={"access_token": "wrong"},
            base_url=sandbox.base_url("x"),
        )
    assert not Channel.objects.exists()


@pytest.mark.django_db
def test_connect_to_a_platform_without_adapter_is_unsupported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "CREDENTIALS", {})
    with pytest.raises(Unsupported):
        connect_channel(actor=None, platform=Platform.LINE, name="学会", secrets={})


@pytest.mark.django_db
def test_connect_never_leaves_the_machine_for_a_plain_address() -> None:
    with pytest.raises(PlatformError):
        connect_channel(
            actor=None,
            platform=Platform.X,
            name="学会",
            secrets={"access_token": "t"},
            base_url="http://console.example.jp/x",
        )


@pytest.mark.django_db
def test_imported_comments_have_a_channel_of_their_own_per_platform() -> None:
    first = imported_channel(Platform.LINE)
    assert imported_channel(Platform.LINE) == first
    assert imported_channel(Platform.X) != first
    assert (first.state, first.name) == (ChannelState.DISCONNECTED, "LINE（取り込み）")


def test_every_adapter_says_which_secrets_it_needs() -> None:
    assert set(CLIENTS) == set(CREDENTIALS)
    assert all(any(fields.values()) for fields in CREDENTIALS.values())
    named = {name for fields in CREDENTIALS.values() for name in fields if "password" in name}
    assert named == {"app_password"}  # Bluesky's: made for one app, and revoked without the others


@pytest.mark.django_db
def test_connect_keeps_what_the_server_lets_a_post_hold(sandbox: Sandbox) -> None:
    """Again with every test and every connecting anew: a server may have changed its mind."""
    channel = connect(sandbox, Platform.MASTODON)
    assert Channel.objects.get().options["limits"]["characters"] == 500
    Channel.objects.update(options={"limits": {"characters": 1}, "read_timeout": 5})
    ask_again(actor=None, channel=Channel.objects.get())
    assert Channel.objects.get().options.pop("limits")["characters"] == 500
    assert Channel.objects.get().options["read_timeout"] == 5
    Channel.objects.update(options={"limits": {"characters": 1}})
    connect(sandbox, Platform.MASTODON)
    assert Channel.objects.get(pk=channel.pk).options["limits"]["characters"] == 500


@pytest.mark.django_db
def test_connect_keeps_no_limits_where_none_are_told(sandbox: Sandbox) -> None:
    assert Channel.objects.get(pk=connect(sandbox, Platform.X).pk).options == {}

"""Connecting an account: the connection is tried, read-only, before anything is stored."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move

from .contract import ChannelAccess
from .models import Channel, Credential
from .names import Platform
from .registry import client_for, credential_fields
from .states import CHANNEL_MOVES, ChannelState
from .vault import seal


class NotConnected(Exception):
    """Nothing was stored; `str()` says why, in Japanese."""


def connect_channel(
    *,
    actor: User | None,
    platform: Platform,
    name: str,
    secrets: Mapping[str, str],
    base_url: str = "",
    options: Mapping[str, Any] | None = None,
) -> Channel:
    """Try the connection, then store the channel with its secrets encrypted.

    Reads who we are on the platform and changes nothing there. Connecting the same account at
    the same place again replaces its secrets and puts the channel back to work, under the name
    it has.

    Raises:
        NotConnected: secrets are missing, or the name belongs to another channel.
        PlatformError: the platform did not accept the credentials, or could not be reached.
    """
    _check_secrets(platform, secrets)
    renewed: dict[str, str] = dict(secrets)
    access = ChannelAccess(platform, "", base_url, renewed, options or {})
    report = client_for(access, save_secrets=renewed.update).test_connection()
    return _store(
        actor=actor,
        channel=Channel(
            platform=platform,
            name=name,
            account_id=report.account_id,
            account_name=report.account_name,
            base_url=base_url,
            options=dict(options or {}),
        ),
        secrets=renewed,
    )


def imported_channel(platform: Platform) -> Channel:
    """Return the channel under which imported comments of a platform stand: never connected."""
    channel, _ = Channel.objects.get_or_create(
        name=f"{platform.label}（取り込み）",
        defaults={
            "platform": platform,
            "account_id": "",
            "state": ChannelState.DISCONNECTED,
        },
    )
    return channel


@one_write()
def _store(*, actor: User | None, channel: Channel, secrets: Mapping[str, str]) -> Channel:
    place = {"platform": channel.platform, "account_id": channel.account_id}
    known = Channel.objects.filter(base_url=channel.base_url, **place).first()
    if known is None:
        _insert(channel)
        verb = Verb.CHANNEL_CONNECTED
    else:
        channel, verb = known, Verb.CHANNEL_RECONNECTED
        Channel.objects.filter(pk=channel.pk).update(trouble="", calm_until=None)
        if channel.state != ChannelState.ACTIVE:
            move(channel, table=CHANNEL_MOVES, to=ChannelState.ACTIVE)
    Credential.objects.update_or_create(channel=channel, defaults={"sealed": seal(secrets)})
    record(actor=actor, verb=verb, target=channel, channel=channel.pk, details=place)
    return channel


def _insert(channel: Channel) -> None:
    try:
        with transaction.atomic():
            channel.save(force_insert=True)
    except IntegrityError as error:
        raise NotConnected("同じ名称のアカウントがあります。別の名称にしてください。") from error


def _check_secrets(platform: Platform, secrets: Mapping[str, str]) -> None:
    fields = credential_fields(platform)
    missing = [name for name, required in fields.items() if required and not secrets.get(name)]
    unknown = sorted(set(secrets) - set(fields))
    if missing:
        raise NotConnected(f"認証情報が足りません：{'、'.join(missing)}")
    if unknown:
        raise NotConnected(f"認証情報に知らない項目があります：{'、'.join(unknown)}")

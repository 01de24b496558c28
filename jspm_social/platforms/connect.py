"""Connecting an account: the connection is tried, read-only, before anything is stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move

from .channels import alone_with_tokens, client_of
from .contract import ChannelAccess, ConnectionReport
from .errors import PlatformError
from .health import note_trouble
from .models import Channel, Credential
from .names import Platform
from .oauth.forbidden import REMEDY, excess
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
    account_id: str = "",
    granted: frozenset[str] | None = None,
    again: Channel | None = None,
) -> Channel:
    """Try the connection, then store the channel with its secrets encrypted.

    Reads who we are on the platform and changes nothing there. Connecting the same account at
    the same place again replaces its secrets and puts the channel back to work, under the name
    it has. What the server says a post may hold is kept in `options["limits"]`.

    `account_id` picks one of several accounts that the secrets open. `granted` are permissions
    that only the sign-in told, for platforms that cannot be asked afterwards. `again` is the
    channel that is meant to be connected anew: any other account is then refused.

    Raises:
        NotConnected: secrets are missing, the name belongs to another channel, it is another
            account than `again`, or the token may do what it must not (see oauth.forbidden).
        PlatformError: the platform did not accept the credentials, or could not be reached.
    """
    _check_secrets(platform, secrets)
    renewed: dict[str, str] = dict(secrets)
    access = ChannelAccess(platform, account_id, base_url, renewed, options or {})
    report = client_for(access, save_secrets=renewed.update).test_connection()
    if report.granted is None:
        report = replace(report, granted=granted)
    _refuse_excess(platform, report)
    if again is not None and again.account_id != report.account_id:
        raise NotConnected(
            f"許可されたのは別のアカウント（{report.account_name}）です。"
            f"{again}を接続し直すには、{again.account_name}でログインして許可してください。"
        )
    wanted = Channel(
        platform=platform,
        name=name,
        account_id=report.account_id,
        base_url=base_url,
        options=dict(options or {}),
    )
    known = _known(wanted)
    if known is None:
        return _store_new(actor=actor, channel=wanted, secrets=renewed, report=report)
    with alone_with_tokens(known):  # who is renewing the old tokens ends before
        known.options = wanted.options  # with which the secrets were tried
        return _store_again(actor=actor, channel=known, secrets=renewed, report=report)


def test_channel(*, actor: User | None, channel: Channel) -> ConnectionReport:
    """Ask the platform who we are and what we may, and keep the answer. Changes nothing there.

    A channel that waited for a person although its token is good goes back to work.

    Raises PlatformError when the platform does not accept the credentials, or is out of reach;
    the channel then shows it, as it does after a pull that failed.
    """
    try:
        report = client_of(channel).test_connection()
    except PlatformError as error:
        note_trouble(channel=channel, error=error)
        raise
    if report.granted is None:  # told at the sign-in only
        report = replace(report, granted=channel.permissions)
    _note_test(actor=actor, channel=channel, report=report)
    return report


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
def _store_new(
    *, actor: User | None, channel: Channel, secrets: Mapping[str, str], report: ConnectionReport
) -> Channel:
    _insert(channel)
    _keep(channel, secrets, report)
    _record(actor, Verb.CHANNEL_CONNECTED, channel)
    return channel


@one_write()
def _store_again(
    *, actor: User | None, channel: Channel, secrets: Mapping[str, str], report: ConnectionReport
) -> Channel:
    Channel.objects.filter(pk=channel.pk).update(
        options=channel.options,
        trouble="",
        calm_until=None,
        read_after=None,
        failed_readings=0,
        broken_at=None,
        pause_reason="",
    )
    if channel.state != ChannelState.ACTIVE:
        move(channel, table=CHANNEL_MOVES, to=ChannelState.ACTIVE)
    _keep(channel, secrets, report)
    _record(actor, Verb.CHANNEL_RECONNECTED, channel)
    return channel


@one_write()
def _note_test(*, actor: User | None, channel: Channel, report: ConnectionReport) -> None:
    if channel.state == ChannelState.RECONNECT:
        move(channel, table=CHANNEL_MOVES, to=ChannelState.ACTIVE, trouble="", broken_at=None)
    _note(channel, report)
    told = {name: moment for name, moment in _ends(report).items() if moment is not None}
    Credential.objects.filter(channel=channel).update(**told)  # all that was ever told stays known
    record(
        actor=actor,
        verb=Verb.CHANNEL_TESTED,
        target=channel,
        channel=channel.pk,
        details={"state": channel.state, "granted": channel.granted},
    )


def _known(channel: Channel) -> Channel | None:
    return Channel.objects.filter(
        platform=channel.platform, account_id=channel.account_id, base_url=channel.base_url
    ).first()


def _keep(channel: Channel, secrets: Mapping[str, str], report: ConnectionReport) -> None:
    fresh = {"sealed": seal(secrets), "issued_at": timezone.now(), "tried_at": None}
    Credential.objects.update_or_create(channel=channel, defaults=fresh | _ends(report))
    _note(channel, report)


def _ends(report: ConnectionReport) -> dict[str, datetime | None]:
    return {"expires_at": report.expires_at, "data_access_until": report.data_access_until}


def _note(channel: Channel, report: ConnectionReport) -> None:
    """Write down what a test found, and nothing else: other columns may have changed meanwhile."""
    found: dict[str, Any] = {
        "account_name": report.account_name,
        "tested_at": timezone.now(),
        "granted": None if report.granted is None else sorted(report.granted),
        "findings": list(report.notes),
    }
    if report.limits:
        options = Channel.objects.values_list("options", flat=True).get(pk=channel.pk)
        found["options"] = {**options, "limits": dict(report.limits)}
    Channel.objects.filter(pk=channel.pk).update(**found)
    for name, value in found.items():
        setattr(channel, name, value)


def _record(actor: User | None, verb: Verb, channel: Channel) -> None:
    details = {
        "platform": channel.platform,
        "account_id": channel.account_id,
        "granted": channel.granted,
    }
    record(actor=actor, verb=verb, target=channel, channel=channel.pk, details=details)


def _refuse_excess(platform: Platform, report: ConnectionReport) -> None:
    if excess(platform, report.granted):
        raise NotConnected(
            "この接続では、返信やメッセージの送信ができてしまうため、接続しませんでした"
            f"（運用方針4(1)）。{REMEDY[platform]}"
        )


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

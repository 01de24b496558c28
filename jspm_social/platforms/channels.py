"""From a channel's row to a client that speaks with its platform."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from cryptography.fernet import InvalidToken
from django.db import connection

from .budgets.meter import ChannelMeter
from .contract import ChannelAccess, PlatformClient
from .engaging import Engager
from .errors import AuthExpired
from .models import Channel, Credential
from .own_posts import OwnPosts
from .publishing import Publisher
from .registry import client_for, engager_for, own_posts_for, publisher_for

RENEWAL_LOCK: Final = 0x6A72656E
"""The first key of the advisory locks of renewals ("jren"); the second is the channel."""


def client_of(channel: Channel, meter: ChannelMeter | None = None) -> PlatformClient:
    """Return a client with the channel's secrets; refreshed tokens are stored at once.

    Whoever gives a `meter` saves it; without one every request is counted at once. Raises
    AuthExpired when no key opens the secrets: only a person can enter them anew.
    """
    return client_for(_access(channel, meter), save_secrets=partial(_save_secrets, channel))


def publisher_of(channel: Channel) -> Publisher:
    """Return who publishes on the channel; see `client_of`."""
    return publisher_for(_access(channel), save_secrets=partial(_save_secrets, channel))


def engager_of(channel: Channel) -> Engager:
    """Return who shares, likes and follows for the channel. Raises Unsupported where nobody can."""
    return engager_for(_access(channel), save_secrets=partial(_save_secrets, channel))


def own_posts_of(channel: Channel, meter: ChannelMeter) -> OwnPosts:
    """Return who looks at the channel's own posts. A meter for readings leaves room for effects."""
    return own_posts_for(_access(channel, meter), save_secrets=partial(_save_secrets, channel))


def _access(channel: Channel, meter: ChannelMeter | None = None) -> ChannelAccess:
    try:
        return replace(
            channel.access(meter or ChannelMeter(channel, unsaved=1)),
            renewing=partial(renewing, channel),
        )
    except InvalidToken as error:
        raise AuthExpired("no key opens the stored secrets") from error


def _save_secrets(channel: Channel, secrets: Mapping[str, str]) -> None:
    try:
        Credential.objects.get(channel=channel).replace(dict(secrets))
    except Credential.DoesNotExist as error:
        raise AuthExpired("the channel was disconnected meanwhile") from error


@contextmanager
def renewing(channel: Channel) -> Iterator[Mapping[str, str]]:
    """Let one process at a time renew this channel's tokens, and tell which are stored by then."""
    with alone_with_tokens(channel):
        yield channel.access().secrets


@contextmanager
def alone_with_tokens(channel: Channel) -> Iterator[None]:
    """Keep every other process from changing this channel's tokens meanwhile.

    A lock of the session, not of a transaction: a network call stands inside. It ends with the
    connection, so a process that dies leaves none behind.
    """
    key = [RENEWAL_LOCK, channel.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)

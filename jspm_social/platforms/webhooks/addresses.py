"""The address that a platform is told to send to: one per channel, and nobody can guess it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from jspm_social.platforms.models import Channel, WebhookAddress
from jspm_social.platforms.names import Platform

from .wires import META, WIRES

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Address:
    """What an administrator copies into the platform's console.

    `verify_token` is what Meta asks for beside the address, '' on other platforms. `ready` tells
    whether the channel has the secret that signatures are checked with: without it the address
    does not answer.
    """

    url: str
    verify_token: str
    ready: bool


def address_of(channel: Channel) -> Address | None:
    """Return the channel's address, made on first use; None where the platform has no webhook."""
    wire = WIRES.get(channel.platform)
    if wire is None:
        return None
    row, _ = WebhookAddress.objects.get_or_create(
        channel=channel, defaults={"token": secrets.token_urlsafe(TOKEN_BYTES)}
    )
    stored = secrets_of(channel)
    return Address(
        url=settings.SITE_URL.rstrip("/") + path_of(Platform(channel.platform), row.token),
        verify_token=verify_token(row.token, stored) if channel.platform in META else "",
        ready=bool(stored.get(wire.secret)),
    )


def secrets_of(channel: Channel) -> Mapping[str, str]:
    """Return the channel's secrets; none where no key of ours opens them (its page tells)."""
    try:
        return channel.access().secrets
    except InvalidToken:
        return {}


def path_of(platform: Platform, token: str) -> str:
    if platform in META:
        return reverse("webhooks:meta", args=[platform.value, token])
    return reverse(f"webhooks:{platform.value}", args=[token])


def verify_token(token: str, stored: Mapping[str, str]) -> str:
    """Return what Meta must send to prove that it was us who entered the address there.

    The one among the channel's secrets, else one that follows from the address and our own key.
    """
    given = stored.get("verify_token", "")
    return given or salted_hmac("webhook verify token", token, algorithm="sha256").hexdigest()


def channel_at(platform: str, token: str) -> Channel | None:
    """Return the channel whose address this is, None for any other."""
    row = (
        WebhookAddress.objects.select_related("channel")
        .filter(token=token, channel__platform=platform)
        .first()
    )
    return row.channel if row else None

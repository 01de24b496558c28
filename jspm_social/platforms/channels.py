"""From a channel's row to a client that speaks with its platform."""

from collections.abc import Mapping

from .contract import PlatformClient
from .models import Channel, Credential
from .registry import client_for


def client_of(channel: Channel) -> PlatformClient:
    """Return a client with the channel's secrets; refreshed tokens are stored at once."""

    def save_secrets(secrets: Mapping[str, str]) -> None:
        Credential.objects.get(channel=channel).replace(dict(secrets))

    return client_for(channel.access(), save_secrets=save_secrets)

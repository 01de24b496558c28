"""What the tests of publishing share: a progress that is kept in memory, and things to publish."""

import hashlib
import io
from collections.abc import Mapping
from typing import Any

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.publishing import Media, MediaKind, Publisher, PublishRequest
from jspm_social.platforms.registry import publisher_for
from jspm_social.platforms.sandbox.ids import OWN_IDS

from .conftest import Channel

KEY = "3f2c8a10-7d54-4c8e-9a51-0b7f5f1f2a33"
TEXT = "第31回学術大会の演題募集を始めました。締切は1月15日(金)です。🌸"


class Crash(Exception):
    """The worker is killed."""


class Kept:
    """A Progress. With `dies_at`, the worker is killed right after the n-th time it kept."""

    def __init__(self, dies_at: int = 0, **done: str) -> None:
        self.done = dict(done)
        self.times = 0
        self.dies_at = dies_at

    def read(self) -> Mapping[str, str]:
        return dict(self.done)

    def keep(self, **done: str) -> None:
        self.done |= done
        self.times += 1
        if self.times == self.dies_at:
            raise Crash


def publisher(channel: Channel) -> Publisher:
    access = ChannelAccess(
        platform=channel.platform,
        account_id=OWN_IDS[channel.platform.value],
        base_url=channel.sandbox.base_url(channel.platform.value),
        secrets={**channel.secrets, **channel.saved},
        options=channel.options,
    )
    return publisher_for(access, save_secrets=channel.saved.update)


def wish(**changes: Any) -> PublishRequest:
    return PublishRequest(**{"key": KEY, "text": TEXT, **changes})


def picture(number: int = 1, **changes: Any) -> Media:
    """A picture of a few bytes, at a public address as well."""
    given = {"kind": MediaKind.IMAGE, "mime": "image/jpeg"}
    return _media(b"picture %d" % number, number, **{**given, **changes})


def film(number: int = 1, *, content: bytes = b"film", **changes: Any) -> Media:
    given = {"kind": MediaKind.VIDEO, "mime": "video/mp4"}
    return _media(content, number, **{**given, **changes})


def _media(content: bytes, number: int, **changes: Any) -> Media:
    values: dict[str, Any] = {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "alt": f"説明{number}",
        "width": 1080,
        "height": 1080,
        "public_url": f"https://files.example.jp/{number}",
        "preview_url": f"https://files.example.jp/{number}/small",
        "open": lambda: io.BytesIO(content),
    }
    return Media(**{**values, **changes})


def published(channel: Channel) -> list[dict[str, Any]]:
    """What stands on the platform because we published it, as the control plane tells."""
    posts: list[dict[str, Any]] = channel.store.state()[channel.platform.value]["posts"]
    return [post for post in posts if post["sent"]]


def sent(channel: Channel, start: int = 0) -> list[str]:
    return [f"{r.method} {r.path}" for _, r in channel.sandbox.requests[start:]]

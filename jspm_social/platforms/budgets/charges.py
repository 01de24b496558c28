"""What one answered request says about the budgets, and who works that out per platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.names import Platform

_ADAPTERS = "jspm_social.platforms.adapters"


@dataclass(frozen=True, slots=True)
class Spent:
    """Counted by us. With `once`, the same thing is counted once per UTC day."""

    meter: str
    amount: int = 1
    once: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Told by the platform. None: it did not tell that part. A count of ours that is lower rises
    to `used`; of a budget that is only ever told, the last word counts.
    """

    meter: str
    used: int | None = None
    limit: int | None = None
    ends_at: datetime | None = None


class Tariff(Protocol):
    """One platform's prices. A module with these two pure functions is one."""

    def cost(self, asked: Asked) -> Mapping[str, int]:
        """Return what the request can cost at most, by meter."""

    def charges(self, asked: Asked, answer: Answer | None, now: datetime) -> Iterable[Spent | Told]:
        """Return what it did cost, and what its answer tells. None: no usable answer came."""


TARIFFS: Mapping[Platform, str] = {
    Platform.X: f"{_ADAPTERS}.x.tariff",
    Platform.YOUTUBE: f"{_ADAPTERS}.youtube.tariff",
    Platform.FACEBOOK: f"{_ADAPTERS}.meta.tariff",
    Platform.INSTAGRAM: f"{_ADAPTERS}.meta.tariff",
    Platform.THREADS: f"{_ADAPTERS}.meta.tariff",
    Platform.BLUESKY: f"{_ADAPTERS}.bluesky.tariff",
    Platform.MASTODON: f"{_ADAPTERS}.mastodon.tariff",
    Platform.LINE: f"{_ADAPTERS}.line.tariff",
}


def tariff_of(platform: Platform) -> Tariff:
    return cast("Tariff", import_module(TARIFFS[platform]))

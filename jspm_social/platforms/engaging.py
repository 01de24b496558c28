"""Sharing, liking and following for the society (policy §5(1)(3)(4)), as far as platforms offer it.

There is no answer here and no message: nothing carries a word of ours. What is done to a comment
that somebody wrote to us would be an answer all the same, so `Subject.to_us` says so and whoever
calls does nothing to it.
"""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from .names import Platform
from .oauth.scopes import holds
from .publishing import Progress


class Engagement(Enum):
    SHARE = "share"
    LIKE = "like"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Subject:
    """A post, or a person, as the platform names it. `version` is Bluesky's cid of a post."""

    id: str
    version: str = ""
    to_us: bool = False


class Engager(Protocol):
    """One account's way to share, like and follow. Every method may raise any of `errors`."""

    def resolve(self, engagement: Engagement, url: str) -> Subject:
        """Read what an address names. Raises Missing for nothing there, Unsupported for an
        address that is none of this platform's.
        """

    def stands(self, engagement: Engagement, subject: Subject, progress: Progress) -> bool:
        """Read whether it is done already. False is proof that it is not."""

    def perform(self, engagement: Engagement, subject: Subject, progress: Progress) -> None:
        """Do it once. To be called only after `stands` said no; a lost answer is OutcomeUnknown."""


# What the API offers, and the permission it needs ('' for none of its own). X gives likes and
# follows to other plans than ours, and quotes to none of ours: all else is done by hand.
OFFERED: Final[Mapping[Platform, Mapping[Engagement, str]]] = {
    Platform.X: {Engagement.SHARE: "tweet.write"},
    Platform.BLUESKY: dict.fromkeys(Engagement, ""),
    Platform.MASTODON: {
        Engagement.SHARE: "write:statuses",
        Engagement.LIKE: "write:favourites",
        Engagement.FOLLOW: "write:follows",
    },
}


def offers(
    platform: Platform, engagement: Engagement, granted: AbstractSet[str] | None = None
) -> bool:
    """Tell whether the API does it with these permissions; None counts all as granted."""
    needed = OFFERED.get(platform, {}).get(engagement)
    if needed is None:
        return False
    return not needed or granted is None or holds(platform, granted, needed)

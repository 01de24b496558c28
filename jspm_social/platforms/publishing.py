"""What crosses the border when a post of the society's own goes out, and who carries it.

There is no reply here and no quote: `PublishRequest` has no field that could name another's post
(policy §4(1), §5(2)).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import BinaryIO, Protocol

from .contract import Receipt


class MediaKind(Enum):
    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Media:
    """One file that goes out. `open` gives its bytes anew each time; `size` counts them.

    `public_url` is where the platform can fetch the same bytes by itself: Instagram's images,
    Threads and LINE take nothing else. `preview_url` is a small picture of it (LINE asks for one).
    """

    kind: MediaKind
    mime: str
    size: int
    sha256: str
    alt: str = ""
    width: int = 0
    height: int = 0
    public_url: str = ""
    preview_url: str = ""
    open: Callable[[], BinaryIO] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A link that the platform shows as a card, where it has one. Readers find `url` in the text
    as well only if it was written there.
    """

    url: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    options: tuple[str, ...]
    runs: timedelta


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """One post for one channel, exactly as it was approved.

    `key` (a UUID) names this posting for ever: repeating it means the same post. `text` is what
    people will read, character by character; `title` is a video's (YouTube), whose description
    `text` is then.
    """

    key: str
    text: str
    title: str = ""
    card: Card | None = None
    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class Published:
    """A post of ours as it stands on the platform, read back."""

    remote_id: str
    permalink: str = ""
    text: str = ""
    published_at: datetime | None = None


class Progress(Protocol):
    """What of a posting is done already, kept with its outbox row across attempts.

    A step that is not safe to repeat is preceded by keeping what makes it findable afterwards:
    a container's id, an upload session, the key of a record.
    """

    def read(self) -> Mapping[str, str]:
        """Return what was kept."""

    def keep(self, **done: str) -> None:
        """Store more, durably, before this returns."""


class Publisher(Protocol):
    """One platform's way out. Every method may raise any of `errors`; none retries by itself.

    `repeatable` is True where the platform itself refuses to publish one `key` twice (LINE). Only
    there may `publish` be called again after OutcomeUnknown without a look: elsewhere `find`
    decides first.
    """

    repeatable: bool

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """Go on from `progress` and publish.

        Raises:
            Pending: the platform is still working on what was uploaded; call again later.
            Transient, RateLimited, AuthExpired: nothing stands on the platform for readers.
            Rejected, Unsupported: nor will it, however often it is sent.
            OutcomeUnknown: it may stand there; see `repeatable`.
        """

    def find(
        self, request: PublishRequest, progress: Progress, *, since: datetime
    ) -> Published | None:
        """Look whether the post stands there already; `since` is when the first attempt began.

        Reads only. None is proof that it does not stand there. Raises Unsupported where the
        platform cannot be asked.
        """

    def read(self, remote_id: str) -> Published:
        """Read a post of ours back. Raises Missing when it is gone, Unsupported for no way to."""

    def withdraw(self, remote_id: str) -> Receipt:
        """Delete a post of our own. Safe to repeat. Raises Unsupported where there is no way."""

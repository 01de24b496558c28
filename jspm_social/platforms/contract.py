"""What every platform adapter offers, and the frozen values that cross its border.

Nothing here can answer a comment or send a direct message: the policy (§4(1), §5(2)(7)) is
kept by leaving such methods out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeAlias, runtime_checkable

from .metering import NO_METER, Meter
from .names import Effect, Platform


@dataclass(frozen=True, slots=True)
class RemoteAuthor:
    """A commenter as the platform names them. `key` is an opaque string, '' when not told."""

    key: str
    name: str = ""
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class RemoteAttachment:
    kind: str  # image, video, link, other
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class RemotePostRef:
    """The society's post that a comment stands under, as far as the pull told it."""

    remote_id: str
    text: str = ""
    permalink: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteComment:
    """One comment in one version, normalised.

    `text` is as the platform gave it (the store replaces NUL and lone surrogates); `raw` are
    the bytes of the JSON object it was read from; `hidden` is None where the platform does not
    tell; `created_at` and `edited_at` are aware datetimes.
    """

    remote_id: str
    post: RemotePostRef
    author: RemoteAuthor
    text: str
    created_at: datetime
    raw: bytes
    parent_id: str = ""
    permalink: str = ""
    edited_at: datetime | None = None
    hidden: bool | None = None
    attachments: tuple[RemoteAttachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a pull. `cursor` is what to store once the page is safely in the database."""

    comments: tuple[RemoteComment, ...]
    cursor: Mapping[str, Any]
    gone: tuple[str, ...] = ()  # remote ids that the platform says were deleted by their author


class Achieved(Enum):
    """How an effect ended when the platform gave a clear answer."""

    APPLIED = "applied"  # done by this call, or found done when repeated
    GONE = "gone"  # the comment no longer existed: not our removal


@dataclass(frozen=True, slots=True)
class Receipt:
    effect: Effect
    achieved: Achieved
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What an effect is aimed at."""

    comment_id: str
    post_id: str
    author_key: str


class Standing(Enum):
    """How a comment or its author stands on the platform right now, as read."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    REMOVED = "removed"  # taken down by us (e.g. YouTube 'rejected'); not the same as gone
    GONE = "gone"
    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"
    UNREADABLE = "unreadable"  # this platform has no way to ask


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What a read-only test of a connection found. Nothing is changed by asking.

    `notes` are Japanese sentences about plan and limits. `granted` are the permissions that the
    token really has, under the platform's names; None where the platform does not tell.
    `expires_at` is when the token ends unless it is renewed, `data_access_until` when a person has
    to come back whatever is renewed; None for never, or not told.
    `limits` are what the server says a post may hold (see counting); they are kept in the
    channel's options under "limits".
    """

    account_id: str
    account_name: str
    notes: tuple[str, ...] = ()
    granted: frozenset[str] | None = None
    expires_at: datetime | None = None
    data_access_until: datetime | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)


Renewing: TypeAlias = Callable[[], AbstractContextManager[Mapping[str, str]]]


def _nobody_else() -> AbstractContextManager[Mapping[str, str]]:
    """Nothing is stored, so nobody else can renew it."""
    return nullcontext({})


@dataclass(frozen=True, slots=True)
class ChannelAccess:
    """All that an adapter needs to know about a channel. Secrets are decrypted, never logged.

    `base_url` is '' for the platform's own hosts; otherwise every host of the adapter is
    reached below it (a sandbox, a self-hosted instance, a test server). `account_id` is the
    channel's own id on the platform: comments by this author are ours and are left out.

    Every request is counted by `meter`, which may hold it back.

    Tokens are renewed inside `renewing()`: there no other process renews this channel's, and it
    gives the secrets as they are stored by then, which somebody else may have renewed meanwhile.
    """

    platform: Platform
    account_id: str
    base_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    renewing: Renewing = field(default=_nobody_else, repr=False, compare=False)
    meter: Meter = field(default=NO_METER, repr=False, compare=False)


class PlatformClient(Protocol):
    """One platform's wire. Every method may raise any of `errors`; none retries by itself."""

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Yield pages of comments newer than `cursor`, with overlap, until the end is reached.

        An empty cursor means from the beginning. Pages are read lazily: the caller stores each
        page and its cursor before asking for the next one.
        """

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """Perform `effect` once. Safe to repeat. Raises Missing only after a second look."""

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read how the target stands, to settle an unknown outcome of `effect`."""

    def test_connection(self) -> ConnectionReport:
        """Read who we are. Changes nothing."""


@runtime_checkable
class BatchClient(Protocol):
    """A client whose platform takes several comments in one request (`capabilities.AT_ONCE`)."""

    def apply_many(self, effect: Effect, targets: Sequence[Target]) -> None:
        """Perform `effect` on all targets with one request. Safe to repeat.

        Rejected, Unsupported and Missing may be for the sake of one target alone, and some of the
        others may have been done: whoever gets them tries each by itself. After any other error
        the same holds for every target.
        """

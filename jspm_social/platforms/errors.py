"""What can go wrong on a platform, named by what to do next."""

from datetime import datetime


class PlatformError(Exception):
    """Base of the family. `detail` is for operators; it never holds a token or a comment's text."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Transient(PlatformError):
    """The platform failed for now and certainly did nothing: try again with back-off."""


class RateLimited(PlatformError):
    """Too many calls or the quota is used up: wait until the stated time."""

    def __init__(self, detail: str = "", *, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class ReadingPaused(PlatformError):
    """What is left of a budget belongs to the effects: nothing was asked. Effects go on."""

    def __init__(self, detail: str = "", *, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class Pending(PlatformError):
    """The platform is still working on what it was given: ask again then. Nothing has failed."""

    def __init__(self, detail: str = "", *, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class AuthExpired(PlatformError):
    """The token is expired or revoked: refresh it, or a person reconnects the channel."""


class Rejected(PlatformError):
    """The platform understood and refused: repeating the same request is pointless."""


class CeilingReached(Rejected):
    """Sending it would cost more than the committee wants to spend: nothing was sent."""


class Missing(PlatformError):
    """The target no longer exists, proven by a second look. Recorded as gone, never as ours."""


class Unsupported(PlatformError):
    """The platform, the plan or the permission does not offer this: becomes a manual task."""


class OutcomeUnknown(PlatformError):
    """The request went out and no usable answer came back: it may or may not have happened."""

"""What crosses the border when a request is counted: what was asked, what was answered, a meter.

Adapters know nothing of budgets. The door to the platform (`http.ChannelHttp`) asks the channel's
meter before every request and tells it every answer; what a request costs is the business of
`budgets`.

The meter stands in the door and not in the adapters, so that what is published later is counted,
too, and no adapter can forget it. It never raises after an answer: a count hides no outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One request without its headers, which may hold a token. `host` is the adapter's own name."""

    method: str
    host: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A decisive answer (2xx to 4xx). `body` is the decoded JSON, None where there was none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Meter(Protocol):
    """Counts what one channel uses of its platform."""

    def allow(self, asked: Asked) -> None:
        """Return when the request may be sent.

        Raises:
            ReadingPaused: reading leaves the rest of the budget to the effects.
            RateLimited: the platform would refuse it, and says until when.
            CeilingReached: it would cost more than the committee wants to spend.
        """

    def note(self, asked: Asked, answer: Answer | None) -> None:
        """Take down a request that went out; None where no usable answer came back.

        Never raises: a count that goes wrong must not hide what happened on the platform.
        """


class NoMeter:
    """Counts nothing and allows everything: for a connection that is only tried."""

    def allow(self, asked: Asked) -> None:
        """Allow it."""

    def note(self, asked: Asked, answer: Answer | None) -> None:
        """Forget it."""


NO_METER = NoMeter()

"""Whether an address leads to a comment that somebody wrote to us.

Comments are moderation's, which the parts that ask do not know: moderation registers the look-up
when the site starts. Before that the answer is yes: doubt refuses.
"""

from collections.abc import Callable

from .models import Channel

LookUp = Callable[[Channel, str], bool]
_look_up: list[LookUp] = []


def register(look_up: LookUp) -> None:
    """Set who knows the comments; called once, by moderation's app configuration."""
    _look_up[:] = [look_up]


def leads_to_comment(channel: Channel, url: str) -> bool:
    """Tell whether `url` is that of a comment to us. False for no address at all."""
    return bool(url) and all(look_up(channel, url) for look_up in _look_up or [_unknown])


def _unknown(channel: Channel, url: str) -> bool:  # noqa: ARG001 - the look-up's shape
    return True

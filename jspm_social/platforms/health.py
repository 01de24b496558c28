"""What a platform's answers say about the channel: wait, reconnect, or all is well again."""

from datetime import datetime

from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import StaleState, move

from .errors import AuthExpired, PlatformError, RateLimited
from .models import Channel
from .states import CHANNEL_MOVES, ChannelState


def describe(error: Exception) -> str:
    """Return what is stored of an error: its kind and plain detail, never a token or a text.

    Of an error that is no PlatformError only the kind: its message may quote a comment.
    """
    detail = error.detail if isinstance(error, PlatformError) else "an error of the console itself"
    return f"{type(error).__name__}: {detail}"[:200]


@one_write()
def note_trouble(*, channel: Channel, error: Exception) -> None:
    """Remember on the channel what went wrong; other channels go on.

    A rate limit holds every call of the channel until the stated time; a dead token asks for a
    person, once, and stands in the audit trail.
    """
    until: datetime | None = error.until if isinstance(error, RateLimited) else channel.calm_until
    Channel.objects.filter(pk=channel.pk).update(trouble=describe(error), calm_until=until)
    if isinstance(error, AuthExpired) and channel.state == ChannelState.ACTIVE:
        try:
            move(channel, table=CHANNEL_MOVES, to=ChannelState.RECONNECT)
        except StaleState:
            return  # somebody paused, disconnected or reported it at this moment
        record(
            actor=None,
            verb=Verb.CHANNEL_STATE,
            target=channel,
            channel=channel.pk,
            details={"state": channel.state},
        )


def note_success(*, channel: Channel) -> None:
    """A pull went through to its end."""
    Channel.objects.filter(pk=channel.pk).update(pulled_at=timezone.now(), trouble="")

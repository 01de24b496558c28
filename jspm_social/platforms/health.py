"""What a platform's answers say about the channel: wait, reconnect, or all is well again."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import StaleState, move

from .errors import AuthExpired, PlatformError, RateLimited, ReadingPaused
from .models import Channel
from .states import CHANNEL_MOVES, ChannelState

# Seconds until the next reading, after one, two, ... that failed. The first is the usual pace.
READING_PAUSES = (20, 60, 180, 600, 1800)


def describe(error: Exception) -> str:
    """Return what is stored of an error: its kind and plain detail, never a token or a text.

    Of an error that is no PlatformError only the kind: its message may quote a comment.
    """
    detail = error.detail if isinstance(error, PlatformError) else "an error of the console itself"
    return f"{type(error).__name__}: {detail}"[:200]


@one_write()
def note_trouble(*, channel: Channel, error: Exception) -> None:
    """Remember on the channel what went wrong; other channels go on.

    A rate limit holds every call of the channel until the stated time, a budget that is used up
    for reading only the readings; a dead token asks for a person, once, and stands in the audit
    trail.
    """
    changes: dict[str, Any] = {"trouble": describe(error)}
    if isinstance(error, RateLimited):
        changes["calm_until"] = error.until
    if isinstance(error, ReadingPaused):
        changes["read_after"] = error.until
    Channel.objects.filter(pk=channel.pk).update(**changes)
    if isinstance(error, AuthExpired) and channel.state == ChannelState.ACTIVE:
        try:
            since = channel.broken_at or timezone.now()  # cleared by connecting it anew
            move(channel, table=CHANNEL_MOVES, to=ChannelState.RECONNECT, broken_at=since)
        except StaleState:
            return  # somebody paused, disconnected or reported it at this moment
        record(
            actor=None,
            verb=Verb.CHANNEL_STATE,
            target=channel,
            channel=channel.pk,
            details={"state": channel.state},
        )


def note_success(*, channel: Channel, read_after: datetime | None = None) -> None:
    """A pull went through to its end. `read_after` is when the budgets allow the next one."""
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(
        pulled_at=now, read_after=read_after, trouble="", failed_readings=0
    )


def note_failed_reading(*, channel: Channel, error: Exception) -> None:
    """Remember why a pull ended early, and wait longer before each next one while they fail.

    What names its own time (a rate limit, a budget), or needs a person, waits for that alone.
    """
    note_trouble(channel=channel, error=error)
    if isinstance(error, RateLimited | ReadingPaused | AuthExpired):
        return
    failed = channel.failed_readings
    pause = READING_PAUSES[min(failed, len(READING_PAUSES) - 1)]
    Channel.objects.filter(pk=channel.pk).update(
        read_after=timezone.now() + timedelta(seconds=pause), failed_readings=failed + 1
    )


def may_be_read(channel: Channel, now: datetime) -> bool:
    """Tell the same as `readable` of one channel, as it was read."""
    waits = [moment for moment in (channel.calm_until, channel.read_after) if moment]
    return channel.state == ChannelState.ACTIVE and all(moment <= now for moment in waits)


def readable(now: datetime) -> QuerySet[Channel]:
    """Return the channels that may be read now: neither the platform nor a budget says to wait."""
    calm = Q(calm_until__isnull=True) | Q(calm_until__lte=now)
    rested = Q(read_after__isnull=True) | Q(read_after__lte=now)
    return Channel.objects.filter(calm, rested, state=ChannelState.ACTIVE)

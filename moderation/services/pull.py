"""Reading a channel: page by page, each stored and judged before the next is asked for."""

import logging
from datetime import timedelta
from traceback import format_tb

from django.db.models import Q
from django.utils import timezone

from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.channels import client_of
from jspm_social.platforms.errors import PlatformError, ReadingPaused
from jspm_social.platforms.health import (
    describe,
    note_failed_reading,
    note_success,
    note_trouble,
)
from jspm_social.platforms.models import Channel, SyncCursor
from jspm_social.platforms.states import ChannelState
from moderation.services.intake import store_page
from moderation.services.triage import judge_comments

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)


def pull(*, channel: Channel) -> int:
    """Read everything new on a channel; returns how many comments were new or edited.

    One reader at a time per channel. Any error ends the reading; what was stored stays stored,
    the cursor says where to go on, and the channel shows the trouble. The log tells where in our
    own code an error arose, not its message, which may quote a comment.

    What it uses of the channel's budgets is counted, and written with every page; how long the
    next reading has to wait for them is noted on the channel.
    """
    if channel.state != ChannelState.ACTIVE or not _lease(channel):
        return 0
    meter = ChannelMeter(channel, reading=True)
    try:
        changed = _read(channel, meter)
        read_after = meter.next_reading()
    except ReadingPaused as error:
        log.info("pull of channel %s: %s", channel.pk, describe(error))
        note_trouble(channel=channel, error=error)
        return 0
    except PlatformError as error:
        log.warning("pull of channel %s: %s", channel.pk, describe(error))
        note_failed_reading(channel=channel, error=error)
        return 0
    except Exception as error:  # noqa: BLE001 -- told on the channel, and to the log
        where = "".join(format_tb(error.__traceback__))
        log.error("pull of channel %s: %s\n%s", channel.pk, describe(error), where)  # noqa: TRY400
        note_failed_reading(channel=channel, error=error)
        return 0
    else:
        note_success(channel=channel, read_after=read_after)
        return changed
    finally:
        SyncCursor.objects.filter(channel=channel).update(leased_until=None)
        meter.save()


def _read(channel: Channel, meter: ChannelMeter) -> int:
    changed = 0
    position = SyncCursor.objects.get(channel=channel).position
    for page in client_of(channel, meter).pull(position):
        stored = store_page(
            channel=channel, comments=page.comments, gone=page.gone, cursor=page.cursor
        )
        judge_comments(comment_ids=stored.to_judge)
        changed += len(stored.to_judge)
        meter.save()
        SyncCursor.objects.filter(channel=channel).update(leased_until=timezone.now() + LEASE)
    return changed


def _lease(channel: Channel) -> bool:
    now = timezone.now()
    SyncCursor.objects.get_or_create(channel=channel)
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return bool(SyncCursor.objects.filter(free, channel=channel).update(leased_until=now + LEASE))

"""Reading how our published posts are met with: often while they are new, then rarer, then never.

Only what the platforms count for everybody; nobody is named. Reading is the first thing to stop
when a budget runs short.

Numbers need one permission more on Threads alone (`threads_manage_insights`, which reads and
nothing else); without it none is told and all else goes on. Views on Facebook and Instagram would
need another one, which is not asked for.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.channels import own_posts_of
from jspm_social.platforms.errors import AuthExpired, PlatformError, RateLimited, ReadingPaused
from jspm_social.platforms.health import describe, may_be_read, note_trouble
from jspm_social.platforms.models import Channel
from jspm_social.platforms.own_posts import Counts, OwnPosts
from jspm_social.platforms.states import OperationState
from posts.models import Delivery, Tally

log = logging.getLogger(__name__)

NEW = timedelta(days=1)  # read every hour
READ_FOR = timedelta(days=30)  # read every day, then not any more
LEASE = timedelta(minutes=15)  # whoever claimed a reading has died by then
ABOUT_THE_CHANNEL = (AuthExpired, RateLimited, ReadingPaused)
AT_ONCE = 100  # posts of one channel that one job reads


def next_at(published_at: datetime, now: datetime) -> datetime:
    """Return when a post's numbers are read next. Pure."""
    return now + (timedelta(hours=1) if now - published_at < NEW else timedelta(days=1))


def due(now: datetime) -> QuerySet[Delivery]:
    """The posts that stand on a platform and whose numbers are to be read now."""
    rows = Delivery.objects.filter(
        Q(tally_at__isnull=True) | Q(tally_at__lte=now),
        state=OperationState.DONE,
        deed=Delivery.Deed.PUBLISH,
        published_at__gte=now - READ_FOR,
    ).exclude(remote_id="")
    withdrawn = Delivery.objects.filter(
        post=OuterRef("post"),
        channel=OuterRef("channel"),
        deed=Delivery.Deed.WITHDRAW,
        state=OperationState.DONE,
    )
    return rows.exclude(Exists(withdrawn))


def read(*, channel: Channel) -> int:
    """Read the numbers of the channel's posts that are due; returns how many were told.

    What a platform does not tell is asked for again at its usual time. An error that says
    something about the channel is noted there.
    """
    now = timezone.now()
    if not may_be_read(channel, now):
        return 0
    claimed = _claim(channel, now)
    if not claimed:
        return 0
    meter = ChannelMeter(channel, reading=True)
    try:
        reader = own_posts_of(channel, meter)
        starts = range(0, len(claimed), reader.at_once)
        return sum(_read_batch(reader, claimed[i : i + reader.at_once], now) for i in starts)
    except PlatformError as error:
        log.warning("numbers of channel %s: %s", channel.pk, describe(error))
        if isinstance(error, ABOUT_THE_CHANNEL):
            note_trouble(channel=channel, error=error)
        _postpone(claimed, error, now)
        return 0
    finally:
        meter.save()


@transaction.atomic
def _claim(channel: Channel, now: datetime) -> list[Delivery]:
    """Take what is due for this process, the newest first."""
    rows = due(now).filter(channel=channel).select_for_update(of=("self",), skip_locked=True)
    claimed = list(rows.order_by("-published_at", "-pk")[:AT_ONCE])
    Delivery.objects.filter(pk__in=[row.pk for row in claimed]).update(tally_at=now + LEASE)
    return claimed


def _read_batch(reader: OwnPosts, batch: Sequence[Delivery], now: datetime) -> int:
    told = reader.numbers([row.remote_id for row in batch])
    _keep(batch, told, now)
    return len(told)


@transaction.atomic
def _keep(batch: Sequence[Delivery], told: Mapping[str, Counts], now: datetime) -> None:
    Tally.objects.bulk_create(
        [_tally(row, told[row.remote_id], now) for row in batch if row.remote_id in told],
        ignore_conflicts=True,
    )
    for row in batch:
        Delivery.objects.filter(pk=row.pk).update(tally_at=_next(row, now))


def _tally(row: Delivery, counts: Counts, now: datetime) -> Tally:
    return Tally(
        delivery=row,
        at=now,
        likes=counts.likes,
        reposts=counts.reposts,
        comments=counts.comments,
        views=counts.views,
    )


def _next(row: Delivery, now: datetime) -> datetime:
    return next_at(row.published_at or now, now)


def _postpone(claimed: Sequence[Delivery], error: PlatformError, now: datetime) -> None:
    """Ask again at the usual time, or when the platform said; what was read stays read."""
    until = error.until if isinstance(error, RateLimited | ReadingPaused) else now
    pending = Delivery.objects.filter(tally_at=now + LEASE)
    for row in claimed:
        pending.filter(pk=row.pk).update(tally_at=max(_next(row, now), until))

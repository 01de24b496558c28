"""Noticing posts that stand on our own accounts although the console did not publish them (§3(1)).

What was there before an account was connected is history and no alarm. A post that may be one of
ours whose outcome is not known yet is left alone until that is settled.

They are noticed by listing our own posts, not by waiting for a comment under one. Answers and
reposts by hand, stories and LINE's broadcasts are in no list that is read, and are not noticed.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms import remote_posts
from jspm_social.platforms.adapters.outgoing import same_words
from jspm_social.platforms.budgets.meter import ChannelMeter
from jspm_social.platforms.channels import own_posts_of
from jspm_social.platforms.contract import RemotePostRef
from jspm_social.platforms.errors import AuthExpired, PlatformError, RateLimited, ReadingPaused
from jspm_social.platforms.health import describe, may_be_read, note_trouble, readable
from jspm_social.platforms.models import Channel, RemotePost
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import LEASE as SENDING_LEASE
from jspm_social.platforms.publishing import Published
from jspm_social.platforms.states import OperationState
from posts.models import Delivery, NativePost, Watch
from posts.queries import CHATS
from posts.services.recheck import LATE

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=30)
OVERLAP = timedelta(hours=1)  # lists may lag behind
LEASE = timedelta(minutes=15)  # whoever claimed a look has died by then
MARGIN = timedelta(minutes=10)  # between the platform's clock and ours
NEAR = timedelta(hours=1)  # a post of ours under another id stands there at about its time
ABOUT_THE_CHANNEL = (AuthExpired, RateLimited, ReadingPaused)
SHORTEST_ID = 6  # characters; 'watch' is none
UNSETTLED = (OperationState.WAITING, OperationState.SENDING, OperationState.UNKNOWN)


def due(now: datetime) -> QuerySet[Channel]:
    """The channels to look through now. LINE lists nothing."""
    later = Watch.objects.filter(channel=OuterRef("pk"), due_at__gt=now)
    return readable(now).exclude(platform=Platform.LINE).exclude(Exists(later))


def look(*, channel: Channel) -> int:
    """List what stands on the account since the last look; returns how many posts are news.

    An error that says something about the channel is noted there; the next look goes on from
    where the last one that went through came to.
    """
    now = timezone.now()
    if not may_be_read(channel, now) or not _claim(channel, now):
        return 0
    watch = Watch.objects.get(channel=channel)
    since = max(channel.created_at, (watch.looked_to or channel.created_at) - OVERLAP)
    meter = ChannelMeter(channel, reading=True)
    try:
        found = list(own_posts_of(channel, meter).recent(since))
    except PlatformError as error:
        log.warning("own posts of channel %s: %s", channel.pk, describe(error))
        if isinstance(error, ABOUT_THE_CHANNEL):
            note_trouble(channel=channel, error=error)
        Watch.objects.filter(pk=watch.pk).update(due_at=now + EVERY)
        return 0
    finally:
        meter.save()
    return take_in(channel=channel, found=found, looked_to=now)


@one_write()
def take_in(*, channel: Channel, found: Iterable[Published], looked_to: datetime) -> int:
    """Keep what was listed, and note what nobody published here, each once."""
    watch = Watch.objects.select_for_update().get(channel=channel)  # one at a time per channel
    _keep(channel, found)
    made = [
        NativePost.objects.create(remote=post)
        for post in _unexplained(channel, list(_candidates(channel)))
    ]
    watch.looked_to, watch.due_at = looked_to, looked_to + EVERY
    watch.save(update_fields=["looked_to", "due_at"])
    for native in made:
        enqueue("posts.jobs.send_native_notice", native.pk, queue="intake")
        record(
            actor=None,
            verb=Verb.NATIVE_NOTICED,
            target=native,
            channel=channel.pk,
            clause="§3(1)",
            details={"remote_id": native.remote.remote_id},
        )
    return len(made)


def _claim(channel: Channel, now: datetime) -> bool:
    _, fresh = Watch.objects.get_or_create(channel=channel, defaults={"due_at": now + LEASE})
    waiting = Watch.objects.filter(channel=channel, due_at__lte=now)
    return fresh or bool(waiting.update(due_at=now + LEASE))


def _keep(channel: Channel, found: Iterable[Published]) -> None:
    """Store the posts that are not known yet. Of the others the readers of comments tell more."""
    told = {post.remote_id: post for post in found}
    rows = RemotePost.objects.filter(channel=channel, remote_id__in=list(told))
    known = set(rows.filter(posted_at__isnull=False).values_list("remote_id", flat=True))
    remote_posts.keep(
        channel,
        [
            RemotePostRef(i, post.text, post.permalink, post.published_at)
            for i, post in told.items()
            if i not in known
        ],
    )


def _candidates(channel: Channel) -> QuerySet[RemotePost]:
    """The posts since the account was connected that no delivery names and nobody noted."""
    ours = Delivery.objects.filter(
        channel=OuterRef("channel"), remote_id=OuterRef("remote_id"), deed=Delivery.Deed.PUBLISH
    ).exclude(state=OperationState.CANCELLED)
    rows = RemotePost.objects.filter(
        channel=channel, posted_at__gte=channel.created_at, native__isnull=True
    )
    return rows.exclude(remote_id__startswith=CHATS).exclude(Exists(ours)).order_by("posted_at")


def _unexplained(channel: Channel, posts: list[RemotePost]) -> list[RemotePost]:
    """Leave out what a delivery may have made although it does not name it by this id."""
    times = [post.posted_at for post in posts if post.posted_at]
    if not times:
        return []
    stand = RemotePost.objects.filter(channel=channel, remote_id=OuterRef("remote_id"))
    done = Delivery.objects.filter(
        channel=channel,
        state=OperationState.DONE,
        published_at__gte=min(times) - NEAR,
        published_at__lte=max(times) + NEAR,
    ).exclude(~Q(remote_id="") & Exists(stand))
    by_hand = Delivery.objects.filter(channel=channel, state=OperationState.DONE, remote_id="")
    begun = Delivery.objects.filter(channel=channel, state__in=UNSETTLED, begun_at__isnull=False)
    deliveries = [*done, *by_hand.exclude(permalink=""), *begun]
    published = [row for row in deliveries if row.deed == Delivery.Deed.PUBLISH]
    return [post for post in posts if not any(_explains(row, post) for row in published)]


def _explains(delivery: Delivery, post: RemotePost) -> bool:
    """Whether a delivery may have made this post. Doubt while its outcome is not known: yes."""
    if post.posted_at is None:
        return False
    if delivery.state in UNSETTLED:
        begun = delivery.begun_at or delivery.planned_at
        # Claimed at the last moment, begun at the end of that lease, sent at the end of the next.
        ended = max(begun, delivery.planned_at) + LATE + 2 * SENDING_LEASE
        return begun - MARGIN <= post.posted_at <= ended + MARGIN
    if not delivery.remote_id:
        named = _names(post.permalink) | _names(post.remote_id) | {post.remote_id}
        return bool(_names(delivery.permalink) & named)
    near = abs((delivery.published_at or post.posted_at) - post.posted_at) <= NEAR
    return near and same_words(str(delivery.payload.get("text", "")), post.text)


def _names(address: str) -> set[str]:
    """Return what may name a post in its address or id: the last part, and what it is asked by."""
    parts = urlsplit(address)
    asked = [value for values in parse_qs(parts.query).values() for value in values]
    last = parts.path.rstrip("/").rpartition("/")[2]
    return {name for name in (last, *asked) if len(name) >= SHORTEST_ID}

"""What came by webhook and waits for a worker: kept once, claimed by one, erased when done.

What is kept is sifted, never raw: a message to us that comes in the same body as a comment does not
reach the database.
"""

import logging
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.health import describe
from jspm_social.platforms.models import Channel, WebhookDelivery
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import DELIVERY_MOVES, ChannelState, DeliveryState
from jspm_social.transitions import move

from . import line
from .news import News, Sifted, dump, load
from .wires import WIRES

log = logging.getLogger(__name__)

JOB: Final = "moderation.jobs.take_delivery"
KEEP: Final = timedelta(days=7)
"""How long the key of a delivery is remembered, so that the same is not taken twice."""

OLDEST: Final = timedelta(days=3)
"""A delivery that was signed longer ago is refused; well within KEEP, so no replay gets in."""

LEASE: Final = timedelta(minutes=1)
MOST_ATTEMPTS: Final = 5


def keep(*, channel: Channel, sifted: Sifted) -> WebhookDelivery | None:
    """Store what was taken of one body, and wake a worker. None when it came before."""
    row = WebhookDelivery(channel=channel, key=sifted.key, body=dump(sifted.items))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    enqueue(JOB, row.pk, queue="intake")
    return row


def due() -> QuerySet[WebhookDelivery]:
    """Return what waits for a worker; a paused channel's deliveries wait until it goes on."""
    return WebhookDelivery.objects.filter(
        state=DeliveryState.WAITING, due_at__lte=timezone.now()
    ).exclude(channel__state=ChannelState.PAUSED)


def claim(delivery_id: int) -> bool:
    """Take a delivery for a minute, so that no other worker does. Commits at once: a process
    that dies with it leaves it due again.
    """
    rows = due().filter(pk=delivery_id)
    return bool(rows.update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE))


def locked(delivery_id: int) -> WebhookDelivery | None:
    """Return the delivery for the rest of this transaction; None when it was taken already."""
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("channel")
    return rows.filter(pk=delivery_id, state=DeliveryState.WAITING).first()


def news_of(delivery: WebhookDelivery) -> News:
    return WIRES[delivery.channel.platform].read(load(bytes(delivery.body)))


def done(delivery: WebhookDelivery) -> None:
    """The delivery was taken in: what it said stands elsewhere now, so only its key stays."""
    move(delivery, table=DELIVERY_MOVES, to=DeliveryState.TAKEN, body=b"")


@one_write()
def put_back(*, delivery_id: int, error: Exception) -> None:
    """Try again later; after MOST_ATTEMPTS never again, which the channel and the trail tell."""
    delivery = locked(delivery_id)
    if delivery is None:
        return
    if delivery.attempts < MOST_ATTEMPTS:
        later = timezone.now() + LEASE * 2**delivery.attempts
        WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=later)
        return
    move(delivery, table=DELIVERY_MOVES, to=DeliveryState.FAILED)
    Channel.objects.filter(pk=delivery.channel_id).update(trouble=describe(error))
    record(
        actor=None,
        verb=Verb.WEBHOOK_FAILED,
        target=delivery,
        channel=delivery.channel_id,
        details={"attempts": delivery.attempts},
    )


def forget_messages(channel: Channel, message_ids: set[str]) -> None:
    """Erase the words of LINE messages that were taken back from deliveries that still wait."""
    if channel.platform != Platform.LINE or not message_ids:
        return
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).filter(channel=channel)
    for row in rows.exclude(state=DeliveryState.TAKEN).order_by("pk"):
        items = load(bytes(row.body))
        kept = line.silenced(items, message_ids)
        if kept != items:
            WebhookDelivery.objects.filter(pk=row.pk).update(body=dump(kept))


def forget_old() -> int:
    """Erase every delivery whose time is over, taken or not. Returns how many."""
    old = WebhookDelivery.objects.filter(received_at__lt=timezone.now() - KEEP)
    return old.delete()[0]

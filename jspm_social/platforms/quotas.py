"""Budgets that a platform tells only when it is asked: LINE's messages of the month."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from .budgets.meters import LINE_MESSAGES
from .channels import client_of
from .errors import PlatformError
from .health import describe, note_trouble
from .models import BudgetUse, Channel
from .names import Platform
from .states import ChannelState

log = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=6)


def due(now: datetime) -> QuerySet[Channel]:
    """Return the channels whose platform was not asked for a while."""
    known = BudgetUse.objects.filter(meter=LINE_MESSAGES.name, updated_at__gt=now - EVERY)
    return Channel.objects.filter(platform=Platform.LINE, state=ChannelState.ACTIVE).exclude(
        pk__in=known.values("channel")
    )


def ask(*, channel: Channel) -> None:
    """Test the connection, whose answers tell the quota; the channel's meter takes it down."""
    try:
        client_of(channel).test_connection()
    except PlatformError as error:
        log.warning("quota of channel %s: %s", channel.pk, describe(error))
        note_trouble(channel=channel, error=error)

"""Mails to the admins about the channels: one when a person must reconnect, two before an end.

A mail holds the channel's name and a link, no secret. The same thing is told once: about a
connection that broke, and for each end of a token 14 and 3 days before.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb
from jspm_social.templatetags.ja import moment_text

from .models import Channel, ChannelNotice
from .states import ChannelState

log = logging.getLogger(__name__)

Kind = ChannelNotice.Kind
BEFORE: Final = (
    (timedelta(days=3), Kind.EXPIRES_IN_3_DAYS),
    (timedelta(days=14), Kind.EXPIRES_IN_14_DAYS),
)
SUBJECTS: Final = {
    Kind.RECONNECT: "【広報コンソール】アカウントの再接続をお願いします",
    Kind.EXPIRES_IN_14_DAYS: "【広報コンソール】アカウントの接続の期限が近づいています",
    Kind.EXPIRES_IN_3_DAYS: "【広報コンソール】アカウントの接続の期限が迫っています",
}
BROKEN: Final = """「{name}」（{platform}）の接続が切れました。
接続し直すまで、コメントの取得と、対応の送信が止まります。

次のページを開き、接続し直してください。
{link}

接続し直すまで、このメールをもう一度お送りすることはありません。
"""
ENDING: Final = """「{name}」（{platform}）の接続は、{until}に期限が切れます。
自動では更新できないため、それまでに接続し直してください。

{link}
"""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to tell: about which channel, what, and the moment it is about."""

    channel: Channel
    kind: ChannelNotice.Kind
    about: datetime


def send_due() -> int:
    """Send every mail that is due, one to each admin. Returns how many things were told.

    Sent at least once: it is noted after a mail server took a mail. What reached nobody stays due.
    """
    return sum(_send(due) for due in list(due_notices(timezone.now())))


def due_notices(now: datetime) -> Iterator[Due]:
    """Yield what has to be told and was not yet told."""
    told = set(ChannelNotice.objects.values_list("channel_id", "kind", "about"))
    channels = Channel.objects.select_related("credential").exclude(account_id="")
    for channel in channels:
        due = _of(channel, now)
        if due and (channel.pk, due.kind, due.about) not in told:
            yield due


def _of(channel: Channel, now: datetime) -> Due | None:
    if channel.state == ChannelState.RECONNECT:
        return Due(channel, Kind.RECONNECT, channel.broken_at or channel.created_at)
    end = channel.access_ends_at
    if end is None or channel.state == ChannelState.DISCONNECTED:
        return None
    return next((Due(channel, kind, end) for left, kind in BEFORE if end - now <= left), None)


def _send(due: Due) -> bool:
    people = [u for u in User.objects.at_work().exclude(email="") if _manages(u)]
    reached = sum([_tell(person, due) for person in people])
    if not reached:
        log.error("channel %s: none of %s admins could be told", due.channel.pk, len(people))
        return False
    _mark(due, reached)
    return True


def _manages(user: User) -> bool:
    return user.can(Capability.MANAGE_CHANNELS)


def _tell(person: User, due: Due) -> bool:
    """Send one mail, so that nobody's address is shown to the others. False if it was refused."""
    page = reverse("platforms:channel", args=[due.channel.pk])
    body = (BROKEN if due.kind == Kind.RECONNECT else ENDING).format(
        name=due.channel.name,
        platform=due.channel.get_platform_display(),
        until=moment_text(due.about),
        link=settings.SITE_URL.rstrip("/") + page,
    )
    try:
        send_mail(SUBJECTS[due.kind], body, None, [person.email])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; its text has addresses
        log.warning("no notice to user %s: %s", person.pk, type(error).__name__)
        return False
    return True


@transaction.atomic
def _mark(due: Due, reached: int) -> None:
    ChannelNotice.objects.get_or_create(channel=due.channel, kind=due.kind, about=due.about)
    record(
        actor=None,
        verb=Verb.CHANNEL_NOTICE,
        target=due.channel,
        channel=due.channel.pk,
        details={"kind": due.kind, "recipients": reached},
    )

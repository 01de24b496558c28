"""Long-lived tokens, looked after every day: renewed in time, or a person is asked in time.

Tokens that live for an hour or two are renewed by the adapters as they go along. What lives for
weeks (Facebook, Instagram, Threads) is renewed here from 30 days before its end.

Whoever manages accounts gets one mail when a person must reconnect, and 14 and 3 days before an end
that nothing renews.
"""

import logging
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, Protocol, cast

from django.db.models import Q, QuerySet
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb

from .budgets.meter import ChannelMeter
from .channels import alone_with_tokens
from .contract import ChannelAccess
from .errors import AuthExpired, PlatformError, RateLimited, Transient, Unsupported
from .health import describe, note_trouble
from .lifetimes import Lifetime, Renewed
from .models import Channel, Credential
from .names import Platform
from .states import ChannelState

log = logging.getLogger(__name__)

RENEW_BEFORE: Final = timedelta(days=30)
YOUNGEST: Final = timedelta(hours=24)  # a token younger than that is not renewed by Meta
EVERY: Final = timedelta(hours=20)  # a little less than a day: daily, whenever the job runs
SOON: Final = timedelta(hours=1)  # after a failure that will pass


class Renewer(Protocol):
    """One platform's way to new tokens. A module with these functions is one."""

    def lifetime(self, access: ChannelAccess) -> Lifetime | None: ...

    def renew(self, access: ChannelAccess) -> Renewed: ...


_META = "jspm_social.platforms.adapters.meta.renewal"
RENEWERS: Final = {
    Platform.FACEBOOK: _META,
    Platform.INSTAGRAM: _META,
    Platform.THREADS: _META,
}


def due(now: datetime) -> QuerySet[Credential]:
    """Return the credentials that have to be looked after now."""
    rested = Q(tried_at__isnull=True) | Q(tried_at__lte=now - EVERY)
    return Credential.objects.filter(
        rested,
        channel__platform__in=RENEWERS,
        channel__state__in=[ChannelState.ACTIVE, ChannelState.PAUSED],
    )


def look_after(*, channel: Channel) -> bool:
    """Ask how long the channel's token lives, and renew it when it is time. True: it was renewed.

    One process at a time: who comes second finds that it was just done. What fails for now is
    tried again within the hour, anything else tomorrow; a dead token asks for a person at once.
    """
    with alone_with_tokens(channel):
        credential = due(timezone.now()).filter(channel=channel).first()
        if credential is None:
            return False
        _note_try(credential)
        try:
            return _look_after(channel, credential)
        except Unsupported as error:
            log.info("token of channel %s: %s", channel.pk, describe(error))
        except (Transient, RateLimited) as error:
            log.warning("token of channel %s: %s", channel.pk, describe(error))
            _note_try(credential, again_in=SOON)
        except AuthExpired as error:
            note_trouble(channel=channel, error=error)
        except PlatformError as error:
            log.warning("token of channel %s: %s", channel.pk, describe(error))
        return False


def _look_after(channel: Channel, credential: Credential) -> bool:
    renewer = cast("Renewer", import_module(RENEWERS[Platform(channel.platform)]))
    access = channel.access(meter=ChannelMeter(channel, unsaved=1))
    told = renewer.lifetime(access)
    if told is not None:
        _note_lifetime(credential, told)
        if told.expires_at is None:  # it never ends by itself
            return False
    now = timezone.now()
    if not is_time(credential, now):
        return False
    renewed = renewer.renew(access)
    _store(channel=channel, credential=credential, renewed=renewed)
    return True


def is_time(credential: Credential, now: datetime) -> bool:
    """Tell whether the token is old enough to be renewed, and will end within 30 days.

    When it was issued or will end may be unknown, of secrets from a file: then it is time.
    """
    if credential.issued_at is not None and now - credential.issued_at < YOUNGEST:
        return False
    return credential.expires_at is None or credential.expires_at - now <= RENEW_BEFORE


@one_write()
def _store(*, channel: Channel, credential: Credential, renewed: Renewed) -> None:
    credential.replace(
        dict(renewed.secrets), issued_at=timezone.now(), expires_at=renewed.expires_at
    )
    until = renewed.expires_at.isoformat() if renewed.expires_at else ""
    record(
        actor=None,
        verb=Verb.CHANNEL_TOKEN_RENEWED,
        target=channel,
        channel=channel.pk,
        details={"until": until},
    )


def _note_lifetime(credential: Credential, told: Lifetime) -> None:
    _update(credential, expires_at=told.expires_at, data_access_until=told.data_access_until)


def _note_try(credential: Credential, *, again_in: timedelta = EVERY) -> None:
    """Written before the try, so that one that kills its process is not repeated at once."""
    _update(credential, tried_at=timezone.now() - EVERY + again_in)


def _update(credential: Credential, **changes: Any) -> None:
    Credential.objects.filter(pk=credential.pk).update(**changes)
    for name, value in changes.items():
        setattr(credential, name, value)

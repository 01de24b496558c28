"""What the workers run about the channels themselves."""

from django.utils import timezone

from jspm_social.jobs import wake

from . import notices, quotas, renewing
from .budgets.ledger import forget_old
from .models import Channel


def renew(channel_id: int) -> None:
    renewing.look_after(channel=Channel.objects.get(pk=channel_id))


def ask_quota(channel_id: int) -> None:
    quotas.ask(channel=Channel.objects.get(pk=channel_id))


def look_after_channels() -> None:
    """Wake a worker for every token and quota that is due, tell the admins what they must know,
    and forget finished budgets.
    """
    now = timezone.now()
    for channel_id in renewing.due(now).values_list("channel_id", flat=True):
        wake("jspm_social.platforms.jobs.renew", channel_id, queue="intake")
    for channel_id in quotas.due(now).values_list("pk", flat=True):
        wake("jspm_social.platforms.jobs.ask_quota", channel_id, queue="intake")
    notices.send_due()
    forget_old(now)

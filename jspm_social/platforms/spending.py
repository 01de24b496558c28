"""What the committee is willing to spend on a channel in a month."""

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb

from .models import Channel

LEAST = 5  # dollars: a single page of new posts can cost more than one


@one_write()
def set_ceiling(*, actor: User, channel: Channel, dollars: int | None) -> None:
    """Set the ceiling of a month, None for none. It counts from the very next request on.

    Reading that rested may go on: the next one finds out by itself whether it has to rest again.
    """
    before = channel.monthly_ceiling
    Channel.objects.filter(pk=channel.pk).update(monthly_ceiling=dollars, read_after=None)
    channel.monthly_ceiling, channel.read_after = dollars, None
    record(
        actor=actor,
        verb=Verb.CHANNEL_CEILING,
        target=channel,
        channel=channel.pk,
        details={"before": before, "after": dollars},
    )

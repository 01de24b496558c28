"""Looking at the platform: whether a lost sending arrived, and what really stands there.

Bluesky refuses a record key twice, so the key is kept before the first sending. X and Mastodon can
only list our posts: which ones look alike is noted before the first sending, and what looks alike
afterwards and was not there before is it. None counts as proof only a minute after the last
sending; where files cannot be told apart, a person looks.
"""

from datetime import timedelta

from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.channels import publisher_of
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import Missing, PlatformError, RateLimited, Unsupported
from jspm_social.platforms.health import note_trouble
from jspm_social.platforms.operations import Settlement, is_calm, read_in_vain, read_later
from jspm_social.platforms.publishing import Published, Publisher
from jspm_social.platforms.states import OperationState
from posts.models import Delivery
from posts.services.outgoing import BytesChanged, request_for
from posts.services.progress import KeptProgress
from posts.services.recheck import is_late
from posts.services.settlement import finish, load

NOT_FOUND = (
    "Rejected: 送信の途中で結果が分からなくなり、調べましたが、投稿は見つかりませんでした。"
    "予定の時刻を過ぎたため、送り直していません"
)
KEY_LASTS = timedelta(hours=23)  # a platform that refuses repeats (LINE) does so for a day


def reconcile(*, delivery_id: int) -> None:
    """Settle an unknown outcome by looking whether the post stands there. Never sends anything.

    Only where that proves that it does not, or where the platform itself refuses to publish one
    key twice, does the row wait for another sending, and not after its time has passed.
    """
    delivery = load(delivery_id)
    now = timezone.now()
    if delivery.state != OperationState.UNKNOWN or delivery.due_at > now:
        return
    if not is_calm(delivery.channel, now):
        return
    try:
        settlement, published = _look(publisher_of(delivery.channel), delivery)
    except PlatformError as error:
        _note_limit(delivery, error)
        settlement, published = read_later(delivery, now, error), None
    except BytesChanged:
        settlement, published = read_in_vain(delivery, now), None
    if settlement.state == OperationState.UNKNOWN:  # only when to look again
        rows = Delivery.objects.filter(pk=delivery.pk, state=OperationState.UNKNOWN)
        rows.update(due_at=settlement.due_at, readings=settlement.readings)
        return
    finish(delivery, settlement, published)


def read_back(*, delivery_id: int) -> None:
    """Read what really stands on the platform and store it. Not possible everywhere.

    Where it could not be asked it is asked again when it said, or after a while.
    """
    delivery, now = load(delivery_id), timezone.now()
    if delivery.state != OperationState.DONE or delivery.read_back_at or not delivery.remote_id:
        return
    if not is_calm(delivery.channel, now):
        return
    try:
        found = publisher_of(delivery.channel).read(delivery.remote_id)
    except Unsupported:
        found = None
    except Missing:
        found = Published(delivery.remote_id, delivery.permalink)
    except PlatformError as error:
        _note_limit(delivery, error)
        later = read_later(delivery, now, error).due_at
        Delivery.objects.filter(pk=delivery.pk).update(due_at=later)
        return
    _keep_read_back(delivery, found)


def _note_limit(delivery: Delivery, error: PlatformError) -> None:
    """A rate limit met while looking holds the sendings as well: it is the same account."""
    if isinstance(error, RateLimited):
        note_trouble(channel=delivery.channel, error=error)


def _look(publisher: Publisher, delivery: Delivery) -> tuple[Settlement, Published | None]:
    now = timezone.now()
    since = delivery.begun_at or delivery.planned_at
    try:
        found = publisher.find(request_for(delivery), KeptProgress(delivery), since=since)
    except Unsupported:
        if not publisher.repeatable or now - since > KEY_LASTS:
            return read_in_vain(delivery, now), None
        return _once_more(delivery), None
    if found is not None:
        return Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value), found
    return _once_more(delivery), None


def _once_more(delivery: Delivery) -> Settlement:
    now = timezone.now()
    if is_late(delivery, now):
        return Settlement(OperationState.FAILED, trouble=NOT_FOUND)
    return Settlement(OperationState.WAITING, trouble=delivery.trouble, due_at=now)


@one_write()
def _keep_read_back(delivery: Delivery, found: Published | None) -> None:
    delivery.read_back_at = timezone.now()
    if found is not None:
        delivery.stands = found.text
        delivery.permalink = found.permalink or delivery.permalink
    delivery.save(update_fields=["read_back_at", "stands", "permalink"])
    record(
        actor=None,
        verb=Verb.DELIVERY_READ_BACK,
        target=delivery,
        channel=delivery.channel_id,
        details={"remote_id": delivery.remote_id, "readable": found is not None},
    )

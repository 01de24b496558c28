"""The worker's way from a due delivery to its settlement: claim, look again, send, settle.

Nothing is sent that is not approved at this very moment, byte for byte; nothing after its time
has passed; nothing twice. A lost answer is *unknown*: it is settled by looking at the platform,
never by sending again blindly.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.channels import publisher_of
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import (
    Missing,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.operations import (
    READ_AGAIN,
    Settlement,
    claim,
    has_lapsed,
    judge_error,
    lapsed,
    settle,
    stopped,
)
from jspm_social.platforms.publishing import Published, Publisher
from jspm_social.platforms.states import NEEDS_A_PERSON, ChannelState, OperationState
from jspm_social.transitions import StaleState
from posts.models import Delivery, Post
from posts.services.conclude import conclude
from posts.services.outgoing import BytesChanged, request_for
from posts.services.recheck import is_late, refusal, waits_for_others
from posts.services.rows import lock

KEY_LASTS = timedelta(hours=23)  # a platform that refuses repeats (LINE) does so for a day


def send(*, delivery_id: int) -> None:
    """Send one due delivery, once. Does nothing when it is not due, taken, or all is stopped.

    Three steps: claim (committed), call (no transaction), settle (committed). A process that
    dies between them leaves a row in 'sending' whose lease runs out; it is then *unknown*.
    """
    delivery = load(delivery_id)
    if stopped(StopSwitch.Kind.PUBLISHING) or delivery.channel.state == ChannelState.PAUSED:
        return
    if waits_for_others(delivery) or not claim(delivery):
        return
    delivery = load(delivery_id)  # as everything stands now, not as it stood before the claim
    if (told := refusal(delivery)) is not None:
        finish(delivery, told)
        return
    try:
        request = request_for(delivery)
        publisher = publisher_of(delivery.channel)
    except BytesChanged:
        problem = "Rejected: 素材のファイルが、承認されたものと一致しません"
        finish(delivery, Settlement(OperationState.FAILED, trouble=problem))
        return
    except PlatformError as error:
        finish(delivery, judge_error(error, attempts=delivery.attempts, now=timezone.now()))
        return
    _note_beginning(delivery)
    try:
        published = publisher.publish(request, KeptProgress(delivery))
    except PlatformError as error:
        finish(delivery, _judge(error, delivery))
        return
    finish(delivery, Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value), published)


def reconcile(*, delivery_id: int) -> None:
    """Settle an unknown outcome by looking whether the post stands there. Never sends anything.

    Only where that proves that it does not, or where the platform itself refuses to publish one
    key twice, does the row wait for another sending, and not after its time has passed.
    """
    delivery = load(delivery_id)
    now = timezone.now()
    if delivery.state != OperationState.UNKNOWN or delivery.due_at > now:
        return
    try:
        settlement, published = _look(publisher_of(delivery.channel), delivery)
    except (PlatformError, BytesChanged):
        settlement, published = _still_unknown(delivery), None
    if settlement.state == OperationState.UNKNOWN:  # only when to look again
        rows = Delivery.objects.filter(pk=delivery.pk, state=OperationState.UNKNOWN)
        rows.update(due_at=settlement.due_at)
        return
    finish(delivery, settlement, published)


def read_back(*, delivery_id: int) -> None:
    """Read what really stands on the platform and store it. Not possible everywhere."""
    delivery = load(delivery_id)
    if delivery.state != OperationState.DONE or delivery.read_back_at or not delivery.remote_id:
        return
    try:
        found = publisher_of(delivery.channel).read(delivery.remote_id)
    except Unsupported:
        found = None
    except Missing:
        found = Published(delivery.remote_id, delivery.permalink)
    except PlatformError:
        return  # the sweeper comes again
    _keep_read_back(delivery, found)


@one_write()
def finish(
    delivery: Delivery,
    settlement: Settlement,
    published: Published | None = None,
    actor: User | None = None,
) -> None:
    """Write how a sending ended, where the post stands, and whether the post is done."""
    post = lock(delivery.post)
    try:
        settle(delivery, settlement)
    except StaleState:
        if not _settle_late(delivery, settlement):
            return
    if published is not None:
        _keep_place(delivery, published)
    conclude(post)
    _wake_next(delivery)
    if delivery.state in NEEDS_A_PERSON:
        enqueue("posts.jobs.send_delivery_notice", delivery.pk, queue="intake")
    tell(delivery, actor)


def mark_lapsed() -> int:
    """Turn deliveries whose worker died while sending into *unknown*. Returns how many."""
    rows = lapsed(Delivery.objects.all(), timezone.now()).values_list("pk", flat=True)
    return sum(_mark_lapsed(pk) for pk in list(rows))


def load(delivery_id: int) -> Delivery:
    return Delivery.objects.select_related(
        "channel", "post", "submission__approval", "submission__policy_version"
    ).get(pk=delivery_id)


def tell(delivery: Delivery, actor: User | None = None, note: str = "") -> None:
    """Record how a delivery stands now. The last statement of its write."""
    record(
        actor=actor,
        verb=f"delivery.{delivery.state}",
        target=delivery,
        channel=delivery.channel_id,
        policy_version=str(delivery.submission.policy_version.number),
        details={
            "post": delivery.post_id,
            "deed": delivery.deed,
            "hash": delivery.payload_hash,
            "attempts": delivery.attempts,
            "remote_id": delivery.remote_id,
            "trouble": delivery.trouble,
        },
        personal={"note": note} if note else None,
    )


class KeptProgress:
    """Progress in the delivery's own row, only while this worker's lease is the one that counts."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def read(self) -> Mapping[str, str]:
        return dict(self._delivery.progress)

    def keep(self, **done: str) -> None:
        mine = Delivery.objects.filter(
            pk=self._delivery.pk,
            state=OperationState.SENDING,
            leased_until=self._delivery.leased_until,
        )
        self._delivery.progress = {**self._delivery.progress, **done}
        if not mine.update(progress=self._delivery.progress):
            raise OutcomeUnknown("the lease ran out while sending")


def _wake_next(delivery: Delivery) -> None:
    """Whatever waited for this one: the next on its channel, and the last of its post."""
    waiting = Delivery.objects.filter(state=OperationState.WAITING, due_at__lte=timezone.now())
    following = waiting.filter(Q(channel=delivery.channel_id) | Q(post=delivery.post_id))
    for pk in following.order_by("planned_at", "pk").values_list("pk", flat=True)[:2]:
        enqueue("posts.jobs.send", pk, queue="act")


def _note_beginning(delivery: Delivery) -> None:
    if delivery.begun_at is None:
        delivery.begun_at = timezone.now()
        delivery.save(update_fields=["begun_at"])


def _judge(error: PlatformError, delivery: Delivery) -> Settlement:
    """Map an error of publishing. 'Missing' is no success here: something we named is not there."""
    if isinstance(error, Missing):
        error = Rejected(error.detail)
    return judge_error(error, attempts=delivery.attempts, now=timezone.now())


def _look(publisher: Publisher, delivery: Delivery) -> tuple[Settlement, Published | None]:
    now = timezone.now()
    since = delivery.begun_at or delivery.planned_at
    try:
        found = publisher.find(request_for(delivery), KeptProgress(delivery), since=since)
    except Unsupported:
        if not publisher.repeatable or now - since > KEY_LASTS:
            return _still_unknown(delivery), None
        return _once_more(delivery), None
    if found is not None:
        return Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value), found
    return _once_more(delivery), None


def _once_more(delivery: Delivery) -> Settlement:
    now = timezone.now()
    if is_late(delivery, now):
        late = "Rejected: 送信されておらず、予定の時刻を過ぎました"
        return Settlement(OperationState.FAILED, trouble=late)
    return Settlement(OperationState.WAITING, trouble=delivery.trouble, due_at=now)


def _still_unknown(delivery: Delivery) -> Settlement:
    again = timezone.now() + READ_AGAIN
    return Settlement(OperationState.UNKNOWN, trouble=delivery.trouble, due_at=again)


def _settle_late(delivery: Delivery, settlement: Settlement) -> bool:
    """The lease ran out while the platform was slow. Its clear answer still counts."""
    delivery.refresh_from_db(fields=["state", "attempts", "leased_until"])
    late = delivery.state == OperationState.UNKNOWN and settlement.state == OperationState.DONE
    if late:
        settle(delivery, settlement)
    return late


def _keep_place(delivery: Delivery, published: Published) -> None:
    delivery.remote_id = published.remote_id
    delivery.permalink = published.permalink
    delivery.published_at = published.published_at or timezone.now()
    delivery.save(update_fields=["remote_id", "permalink", "published_at"])
    enqueue("posts.jobs.read_back", delivery.pk, queue="act")


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


@one_write()
def _mark_lapsed(delivery_id: int) -> bool:
    """Look again: meanwhile it may have been settled, or be on the wire once more."""
    delivery, now = load(delivery_id), timezone.now()
    if not has_lapsed(delivery, now):
        return False
    doubt = "OutcomeUnknown: 送信中に処理が途切れました"
    lock(Post(pk=delivery.post_id))
    try:
        settle(delivery, Settlement(OperationState.UNKNOWN, trouble=doubt, due_at=now))
    except StaleState:
        return False
    tell(delivery)
    return True

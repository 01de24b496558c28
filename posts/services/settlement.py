"""Writing how a delivery went: the row, where the post stands, whether the post is done."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.jobs import enqueue
from jspm_social.platforms.operations import (
    MAX_ATTEMPTS,
    Settlement,
    due,
    has_lapsed,
    lapsed,
    settle,
)
from jspm_social.platforms.publishing import Published
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from jspm_social.transitions import StaleState
from posts.models import Delivery, Post
from posts.services.conclude import conclude, conclude_correction
from posts.services.gate import IRREVERSIBLE
from posts.services.rows import lock
from posts.services.urgent import tell_sent


def load(delivery_id: int) -> Delivery:
    return _whole().get(pk=delivery_id)


def _taken(delivery_id: int) -> Delivery:
    """The same, and nobody else writes the row until this write is over."""
    return _whole().select_for_update(of=("self",), no_key=True).get(pk=delivery_id)


def _whole() -> QuerySet[Delivery]:
    return Delivery.objects.select_related(
        "channel", "post", "correction", "submission__approval", "submission__policy_version"
    )


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
        tell_sent(delivery.submission)
    conclude(post)
    if delivery.correction is not None:
        conclude_correction(delivery.correction)
    _wake_next(delivery)
    if delivery.state in NEEDS_A_PERSON:
        enqueue("posts.jobs.send_delivery_notice", delivery.pk, queue="intake")
    tell(delivery, actor)


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


def mark_lapsed() -> int:
    """Settle deliveries whose worker died while it had them. Returns how many."""
    rows = lapsed(Delivery.objects.all(), timezone.now()).values_list("pk", "post_id")
    return sum(_mark_lapsed(pk, Post(pk=post_id)) for pk, post_id in list(rows))


@one_write()
def _mark_lapsed(delivery_id: int, post: Post) -> bool:
    """Look again: meanwhile it may have been settled, or be on the wire once more.

    The row is taken before it is read. Whoever begins to send it now waits, and finds no lease.
    """
    lock(post)
    delivery, now = _taken(delivery_id), timezone.now()
    if not has_lapsed(delivery, now):
        return False
    try:
        settle(delivery, _after_death(delivery, now))
    except StaleState:
        return False
    if delivery.state == OperationState.FAILED:
        enqueue("posts.jobs.send_delivery_notice", delivery.pk, queue="intake")
    tell(delivery)
    return True


def _after_death(delivery: Delivery, now: datetime) -> Settlement:
    """Only what was begun may stand there, and has to be looked for.

    A withdrawal never counts as begun: taking down twice does no harm. The others wait again, and
    all is looked at once more, the time as well. What kills its worker every time is left alone.
    """
    if delivery.begun_at is not None:
        doubt = "OutcomeUnknown: 送信中に処理が途切れました"
        return Settlement(OperationState.UNKNOWN, trouble=doubt, due_at=now)
    if delivery.attempts >= MAX_ATTEMPTS:
        given_up = "Transient: 処理が何度も途切れたため、取りやめました"
        return Settlement(OperationState.FAILED, trouble=given_up)
    broken = "Transient: 処理が途切れたため、やり直します"
    return Settlement(OperationState.WAITING, trouble=broken, due_at=now)


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


def _wake_next(delivery: Delivery) -> None:
    """Whatever waited for this one: the next on its channel, and the last of its post."""
    waiting = due(Delivery.objects.all(), timezone.now()).exclude(pk=delivery.pk)
    following = waiting.filter(channel=delivery.channel_id).order_by("planned_at", "pk")[:1]
    last = waiting.filter(post=delivery.post_id, channel__platform__in=IRREVERSIBLE)
    for pk in {row.pk for row in [*following, *last]}:
        enqueue("posts.jobs.send", pk, queue="act")

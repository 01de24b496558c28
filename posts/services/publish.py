"""The worker's way from a due delivery to its settlement: claim, look again, send, settle.

Nothing is sent that is not approved at this very moment, byte for byte; nothing after its time
has passed; nothing twice. A lost answer is *unknown*: it is settled by looking at the platform
(`look`), never by sending again blindly.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from jspm_social.platforms.channels import publisher_of
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.errors import Missing, PlatformError, Rejected, Transient
from jspm_social.platforms.models import Channel
from jspm_social.platforms.operations import LEASE, Settlement, claim, is_calm, judge_error
from jspm_social.platforms.states import ChannelState, OperationState
from posts.models import Delivery
from posts.services.outgoing import BytesChanged, request_for
from posts.services.progress import KeptProgress
from posts.services.recheck import cutoff, held, is_late, refusal, waits_for_others
from posts.services.settlement import finish, load

HELD_UP = "準備に時間がかかり、送れませんでした"


def send(*, delivery_id: int) -> None:
    """Send one due delivery, once. Does nothing when it is not due, taken, or all is stopped.

    Three steps: claim (committed), call (no transaction), settle (committed). A process that
    dies between them leaves a row in 'sending' whose lease runs out. Where the call had begun it
    is then *unknown*, otherwise it waits again.
    """
    if not _claim_in_turn(delivery_id):
        return
    delivery = load(delivery_id)  # as everything stands now, not as it stood before the claim
    if (told := refusal(delivery)) is not None:
        finish(delivery, told)
        return
    if delivery.deed == Delivery.Deed.WITHDRAW:
        _withdraw(delivery)
    else:
        _publish(delivery)


@transaction.atomic
def _claim_in_turn(delivery_id: int) -> bool:
    """Take the row for this process, if it is its turn on its channel.

    Whoever claims holds the channel's row for as long as looking and claiming take. Of two
    workers at once one would otherwise see the other's row neither waiting nor being sent.
    """
    delivery, now = load(delivery_id), timezone.now()
    if held(delivery) or delivery.channel.state == ChannelState.PAUSED:
        return False
    late = delivery.deed == Delivery.Deed.PUBLISH and is_late(delivery, now)
    if not (late or is_calm(delivery.channel, now)):
        return False
    Channel.objects.select_for_update(no_key=True).get(pk=delivery.channel_id)
    delivery = load(delivery_id)
    return not waits_for_others(delivery) and claim(delivery)


def _publish(delivery: Delivery) -> None:
    try:
        request = request_for(delivery)
        publisher = publisher_of(delivery.channel)
        _begin(delivery)
        published = publisher.publish(request, KeptProgress(delivery))
    except BytesChanged:
        problem = "Rejected: 素材のファイルが、承認されたものと一致しません"
        finish(delivery, Settlement(OperationState.FAILED, trouble=problem))
    except PlatformError as error:
        finish(delivery, _judge(error, delivery))
    else:
        done = Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value)
        finish(delivery, done, published)


def _withdraw(delivery: Delivery) -> None:
    """Take down what stands there. Safe to repeat; what is gone already was not our removal."""
    try:
        receipt = publisher_of(delivery.channel).withdraw(delivery.remote_id)
    except PlatformError as error:
        told = judge_error(error, attempts=delivery.attempts, now=timezone.now())
        if told.state == OperationState.UNKNOWN:  # deleting twice does no harm: simply again
            told = replace(told, state=OperationState.WAITING)
        finish(delivery, told)
        return
    finish(delivery, Settlement(OperationState.DONE, achieved=receipt.achieved.value))


def _begin(delivery: Delivery) -> None:
    """Note when it was first begun: from here on it may stand on the platform.

    The lease begins anew: reading a large film may have used up most of the first one.

    Raises Transient when the lease has run out or the time has passed: this attempt sends nothing,
    and either another worker has the row by now or the next look tells that it is too late.
    """
    now = timezone.now()
    begun = {"begun_at": delivery.begun_at or now, "leased_until": now + LEASE}
    mine = Delivery.objects.filter(
        pk=delivery.pk,
        state=OperationState.SENDING,
        leased_until=delivery.leased_until,
        leased_until__gt=now,
    )
    if is_late(delivery, now) or not mine.update(**begun):
        raise Transient(HELD_UP)
    delivery.begun_at, delivery.leased_until = begun["begun_at"], begun["leased_until"]


def _judge(error: PlatformError, delivery: Delivery) -> Settlement:
    """Map an error of publishing. 'Missing' is no success here: something we named is not there.

    Nothing waits beyond its cutoff: it is looked at once more right after, and a person is told.
    """
    if isinstance(error, Missing):
        error = Rejected(error.detail)
    told = judge_error(error, attempts=delivery.attempts, now=timezone.now())
    if told.state != OperationState.WAITING or told.due_at is None:
        return told
    return replace(told, due_at=min(told.due_at, cutoff(delivery) + timedelta(seconds=1)))

"""What is looked at once more after a delivery was claimed, and what it waits for before.

A delivery that is tried again, or looked up, holds its channel for a quarter of an hour, so that
posts go out in their order; those behind it have five minutes left before the cutoff. A rate limit
holds the whole account, looks included, until the time that the platform told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from jspm_social.approvals.queries import approved
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.operations import Settlement, is_calm, stopped
from jspm_social.platforms.states import SETTLED, ChannelState, OperationState
from policy.queries import policy_in_force
from posts.models import Delivery, FastLane, MediaFile, Submission
from posts.payload import Payload, content_hash, digest
from posts.services.checking import blocking
from posts.services.gate import IRREVERSIBLE
from posts.services.review import window_of
from posts.states import CorrectionState

LATE = timedelta(minutes=20)  # after the chosen time nothing goes out any more: a person decides
TOO_LATE = "Rejected: 予定の時刻を過ぎたため送信しませんでした"
LIMITED = "。このアカウントはいま、プラットフォームの利用上限のため送信できません"
IN_TURN = ("planned_at", "pk")  # the order on one channel
IN_ORDER_FOR = timedelta(minutes=15)  # one that is tried again holds up the next for so long
STOPPED_WAIT = timedelta(seconds=30)


def waits_for_others(delivery: Delivery) -> bool:
    """Tell whether another delivery comes first.

    On one channel posts go out one at a time, in the order of their planned times and then of
    their ids (`IN_TURN`). One that was begun and is tried again, or whose outcome is being looked
    up, is waited for until a quarter of an hour after its time, so that those behind it have five
    minutes left. What cannot be called back goes last, once the same post stands everywhere else.
    """
    now = timezone.now()
    if delivery.deed == Delivery.Deed.WITHDRAW or is_late(delivery, now):
        return False  # it will not be sent any more, which a person has to be told
    same_channel = Delivery.objects.filter(channel=delivery.channel_id).exclude(pk=delivery.pk)
    if same_channel.filter(state=OperationState.SENDING).exists():
        return True
    before = Q(planned_at__lt=delivery.planned_at)
    before |= Q(planned_at=delivery.planned_at, pk__lt=delivery.pk)
    if same_channel.filter(before, _comes_first(now)).exclude(_needs_a_person()).exists():
        return True
    return delivery.channel.platform in IRREVERSIBLE and _elsewhere(delivery).exists()


def _comes_first(now: datetime) -> Q:
    """What is ready to go, or was begun a while ago and has no known end yet."""
    ready = Q(state=OperationState.WAITING, due_at__lte=now)
    again = Q(state=OperationState.WAITING) & (Q(attempts__gt=0) | Q(begun_at__isnull=False))
    looked_up = Q(state=OperationState.UNKNOWN, readings=0)
    return ready | (Q(planned_at__gt=now - IN_ORDER_FOR) & (again | looked_up))


def _needs_a_person() -> Q:
    """What goes last and waits for somebody to decide elsewhere holds up nobody else."""
    stuck = Delivery.objects.filter(
        post=OuterRef("post"), deed=Delivery.Deed.PUBLISH, state=OperationState.FAILED
    )
    return Q(Exists(stuck), channel__platform__in=IRREVERSIBLE)


def _elsewhere(delivery: Delivery) -> QuerySet[Delivery]:
    """The same post on other channels, where it is not yet settled."""
    same_post = Delivery.objects.filter(post=delivery.post_id, deed=Delivery.Deed.PUBLISH)
    return same_post.exclude(pk=delivery.pk).exclude(state__in=SETTLED)


def last_of_its_post(now: datetime) -> Q:
    """What goes last and need not wait for the same post elsewhere (any more)."""
    elsewhere = Delivery.objects.filter(post=OuterRef("post"), deed=Delivery.Deed.PUBLISH)
    unsettled = elsewhere.exclude(pk=OuterRef("pk")).exclude(state__in=SETTLED)
    alone = ~Q(Exists(unsettled)) | Q(planned_at__lt=now - LATE)
    return alone & Q(channel__platform__in=IRREVERSIBLE)


def behind_a_sending(now: datetime) -> Q:
    """What need not be woken: whatever its channel is sending wakes the next when it is over."""
    sending = Delivery.objects.filter(channel=OuterRef("channel"), state=OperationState.SENDING)
    return Q(Exists(sending), planned_at__gte=now - LATE)


def held(delivery: Delivery) -> bool:
    """Tell whether the emergency stop holds this. Taking something down is never held."""
    return delivery.deed == Delivery.Deed.PUBLISH and stopped(StopSwitch.Kind.PUBLISHING)


def refusal(delivery: Delivery) -> Settlement | None:
    """Return why the claimed delivery is not sent now, None when everything stands."""
    now = timezone.now()
    if delivery.deed == Delivery.Deed.WITHDRAW:
        return _withdrawal_refusal(delivery, now)
    if held(delivery):
        return _wait(delivery, now + STOPPED_WAIT)
    if now < delivery.planned_at:
        return _wait(delivery, delivery.planned_at)
    objection = next(_objections(delivery, now), None)
    return Settlement(OperationState.FAILED, trouble=objection) if objection else None


def _withdrawal_refusal(delivery: Delivery, now: datetime) -> Settlement | None:
    """A withdrawal answers an agreed correction, or the expiry that the post was approved with."""
    if delivery.channel.state == ChannelState.DISCONNECTED:
        return Settlement(OperationState.FAILED, trouble="Unsupported: 接続されていません")
    expired = delivery.post.expires_at is not None and now >= delivery.post.expires_at
    correction = delivery.correction
    agreed = correction is not None and correction.state == CorrectionState.UNDER_WAY
    if not (agreed or (correction is None and expired)):
        return Settlement(OperationState.FAILED, trouble="Rejected: 取り下げが承認されていません")
    return None


def _objections(delivery: Delivery, now: datetime) -> Iterator[str]:
    submission = delivery.submission
    if delivery.channel.state == ChannelState.DISCONNECTED:
        yield "Unsupported: 接続されていません"
    if is_late(delivery, now):
        yield TOO_LATE if is_calm(delivery.channel, now) else TOO_LATE + LIMITED
    if not _stands_approved(delivery):
        yield "Rejected: 承認された内容と一致しません"
    if submission.policy_version_id != policy_in_force().pk:
        yield "Rejected: 運用方針が改定されたため、承認を取り直してください"
    if delivery.post.embargo_until and now < delivery.post.embargo_until:
        yield "Rejected: 解禁日時の前です"
    if problem := _rights_problem(delivery, now):
        yield f"Rejected: {problem}"
    payloads = {delivery.channel_id: Payload.from_json(delivery.payload)}
    for problem in blocking(delivery.post, payloads, now):
        yield f"Rejected: {problem}"


def is_late(delivery: Delivery, now: datetime) -> bool:
    return now > cutoff(delivery)


def cutoff(delivery: Delivery) -> datetime:
    """The last moment at which it may be sent."""
    return min(delivery.planned_at, delivery.submission.not_after) + LATE


def too_late(now: datetime) -> QuerySet[Delivery]:
    """What will not go out any more while a rate limit holds its channel: a person has to be
    told before that ends.
    """
    waiting = Delivery.objects.filter(state=OperationState.WAITING, deed=Delivery.Deed.PUBLISH)
    late = waiting.filter(planned_at__lt=now - LATE, due_at__lte=now, channel__calm_until__gt=now)
    return late.exclude(channel__state=ChannelState.PAUSED)


def _stands_approved(delivery: Delivery) -> bool:
    """Compute every hash anew: of what is to be sent, and of all that was voted on."""
    submission = delivery.submission
    approved_payload = submission.payloads.get(str(delivery.channel_id))
    return (
        digest(delivery.payload) == delivery.payload_hash
        and delivery.payload == approved_payload
        and _exact(submission) == submission.content_hash
        and approved(delivery.post, submission.content_hash)
    )


def _exact(submission: Submission) -> str:
    return content_hash(
        {int(pk): Payload.from_json(stored) for pk, stored in submission.payloads.items()},
        window=window_of(submission.not_before, submission.not_after),
        policy_version=str(submission.policy_version.number),
        urgent=FastLane.objects.filter(submission=submission).exists(),
    )


def _rights_problem(delivery: Delivery, now: datetime) -> str:
    payload = Payload.from_json(delivery.payload)
    files = MediaFile.objects.in_bulk([item.id for item in payload.media])
    for item in payload.media:
        file = files.get(item.id)
        if file is None:
            return "素材が見つかりません"
        if problems := file.rights_problems(payload, now):
            return problems[0]
    return ""


def _wait(delivery: Delivery, until: datetime) -> Settlement:
    return Settlement(OperationState.WAITING, due_at=until, attempts=delivery.attempts - 1)

"""Choosing when an approved post goes out. Its content is locked from here on.

A time lies inside the window that was approved; another time inside it needs no new vote.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.queries import approved
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import OPERATION_MOVES, OperationState
from jspm_social.transitions import StaleState, move
from posts.errors import Overtaken, Refused
from posts.models import Delivery, Post, Submission
from posts.payload import Payload, digest
from posts.services import gate
from posts.services.checking import blocking
from posts.services.conclude import conclude
from posts.services.rows import lock
from posts.states import POST_MOVES, PostState

SOON = timedelta(minutes=1)  # "now" may lie this far back: the page was open for a moment


@one_write()
def schedule(*, actor: User, post: Post, times: Mapping[int, datetime]) -> list[Delivery]:
    """Plan an approved post: one outbox row per channel, each at its own time.

    Raises:
        Refused: not approved as it stands, a channel without a time, or one outside the window.
    """
    post, now = lock(post), timezone.now()
    submission = gate.current(post)
    if submission is None or post.state != PostState.APPROVED:
        raise Refused("承認された投稿だけを予約できます。")
    if not approved(post, submission.content_hash):
        raise Refused("この内容の承認が確認できません。もう一度、承認を依頼してください。")
    channels = Channel.objects.in_bulk([int(pk) for pk in submission.payloads])
    if set(times) != set(channels):
        raise Refused("すべての投稿先に、公開日時を決めてください。")
    for at in times.values():
        require_in_window(submission, at, now)
    _require_no_block(post, submission, times)
    move(post, table=POST_MOVES, to=PostState.SCHEDULED)
    planned = [
        _plan(post, submission, channels[pk], max(at, now)) for pk, at in sorted(times.items())
    ]
    record(
        actor=actor,
        verb=Verb.POST_SCHEDULED,
        target=post,
        policy_version=str(submission.policy_version.number),
        details={
            "submission": submission.pk,
            "deliveries": {str(d.pk): d.planned_at.isoformat() for d in planned},
        },
    )
    return planned


@one_write()
def move_to(*, actor: User, delivery: Delivery, at: datetime) -> Delivery:
    """Choose another time inside the approved window for what has not begun to go out.

    Raises:
        Refused: outside the window.
        Overtaken: it is being sent, or was sent or cancelled meanwhile.
    """
    post = lock(delivery.post)
    delivery = Delivery.objects.select_related("submission").get(pk=delivery.pk)
    require_in_window(delivery.submission, at, timezone.now())
    waiting = Delivery.objects.filter(
        pk=delivery.pk, state=OperationState.WAITING, begun_at__isnull=True
    )
    if not waiting.update(planned_at=at, due_at=at):
        raise Overtaken("すでに送信が始まっているため、日時を変えられません。")
    delivery.planned_at = delivery.due_at = at
    wake_if_due(delivery)
    record(
        actor=actor,
        verb=Verb.POST_MOVED,
        target=post,
        channel=delivery.channel_id,
        details={"delivery": delivery.pk, "at": at.isoformat()},
    )
    return delivery


@one_write()
def unschedule(*, actor: User, post: Post, reason: str) -> Post:
    """Call back what has not gone out. What has stays out: taking that down is a correction.

    The post is approved again, unless something of it went out or is on the wire.
    """
    post = lock(post)
    if post.state != PostState.SCHEDULED:
        raise Refused("この投稿は予約されていません。")
    for delivery in post.deliveries.filter(state=OperationState.WAITING).order_by("pk"):
        try:
            move(
                delivery,
                table=OPERATION_MOVES,
                to=OperationState.CANCELLED,
                settled_at=timezone.now(),
            )
        except StaleState:
            continue  # a worker has just taken it: it goes out, and says so
    conclude(post)
    record(
        actor=actor,
        verb=Verb.POST_UNSCHEDULED,
        target=post,
        details={"state": post.state},
        personal={"reason": reason} if reason else None,
    )
    return post


def _require_no_block(post: Post, submission: Submission, times: Mapping[int, datetime]) -> None:
    """What was fine at the beginning of the window need not be fine at this time: 「本日」."""
    for pk, at in times.items():
        payload = Payload.from_json(submission.payloads[str(pk)])
        if reasons := blocking(post, {pk: payload}, at):
            raise Refused(" ".join(reasons))


def _plan(post: Post, submission: Submission, channel: Channel, at: datetime) -> Delivery:
    payload = submission.payloads[str(channel.pk)]
    delivery = Delivery.objects.create(
        post=post,
        submission=submission,
        channel=channel,
        key=uuid.uuid4(),
        payload=payload,
        payload_hash=digest(payload),
        planned_at=at,
        due_at=at,
    )
    wake_if_due(delivery)
    return delivery


def wake_if_due(delivery: Delivery) -> None:
    """What is due now goes out now; the rest is found by the sweeper at its time."""
    if delivery.due_at <= timezone.now():
        enqueue("posts.jobs.send", delivery.pk, queue="act")


def require_in_window(submission: Submission, at: datetime, now: datetime) -> None:
    if at < now - SOON:
        raise Refused("過ぎた日時は選べません。")
    if not submission.not_before <= at <= submission.not_after:
        raise Refused("承認された公開期間の中の日時を選んでください。")

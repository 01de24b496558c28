"""What the workers run for our own posts. Each job takes ids and calls one service."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from jspm_social.jobs import wake
from jspm_social.platforms.health import readable
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.operations import due, readable_unknowns, stopped
from jspm_social.platforms.states import OperationState
from posts.models import (
    ActionOperation,
    Delivery,
    DraftComment,
    FastLane,
    NativePost,
    Post,
    Submission,
)
from posts.queries import payloads_of
from posts.services import (
    checking,
    corrections,
    engage,
    look,
    natives,
    notices,
    publish,
    review,
    settlement,
    tallies,
)
from posts.services.links import open_links
from posts.services.recheck import IN_TURN, last_of_its_post, too_late

AT_ONCE = 500  # rows that one sweep wakes workers for
READ_BACK_WITHIN = timedelta(days=1)


def send(delivery_id: int) -> None:
    publish.send(delivery_id=delivery_id)


def reconcile(delivery_id: int) -> None:
    look.reconcile(delivery_id=delivery_id)


def read_back(delivery_id: int) -> None:
    look.read_back(delivery_id=delivery_id)


def look_at_own_posts(channel_id: int) -> None:
    natives.look(channel=Channel.objects.get(pk=channel_id))


def send_native_notice(native_id: int) -> None:
    rows = NativePost.objects.select_related("remote__channel")
    notices.native_noticed(native=rows.get(pk=native_id))


def read_numbers(channel_id: int) -> None:
    tallies.read(channel=Channel.objects.get(pk=channel_id))


def perform_action(operation_id: int) -> None:
    engage.perform(operation_id=operation_id)


def reconcile_action(operation_id: int) -> None:
    engage.reconcile(operation_id=operation_id)


def send_action_notice(operation_id: int) -> None:
    rows = ActionOperation.objects.select_related("channel", "action__proposed_by")
    notices.action_needs_a_person(operation=rows.get(pk=operation_id))


def send_mention_notice(remark_id: int) -> None:
    notices.mentioned(remark=DraftComment.objects.get(pk=remark_id))


def send_approval_notices(submission_id: int) -> None:
    notices.asked(submission=Submission.objects.get(pk=submission_id))


def send_delivery_notice(delivery_id: int) -> None:
    notices.needs_a_person(delivery=Delivery.objects.get(pk=delivery_id))


def send_urgent_notice(lane_id: int, occasion: str) -> None:
    lane = FastLane.objects.select_related("submission__post", "marked_by").get(pk=lane_id)
    told = {"marked": notices.urgent_marked, "sent": notices.urgent_sent}
    told[occasion](lane=lane)


def check_links(post_id: int) -> None:
    """Open the post's links through the guarded door and keep how they answered."""
    post = Post.objects.get(pk=post_id)
    checking.keep_links(post, list(open_links(checking.addresses(payloads_of(post).values()))))


def remind() -> None:
    """Remind those who have not answered, and tell the chair when time runs out."""
    for submission in notices.to_remind():
        notices.remind(submission=submission)
    for lane in notices.urgent_to_review():
        notices.remind_of_urgent(lane=lane)


def look_around() -> None:
    """Wake a worker for every channel whose own posts are due: numbers, and which there are."""
    now = timezone.now()
    may_be_read = readable(now).values("pk")
    counted = tallies.due(now).filter(channel__in=may_be_read).order_by()
    for pk in counted.values_list("channel", flat=True).distinct():
        wake("posts.jobs.read_numbers", pk, queue="intake")
    for pk in natives.due(now).values_list("pk", flat=True):
        wake("posts.jobs.look_at_own_posts", pk, queue="intake")


def sweep() -> None:
    """Find everything that is due and wake the workers for it. Whatever was lost comes back."""
    settlement.mark_lapsed()
    now = timezone.now()
    waiting = due(Delivery.objects.all(), now)
    _wake("posts.jobs.send", waiting.filter(deed=Delivery.Deed.WITHDRAW))
    if not stopped(StopSwitch.Kind.PUBLISHING):
        _wake("posts.jobs.send", _whose_turn_it_is(waiting, now))
        _wake("posts.jobs.send", too_late(now))
    _wake("posts.jobs.reconcile", readable_unknowns(Delivery.objects.all(), now))
    done = Delivery.objects.filter(
        state=OperationState.DONE,
        read_back_at__isnull=True,
        settled_at__gte=now - READ_BACK_WITHIN,
        due_at__lte=now,
        deed=Delivery.Deed.PUBLISH,
    )
    _wake("posts.jobs.read_back", done)
    _sweep_actions(now)
    for pk in checking.links_to_open(now)[:AT_ONCE]:
        wake("posts.jobs.check_links", pk, queue="bulk")
    review.put_back_expired()
    corrections.take_down_expired()


def _sweep_actions(now: datetime) -> None:
    engage.mark_lapsed()
    if not stopped(StopSwitch.Kind.PUBLISHING):
        _wake("posts.jobs.perform_action", due(ActionOperation.objects.all(), now))
    unknown = readable_unknowns(ActionOperation.objects.all(), now)
    _wake("posts.jobs.reconcile_action", unknown)


def _whose_turn_it_is(waiting: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    """The first of each channel: it wakes the next when it is done. Where a post goes last, any
    that is left alone: the first may have to wait for the same post elsewhere.
    """
    publishing = waiting.filter(deed=Delivery.Deed.PUBLISH)
    first = publishing.order_by("channel_id", *IN_TURN).distinct("channel_id").values("pk")
    turn = Q(pk__in=first) | last_of_its_post(now)
    return publishing.filter(turn).order_by(*IN_TURN)


def _wake(job: str, rows: QuerySet[Delivery] | QuerySet[ActionOperation]) -> None:
    for pk in rows.values_list("pk", flat=True)[:AT_ONCE]:
        wake(job, pk, queue="act")

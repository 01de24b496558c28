"""What the workers run for our own posts. Each job takes ids and calls one service."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.jobs import wake
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.operations import due, stopped
from jspm_social.platforms.states import OperationState
from posts.models import Delivery
from posts.services import publish, review

AT_ONCE = 500  # rows that one sweep wakes workers for
READ_BACK_WITHIN = timedelta(days=1)


def send(delivery_id: int) -> None:
    publish.send(delivery_id=delivery_id)


def reconcile(delivery_id: int) -> None:
    publish.reconcile(delivery_id=delivery_id)


def read_back(delivery_id: int) -> None:
    publish.read_back(delivery_id=delivery_id)


def sweep() -> None:
    """Find everything that is due and wake the workers for it. Whatever was lost comes back."""
    publish.mark_lapsed()
    now = timezone.now()
    if not stopped(StopSwitch.Kind.PUBLISHING):
        waiting = due(Delivery.objects.all(), now).order_by("planned_at", "pk")
        _wake("posts.jobs.send", waiting)
    unknown = Delivery.objects.filter(state=OperationState.UNKNOWN, due_at__lte=now)
    _wake("posts.jobs.reconcile", unknown)
    done = Delivery.objects.filter(
        state=OperationState.DONE,
        read_back_at__isnull=True,
        settled_at__gte=now - READ_BACK_WITHIN,
        deed=Delivery.Deed.PUBLISH,
    )
    _wake("posts.jobs.read_back", done)
    review.put_back_expired()


def _wake(job: str, rows: QuerySet[Delivery]) -> None:
    for pk in rows.values_list("pk", flat=True)[:AT_ONCE]:
        wake(job, pk, queue="act")

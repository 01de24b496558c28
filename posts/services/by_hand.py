"""What a person does about a delivery that failed, or whose outcome nobody knows.

The person has looked at the platform; the console does not guess.
"""

from datetime import datetime

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.operations import Settlement, settle
from jspm_social.platforms.states import NEEDS_A_PERSON, OperationState
from jspm_social.transitions import StaleState
from posts.errors import Overtaken, Refused
from posts.models import Delivery
from posts.services.conclude import conclude
from posts.services.rows import lock
from posts.services.scheduling import require_in_window, wake_if_due
from posts.services.settlement import load, tell

OVERTAKEN = "この送信は、ほかの人か処理が先に進めました。"


@one_write()
def send_again(*, actor: User, delivery: Delivery, at: datetime) -> None:
    """It does not stand on the platform: send it at this time, inside the approved window.

    What was begun is forgotten, as for a first attempt. Everything is rechecked when it is sent.
    """
    delivery = _taken(delivery)
    now = timezone.now()
    require_in_window(delivery.submission, at, now)
    again = max(at, now)
    _settle(delivery, Settlement(OperationState.WAITING, due_at=again, attempts=0))
    Delivery.objects.filter(pk=delivery.pk).update(planned_at=again, begun_at=None, progress={})
    wake_if_due(delivery)
    tell(delivery, actor)


@one_write()
def mark_published(*, actor: User, delivery: Delivery, permalink: str, remote_id: str = "") -> None:
    """It stands there, at this address."""
    delivery = _taken(delivery)
    if not permalink.startswith("https://"):
        raise Refused("公開された投稿のアドレス（https://…）を入力してください。")
    _settle(delivery, Settlement(OperationState.DONE, achieved=Achieved.APPLIED.value))
    delivery.permalink, delivery.remote_id = permalink, remote_id
    delivery.published_at = delivery.published_at or timezone.now()
    delivery.save(update_fields=["permalink", "remote_id", "published_at"])
    conclude(lock(delivery.post))
    tell(delivery, actor)


@one_write()
def give_up(*, actor: User, delivery: Delivery, note: str) -> None:
    """It shall not go out there any more. What did go out elsewhere stays as it is."""
    if not note.strip():
        raise Refused("取りやめる理由を書いてください。")
    delivery = _taken(delivery)
    _settle(delivery, Settlement(OperationState.CANCELLED, trouble=delivery.trouble))
    conclude(lock(delivery.post))
    tell(delivery, actor, note)


def _taken(delivery: Delivery) -> Delivery:
    lock(delivery.post)
    return load(delivery.pk)


def _settle(delivery: Delivery, settlement: Settlement) -> None:
    if delivery.state not in NEEDS_A_PERSON:
        raise Overtaken(OVERTAKEN)
    try:
        settle(delivery, settlement)
    except StaleState as error:
        raise Overtaken(OVERTAKEN) from error

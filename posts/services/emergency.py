"""The emergency stop of publishing: any member stops everything; going on takes two people.

Nothing goes out late by itself: whatever became overdue while all was stopped is asked about
anew, post by post.
"""

from datetime import timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write
from jspm_social.platforms import switch
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.operations import Settlement, settle
from jspm_social.platforms.states import OperationState
from posts.errors import Refused
from posts.models import Delivery, Post
from posts.payload import digest
from posts.services.rows import lock
from posts.services.settlement import load, tell

KIND = StopSwitch.Kind.PUBLISHING
ANSWER_WITHIN = timedelta(days=1)
OVERDUE = "Rejected: 緊急停止の間に予定の時刻を過ぎました"


def stop(*, actor: User, reason: str) -> StopSwitch:
    """Stop all publishing from this moment on; what is already on the wire is not called back."""
    if not reason.strip():
        raise Refused("停止する理由を書いてください。")
    return switch.stop(actor=actor, kind=KIND, reason=reason)


@one_write()
def ask_to_resume(*, actor: User) -> ApprovalRequest:
    """Ask another person to agree that publishing goes on."""
    stopped = StopSwitch.objects.select_for_update().filter(kind=KIND).first()
    if stopped is None:
        raise Refused("投稿の公開は、いま停止していません。")
    try:
        return approvals.open_request(
            actor=actor,
            subject=stopped,
            content_hash=_hash(stopped),
            slots=[Slot(Role.MEMBER, 1)],
            contributors=[actor],
            expires_at=timezone.now() + ANSWER_WITHIN,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error


@one_write()
def agree_to_resume(*, actor: User) -> int:
    """Be the second person: publishing goes on. Returns how many overdue deliveries were held
    back for a person.

    Raises:
        Refused: not stopped, nobody asked, the same person asked, or the role is missing.
    """
    stopped = StopSwitch.objects.select_for_update().filter(kind=KIND).first()
    request = latest_for(stopped) if stopped else None
    if stopped is None or request is None or request.state != RequestState.OPEN:
        raise Refused("再開の依頼が出ていません。")
    try:
        approvals.vote(
            actor=actor, request=request, content_hash=_hash(stopped), choice=Choice.APPROVE
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    held = _hold_overdue()
    switch.resume(actor=actor, kind=KIND)
    return held


def _hold_overdue() -> int:
    """Turn every overdue delivery over to a person, before anything can be sent again."""
    overdue = Delivery.objects.filter(
        state=OperationState.WAITING, planned_at__lte=timezone.now(), deed=Delivery.Deed.PUBLISH
    )
    found = 0
    for pk, post_id in overdue.order_by("post", "pk").values_list("pk", "post"):
        lock(Post(pk=post_id))
        delivery = load(pk)
        if delivery.state == OperationState.WAITING:
            _hold(delivery)
            found += 1
    return found


def _hold(delivery: Delivery) -> None:
    settle(delivery, Settlement(OperationState.FAILED, trouble=OVERDUE))
    tell(delivery)


def _hash(stopped: StopSwitch) -> str:
    return digest({"switch": stopped.pk, "at": stopped.stopped_at.isoformat()})

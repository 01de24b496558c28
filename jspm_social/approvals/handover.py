"""Approvals that somebody could still answer. A seat is no personal duty: whoever else holds the
role can take it. What matters is whether anybody else does.
"""

from django.utils import timezone

from jspm_social.accounts.handover import Keeper, OpenWork
from jspm_social.accounts.models import User
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import can_vote
from jspm_social.approvals.states import RequestState
from jspm_social.audit.wording import target_label


def _open_work(person: User) -> list[OpenWork]:
    others = list(User.objects.at_work().exclude(pk=person.pk))
    rows = ApprovalRequest.objects.filter(
        state=RequestState.OPEN, expires_at__gt=timezone.now()
    ).order_by("expires_at")
    return [_work(row, others) for row in rows if can_vote(row, person)]


def _work(request: ApprovalRequest, others: list[User]) -> OpenWork:
    able = sum(can_vote(request, other) for other in others)
    note = f"ほかに{able}人が回答できます。" if able else "ほかに回答できる人がいません。"
    title = f"{target_label(request.subject_type)} {request.subject_id}"
    return OpenWork(title=title, url="", note=note)


ASKED = Keeper("回答を求められている承認", _open_work)

"""Reading approvals."""

from django.db import models

from jspm_social.accounts.models import User
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.seats import Slot, seating, seats
from jspm_social.approvals.states import Choice, RequestState


def slots_of(request: ApprovalRequest) -> list[Slot]:
    return [Slot(slot["role"], slot["count"]) for slot in request.slots]


def approvers(request: ApprovalRequest) -> dict[int, frozenset[str]]:
    """Who approved this very content, with the roles held when voting and held still."""
    votes = request.votes.filter(choice=Choice.APPROVE, content_hash=request.content_hash)
    return {
        vote.voter_id: frozenset(role for role in vote.roles if vote.voter.acts_as(role))
        for vote in votes.select_related("voter").order_by("at", "pk")
        if vote.voter_id not in request.contributors
    }


def open_seats(request: ApprovalRequest) -> list[str]:
    """The roles whose approval is still missing."""
    wanted = seats(slots_of(request))
    taken = seating(wanted, approvers(request))
    return [role for number, role in enumerate(wanted) if number not in taken]


def latest_for(subject: models.Model) -> ApprovalRequest | None:
    """The newest request for this subject, whatever its state."""
    return _for(subject).order_by("-pk").first()


def approved(subject: models.Model, content_hash: str) -> bool:
    """True when exactly this content of the subject stands approved: the recheck at send."""
    standing = _for(subject).filter(state=RequestState.APPROVED, content_hash=content_hash)
    return standing.exists()


def can_vote(request: ApprovalRequest, person: User) -> bool:
    """Whether to show the buttons; `vote()` decides."""
    return (
        request.state == RequestState.OPEN
        and person.pk not in request.contributors
        and any(person.acts_as(slot.role) for slot in slots_of(request))
        and not request.votes.filter(voter=person).exists()
        and not request.recusals.filter(person=person).exists()
        and not person.is_away()
    )


def not_yet_answered(request: ApprovalRequest) -> models.QuerySet[User]:
    """Whoever could still answer, apart from the role: at work, no contributor, has neither
    answered nor stepped aside.
    """
    return (
        User.objects.at_work()
        .exclude(pk__in=request.contributors)
        .exclude(pk__in=request.votes.values("voter"))
        .exclude(pk__in=request.recusals.values("person"))
    )


def _for(subject: models.Model) -> models.QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.filter(
        subject_type=subject._meta.label_lower,  # noqa: SLF001
        subject_id=str(subject.pk),
    )

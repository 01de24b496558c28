"""Reading people, invitations and reviews of access."""

from collections.abc import Collection

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.accounts.models import AccessReview, Deputyship, Invitation, User, days_of
from jspm_social.accounts.roles import CAPABILITIES, Capability
from jspm_social.accounts.states import InvitationState

SALT = "accounts.invitation"


def invitation_key(invitation: Invitation) -> str:
    """What the link in the mail carries: the row's id, signed. Nothing secret is stored."""
    return signing.dumps(invitation.pk, salt=SALT)


def invitation_of(key: str) -> Invitation | None:
    """The open invitation that a link belongs to. None for every other link alike: never made,
    used, withdrawn, or too old.
    """
    try:
        pk = signing.loads(key, salt=SALT)
    except signing.BadSignature:
        return None
    invitation = Invitation.objects.filter(pk=pk, state=InvitationState.OPEN).first()
    return None if invitation is None or invitation.is_over else invitation


def managers() -> QuerySet[User]:
    """The active people who manage people."""
    roles = [str(role) for role, may in CAPABILITIES.items() if Capability.MANAGE_PEOPLE in may]
    return User.objects.filter(is_active=True, roles__overlap=roles)


def acting_roles(people: Collection[User]) -> dict[int, frozenset[str]]:
    """Return, by id, the roles of each and those that they stand in for today: `User.acts_as` of
    many, in one query.
    """
    today = days_of(timezone.localdate())
    standing_in: dict[int, set[str]] = {}
    for row in Deputyship.objects.filter(today, deputy__in=people).select_related("absent"):
        if row.absent.has_role(row.role):
            standing_in.setdefault(row.deputy_id, set()).add(row.role)
    return {
        person.pk: frozenset({*person.roles, *standing_in.get(person.pk, ())})
        for person in people
        if person.is_active
    }


def current_review() -> AccessReview | None:
    return AccessReview.objects.filter(closed_at__isnull=True).first()


def to_review(review: AccessReview) -> QuerySet[User]:
    """Whoever had access when the review began, has it still, and was not answered for."""
    there = User.objects.filter(is_active=True, created_at__lte=review.opened_at)
    return there.exclude(pk__in=review.answers.values("person"))


def open_invitations() -> QuerySet[Invitation]:
    return Invitation.objects.filter(state=InvitationState.OPEN).select_related("invited_by")

"""What the workers run about people's access."""

from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from jspm_social.accounts import notices
from jspm_social.accounts.models import AccessReview, Invitation
from jspm_social.accounts.queries import current_review
from jspm_social.accounts.services.invitations import JOB
from jspm_social.accounts.services.reviews import due_since, open_review
from jspm_social.accounts.states import InvitationState
from jspm_social.jobs import wake

REMIND_EVERY: Final = timedelta(days=14)


def send_invitation(invitation_id: int) -> None:
    """Send an invitation's mail, unless it was sent or is over. Sent at least once: it is noted
    after the mail server took it.
    """
    invitation = _to_send().filter(pk=invitation_id).first()
    if invitation is not None:
        notices.invited(invitation=invitation)
        Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())


def keep() -> None:
    """Find invitations whose mail was lost, and see to the yearly review."""
    for pk in _to_send().values_list("pk", flat=True):
        wake(JOB, pk, queue="intake")
    remind_of_review()


def remind_of_review() -> None:
    """Open the review once it is due, and remind of an open one every two weeks."""
    now = timezone.now()
    review = current_review()
    if review is None and due_since() <= now:
        try:
            review = open_review(actor=None)
        except ValidationError:
            return  # somebody has just begun it
    if review is None:
        return
    silent = Q(reminded_at__isnull=True) | Q(reminded_at__lte=now - REMIND_EVERY)
    due = AccessReview.objects.filter(silent, pk=review.pk)
    if due.exists() and notices.review_due(review=review):
        due.update(reminded_at=now)


def _to_send() -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        state=InvitationState.OPEN, mailed_at__isnull=True, expires_at__gt=timezone.now()
    )

"""The yearly review of who has access. The answer for the last person closes it."""

from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.accounts.models import AccessAnswer, AccessReview, User
from jspm_social.accounts.queries import current_review, managers, to_review
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb

EVERY: Final = timedelta(days=365)


@one_write()
def open_review(*, actor: User | None) -> AccessReview:
    """Begin a review of everybody who has access now.

    Raises:
        ValidationError: one is under way.
    """
    try:
        with transaction.atomic():
            review = AccessReview.objects.create(opened_by=actor)
    except IntegrityError as error:
        raise ValidationError("見直しは、すでに始まっています。") from error
    record(actor=actor, verb=Verb.ACCESS_REVIEW_OPENED, target=review)
    return review


@one_write()
def confirm_access(*, actor: User, review: AccessReview, person: User) -> None:
    """Say that the person still needs the access and the roles that they have. Nobody says so of
    themselves while somebody else could. The last answer closes the review.

    Raises:
        ValidationError: closed, answered already, not part of it, or oneself.
    """
    review = _lock(review)
    if review.closed_at is not None or not to_review(review).filter(pk=person.pk).exists():
        raise ValidationError("この人の確認は、すでに終わっています。")
    if actor.pk == person.pk and managers().exclude(pk=actor.pk).exists():
        raise ValidationError("自分の分は、ほかの管理者か委員長が確認します。")
    _answer(review, person, AccessAnswer.Outcome.KEPT, actor)
    record(
        actor=actor,
        verb=Verb.ACCESS_CONFIRMED,
        target=person,
        details={"review": review.pk, "roles": person.roles},
    )
    _close_if_done(review, actor)


def note_departure(actor: User | None, person: User) -> None:
    """Answer for a person whose access ends while a review is open. Part of that write."""
    review = current_review()
    if review is None:
        return
    review = _lock(review)
    answered = review.answers.filter(person=person).exists()
    if review.closed_at is not None or answered or person.created_at > review.opened_at:
        return
    _answer(review, person, AccessAnswer.Outcome.ENDED, actor)
    _close_if_done(review, actor)


def due_since() -> datetime:
    """When the next review is due: a year after the last, or after the first person came."""
    last = AccessReview.objects.filter(closed_at__isnull=False).order_by("-closed_at").first()
    if last is not None and last.closed_at is not None:
        return last.closed_at + EVERY
    first = User.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return (first or timezone.now()) + EVERY


def _lock(review: AccessReview) -> AccessReview:
    return AccessReview.objects.select_for_update(no_key=True).get(pk=review.pk)


def _answer(
    review: AccessReview, person: User, outcome: AccessAnswer.Outcome, by: User | None
) -> None:
    AccessAnswer.objects.create(
        review=review, person=person, roles=person.roles, outcome=outcome, by=by
    )


def _close_if_done(review: AccessReview, actor: User | None) -> None:
    if to_review(review).exists():
        return
    review.closed_at = timezone.now()
    review.save(update_fields=["closed_at"])
    record(actor=actor, verb=Verb.ACCESS_REVIEW_CLOSED, target=review)

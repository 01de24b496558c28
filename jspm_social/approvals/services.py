"""Asking for an approval, answering, stepping aside, and ending it.

Each verb is one write and can be part of a larger one: wrap the larger one in
`audit.services.one_write()`, lock its own rows first, then call here and act on the state of
the request that comes back. Exactly one caller sees a request turn from open to settled.

An approval that was given stays given when its voter goes on leave. On leave nobody gives one,
since somebody may be approving in their place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import errors
from jspm_social.approvals.models import ApprovalRequest, Recusal, Vote
from jspm_social.approvals.queries import approvers, slots_of
from jspm_social.approvals.seats import Slot, all_filled, seats
from jspm_social.approvals.states import MOVES, Choice, RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move


@one_write()
def open_request(
    *,
    actor: User | None,
    subject: models.Model,
    content_hash: str,
    slots: Sequence[Slot],
    contributors: Iterable[User],
    expires_at: datetime,
    policy_version: str = "",
) -> ApprovalRequest:
    """Ask for the approval of exactly this content (SHA-256, 64 hex digits).

    Raises:
        AlreadyOpen: the subject waits for an approval already; void that one first.
        ValueError: no slots, a slot without people or with an unknown role, or already expired.
    """
    _check_slots(slots)
    if expires_at <= timezone.now():
        raise ValueError("the request would be expired from the start")
    request = ApprovalRequest(
        subject_type=subject._meta.label_lower,  # noqa: SLF001
        subject_id=str(subject.pk),
        content_hash=content_hash,
        slots=[{"role": str(slot.role), "count": slot.count} for slot in slots],
        contributors=sorted({person.pk for person in contributors}),
        policy_version=policy_version,
        opened_by=actor,
        expires_at=expires_at,
    )
    _insert(request, "approval_one_open_per_subject", errors.AlreadyOpen)
    _record(actor, Verb.APPROVAL_OPENED, request, slots=request.slots, by=request.contributors)
    return request


@one_write()
def vote(
    *, actor: User, request: ApprovalRequest, content_hash: str, choice: Choice, note: str = ""
) -> ApprovalRequest:
    """Answer for the content with this hash. One rejection ends the request at once; the
    approval that fills the last slot approves it. Returns the request in its new state.

    Raises:
        ApprovalError: closed or expired, another content, or the person may not vote.
    """
    asked = _locked(request)
    _require_open(asked)
    if content_hash != asked.content_hash:
        raise errors.VoteVoid
    if choice == Choice.REJECT and not note.strip():
        raise errors.ReasonMissing
    roles = _require_entitled(asked, actor)
    cast = Vote(
        request=asked, voter=actor, roles=roles, content_hash=content_hash, choice=choice, note=note
    )
    _insert(cast, "vote_once_per_person", errors.AlreadyVoted)
    _settle(asked, choice)
    _record(
        actor, Verb.APPROVAL_VOTED, asked, personal={"note": note} if note else {}, choice=choice
    )
    return asked


@one_write()
def recuse(*, actor: User, request: ApprovalRequest, reason: str) -> Recusal:
    """Step aside from this request, for good.

    Raises:
        ApprovalError: closed or expired, no reason, or the person has voted or recused already.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    asked = _locked(request)
    _require_open(asked)
    if asked.votes.filter(voter=actor).exists():
        raise errors.AlreadyVoted
    recusal = Recusal(request=asked, person=actor, reason=reason)
    _insert(recusal, "recusal_once_per_person", errors.RecusedCannotVote)
    _record(actor, Verb.APPROVAL_RECUSED, asked, personal={"reason": reason})
    return recusal


@one_write()
def void(*, actor: User | None, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    """Make a request, or an approval that was given but not yet used, count for nothing: its
    content was edited or withdrawn.

    Raises:
        RequestClosed: rejected, expired or void already.
    """
    asked = _locked(request)
    if RequestState.VOID not in MOVES[asked.state]:
        raise errors.RequestClosed
    _close(asked, RequestState.VOID)
    _record(actor, Verb.APPROVAL_VOIDED, asked, personal={"reason": reason} if reason else {})
    return asked


def expire_due(*, limit: int = 500) -> list[ApprovalRequest]:
    """Close what nobody answered in time, each in its own transaction; returns those closed."""
    due = ApprovalRequest.objects.filter(state=RequestState.OPEN, expires_at__lte=timezone.now())
    ids = due.order_by("expires_at").values_list("pk", flat=True)[:limit]
    return [request for pk in ids if (request := _expire(pk))]


@one_write()
def _expire(pk: int) -> ApprovalRequest | None:
    waiting = ApprovalRequest.objects.select_for_update(no_key=True, skip_locked=True)
    asked = waiting.filter(pk=pk, state=RequestState.OPEN).first()
    if asked is not None:
        _close(asked, RequestState.EXPIRED)
        _record(None, Verb.APPROVAL_EXPIRED, asked)
    return asked


def _locked(request: ApprovalRequest) -> ApprovalRequest:
    return ApprovalRequest.objects.select_for_update(no_key=True).get(pk=request.pk)


def _require_open(asked: ApprovalRequest) -> None:
    if asked.state != RequestState.OPEN or asked.expires_at <= timezone.now():
        raise errors.RequestClosed


def _require_entitled(asked: ApprovalRequest, actor: User) -> list[str]:
    """The roles with which `actor` may vote, read now and not when the page was opened."""
    person = User.objects.get(pk=actor.pk)
    if person.pk in asked.contributors:
        raise errors.ContributorCannotVote
    if asked.recusals.filter(person=person).exists():
        raise errors.RecusedCannotVote
    if person.is_away():
        raise errors.OnLeave
    roles = [slot.role for slot in slots_of(asked) if person.acts_as(slot.role)]
    if not roles:
        raise errors.NotEntitled
    return roles


def _settle(asked: ApprovalRequest, choice: Choice) -> None:
    if choice == Choice.REJECT:
        _close(asked, RequestState.REJECTED)
    elif all_filled(seats(slots_of(asked)), approvers(asked)):
        _close(asked, RequestState.APPROVED)


def _close(asked: ApprovalRequest, state: RequestState) -> None:
    move(asked, table=MOVES, to=state, settled_at=timezone.now())


def _check_slots(slots: Sequence[Slot]) -> None:
    if not slots or any(slot.count < 1 or slot.role not in Role for slot in slots):
        raise ValueError(f"not a set of slots: {slots}")


def _insert(row: models.Model, constraint: str, error: type[errors.ApprovalError]) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as refused:
        if constraint in str(refused):
            raise error from refused
        raise


def _record(
    actor: User | None,
    verb: Verb,
    asked: ApprovalRequest,
    *,
    personal: dict[str, str] | None = None,
    **details: Any,
) -> None:
    record(
        actor=actor,
        verb=verb,
        target=asked,
        policy_version=asked.policy_version,
        personal=personal,
        details={
            "subject": [asked.subject_type, asked.subject_id],
            "content_hash": asked.content_hash,
            "state": asked.state,
            **details,
        },
    )

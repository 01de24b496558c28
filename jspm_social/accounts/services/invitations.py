"""Inviting somebody by mail: the link in it works once, and the person sets the password."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.accounts.models import Invitation, User
from jspm_social.accounts.services.people import create_user, hiragana, in_order
from jspm_social.accounts.states import INVITATION_MOVES, InvitationState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.transitions import IllegalMove, StaleState, move

VALID_FOR: Final = timedelta(days=7)
JOB: Final = "jspm_social.accounts.jobs.send_invitation"
USELESS: Final = "この招待は、すでに使われたか、取り消されたか、期限が切れています。"


@one_write()
def invite(
    *,
    actor: User,
    username: str,
    display_name: str,
    email: str,
    roles: Iterable[str],
    reading: str = "",
) -> Invitation:
    """Ask somebody to join, by a mail that a worker sends.

    Raises:
        ValidationError: a field is not acceptable, or the name is taken or invited already.
    """
    invitation = Invitation(
        username=username,
        display_name=display_name,
        reading=hiragana(reading),
        email=email,
        roles=in_order(roles),
        invited_by=actor,
        expires_at=timezone.now() + VALID_FOR,
    )
    invitation.clean_fields(exclude=["mailed_at", "joined"])
    User(username=username, display_name=display_name, email=email).full_clean(exclude=["password"])
    _store(invitation)
    _tell(Verb.INVITATION_MADE, invitation, actor)
    return invitation


@one_write()
def withdraw(*, actor: User, invitation: Invitation) -> None:
    """Make the link in the mail useless.

    Raises:
        ValidationError: it was used or withdrawn already.
    """
    _move(invitation, InvitationState.WITHDRAWN)
    _tell(Verb.INVITATION_WITHDRAWN, invitation, actor)


@one_write()
def invite_again(*, actor: User, invitation: Invitation) -> Invitation:
    """Send a new link; the old one is useless from now on.

    Raises:
        ValidationError: it was used or withdrawn already.
    """
    withdraw(actor=actor, invitation=invitation)
    return invite(
        actor=actor,
        username=invitation.username,
        display_name=invitation.display_name,
        reading=invitation.reading,
        email=invitation.email,
        roles=invitation.roles,
    )


@one_write()
def accept(*, invitation: Invitation, password: str) -> User:
    """Register the invited person with the password that they chose. Works once.

    Raises:
        ValidationError: the password is too weak, or the invitation is over.
    """
    if invitation.is_over:
        raise ValidationError(USELESS, code="useless")
    _move(invitation, InvitationState.ACCEPTED)  # first: of two at once, one is told
    user = create_user(
        actor=None,
        username=invitation.username,
        display_name=invitation.display_name,
        reading=invitation.reading,
        email=invitation.email,
        roles=invitation.roles,
        password=password,
    )
    Invitation.objects.filter(pk=invitation.pk).update(joined=user)
    _tell(Verb.INVITATION_ACCEPTED, invitation, user)
    return user


def _store(invitation: Invitation) -> None:
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError({"username": "この利用者名の人は、すでに招待しています。"}) from error
    enqueue(JOB, invitation.pk, queue="intake")


def _move(invitation: Invitation, to: InvitationState) -> None:
    try:
        move(invitation, table=INVITATION_MOVES, to=to)
    except (StaleState, IllegalMove) as error:
        raise ValidationError(USELESS, code="useless") from error


def _tell(verb: Verb, invitation: Invitation, actor: User) -> None:
    record(
        actor=actor,
        verb=verb,
        target=invitation,
        details={"roles": invitation.roles},
        personal={"username": invitation.username, "display_name": invitation.display_name},
    )

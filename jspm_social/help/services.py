"""The writes of the help: whom to call, and whether a person has seen the tour."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb

from .models import ContactNote
from .queries import contacts


class Overtaken(Exception):
    """Somebody else wrote the contacts first."""


@one_write()
def write_contacts(*, actor: User, text: str, seen: int) -> ContactNote:
    """Write whom to call, in place of the note `seen` (its pk; 0: there was none).

    The audit trail tells that it changed, not the telephone numbers.

    Raises:
        Overtaken: another note stands there by now.
    """
    current = contacts()
    if (current.pk if current else 0) != seen:
        raise Overtaken
    try:
        with transaction.atomic():
            note = ContactNote.objects.create(text=text, replaces_id=seen or None, written_by=actor)
    except IntegrityError as error:  # another one in this very moment
        raise Overtaken from error
    record(actor=actor, verb=Verb.HELP_CONTACTS_WRITTEN, target=note)
    return note


def end_tour(*, person: User) -> None:
    """Show the tour no more. How somebody likes their own pages is no matter of the audit trail."""
    User.objects.filter(pk=person.pk).update(tour_ended_at=timezone.now())


def begin_tour(*, person: User) -> None:
    """Show the tour again from its first step."""
    User.objects.filter(pk=person.pk).update(tour_ended_at=None)

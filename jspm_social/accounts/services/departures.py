"""Ending a person's access, with what they had in hand, and giving it back."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from jspm_social.accounts.handover import open_work
from jspm_social.accounts.models import Deputyship, User
from jspm_social.accounts.services.absences import end_deputyship
from jspm_social.accounts.services.reviews import note_departure
from jspm_social.accounts.services.rows import (
    held,
    lock,
    lock_beside_holders,
    require_another,
    require_holders,
)
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb


@one_write()
def deactivate(*, actor: User | None, user: User, reason: str, heir: User | None = None) -> User:
    """End a person's access, open sessions included. What they did stays as it is; what they had
    in hand passes to `heir`, or is free for everybody. Their deputyships end.

    Raises:
        ValidationError: it is oneself, nobody would be left to administer the console or to chair
            the committee, or `heir` cannot do what is to be taken over.
    """
    person, others = lock_beside_holders(user)
    had = held(person)
    person.is_active = False
    require_holders(person, others, had=had)
    require_another(
        actor, person, "自分の利用は、自分では停止できません。ほかの人に頼んでください。"
    )
    number = _pass_on(actor, person, heir)
    person.access_number += 1
    person.save(update_fields=["is_active", "access_number"])
    note_departure(actor, person)
    record(
        actor=actor,
        verb=Verb.USER_DEACTIVATED,
        target=person,
        details={"handed_over": number, "heir": heir.pk} if heir else {},
        personal={"reason": reason},
    )
    return person


@one_write()
def reactivate(*, actor: User | None, user: User, reason: str) -> User:
    """Give a person their access back, with the roles and the password they had. No session of
    before comes back to life.

    Raises:
        ValidationError: the person has access already.
    """
    person = lock(user)
    if person.is_active:
        raise ValidationError("この人は、すでに利用できます。")
    person.is_active = True
    person.access_number += 1
    person.save(update_fields=["is_active", "access_number"])
    record(actor=actor, verb=Verb.USER_REACTIVATED, target=person, personal={"reason": reason})
    return person


def _pass_on(actor: User | None, person: User, heir: User | None) -> int:
    """Pass on what the person has in hand. Returns how many things."""
    if heir is not None and (heir.pk == person.pk or not heir.is_active):
        raise ValidationError("引き継ぐ人には、利用中のほかの人を選んでください。")
    number = 0
    for keeper, work in open_work(person):
        if keeper.hand_over is None:
            continue
        if heir is not None and keeper.needs and not heir.can(keeper.needs):
            raise ValidationError(
                f"{heir}さんの役割では「{keeper.label}」を引き継げません。"
                "ほかの人を選ぶか、先に役割を変えてください。",
                code="heir_cannot",
            )
        keeper.hand_over(actor, person, heir)
        number += len(work)
    today = timezone.localdate()
    mine = Deputyship.objects.filter(last_day__gte=today)
    for row in [*mine.filter(absent=person), *mine.filter(deputy=person)]:
        end_deputyship(actor=actor, deputyship=row)
    return number

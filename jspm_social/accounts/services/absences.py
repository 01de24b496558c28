"""Leave of absence, and who approves in whose place meanwhile."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from jspm_social.accounts.models import Deputyship, Leave, User
from jspm_social.accounts.services.rows import lock
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb


@one_write()
def take_leave(*, actor: User, person: User, first_day: date, last_day: date) -> Leave:
    """Note that somebody is away from the first to the last day.

    Raises:
        ValidationError: the days are over or the wrong way round, or overlap another leave.
    """
    if last_day < first_day:
        raise ValidationError("最終日は、初日以降にしてください。")
    if last_day < timezone.localdate():
        raise ValidationError("もう過ぎた期間です。")
    person = lock(person)
    if person.leaves.filter(first_day__lte=last_day, last_day__gte=first_day).exists():
        raise ValidationError("すでに登録されている不在の期間と重なっています。")
    leave = Leave.objects.create(person=person, first_day=first_day, last_day=last_day)
    record(
        actor=actor,
        verb=Verb.LEAVE_TAKEN,
        target=person,
        details={"days": [first_day.isoformat(), last_day.isoformat()]},
    )
    return leave


@one_write()
def end_leave(*, actor: User, leave: Leave) -> None:
    """The person is back, or does not go: from now on they are asked again."""
    person = lock(leave.person)
    gone, _ = Leave.objects.filter(pk=leave.pk).delete()
    if gone:
        record(
            actor=actor,
            verb=Verb.LEAVE_ENDED,
            target=person,
            details={"days": [leave.first_day.isoformat(), leave.last_day.isoformat()]},
        )


def appoint_deputy(
    *, actor: User, absent: User, deputy: User, role: str, first_day: date, last_day: date
) -> Deputyship:
    """Let `deputy` approve in the place of `absent` from the first to the last day.

    Raises:
        ValidationError: the absent person lacks the role, it is the same person, or no day.
    """
    if not absent.has_role(role):
        raise ValidationError("不在の人は、その役割を持っていません。")
    if absent.pk == deputy.pk:
        raise ValidationError("本人を代理にはできません。")
    if last_day < first_day:
        raise ValidationError("最終日は、初日より後にしてください。")
    with transaction.atomic():
        made = Deputyship.objects.create(
            absent=absent, deputy=deputy, role=role, first_day=first_day, last_day=last_day
        )
        record(
            actor=actor,
            verb=Verb.DEPUTY_APPOINTED,
            target=made,
            details={
                "absent": absent.pk,
                "deputy": deputy.pk,
                "role": role,
                "days": [first_day.isoformat(), last_day.isoformat()],
            },
        )
    return made


def end_deputyship(*, actor: User | None, deputyship: Deputyship) -> None:
    """End it before its last day: from now on the deputy approves nothing in the other's place."""
    with transaction.atomic():
        record(
            actor=actor,
            verb=Verb.DEPUTY_ENDED,
            target=deputyship,
            details={"absent": deputyship.absent_id, "deputy": deputyship.deputy_id},
        )
        deputyship.delete()

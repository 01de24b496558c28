"""Changing a setting, and agreeing to a change that lowers a safeguard."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import ALL, Definition
from jspm_social.committee.models import SettingChange
from jspm_social.committee.queries import forget, number, proposals
from jspm_social.committee.states import CHANGE_MOVES, ChangeState
from jspm_social.transitions import IllegalMove, StaleState, move

WAITING = "この設定には、同意を待っている変更があります。先に、その変更に答えてください。"
ANSWERED = "この変更には、ほかの人が先に答えました。"


@one_write()
def change(*, actor: User, definition: Definition, value: int, reason: str) -> SettingChange:
    """Set a value from now on, or propose it where it lowers a safeguard.

    Raises:
        ValidationError: out of bounds, no reason, no change, or a proposal is waiting.
    """
    if not definition.low <= value <= definition.high:
        raise ValidationError(
            f"{definition.low}から{definition.high}までの値にしてください。", code="bounds"
        )
    if not reason.strip():
        raise ValidationError("変える理由を入力してください。")
    before = number(definition)
    if value == before:
        raise ValidationError("今の値と同じです。")
    if definition.name in proposals():
        raise ValidationError(WAITING)
    proposed = needs_second(definition, value, before)
    row = SettingChange(
        name=definition.name,
        value=value,
        reason=reason.strip(),
        by=actor,
        state=ChangeState.PROPOSED if proposed else ChangeState.IN_FORCE,
        in_force_at=None if proposed else timezone.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(WAITING) from error
    forget()
    verb = Verb.SETTING_PROPOSED if proposed else Verb.SETTING_CHANGED
    _record(verb, row, actor, before)
    return row


@one_write()
def answer(*, actor: User, proposal: SettingChange, agree: bool) -> SettingChange:
    """Agree as the second person, and it counts from now on; or refuse. Whoever proposed it can
    only take it back.

    Raises:
        ValidationError: one's own proposal, or somebody answered first.
    """
    if agree and actor.pk == proposal.by_id:
        raise ValidationError("自分の提案には、ほかの人の同意が要ります。")
    before = number(ALL[proposal.name])
    to = ChangeState.IN_FORCE if agree else ChangeState.REFUSED
    now = timezone.now() if agree else None
    try:
        move(proposal, table=CHANGE_MOVES, to=to, answered_by=actor, in_force_at=now)
    except (StaleState, IllegalMove) as error:
        raise ValidationError(ANSWERED) from error
    forget()
    _record(Verb.SETTING_CHANGED if agree else Verb.SETTING_REFUSED, proposal, actor, before)
    return proposal


def needs_second(definition: Definition, value: int, before: int) -> bool:
    """Whether a second person has to agree: a safeguard is lowered, and there is one to ask."""
    return definition.guards and value < before and not definition.alone()


def _record(verb: Verb, row: SettingChange, actor: User, before: int) -> None:
    record(
        actor=actor,
        verb=verb,
        target=row,
        details={"setting": row.name, "before": before, "after": row.value},
        personal={"reason": row.reason},
    )

"""The emergency stops: any member can pull one, with a reason; it holds every send."""

from django.db import transaction

from jspm_social.accounts.models import User
from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb

from .models import StopSwitch


@transaction.atomic
def stop(*, actor: User, kind: StopSwitch.Kind, reason: str) -> StopSwitch:
    """Stop all sending of this kind from now on. What is already on the wire is not called back.

    Stopping twice keeps the first stop.
    """
    switch, created = StopSwitch.objects.get_or_create(
        kind=kind, defaults={"reason": reason, "stopped_by": actor}
    )
    if created:
        record(
            actor=actor,
            verb=Verb.SWITCH_STOPPED,
            target=switch,
            details={"kind": str(kind)},
            personal={"reason": reason},
        )
    return switch


@transaction.atomic
def resume(*, actor: User, kind: StopSwitch.Kind) -> bool:
    """Let sending go on. False when nothing was stopped."""
    switch = StopSwitch.objects.select_for_update().filter(kind=kind).first()
    if switch is None:
        return False
    record(actor=actor, verb=Verb.SWITCH_RESUMED, target=switch, details={"kind": str(kind)})
    switch.delete()
    return True

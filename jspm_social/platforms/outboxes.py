"""How much waits in the outboxes of every part of the console, per channel."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Count, QuerySet

from .models import Channel
from .outbox import RemoteOperation
from .states import NEEDS_A_PERSON, OperationState


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one outbox has not come to rest on one channel."""

    label: str
    waiting: int = 0
    unknown: int = 0
    failed: int = 0

    @property
    def needs_a_person(self) -> int:
        return self.unknown + self.failed


def waiting_by_channel(channels: Iterable[Channel]) -> dict[int, list[Waiting]]:
    """Return a line per outbox and channel: two queries per outbox, which its indexes answer."""
    ids = [channel.pk for channel in channels]
    found: dict[int, list[Waiting]] = {pk: [] for pk in ids}
    for model in _outboxes():
        rows = model._default_manager.filter(channel__in=ids)  # noqa: SLF001 - any model's manager
        counts = _counts(rows.filter(state=OperationState.WAITING))
        counts |= _counts(rows.filter(state__in=sorted(NEEDS_A_PERSON)))
        label = str(model._meta.verbose_name)  # noqa: SLF001 - Django's own way to ask
        for pk in ids:
            states = {str(s): counts.get((pk, str(s)), 0) for s in OperationState}
            found[pk].append(Waiting(label, states["waiting"], states["unknown"], states["failed"]))
    return found


def _outboxes() -> list[type[RemoteOperation]]:
    return [model for model in apps.get_models() if issubclass(model, RemoteOperation)]


def _counts(rows: QuerySet[RemoteOperation]) -> dict[tuple[int, str], int]:
    grouped = rows.order_by().values_list("channel_id", "state").annotate(n=Count("pk"))
    return {(channel_id, state): n for channel_id, state, n in grouped}

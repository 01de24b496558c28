"""What of a posting is done already, kept where the next attempt finds it."""

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import QuerySet

from jspm_social.platforms.errors import OutcomeUnknown
from jspm_social.platforms.states import OperationState
from posts.models import ActionOperation, Delivery

Row = TypeVar("Row", ActionOperation, Delivery)


def of_this_lease(row: Row) -> QuerySet[Row]:
    """The row itself, only while this worker's lease is the one that counts."""
    return type(row).objects.filter(
        pk=row.pk, state=OperationState.SENDING, leased_until=row.leased_until
    )


class KeptProgress:
    """Progress in the outbox's own row, only while this worker's lease is the one that counts."""

    def __init__(self, row: Delivery | ActionOperation) -> None:
        self._row = row

    def read(self) -> Mapping[str, str]:
        return dict(self._row.progress)

    def keep(self, **done: str) -> None:
        self._row.progress = {**self._row.progress, **done}
        if not of_this_lease(self._row).update(progress=self._row.progress):
            raise OutcomeUnknown("the lease ran out while sending")

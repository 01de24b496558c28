"""What of a posting is done already, kept where the next attempt finds it."""

from collections.abc import Mapping

from jspm_social.platforms.errors import OutcomeUnknown
from jspm_social.platforms.states import OperationState
from posts.models import ActionOperation, Delivery


class KeptProgress:
    """Progress in the outbox's own row, only while this worker's lease is the one that counts."""

    def __init__(self, row: Delivery | ActionOperation) -> None:
        self._row = row

    def read(self) -> Mapping[str, str]:
        return dict(self._row.progress)

    def keep(self, **done: str) -> None:
        mine = type(self._row).objects.filter(
            pk=self._row.pk,
            state=OperationState.SENDING,
            leased_until=self._row.leased_until,
        )
        self._row.progress = {**self._row.progress, **done}
        if not mine.update(progress=self._row.progress):
            raise OutcomeUnknown("the lease ran out while sending")

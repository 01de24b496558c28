"""What of a posting is done already, kept where the next attempt finds it."""

from collections.abc import Mapping

from jspm_social.platforms.errors import OutcomeUnknown
from jspm_social.platforms.states import OperationState
from posts.models import Delivery


class KeptProgress:
    """Progress in the delivery's own row, only while this worker's lease is the one that counts."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def read(self) -> Mapping[str, str]:
        return dict(self._delivery.progress)

    def keep(self, **done: str) -> None:
        mine = Delivery.objects.filter(
            pk=self._delivery.pk,
            state=OperationState.SENDING,
            leased_until=self._delivery.leased_until,
        )
        self._delivery.progress = {**self._delivery.progress, **done}
        if not mine.update(progress=self._delivery.progress):
            raise OutcomeUnknown("the lease ran out while sending")

"""Walking the chain from its first row, to prove that nothing was changed or removed."""

from collections.abc import Iterable
from dataclasses import dataclass

from jspm_social.audit.chain import GENESIS, personal_digest
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb


@dataclass(frozen=True)
class Broken:
    """The first event at which the chain does not hold, and why, in plain words."""

    id: int
    reason: str


@dataclass(frozen=True)
class Verified:
    count: int
    last_hash: str


class Walk:
    """Takes the events in order; remembers only the last hash and the erasures still to come.

    A removed end cannot be seen from the chain itself: a hash noted earlier can (`expect`).
    """

    def __init__(self, expect: str = "") -> None:
        self.count = 0
        self.last_hash = GENESIS
        self._expect = expect
        self._erased: set[int] = set()

    def run(self, events: Iterable[AuditEvent]) -> Verified | Broken:
        """Check all `events`, ordered by id, each with its `personal` row if there is one."""
        for event in events:
            if reason := self._fault(event):
                return Broken(event.id, reason)
            self._take(event)
        if self._erased:
            return Broken(
                min(self._erased), "personal details are gone, and no event tells of an erasure"
            )
        if self._expect:
            return Broken(self.count + 1, "the expected hash is missing: the end was removed")
        return Verified(self.count, self.last_hash)

    def _fault(self, event: AuditEvent) -> str:
        if event.id != self.count + 1:
            return f"the event before it is missing: expected {self.count + 1}"
        if event.previous_hash != self.last_hash:
            return "its previous hash is not the hash of the event before"
        if event.hash != event.computed_hash():
            return "its content does not match its hash"
        personal = getattr(event, "personal", None)
        if personal and event.personal_digest != personal_digest(personal.salt, personal.data):
            return "its personal details do not match their digest"
        return ""

    def _take(self, event: AuditEvent) -> None:
        self.count, self.last_hash = event.id, event.hash
        if event.hash == self._expect:
            self._expect = ""
        if event.personal_digest and not hasattr(event, "personal"):
            self._erased.add(event.id)
        if event.verb == Verb.AUDIT_PERSONAL_ERASED:
            self._erased.difference_update(event.details["events"])


def verify(expect: str = "") -> Verified | Broken:
    """Check the whole chain of this database, streaming. Call inside a transaction."""
    events = AuditEvent.objects.order_by("id").select_related("personal")
    return Walk(expect).run(events.iterator(chunk_size=2000))

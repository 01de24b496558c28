"""The meter of one channel in one process: counts in memory, writes now and then.

What it has not written is lost when the process dies: at most the last UNSAVED requests, or those
of one page. A count may also be short of what somebody else uses of the same budget (another
program with the same keys). So reading stops well before a limit, and a platform that says the
budget is gone is believed.
"""

import hashlib
import logging
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone

from jspm_social.platforms.errors import CeilingReached, RateLimited, ReadingPaused
from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform

from . import ledger
from .charges import Spent, Told, tariff_of
from .ledger import DIGEST, Entry
from .meters import X_DOLLARS, X_OBJECTS, kind_of
from .pace import Budget, next_reading
from .windows import Window, span

log = logging.getLogger(__name__)

UNSAVED = 5  # answered requests that may be lost with the process
MOST_SEEN = 20_000  # things a day that are remembered as counted; more are counted again


class ChannelMeter:
    """Implements metering.Meter. `reading`: nothing but a pull, which leaves room for effects."""

    def __init__(self, channel: Channel, *, reading: bool = False, unsaved: int = UNSAVED) -> None:
        self._channel = channel
        self._reading = reading
        self._most_unsaved = unsaved
        self._tariff = tariff_of(Platform(channel.platform))
        self._budgets: dict[str, Budget] = {}
        self._holds_until: datetime | None = None  # None: to be read from the database
        self._seen: set[bytes] = set()
        self._entries: dict[tuple[str, datetime], Entry] = {}
        self._unsaved = 0

    def __repr__(self) -> str:
        return f"<ChannelMeter of channel {self._channel.pk}>"

    # --- metering.Meter

    def allow(self, asked: Asked) -> None:
        """See metering.Meter. A reading is held by every budget that reading uses."""
        self._read_again_if_over()
        cost = self._tariff.cost(asked)
        for budget in self._budgets.values():
            amount = cost.get(budget.name, 0)
            if self._reading and not budget.may_read(amount):
                held = f"{budget.name} is used up for reading"
                raise ReadingPaused(held, until=budget.ends_at)
            if amount and not budget.leaves_room(amount):
                if budget.kind is X_DOLLARS:
                    raise CeilingReached(f"{budget.name} would exceed the ceiling of this month")
                raise RateLimited(f"{budget.name} is used up", until=budget.ends_at)

    def note(self, asked: Asked, answer: Answer | None) -> None:
        """See metering.Meter."""
        try:
            now = self._read_again_if_over()
            for charge in self._tariff.charges(asked, answer, now):
                if isinstance(charge, Spent):
                    self._spend(charge, now)
                else:
                    self._believe(charge, now)
            self._unsaved += 1
            if self._unsaved >= self._most_unsaved:
                self.save()
        except DatabaseError as error:
            log.warning("a count of channel %s waits: %s", self._channel.pk, type(error).__name__)

    # --- for whoever made it

    def save(self) -> None:
        """Write what was counted since the last time, in one statement."""
        if self._entries:
            ledger.add(self._channel.pk, self._entries.values())
            self._holds_until = None  # others have counted, too: look again
        self._entries, self._unsaved = {}, 0

    def next_reading(self) -> datetime | None:
        """Return when the channel may be read again; None for at any time."""
        now = self._read_again_if_over()
        return next_reading(self._budgets.values(), now)

    def _read_again_if_over(self) -> datetime:
        """Bring the budgets up to date when they were never read, or a window has ended."""
        now = timezone.now()
        if self._holds_until is None or now >= self._holds_until:
            pending, self._entries = self._entries, {}
            if pending:
                ledger.add(self._channel.pk, pending.values())
            found = ledger.budgets_of(self._channel, now)
            self._budgets = {budget.name: budget for budget in found}
            ends = [budget.ends_at for budget in found]
            if self._channel.platform == Platform.X:
                self._seen = ledger.seen_today(self._channel, now)
                ends.append(span(X_OBJECTS.window, now)[1])
            self._holds_until = min(ends, default=span(Window.HOUR, now)[1])
        return now

    def _spend(self, charge: Spent, now: datetime) -> None:
        if charge.once and not self._is_new(charge, now):
            return
        self._add(charge.meter, charge.amount, now)

    def _is_new(self, charge: Spent, now: datetime) -> bool:
        thing = f"{charge.meter}|{charge.once}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(thing, digest_size=DIGEST).digest()
        if digest in self._seen:
            return False
        if len(self._seen) < MOST_SEEN:
            self._seen.add(digest)
            self._entry(X_OBJECTS.name, now).seen += digest
        self._entry(X_OBJECTS.name, now).used += 1
        return True

    def _believe(self, told: Told, now: datetime) -> None:
        kind, known = kind_of(told.meter), self._budgets.get(told.meter)
        used = known.used if known else 0
        entry = self._entry(told.meter, now)
        if told.limit is not None:
            entry.told_limit = told.limit
        if kind.window is not Window.TOLD:  # a count of ours that is too low rises
            self._add(told.meter, max(0, (told.used or 0) - used), now)
            return
        entry.used = used if told.used is None else told.used
        entry.ends_at = told.ends_at or entry.ends_at
        limit = ledger.limit_of(kind, self._channel, entry.told_limit)
        self._budgets[told.meter] = Budget(told.meter, kind, entry.used, limit, entry.ends_at)
        self._holds_until = min(self._holds_until or entry.ends_at, entry.ends_at)

    def _add(self, meter: str, amount: int, now: datetime) -> None:
        self._entry(meter, now).used += amount
        known = self._budgets.get(meter)
        if known:
            more = known.used + amount
            self._budgets[meter] = Budget(meter, known.kind, more, known.limit, known.ends_at)

    def _entry(self, meter: str, now: datetime) -> Entry:
        starts_at, ends_at = span(kind_of(meter).window, now)
        return self._entries.setdefault((meter, starts_at), Entry(meter, starts_at, ends_at))

"""Thirty days of one channel on X and one on YouTube, in moved time, against the real wires.

Four hours stand between two readings, and each costs more in the same measure (the law of reading
itself runs at its real pace in tests/platforms/budgets/test_pace.py).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jspm_social.platforms.adapters.youtube import tariff
from jspm_social.platforms.budgets.ledger import budgets_of
from jspm_social.platforms.budgets.meters import MICRO
from jspm_social.platforms.budgets.pace import Budget
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import x, youtube
from jspm_social.platforms.states import ChannelState, OperationState
from moderation.models import Action, Comment
from tests.flows.harness import UNDONE_BY_NOW, House

STEP, A_DAY, DAYS = timedelta(hours=4), 6, 30
LIST = 15  # units; one in reality
UNITS, DOLLARS = 540, 10  # a day, a month: less than reading at every step would use
CHANNELS = {Platform.YOUTUBE: "youtube.units", Platform.X: "x.dollars"}


@dataclass
class Soak:
    """The month as it goes by, and what was seen of it."""

    home: House
    said: dict[Platform, list[str]] = field(default_factory=lambda: {p: [] for p in CHANNELS})
    hidden: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    rested: dict[Platform, int] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0))
    expiries: dict[Platform, int] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0))

    def channel(self, platform: Platform) -> Channel:
        return Channel.objects.get(pk=self.home.channels[platform].pk)

    def budget(self, platform: Platform) -> Budget:
        found = budgets_of(self.channel(platform), timezone.now())
        return next(budget for budget in found if budget.name == CHANNELS[platform])

    def step(self, number: int) -> None:
        """People comment, tokens come to their end, the channels are read, a moderator decides."""
        self.home.clock.shift(STEP)
        for platform in CHANNELS:
            if number % 3 == 0:
                self.said[platform].append(self.home.say(platform=platform, created_at=self.now()))
            if platform is Platform.YOUTUBE or number % 2:  # after an hour, after two
                self.home.sandbox.store.expire_token(platform.value)
                self.expiries[platform] += 1
        before = {platform: self.budget(platform) for platform in CHANNELS}
        self.home.pull()
        for platform in CHANNELS:
            self.read_unless_it_had_to_rest(platform, before[platform])
        if number % A_DAY == 0:  # shortly before the units are renewed
            self.decide()
        self.holds()

    def now(self) -> str:
        return timezone.now().isoformat()

    def decide(self) -> None:
        """Hide what came in today, on both channels: whatever is left for that must be enough."""
        for platform in CHANNELS:
            for remote_id in self.said[platform][-2:]:
                if Comment.objects.filter(remote_id=remote_id).exists():
                    self.home.decide(remote_id)
                    self.hidden.append(remote_id)
        self.home.sweep(UNDONE_BY_NOW)
        self.home.sweep(timedelta(seconds=5))
        undone = Action.objects.exclude(state=OperationState.DONE)
        assert list(undone.values_list("channel__platform", "state", "trouble")) == []

    def read_unless_it_had_to_rest(self, platform: Platform, before: Budget) -> None:
        """A reading that does not happen is one that the budget forbids until it is renewed."""
        channel, line = self.channel(platform), before.line
        assert line is not None
        just_read = channel.pulled_at and timezone.now() - channel.pulled_at < timedelta(minutes=1)
        if just_read:
            return
        self.rested[platform] += 1
        left = self.budget(platform)
        assert left.used * 100 >= (left.limit or 0) * 70, "it rests though there is plenty"
        assert channel.read_after is not None
        assert channel.read_after <= left.ends_at, "it rests for longer than it has to"

    def holds(self) -> None:
        world = self.home.sandbox.store.world("youtube")
        assert world.units <= UNITS
        counted = self.budget(Platform.YOUTUBE).used
        # Not the trial before the channel was stored; but calls with a token that has expired.
        assert world.units - LIST <= counted <= min(world.units + 2 * A_DAY, UNITS)
        assert self.budget(Platform.X).used <= DOLLARS * MICRO
        assert self.refusals == []
        assert set(Channel.objects.values_list("state", flat=True)) == {ChannelState.ACTIVE}


@pytest.fixture
def soak(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> Soak:
    soak = Soak(empty_house)
    home = empty_house
    monkeypatch.setattr(youtube, "UNITS_A_DAY", UNITS)
    charge = youtube._charge
    monkeypatch.setattr(youtube, "_charge", lambda w, units: charge(w, max(units, LIST)))
    monkeypatch.setattr(tariff, "LIST_UNITS", LIST)
    home.sandbox.store.enforce_limits = True
    for wire in (x, youtube):
        for name in ("quota", "limited"):
            monkeypatch.setattr(wire, name, refusing(soak, getattr(wire, name)))
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)
    home.clock.move_to(first.replace(day=1))
    for platform in CHANNELS:
        home.connect(platform)
    Channel.objects.filter(platform=Platform.YOUTUBE).update(options={"daily_units": UNITS})
    Channel.objects.filter(platform=Platform.X).update(monthly_ceiling=DOLLARS)
    return soak


def refusing(soak: Soak, real: Any) -> Any:
    def refuse(*args: Any) -> Any:
        soak.refusals.append(f"{real.__module__}.{real.__name__}")
        return real(*args)

    return refuse


def test_thirty_days(soak: Soak) -> None:
    for number in range(DAYS * A_DAY - 1):
        soak.step(number)
    for platform in CHANNELS:  # the pressure was real, and reading went on most of the time
        assert 0 < soak.rested[platform] < DAYS * A_DAY // 2, soak.rested
        serial = soak.home.sandbox.store.world(platform.value).tokens.serial
        assert serial > 0.3 * soak.expiries[platform]
    assert len(soak.hidden) > DAYS
    soak.home.clock.shift(timedelta(days=3))  # into the next month
    soak.home.pull()
    stored = set(Comment.objects.values_list("remote_id", flat=True))
    assert stored == {remote_id for ids in soak.said.values() for remote_id in ids}

"""How often a channel posts, and when it had better not (§3(3)). Pure: warnings, never a bar."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Rule:
    """One channel's measure. 0 asks for nothing; quiet hours may go across midnight."""

    gap: timedelta = timedelta(hours=2)
    per_day: int = 3
    per_week: int = 10
    quiet_from: time | None = time(21)
    quiet_to: time | None = time(7)

    def is_quiet(self, at: datetime) -> bool:
        if self.quiet_from is None or self.quiet_to is None:
            return False
        now = at.astimezone(TOKYO).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= now < self.quiet_to
        return now >= self.quiet_from or now < self.quiet_to


def warnings(
    at: datetime,
    *,
    others: Iterable[datetime],
    rule: Rule,
    blackouts: Mapping[date, str] = {},
    holidays: Mapping[date, str] = {},
) -> list[str]:
    """Return what speaks against this time; [] when nothing does. `others` are the planned and
    published times of the same channel.
    """
    day, times = at.astimezone(TOKYO).date(), sorted(others)
    found = []
    if day in blackouts:
        found.append(f"この日は投稿を控える日です（{blackouts[day]}）。")
    if day in holidays:
        found.append(f"この日は祝日です（{holidays[day]}）。")
    if rule.is_quiet(at):
        found.append("投稿を控える時間帯です。")
    if near := [other for other in times if abs(other - at) < rule.gap]:
        told = near[0].astimezone(TOKYO)
        found.append(f"{told:%H:%M}の投稿と間隔が近すぎます。")
    return found + _too_many(day, times, rule)


def _too_many(day: date, times: Collection[datetime], rule: Rule) -> list[str]:
    days = [other.astimezone(TOKYO).date() for other in times]
    monday = day - timedelta(days=day.weekday())
    in_week = sum(monday <= other < monday + timedelta(days=7) for other in days)
    found = []
    if rule.per_day and days.count(day) >= rule.per_day:
        found.append(f"1日{rule.per_day}件の目安を超えます。")
    if rule.per_week and in_week >= rule.per_week:
        found.append(f"1週間{rule.per_week}件の目安を超えます。")
    return found

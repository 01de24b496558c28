"""What speaks against a time: the channel's measure, collisions, texts that were just posted."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from rapidfuzz import fuzz

from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import OperationState
from posts.cadence import Rule, warnings
from posts.calendar import holidays
from posts.models import BlackoutDay, Cadence, Delivery

AROUND = timedelta(days=8)  # what the measure of a week can reach
LOOKS_BACK = timedelta(days=90)
ALIKE = 85  # of 100: so alike that readers take it for the same post


def warnings_for(
    channel: Channel, at: datetime, text: str, *, without: Delivery | None = None
) -> list[str]:
    """Return what speaks against posting `text` there at that time. Warnings, never a bar."""
    day = timezone.localdate(at)
    others = _others(channel, without).filter(
        planned_at__gt=at - AROUND, planned_at__lt=at + AROUND
    )
    found = warnings(
        at,
        others=others.values_list("planned_at", flat=True),
        rule=rule_of(channel),
        blackouts=dict(BlackoutDay.objects.filter(day=day).values_list("day", "reason")),
        holidays=holidays(day, day),
    )
    return found + _repetition(channel, at, text, without)


def rule_of(channel: Channel) -> Rule:
    row = Cadence.objects.filter(channel=channel).first()
    return row.rule() if row else Rule()


def all_warnings(
    channels: Mapping[int, Channel], times: Mapping[int, datetime], texts: Mapping[int, str]
) -> list[str]:
    """Return the warnings of a whole plan, each with its channel's name."""
    return [
        f"{channels[pk]}：{warning}"
        for pk, at in times.items()
        for warning in warnings_for(channels[pk], at, texts[pk])
    ]


def _others(channel: Channel, without: Delivery | None) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(channel=channel, deed=Delivery.Deed.PUBLISH).exclude(
        state=OperationState.CANCELLED
    )
    return rows.exclude(pk=without.pk) if without else rows


def _repetition(channel: Channel, at: datetime, text: str, without: Delivery | None) -> list[str]:
    recent = _others(channel, without).filter(planned_at__gt=at - LOOKS_BACK)
    for planned, payload in recent.values_list("planned_at", "payload"):
        if fuzz.ratio(text, payload["text"]) >= ALIKE:
            told = timezone.localtime(planned)
            return [f"{told.month}月{told.day}日の投稿とほとんど同じ文です。"]
    return []

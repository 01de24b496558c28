"""How the console writes times: Asia/Tokyo, with the weekday."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
WEEKDAYS = "月火水木金土日"


def day_text(day: date) -> str:
    """Return '2026年4月1日（水）'."""
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def moment_text(moment: datetime) -> str:
    """Return '2026年4月1日（水）10:20' in Asia/Tokyo."""
    local = timezone.localtime(moment)
    return f"{day_text(local.date())}{local:%H:%M}"


def ago_text(moment: datetime, now: datetime) -> str:
    """Return how long ago in the coarsest useful unit: 'たった今', '5分前', '3時間前', '2日前'."""
    seconds = int((now - moment).total_seconds())
    for size, unit in ((86_400, "日前"), (3_600, "時間前"), (60, "分前")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "たった今"


@register.filter
def moment(value: datetime | None) -> str:
    """Show an instant: {{ case.opened_at|moment }}."""
    return moment_text(value) if value else "—"


@register.filter
def day(value: date | None) -> str:
    """Show a day: {{ event.starts_on|day }}."""
    return day_text(value) if value else "—"


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """Show an instant as a time element: how long ago, with the exact time on hover."""
    if value is None:
        return "—"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        timezone.localtime(value).isoformat(timespec="seconds"),
        moment_text(value),
        ago_text(value, timezone.now()),
    )

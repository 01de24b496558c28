"""How the checks write dates, and small helpers that several of them share."""

import datetime as dt

from posts.checks.language.weekdays import WEEKDAYS


def long_date(day: dt.date) -> str:
    """2026年6月12日（金）"""
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def short_date(day: dt.date) -> str:
    """6月12日（金）"""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def clock(time: dt.time) -> str:
    """13:05"""
    return f"{time.hour}:{time.minute:02}"

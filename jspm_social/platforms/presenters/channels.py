"""How each account is doing, as the pages show it: reading, budgets, the connection, what waits."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse

from jspm_social.platforms.budgets.meters import X_DOLLARS, kinds_of
from jspm_social.platforms.budgets.pace import Budget
from jspm_social.platforms.connecting.found import effect_rows
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.outboxes import Waiting
from jspm_social.platforms.renewing import RENEWERS
from jspm_social.platforms.states import ChannelState

from .budgets import budget_rows, fullest
from .troubles import explain

READ_EVERY: Final = timedelta(minutes=1)  # how often a channel is read that nothing slows down
LATE_AFTER: Final = timedelta(minutes=5)  # from here on it is worth a word
SOON: Final = timedelta(days=14)
_TONES: Final = {
    ChannelState.ACTIVE: "good",
    ChannelState.PAUSED: "neutral",
    ChannelState.RECONNECT: "bad",
    ChannelState.DISCONNECTED: "neutral",
}
_UNREAD: Final = frozenset({Platform.LINE})  # chats arrive by themselves, nothing is fetched


def overview(
    channels: Iterable[Channel],
    budgets: Mapping[int, list[Budget]],
    waiting: Mapping[int, list[Waiting]],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return a card per channel: those that need a person first."""
    cards = [_card(c, budgets[c.pk], waiting[c.pk], now) for c in channels]
    return sorted(cards, key=lambda card: not card["needs_a_person"])


def page(
    channel: Channel, budgets: list[Budget], waiting: list[Waiting], now: datetime
) -> dict[str, Any]:
    """Return everything about one channel."""
    return _card(channel, budgets, waiting, now) | {
        "budgets": budget_rows(budgets, now),
        "counts_money": X_DOLLARS in kinds_of(Platform(channel.platform)),
        "ceiling": channel.monthly_ceiling,
        "waiting": waiting,
        "connection": _connection(channel, now),
    }


def _card(
    channel: Channel, budgets: list[Budget], waiting: list[Waiting], now: datetime
) -> dict[str, Any]:
    trouble, next_step = explain(channel.trouble)
    stuck = sum(line.needs_a_person for line in waiting)
    broken = channel.state == ChannelState.RECONNECT
    return {
        "pk": channel.pk,
        "name": channel.name,
        "url": reverse("platforms:channel", args=[channel.pk]),
        "platform_label": channel.get_platform_display(),
        "account_name": channel.account_name,
        "state_label": channel.get_state_display(),
        "tone": _TONES[ChannelState(channel.state)],
        "broken_at": channel.broken_at if broken else None,
        "trouble": trouble,
        "next_step": next_step,
        "reading": _reading(channel, now),
        "budget": fullest(budget_rows(budgets, now)),
        "waiting_count": sum(line.waiting for line in waiting),
        "stuck": stuck,
        "ends_at": _worrying_end(channel, now),
        "needs_a_person": broken or bool(stuck) or _worrying_end(channel, now) is not None,
        "capabilities": effect_rows(channel),
        "pause_reason": channel.pause_reason if channel.state == ChannelState.PAUSED else "",
        "connection_url": _connection_url(channel),
    }


def _reading(channel: Channel, now: datetime) -> dict[str, Any] | None:
    """Return when it was read last, when it will be read next and why so late, and how late it is.

    None where nothing is read at all.
    """
    if channel.platform in _UNREAD or not channel.account_id:
        return None
    active = channel.state == ChannelState.ACTIVE
    waits = {"calm": _ahead(channel.calm_until, now), "rest": _ahead(channel.read_after, now)}
    later = max((moment for moment in waits.values() if moment), default=None)
    return {
        "last_at": channel.pulled_at,
        "next_at": later if active else None,
        "why": _why_late(channel, calm=waits["calm"], later=later),
        "late": _length(lag(channel, now)) if active and lag(channel, now) > LATE_AFTER else "",
    }


def _why_late(channel: Channel, *, calm: datetime | None, later: datetime | None) -> str:
    if later and later == calm:
        return "platform"
    return "failing" if channel.failed_readings else "budget"


def lag(channel: Channel, now: datetime) -> timedelta:
    """Return how much older the last reading is than it should be: zero while all is well.

    Waiting because readings fail is no excuse.
    """
    last = channel.pulled_at or channel.created_at
    rest = None if channel.failed_readings else channel.read_after
    waits = [moment for moment in (channel.calm_until, rest) if moment]
    should = max([last + READ_EVERY, *waits])
    return max(now - should, timedelta())


def _connection(channel: Channel, now: datetime) -> dict[str, Any]:
    """Return when the connection ends, and whether that takes a person."""
    credential = getattr(channel, "credential", None)
    end = channel.access_ends_at
    renews = Platform(channel.platform) in RENEWERS
    return {
        "connected": credential is not None,
        "ends_at": end,
        "expired": end is not None and end <= now,
        "renewed_by_itself": renews and end is not None and end == credential.expires_at
        if credential
        else False,
        "worrying": _worrying_end(channel, now) is not None,
        "issued_at": credential.issued_at if credential else None,
    }


def _worrying_end(channel: Channel, now: datetime) -> datetime | None:
    """Return the connection's end when it is near: what could be renewed by then, was."""
    end = channel.access_ends_at
    disconnected = channel.state == ChannelState.DISCONNECTED
    return end if end is not None and end - now <= SOON and not disconnected else None


def _connection_url(channel: Channel) -> str:
    """Return where an admin manages the connection; '' where there never was an account."""
    return reverse("platforms:connection", args=[channel.pk]) if channel.account_id else ""


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}分"
    return f"{minutes // 60}時間" if minutes < 48 * 60 else f"{minutes // 1440}日"

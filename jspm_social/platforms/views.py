"""The society's accounts: how each is doing, and what can be done there."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability

from .connecting.found import effect_rows
from .models import Channel, Heartbeat
from .states import ChannelState

ALIVE_WITHIN = timedelta(minutes=2)
_TONES = {
    ChannelState.ACTIVE: "good",
    ChannelState.PAUSED: "neutral",
    ChannelState.RECONNECT: "bad",
    ChannelState.DISCONNECTED: "neutral",
}
_TROUBLES = {
    "Transient": ("プラットフォームにつながりにくくなっています。", "自動でやり直しています。"),
    "RateLimited": ("プラットフォームの利用制限に達しました。", "時間がたつと自動で再開します。"),
    "AuthExpired": ("接続の有効期限が切れました。", "管理者が接続し直してください。"),
}
_OTHER = ("コメントを取得できませんでした。", "続くようなら、管理者が接続を確かめてください。")
_MACHINERY = {"act": "対応の送信", "intake": "コメントの取得"}


@require_safe
@require(Capability.READ_COMMENTS)
def channels(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show every channel and the signs of life of the machinery."""
    context = {
        "channels": [_channel(channel) for channel in Channel.objects.all()],
        "machinery": _machinery(),
        "may_connect": request.user.can(Capability.MANAGE_CHANNELS),
    }
    return render(request, "platforms/channels.html", context)


def _channel(channel: Channel) -> dict[str, Any]:
    trouble, next_step = ("", "")
    if channel.trouble:
        trouble, next_step = _TROUBLES.get(channel.trouble.partition(":")[0], _OTHER)
    calm = (
        channel.calm_until if channel.calm_until and channel.calm_until > timezone.now() else None
    )
    return {
        "pk": channel.pk if channel.account_id else None,
        "name": channel.name,
        "platform_label": channel.get_platform_display(),
        "account_name": channel.account_name,
        "state_label": channel.get_state_display(),
        "tone": _TONES[ChannelState(channel.state)],
        "pulled_at": channel.pulled_at,
        "calm_until": calm,
        "pause_reason": channel.pause_reason,
        "trouble": trouble,
        "next_step": next_step,
        "comment_count": None,
        "capabilities": effect_rows(channel),
    }


def _machinery() -> list[dict[str, Any]]:
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    limit = timezone.now() - ALIVE_WITHIN
    return [
        {"label": label, "at": seen.get(name), "ok": name in seen and seen[name] > limit}
        for name, label in _MACHINERY.items()
    ]

"""The capability row of an account as it was found: what it may really do, and until when."""

from typing import Any

from jspm_social.platforms.capabilities import Capability, Offer, cells_of
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth.scopes import COULD_REPLY, SCOPES, Use, holds, lacking, missing
from jspm_social.platforms.states import ChannelState

from .guide import GUIDES

_OFFERS = {
    Offer.API: ("できます", "good"),
    Offer.BY_HAND: ("画面で行います", "info"),
    Offer.NONE: ("できません", "neutral"),
}
NO_PERMISSION = ("権限がありません", "warn")


def effect_rows(channel: Channel) -> list[dict[str, str]]:
    """Return each effect with what is possible on this account, as its permissions allow."""
    platform = Platform(channel.platform)
    connected = channel.state != ChannelState.DISCONNECTED
    granted = channel.permissions
    cells = cells_of(platform, connected=connected, granted=granted)
    without = lacking(platform, granted) if connected else frozenset()
    return [_effect(effect, cell, denied=effect in without) for effect, cell in cells.items()]


def _effect(effect: Effect, cell: Capability, *, denied: bool) -> dict[str, str]:
    label, tone = NO_PERMISSION if denied else _OFFERS[cell.offer]
    return {"effect": effect.label, "offer_label": label, "tone": tone, "note": cell.note}


def scope_rows(platform: Platform) -> list[dict[str, str]]:
    """Return what is asked for on a platform, with the reasons."""
    return [
        {
            "name": scope.name,
            "use": scope.use.value,
            "reason": scope.reason,
            "caution": COULD_REPLY if scope.could_reply else "",
        }
        for scope in SCOPES[platform]
    ]


def permission_rows(channel: Channel) -> list[dict[str, Any]]:
    """Return the same with whether each was granted; `held` is None where that is not told."""
    platform, granted = Platform(channel.platform), channel.permissions
    return [
        row | {"held": None if granted is None else holds(platform, granted, row["name"])}
        for row in scope_rows(platform)
    ]


def stops(channel: Channel) -> list[str]:
    """Return what does not work because a permission is missing, in the order of the work."""
    uses = {scope.use for scope in missing(Platform(channel.platform), channel.permissions)}
    return [use.value for use in Use if use in uses]


def summary(channel: Channel) -> list[dict[str, Any]]:
    """Return who is connected, on what terms and until when."""
    guide = GUIDES[Platform(channel.platform)]
    limits = [*channel.findings, *([guide.plan] if guide.plan else [])]
    return [
        {"term": "プラットフォーム", "value": channel.get_platform_display()},
        {"term": "アカウント名", "value": channel.account_name},
        {"term": "アカウントのID", "value": channel.account_id},
        *([{"term": "接続先", "value": channel.base_url}] if channel.base_url else []),
        {"term": "契約と上限", "value": "".join(limits) or "このプラットフォームは知らせません。"},
        {"term": "接続の有効期間", "value": guide.lifetime},
    ]

"""How a post will look on each channel, with the platform's own counter and where it is cut."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jspm_social.platforms.counting import Measure, Part, measure
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.films import losses
from posts.fitness import UNITS, problems
from posts.models import MediaFile, Post
from posts.payload import Payload, PayloadMedia
from posts.services.fitness import films_of


def previews(
    post: Post,
    payloads: Mapping[int, Payload],
    channels: Mapping[int, Channel],
    files: Mapping[int, MediaFile],
    at: datetime,
) -> list[dict[str, Any]]:
    """Return one preview per channel, in the channels' order."""
    wants_poll = post.draft.poll is not None
    return [
        preview(channel, payloads[pk], files, at, wants_poll=wants_poll)
        for pk, channel in channels.items()
        if pk in payloads
    ]


def preview(
    channel: Channel,
    payload: Payload,
    files: Mapping[int, MediaFile],
    at: datetime,
    *,
    wants_poll: bool = False,
) -> dict[str, Any]:
    platform = Platform(channel.platform)
    limits = channel.options.get("limits", {})
    counted = measure(platform, payload.text, limits=limits)
    told = problems(payload, poll_wanted=wants_poll, limits=limits)
    for item in payload.media:
        if item.id in files:
            told += files[item.id].rights_problems(payload, at)
    told += films_of(payload, files)
    return {
        "channel": str(channel),
        "account": channel.account_name,
        "platform": platform.label,
        "title": payload.title,
        "title_counter": counter(measure(platform, payload.title, part=Part.TITLE))
        if payload.title
        else "",
        "kept": payload.text[: counted.cut],
        "cut": payload.text[counted.cut :],
        "counter": counter(counted),
        "fits": counted.fits,
        "used": min(counted.used, counted.limit),
        "limit": counted.limit,
        "card": payload.card,
        "media": [
            {"alt": item.alt, "kind": item.kind, "credit": item.credit, "id": item.id}
            | _size(item, files)
            for item in payload.media
        ],
        "poll": payload.poll,
        "problems": list(dict.fromkeys(told)),
        "losses": list(dict.fromkeys(_losses(platform, payload, files))),
    }


def _losses(platform: Platform, payload: Payload, files: Mapping[int, MediaFile]) -> Iterator[str]:
    for item in payload.media:
        file = files.get(item.id)
        yield from losses(
            platform, item, width=file.width if file else 0, height=file.height if file else 0
        )


def _size(item: PayloadMedia, files: Mapping[int, MediaFile]) -> dict[str, str]:
    """How large a picture is as it is sent there: '1440×1800、0.4MB'."""
    file = files.get(item.id)
    stored = file.stored_as(item.sha256) if file else None
    if stored is None or not stored.width:
        return {"size": ""}
    return {"size": f"{stored.width}×{stored.height}、{stored.size / 1_000_000:.1f}MB"}


def counter(counted: Measure) -> str:
    """Return '120／280字分', and how much is left or too much."""
    left = counted.left
    rest = f"残り{left}" if left >= 0 else f"{-left}超過"
    return f"{counted.used}／{counted.limit}{UNITS[counted.unit]}（{rest}）"

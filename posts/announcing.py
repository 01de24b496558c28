"""How a notice of the policy fits each platform, by the platform's own counting. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.counting import measure_all
from jspm_social.platforms.names import Platform
from policy.announcements import Notice

from .content import Content, Variant
from .payload import payload_for

PICTURED = frozenset({Platform.INSTAGRAM, Platform.YOUTUBE})
"""Where nothing stands without a picture or a film: a draft of its own waits for one."""


def fitted(notice: Notice, platform: Platform, limits: Mapping[str, Any] | None = None) -> str:
    """Return as much of the notice as fits together with its link, in whole sentences.

    The headline stands in any case; whether even that fits, the check of the draft tells.
    """
    return next(
        (text for text in _versions(notice) if _fits(text, notice.link, platform, limits)),
        notice.headline,
    )


def _versions(notice: Notice) -> Iterator[str]:
    sentences = _sentences(notice.summary)
    for count in range(len(sentences), 0, -1):
        yield f"{notice.headline}\n\n{''.join(sentences[:count]).strip()}"


def _sentences(text: str) -> list[str]:
    """Sentences end after 。 or with their line; nothing is lost between them."""
    parts = text.replace("。", "。\0").replace("\n", "\n\0").split("\0")
    return [part for part in parts if part]


def _fits(text: str, link: str, platform: Platform, limits: Mapping[str, Any] | None) -> bool:
    content = Content(body=text, link=link, channels={0: Variant()})
    sent = payload_for(content, 0, platform, {}).text
    return all(one.fits for one in measure_all(platform, sent, limits=limits))

"""How long a text is, by each platform's own counting. Pure.

    measure(Platform.X, "…").left
    measure(Platform.MASTODON, "…", limits=channel.options.get("limits", {}))
    measure(Platform.YOUTUBE, "…", part=Part.TITLE)

`limits` is what a channel was told by its server when it was connected ("characters",
"url_characters"); it replaces the usual limit, on Mastodon and where a plan allows longer texts.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from jspm_social.platforms.adapters.reading import number
from jspm_social.platforms.names import Platform

from . import mastodon, tags, x
from .graphemes import by_cluster, emoji_length
from .measure import Atoms, Measure, Unit, apply

__all__ = ["Measure", "Part", "Unit", "measure", "measure_all"]


class Part(Enum):
    """Which words of a post are measured. Only YouTube has a title."""

    TEXT = "text"
    TITLE = "title"


def measure(
    platform: Platform,
    text: str,
    *,
    part: Part = Part.TEXT,
    limits: Mapping[str, Any] | None = None,
) -> Measure:
    """Return the limit that says whether `text` fits: the one it breaks, else the platform's own.

    `cut` regards all limits together.
    """
    found = measure_all(platform, text, part=part, limits=limits)
    telling = next((one for one in found if not one.fits), found[0])
    cut = min(one.cut for one in found)
    return Measure(telling.used, telling.limit, telling.unit, cut)


def measure_all(
    platform: Platform,
    text: str,
    *,
    part: Part = Part.TEXT,
    limits: Mapping[str, Any] | None = None,
) -> tuple[Measure, ...]:
    """Return every limit of the platform, the one that people know first."""
    told = limits or {}
    rules = _rules(platform, part, number(told, "url_characters") or x.ADDRESS)
    usual = [limit for _, _, limit in rules]
    usual[0] = number(told, "characters") or usual[0]
    return tuple(
        apply(text, atoms=atoms, limit=limit, unit=unit)
        for (atoms, unit, _), limit in zip(rules, usual, strict=True)
    )


_GRAPHEMES = by_cluster(lambda _: 1)
_CHARACTERS = by_cluster(len)
_BYTES = by_cluster(lambda cluster: len(cluster.encode("utf-8", "surrogatepass")))
_UTF16 = by_cluster(lambda cluster: len(cluster.encode("utf-16-le", "surrogatepass")) // 2)
_EMOJI_BYTES = by_cluster(
    lambda c: len(c.encode("utf-8", "surrogatepass")) if emoji_length(c) else len(c)
)


def _rules(platform: Platform, part: Part, address: int) -> list[tuple[Atoms, Unit, int]]:
    if part is Part.TITLE:
        return [(_CHARACTERS, Unit.CHARACTERS, 100)]
    rules: Mapping[Platform, list[tuple[Atoms, Unit, int]]] = {
        Platform.X: [(x.atoms, Unit.WEIGHTED, 280)],
        Platform.FACEBOOK: [(_CHARACTERS, Unit.CHARACTERS, 63_206)],
        Platform.INSTAGRAM: [
            (_CHARACTERS, Unit.CHARACTERS, 2_200),
            (tags.hashtags, Unit.HASHTAGS, 30),
            (tags.mentions, Unit.MENTIONS, 20),
        ],
        Platform.YOUTUBE: [(_BYTES, Unit.BYTES, 5_000)],
        Platform.LINE: [(_UTF16, Unit.UTF16, 5_000)],
        Platform.THREADS: [(_EMOJI_BYTES, Unit.EMOJI_BYTES, 500)],
        Platform.BLUESKY: [(_GRAPHEMES, Unit.GRAPHEMES, 300), (_BYTES, Unit.BYTES, 3_000)],
        Platform.MASTODON: [(mastodon.atoms(address), Unit.GRAPHEMES, 500)],
    }
    return rules[platform]

"""From a draft to exactly what one channel will be sent, and the hash that votes are bound to.

Pure. A payload holds the whole text as people will read it, the digests of the media's bytes and
their alternative texts: whoever approved its hash approved every byte (§3(1)).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jspm_social.platforms.names import Platform

from .content import Content

# Where a link stands as a card beside the text. Everywhere else, and beside media, it is written.
CARDS = frozenset({Platform.FACEBOOK, Platform.THREADS, Platform.BLUESKY})
POLLS = frozenset({Platform.X, Platform.THREADS, Platform.MASTODON})


@dataclass(frozen=True, slots=True)
class PayloadMedia:
    """One file as approved. `id` finds the row, `sha256` proves the bytes that this platform is
    sent, and `preview` those of the small picture that stands for them (LINE).
    """

    id: int
    kind: str
    sha256: str
    alt: str
    credit: str = ""
    preview: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """What goes to one channel."""

    platform: str
    text: str
    title: str = ""
    card: str = ""
    media: tuple[PayloadMedia, ...] = ()
    poll: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"media": [asdict(item) for item in self.media]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Payload":
        media = tuple(PayloadMedia(**item) for item in stored["media"])
        return cls(**{**stored, "media": media})

    def hash(self) -> str:
        return digest(self.to_json())


def payload_for(
    content: Content, channel_id: int, platform: Platform, files: Mapping[int, PayloadMedia]
) -> Payload:
    """Put together what this channel would be sent. `files` are the draft's media by id."""
    media = tuple(files[pk] for pk in content.media_for(channel_id))
    card = content.link if content.link and platform in CARDS and not media else ""
    tags = " ".join(f"#{tag}" for tag in content.tags)
    written = content.link if not card else ""
    parts = [content.text_for(channel_id), tags, _unless_there(written, content, channel_id)]
    credited = dict.fromkeys(item.credit for item in media if item.credit)
    return Payload(
        platform=platform.value,
        text="\n\n".join(part for part in [*parts, "\n".join(credited)] if part),
        title=content.channels[channel_id].title,
        card=card,
        media=media,
        poll=content.poll.to_json() if content.poll and platform in POLLS else None,
    )


def _unless_there(link: str, content: Content, channel_id: int) -> str:
    """A link that the author has written into the text is not added once more."""
    return "" if link and link in content.text_for(channel_id) else link


def content_hash(
    payloads: Mapping[int, Payload],
    *,
    window: Sequence[str],
    policy_version: str,
    urgent: bool = False,
) -> str:
    """Return what a vote is bound to: every channel's payload, the time window, the policy, and
    whether fewer people than usual have to agree (`urgent`).
    """
    bound = {
        "payloads": {str(pk): payloads[pk].hash() for pk in sorted(payloads)},
        "window": list(window),
        "policy": policy_version,
    }
    return digest(bound | {"urgent": True} if urgent else bound)


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value in its one canonical form."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()

"""What is written in a draft, apart from where and when it goes. Pure.

One body, which every channel inherits; a channel overrides only what it must. The JSON form is
what a revision stores, and is the same for the same content whatever the order of its keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PollContent:
    options: tuple[str, ...]
    minutes: int

    def to_json(self) -> dict[str, Any]:
        return {"options": list(self.options), "minutes": self.minutes}


@dataclass(frozen=True, slots=True)
class Variant:
    """What one channel says differently. None inherits; an empty text is an empty text."""

    text: str | None = None
    title: str = ""  # a video's, on YouTube
    media: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        media = None if self.media is None else list(self.media)
        return {"text": self.text, "title": self.title, "media": media}


@dataclass(frozen=True, slots=True)
class Content:
    """A whole draft. `media` are ids of media files, `channels` the channels it is meant for."""

    body: str = ""
    link: str = ""
    tags: tuple[str, ...] = ()
    media: tuple[int, ...] = ()
    poll: PollContent | None = None
    channels: Mapping[int, Variant] = field(default_factory=dict)

    def text_for(self, channel_id: int) -> str:
        own = self.channels[channel_id].text
        return self.body if own is None else own

    def media_for(self, channel_id: int) -> tuple[int, ...]:
        own = self.channels[channel_id].media
        return self.media if own is None else own

    def to_json(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "link": self.link,
            "tags": list(self.tags),
            "media": list(self.media),
            "poll": self.poll.to_json() if self.poll else None,
            "channels": {str(pk): self.channels[pk].to_json() for pk in sorted(self.channels)},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Content":
        """Read what `to_json` wrote: our own rows, so a broken shape is our own mistake."""
        poll = stored["poll"]
        return cls(
            body=stored["body"],
            link=stored["link"],
            tags=tuple(stored["tags"]),
            media=tuple(stored["media"]),
            poll=PollContent(tuple(poll["options"]), poll["minutes"]) if poll else None,
            channels={int(pk): _variant(own) for pk, own in stored["channels"].items()},
        )


def _variant(stored: Mapping[str, Any]) -> Variant:
    media = stored["media"]
    return Variant(
        text=stored["text"],
        title=stored["title"],
        media=None if media is None else tuple(media),
    )


EMPTY = Content().to_json()

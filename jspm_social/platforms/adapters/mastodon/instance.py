"""What a server says a post may hold. Pure, and tolerant of servers that say less.

Kept in a channel's options under "limits" when it is connected.
"""

from collections.abc import Mapping
from typing import Any, Final

from jspm_social.platforms.adapters.reading import number, obj, texts

# Our name: where a server tells it, below `configuration`.
TOLD: Final = {
    "characters": ("statuses", "max_characters"),
    "url_characters": ("statuses", "characters_reserved_per_url"),
    "media": ("statuses", "max_media_attachments"),
    "image_bytes": ("media_attachments", "image_size_limit"),
    "video_bytes": ("media_attachments", "video_size_limit"),
    "alt_characters": ("media_attachments", "description_limit"),
    "poll_options": ("polls", "max_options"),
    "poll_option_characters": ("polls", "max_characters_per_option"),
    "poll_seconds_least": ("polls", "min_expiration"),
    "poll_seconds_most": ("polls", "max_expiration"),
}
USUAL: Final = {  # Mastodon's own
    "characters": 500,
    "url_characters": 23,
    "media": 4,
    "image_bytes": 16 * 1024 * 1024,
    "video_bytes": 99 * 1024 * 1024,
    "alt_characters": 1_500,
    "poll_options": 4,
    "poll_option_characters": 50,
    "poll_seconds_least": 300,
    "poll_seconds_most": 2_629_746,
}


def limits_of(instance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits in a server's description (v2 or v1 of the API): only what it tells."""
    configuration = obj(instance.get("configuration"))
    found: dict[str, Any] = {
        name: number(obj(configuration.get(part)), key) for name, (part, key) in TOLD.items()
    }
    found["characters"] = found["characters"] or number(instance, "max_toot_chars")  # Pleroma
    media = obj(configuration.get("media_attachments"))
    found["mimes"] = sorted(texts(media.get("supported_mime_types")))
    return {name: value for name, value in found.items() if value}


def usual_for(limits: Mapping[str, Any]) -> dict[str, int]:
    """Return every limit: as the server told it, else as usual."""
    return {name: number(limits, name) or usual for name, usual in USUAL.items()}

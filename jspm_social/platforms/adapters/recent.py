"""The newest comments of a channel, read again by id at the end of every pull.

A list of new comments never shows that an old one was edited or deleted by its author; this
does, for the newest hundred, at one or two requests a pull.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jspm_social.platforms.contract import RemoteComment

KEPT = 100


def recent_of(cursor: Mapping[str, Any]) -> list[str]:
    """Return the ids that a stored cursor remembers, oldest first."""
    stored = cursor.get("recent")
    return [item for item in stored if isinstance(item, str)] if isinstance(stored, list) else []


def remember(recent: list[str], comments: Iterable[RemoteComment]) -> list[str]:
    """Add the ids of a page and keep the hundred that were met last."""
    merged = dict.fromkeys(recent)
    for comment in comments:
        merged.pop(comment.remote_id, None)
        merged[comment.remote_id] = None
    return list(merged)[-KEPT:]

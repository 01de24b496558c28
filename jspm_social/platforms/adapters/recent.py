"""The newest comments of a channel: what was stored of them, and a second look at every pull.

A list of new comments never shows that an old one was edited or deleted by its author; reading
the newest hundred again by id does, at one or two requests a pull.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, NamedTuple

from jspm_social.platforms.adapters.reading import rows
from jspm_social.platforms.contract import RemoteComment

KEPT = 100


class Seen(NamedTuple):
    """A comment as it was last met. `at` is ISO 8601 in UTC, so that it sorts as text."""

    post_id: str
    at: str
    fingerprint: str


@dataclass(slots=True)
class Recent:
    """Remembered comments by id. They travel in the cursor, so they are known to be stored."""

    entries: dict[str, Seen] = field(default_factory=dict)

    def __contains__(self, comment_id: str) -> bool:
        return comment_id in self.entries

    @property
    def ids(self) -> list[str]:
        return list(self.entries)

    def post_of(self, comment_id: str) -> str:
        return self.entries[comment_id].post_id

    def take(self, comments: Iterable[RemoteComment]) -> list[RemoteComment]:
        """Remember `comments`; return those that are new, or not as they were met before.

        Only the newest hundred are remembered: an older one counts as new whenever it is met.
        """
        found = []
        for comment in comments:
            if not self._same(comment):
                found.append(comment)
                at = comment.created_at.astimezone(UTC).isoformat()
                seen = Seen(comment.post.remote_id, at, _fingerprint(comment))
                self.entries[comment.remote_id] = seen
        if len(self.entries) > KEPT:
            newest = sorted(self.entries.items(), key=lambda entry: entry[1].at)
            self.entries = dict(newest[-KEPT:])
        return found

    def forget(self, ids: Iterable[str]) -> None:
        for comment_id in ids:
            self.entries.pop(comment_id, None)

    def _same(self, comment: RemoteComment) -> bool:
        known = self.entries.get(comment.remote_id)
        if known is None:
            return False
        told = _fingerprint(comment)
        return (
            known.fingerprint.startswith(told)
            if comment.hidden is None
            else (known.fingerprint == told)
        )

    def to_json(self) -> list[list[str]]:
        return [[comment_id, *seen] for comment_id, seen in self.entries.items()]

    @classmethod
    def from_json(cls, stored: Any) -> "Recent":
        return cls({row[0]: Seen(*row[1:]) for row in rows(stored, str, str, str, str)})


def _fingerprint(comment: RemoteComment) -> str:
    """Return a short digest of the text, followed by the hidden state where it is told."""
    digest = hashlib.sha256(comment.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return digest if comment.hidden is None else f"{digest}{int(comment.hidden)}"

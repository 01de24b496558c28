"""The newest comments of a channel, read again by id at the end of every pull.

A list of new comments never shows that an old one was edited or deleted by its author; this
does, for the newest hundred, at one or two requests a pull.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jspm_social.platforms.contract import RemoteComment

KEPT = 100


@dataclass(slots=True)
class Recent:
    """Remembered comments, those met longest ago first: id → (post id, fingerprint)."""

    entries: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __contains__(self, comment_id: str) -> bool:
        return comment_id in self.entries

    @property
    def ids(self) -> list[str]:
        return list(self.entries)

    def post_of(self, comment_id: str) -> str:
        return self.entries[comment_id][0]

    def met(self, comments: Iterable[RemoteComment]) -> None:
        """Add the comments of a page; the hundred that were met last stay."""
        for comment in comments:
            self.entries.pop(comment.remote_id, None)
            self.entries[comment.remote_id] = (comment.post.remote_id, _fingerprint(comment))
        self.entries = dict(list(self.entries.items())[-KEPT:])

    def changed(self, comments: Iterable[RemoteComment]) -> list[RemoteComment]:
        """Keep those whose text or hidden state is no longer what was met, and note it."""
        found = [c for c in comments if not self._same(c)]
        for comment in found:
            self.entries[comment.remote_id] = (comment.post.remote_id, _fingerprint(comment))
        return found

    def forget(self, ids: Iterable[str]) -> None:
        for comment_id in ids:
            self.entries.pop(comment_id, None)

    def _same(self, comment: RemoteComment) -> bool:
        known = self.entries.get(comment.remote_id, ("", ""))[1]
        told = _fingerprint(comment)
        return known.startswith(told) if comment.hidden is None else known == told

    def to_json(self) -> list[list[str]]:
        return [[comment_id, *values] for comment_id, values in self.entries.items()]

    @classmethod
    def from_json(cls, stored: Any) -> "Recent":
        rows = stored if isinstance(stored, list) else []
        return cls({row[0]: (row[1], row[2]) for row in rows if len(row) == 3})


def _fingerprint(comment: RemoteComment) -> str:
    """Return a short digest of the text, followed by the hidden state where it is told."""
    digest = hashlib.sha256(comment.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return digest if comment.hidden is None else f"{digest}{int(comment.hidden)}"

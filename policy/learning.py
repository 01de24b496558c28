"""Comments that people decided, as training reads them.

Comments are moderation's, which policy does not know: moderation registers a reader when the site
starts (`moderation.apps`). Without one nobody ever decided anything.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from policy.records import Record


class DecidedComments(Protocol):
    """What moderation can tell of its decisions. Nothing here changes anything."""

    def by_channel(self) -> Sequence[tuple[str, Sequence[Record]]]:
        """By channel ('channel:3'): comments with the grounds and signals that people gave them.

        What was taken back, what a person was unsure about or two people saw differently, and
        chats never appear.
        """


class _Nothing:
    def by_channel(self) -> Sequence[tuple[str, Sequence[Record]]]:
        return ()


_reader: list[DecidedComments] = [_Nothing()]


def register(reader: DecidedComments) -> None:
    """Set who knows the decisions; called once, by moderation's app configuration."""
    _reader[:] = [reader]


def decided() -> DecidedComments:
    """The comments that people decided."""
    return _reader[0]


def text_key(text: str) -> str:
    """The same for two texts that differ in blanks, case and compatible forms alone."""
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

"""Looking at our own posts: how they are met with, and which stand on the account at all.

Reads only. What goes out is the business of `publishing`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .publishing import Published


@dataclass(frozen=True, slots=True)
class Counts:
    """How a post was met with, as the platform counts it now. None: not told, which is no zero."""

    likes: int | None = None
    reposts: int | None = None
    comments: int | None = None
    views: int | None = None


class OwnPosts(Protocol):
    """One account's own posts. Every method may raise any of `errors`; none retries by itself.

    `at_once` is how many posts `numbers` can be asked for.
    """

    at_once: int

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """Read the counts of these posts of ours; those that are gone are left out.

        Raises Unsupported where the platform, or the permission, tells none.
        """

    def recent(self, since: datetime) -> Iterator[Published]:
        """Give the posts that stand on the account since then, newest first, whoever made them.

        Without answers, and without what others wrote. Raises Unsupported for no list.
        """

"""Our own posts on Instagram: the list of the newest, and their counts one by one.

Facts: `like_count` is left out while the account hides it; views and shares are insights, whose
permission is not asked for. Stories are not among the media.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from jspm_social.platforms.adapters.meta.containers import ContainerPublisher
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import count
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from .publisher import wire_of
from .wire import graph_of

FIELDS = "id,like_count,comments_count"


class InstagramOwnPosts:
    """One account's own posts. Implements OwnPosts."""

    at_once = 20

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = graph_of(access)
        self._containers = ContainerPublisher(self._graph, wire_of(access))

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        found = self._graph.look(remote_ids, FIELDS)
        return {
            i: Counts(likes=count(post, "like_count"), comments=count(post, "comments_count"))
            for i, post in found.items()
        }

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        return self._containers.own_since(since)

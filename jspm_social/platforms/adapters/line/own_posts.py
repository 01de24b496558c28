"""Our own broadcasts on LINE: how many people opened one. There is no list of broadcasts.

Facts: the statistics of a broadcast are asked for by its request id, for 14 days; with fewer than
twenty people LINE tells none (null). Nobody can like or share a broadcast.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import count, obj
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.own_posts import Counts

from .wire import Line

STATISTICS = "/v2/bot/insight/message/event"


class LineOwnPosts:
    """One official account's broadcasts. Implements OwnPosts."""

    at_once = 5

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._line = Line(access)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        told = {i: self._line.read(STATISTICS, requestId=i) for i in remote_ids}
        return {
            i: Counts(views=count(obj(body.get("overview")), "uniqueImpression"))
            for i, body in told.items()
        }

    def recent(self, since: datetime) -> NoReturn:  # noqa: ARG002 - contract
        """Raise Unsupported: LINE lists no broadcasts."""
        raise Unsupported("LINE lists no broadcasts")

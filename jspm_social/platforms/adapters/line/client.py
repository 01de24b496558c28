"""LINE official account. There are no public comments: what people write are chats, and those
come by webhook only, so there is nothing here to read and nothing to take away.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import text
from jspm_social.platforms.contract import (
    ChannelAccess,
    ConnectionReport,
    Page,
    Receipt,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.names import Effect

from .wire import Line


class LineClient:
    """One official account. Implements PlatformClient. The token has no end: `save` is unused."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._line = Line(access)

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:  # noqa: ARG002 - contract
        """Yield nothing, without a request: chats are told by webhook and cannot be listed."""
        yield from ()

    def apply(self, effect: Effect, target: Target) -> Receipt:  # noqa: ARG002 - contract
        """Raise Unsupported: LINE lets nobody hide or delete what another person wrote, and
        blocks only in the official account's own pages.
        """
        raise Unsupported(f"LINE offers no {effect.value}")

    def read_standing(self, effect: Effect, target: Target) -> Standing:  # noqa: ARG002 - contract
        return Standing.UNREADABLE

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The notes tell how much of the month's allowance is used."""
        me = self._line.read("/v2/bot/info")
        return ConnectionReport(
            account_id=text(me, "userId"),
            account_name=text(me, "displayName", "basicId"),
            notes=(self._line.allowance().words,),
        )

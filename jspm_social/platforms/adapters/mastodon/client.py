"""Mastodon and compatible servers (takahe, GoToSocial, snac). Reads replies; blocks and mutes.

Nobody can hide or delete another's reply there: Unsupported. A block keeps a person from our own
view and from interacting with us; others go on seeing what they wrote. Private messages to us
(`visibility: direct`) are no public comments and are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.contract import (
    Achieved,
    ChannelAccess,
    ConnectionReport,
    Page,
    Receipt,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.names import Effect

from .errors import GONE, problem_of
from .instance import limits_of
from .reader import Reader
from .wire import Wire

# The last part of the address, and what the answer then says.
DEEDS = {
    Effect.BLOCK: ("block", "blocking", True),
    Effect.UNBLOCK: ("unblock", "blocking", False),
    Effect.MUTE: ("mute", "muting", True),
}


class MastodonClient:
    """One account. Implements PlatformClient. Tokens do not expire: `save` is unused."""

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._wire = Wire(access)
        self._me = access.account_id

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient and Reader."""
        if not self._me:
            self._me = self.test_connection().account_id
        yield from Reader(self._wire, self._me, cursor).pages()

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The notes tell which server it is and how long a post may be."""
        me, server = self._wire.prove(), self._wire.instance()
        limits = limits_of(server)
        version, most = text(server, "version"), number(limits, "characters")
        notes = (
            (f"サーバーのバージョンは{version}です。", version),
            (f"1つの投稿は{most}文字までです。", most),
        )
        return ConnectionReport(
            account_id=text(me, "id"),
            account_name=text(me, "acct"),
            notes=tuple(note for note, there in notes if there),
            limits=limits,
        )

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Every effect here is aimed at the author."""
        if effect not in DEEDS:
            raise Unsupported(f"Mastodon offers no {effect.value}")
        if not target.author_key:
            raise Unsupported("Mastodon: it is not known who wrote the reply")
        verb, field, wanted = DEEDS[effect]
        answer = self._wire.send("POST", "accounts", target.author_key, verb)
        if answer.status in GONE:
            self._explain_not_found(target.author_key)
        problem = problem_of(answer, changes=True)
        if problem:
            raise problem
        told = obj(answer.body)
        if field not in told:  # some servers answer with less
            told = self._wire.relationship(target.author_key)
        if told.get(field) is not wanted:
            raise OutcomeUnknown(f"Mastodon: the answer does not say that it did {verb}")
        return Receipt(effect, Achieved.APPLIED)

    def _explain_not_found(self, account_id: str) -> None:
        """Raise Missing for a person who is gone, Unsupported for a server without the deed."""
        self._wire.prove()
        answer = self._wire.send("GET", "accounts", account_id)
        if answer.status in GONE:
            raise Missing("Mastodon: the account is gone")
        problem = problem_of(answer, changes=False)
        raise problem or Unsupported("Mastodon: this server does not offer it")

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read whether the author is blocked; nothing can be asked about a mere comment."""
        if effect not in {Effect.BLOCK, Effect.UNBLOCK}:
            return Standing.UNREADABLE
        blocking = self._wire.relationship(target.author_key).get("blocking")
        if not isinstance(blocking, bool):
            return Standing.UNREADABLE
        return Standing.BLOCKED if blocking else Standing.NOT_BLOCKED

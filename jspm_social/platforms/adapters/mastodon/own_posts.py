"""Our own posts on Mastodon and compatible servers: their list, one by its uri, and their counts.

Facts: favourites_count, reblogs_count, replies_count stand in every status; views are not counted.
Compatible servers have no look-up of several at once, so each is read by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import EPOCH, count, instant, obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Transient
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from . import posting
from .errors import GONE, problem_of
from .normalise import author_id, key_of
from .wire import Wire

PAGES = 10
PAGE_SIZE = "40"
REACH = timedelta(days=90)  # how far back a post is looked for that cannot be asked for


class MastodonOwnPosts:
    """One account's own posts. Implements OwnPosts. Tokens do not expire: `save` is unused."""

    at_once = 20

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._statuses = Statuses(Wire(access), access.account_id)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        found = {uri: self._statuses.by_uri(uri) for uri in remote_ids}
        return {uri: counts_of(status) for uri, status in found.items() if status}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        return (posting.published(status) for status in self._statuses.since(since))


def counts_of(status: Mapping[str, Any]) -> Counts:
    """Return the counts of a status. Pure."""
    return Counts(
        likes=count(status, "favourites_count"),
        reposts=count(status, "reblogs_count"),
        comments=count(status, "replies_count"),
    )


class Statuses:
    """The statuses of one account, read."""

    def __init__(self, wire: Wire, account_id: str) -> None:
        self._wire = wire
        self._me = account_id

    def since(self, since: datetime) -> Iterator[dict[str, Any]]:
        """Give our posts since then, newest first; what a server mixes in is left out."""
        params: dict[str, str | list[str]] = {
            "limit": PAGE_SIZE,
            "exclude_replies": "true",
            "exclude_reblogs": "true",
        }
        met: set[str] = set()
        for _ in range(PAGES):
            page = self._wire.get_list("accounts", self._own_id(), "statuses", params=params)
            fresh = [status for status in page if text(status, "id") not in met]
            young = [s for s in fresh if _created(s) >= since]
            yield from (status for status in young if self.is_own(status))
            if not fresh or _created(fresh[-1]) < since:
                return
            met |= {text(status, "id") for status in fresh}
            params["max_id"] = text(page[-1], "id")
        raise Transient("Mastodon: the list of own posts does not end")

    def is_own(self, status: dict[str, Any]) -> bool:
        return author_id(status) == self._own_id() and not status.get("reblog")

    def by_uri(self, uri: str) -> dict[str, Any] | None:
        """Return a post by its uri, None when it is proven gone.

        On most servers the uri ends with the local id; where it does not, our own posts are listed.
        """
        local = uri.rstrip("/").rpartition("/")[2]
        answer = self._wire.send("GET", "statuses", local)
        if answer.ok and key_of(obj(answer.body)) == uri:
            return obj(answer.body)
        if not answer.ok and answer.status not in GONE:
            problem = problem_of(answer, changes=False)
            if problem:
                raise problem
        self._wire.prove()
        for status in self.since(datetime.now(UTC) - REACH):
            if key_of(status) == uri:
                return status
            if key_of(status).rstrip("/").endswith(f"/{text(status, 'id')}"):
                return None  # here uris end with ids, so it would have been found
        return None

    def _own_id(self) -> str:
        if not self._me:
            self._me = text(self._wire.prove(), "id")
        return self._me


def _created(status: dict[str, Any]) -> datetime:
    return instant(status.get("created_at")) or EPOCH

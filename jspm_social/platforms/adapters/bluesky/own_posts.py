"""Our own posts on Bluesky: the author's feed, and the counts of up to 25 posts at a time.

Facts: a post's view tells likes, reposts, quotes and replies; nobody tells views. The feed holds
what we reposted as well, each with a reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import EPOCH, count, instant, obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Transient
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from . import posting
from .errors import problem_of
from .normalise import is_post_of
from .session import Session

PAGES = 10  # of a hundred entries each


class BlueskyOwnPosts:
    """One account's own posts. Implements OwnPosts."""

    at_once = 25

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._session = Session(access, save_secrets)
        self._me = access.account_id

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        found = objs(self._get("app.bsky.feed.getPosts", {"uris": list(remote_ids)}).get("posts"))
        told = {text(view, "uri"): counts_of(view) for view in found}
        return {uri: told[uri] for uri in remote_ids if uri in told}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts. The feed goes by when a post was indexed, and so does this."""
        params: dict[str, str | list[str]] = {
            "actor": self._me,
            "filter": "posts_no_replies",
            "limit": "100",
        }
        for _ in range(PAGES):
            body = self._get("app.bsky.feed.getAuthorFeed", params)
            entries = objs(body.get("feed"))
            views = [obj(e.get("post")) for e in entries if not e.get("reason")]
            own = [v for v in views if is_post_of(text(v, "uri"), self._me)]
            young = [v for v in own if _indexed(v) >= since]
            yield from (posting.published(text(v, "uri"), obj(v.get("record"))) for v in young)
            cursor = text(body, "cursor")
            if not cursor or len(young) < len(own):
                return
            params["cursor"] = cursor
        raise Transient("Bluesky: the list of own posts does not end")

    def _get(self, name: str, params: Mapping[str, str | list[str]]) -> dict[str, Any]:
        answer = self._session.call("GET", name, params=params)
        problem = problem_of(answer)
        if problem:
            raise problem
        return obj(answer.body)


def counts_of(view: Mapping[str, Any]) -> Counts:
    """Return the counts of a post. Pure. Quotes are shares, too."""
    reposts = count(view, "repostCount")
    return Counts(
        likes=count(view, "likeCount"),
        reposts=None if reposts is None else reposts + (count(view, "quoteCount") or 0),
        comments=count(view, "replyCount"),
    )


def _indexed(view: Mapping[str, Any]) -> datetime:
    return instant(view.get("indexedAt")) or EPOCH

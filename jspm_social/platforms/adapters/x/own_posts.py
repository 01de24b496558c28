"""Our own posts on X: the list of the newest, and their public counts.

Facts: public_metrics stands beside a post in both dialects, with repost_count or retweet_count;
reposts and quotes are counted apart; impression_count is what X shows as views. A look-up takes a
hundred ids; each post is charged once a day, however often it is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import count, obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Transient
from jspm_social.platforms.http import url_path
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from . import posting
from .wire import Wire

PAGES = 10  # of a hundred own posts each


class XOwnPosts:
    """One channel's own posts. Implements OwnPosts."""

    at_once = 100

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._wire = Wire(access, save_secrets)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        params = {"ids": ",".join(remote_ids), "post.fields": "public_metrics"}
        found = objs(self._wire.get("/2/tweets", params).get("data"))
        told = {text(tweet, "id"): counts_of(tweet) for tweet in found}
        return {i: told[i] for i in remote_ids if i in told}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        return (posting.published(tweet) for tweet, _ in listed(self._wire, since))


def counts_of(tweet: Mapping[str, Any]) -> Counts:
    """Return the counts of a post. Pure. Quotes are shares, too."""
    told = obj(tweet.get("public_metrics"))
    reposts = count(told, "repost_count", "retweet_count")
    quotes = count(told, "quote_count")
    return Counts(
        likes=count(told, "like_count"),
        reposts=None if reposts is None else reposts + (quotes or 0),
        comments=count(told, "reply_count"),
        views=count(told, "impression_count"),
    )


def listed(wire: Wire, since: datetime) -> Iterator[tuple[dict[str, Any], dict[str, list[str]]]]:
    """Give our posts since then, newest first, each with the polls that stand beside them."""
    path = url_path("2", "users", wire.own_id(), "tweets")
    params = {
        **posting.FIELDS,
        "exclude": "retweets,replies",
        "max_results": "100",
        "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    for _ in range(PAGES):
        body = wire.get(path, params)
        polls = posting.polls_of(body)
        yield from ((tweet, polls) for tweet in objs(body.get("data")))
        params["pagination_token"] = text(obj(body.get("meta")), "next_token")
        if not params["pagination_token"]:
            return
    raise Transient("X: the list of own posts does not end")

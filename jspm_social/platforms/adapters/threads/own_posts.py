"""Our own posts on Threads: the list of the newest, and their counts one by one.

Facts: a post itself tells no counts, its insights do, which need threads_manage_insights. Whoever
connected without it is told no numbers, and all else goes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.meta.containers import ContainerPublisher
from jspm_social.platforms.adapters.meta.errors import error_of, seems_gone
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import count, number, obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.http import Answer, url_path
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from .client import ORIGIN, VERSION
from .publisher import WIRE

METRICS = "views,likes,replies,reposts,quotes"
NOT_ALLOWED = {10, *range(200, 300)}  # a permission is missing


class ThreadsOwnPosts:
    """One account's own posts. Implements OwnPosts."""

    at_once = 20

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = Graph(access, name=WIRE.name, origin=ORIGIN, version=VERSION)
        self._containers = ContainerPublisher(self._graph, WIRE)

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts."""
        answers = {i: self._insights(i) for i in remote_ids}
        gone = [i for i, answer in answers.items() if seems_gone(answer)]
        if gone and self._graph.look(gone, "id"):
            raise Unsupported("Threads: the post is there, its numbers are not told")
        return {i: self._counts(a) for i, a in answers.items() if i not in gone}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        return self._containers.own_since(since)

    def _insights(self, remote_id: str) -> Answer:
        return self._graph.send("GET", url_path(remote_id, "insights"), params={"metric": METRICS})

    def _counts(self, answer: Answer) -> Counts:
        if number(error_of(answer), "code") in NOT_ALLOWED:
            raise Unsupported("Threads: the permission to read numbers is missing")
        self._graph.check(answer, changes=False)
        return counts_of(obj(answer.body))


def counts_of(body: Mapping[str, Any]) -> Counts:
    """Return the counts that a post's insights tell. Pure. Quotes are shares, too."""
    told = {text(metric, "name"): _value(metric) for metric in objs(body.get("data"))}
    reposts = told.get("reposts")
    return Counts(
        likes=told.get("likes"),
        reposts=None if reposts is None else reposts + (told.get("quotes") or 0),
        comments=told.get("replies"),
        views=told.get("views"),
    )


def _value(metric: Mapping[str, Any]) -> int | None:
    return next((count(value, "value") for value in objs(metric.get("values"))), None)

"""Our own posts on a Facebook Page: the list of the newest, and their counts one by one.

Facts: reactions and comments of a post are counted in the summary of an edge that is read along
with it, empty; `shares` is absent until somebody shares. Views are insights of the Page, whose
permission is not asked for; a film tells them by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import count, obj
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.http import url_path
from jspm_social.platforms.own_posts import Counts
from jspm_social.platforms.publishing import Published

from . import posting
from .client import ORIGIN, VERSION

COMMENTS, REACTIONS = "comments.limit(0).summary(true)", "reactions.limit(0).summary(true)"
LIKES = "likes.limit(0).summary(true)"


class FacebookOwnPosts:
    """One Page's own posts. Implements OwnPosts."""

    at_once = 20

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = Graph(access, name="Facebook", origin=ORIGIN, version=VERSION)
        self._page_id = access.account_id

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Counts]:
        """See OwnPosts. A film that has no post of its own is asked for by its own id."""
        posts = [i for i in remote_ids if "_" in i]
        films = [i for i in remote_ids if "_" not in i]
        found = self._graph.look(posts, f"id,shares,{COMMENTS},{REACTIONS}")
        found |= self._graph.look(films, f"id,views,{COMMENTS},{LIKES}")
        return {i: counts_of(found[i]) for i in remote_ids if i in found}

    def recent(self, since: datetime) -> Iterator[Published]:
        """See OwnPosts."""
        return (posting.published(post) for post in listed(self._graph, self._page_id, since))


def counts_of(post: Mapping[str, Any]) -> Counts:
    """Return the counts of a post or a film. Pure. No `shares` beside the others: none yet."""
    likes, comments = _total(post, "reactions", "likes"), _total(post, "comments")
    none_yet = 0 if likes is not None and "views" not in post else None
    shares = count(obj(post.get("shares")), "count")
    return Counts(
        likes=likes,
        reposts=none_yet if shares is None else shares,
        comments=comments,
        views=count(post, "views"),
    )


def _total(post: Mapping[str, Any], *edges: str) -> int | None:
    totals = (count(obj(obj(post.get(edge)).get("summary")), "total_count") for edge in edges)
    return next((total for total in totals if total is not None), None)


def listed(graph: Graph, page_id: str, since: datetime) -> Iterator[dict[str, Any]]:
    """Give the Page's posts since then, newest first."""
    pages = graph.pages(
        url_path(page_id, "published_posts"),
        fields=posting.POST_FIELDS,
        since=str(int(since.timestamp())),
        limit="100",
    )
    for page in pages:
        yield from page

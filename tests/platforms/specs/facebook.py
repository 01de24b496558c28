"""Facebook: which objects of the Graph API our requests are about."""

from collections.abc import Iterator

from jspm_social.platforms.sandbox.wire import Request

from . import meta
from .meta import Edge

EDGES = {
    ("GET", "me"): (Edge("Page", "api_get", "Page"),),
    ("GET", ""): (
        Edge("Comment", "api_get", "Comment"),
        Edge("PagePost", "api_get", "PagePost"),
        Edge("Page", "api_get", "Page"),
        Edge("AdVideo", "api_get", "AdVideo"),
    ),
    ("POST", ""): (Edge("Comment", "api_update"), Edge("PagePost", "api_update")),
    ("DELETE", ""): (Edge("Comment", "api_delete"), Edge("PagePost", "api_delete")),
    ("POST", "feed"): (Edge("Page", "create_feed"),),
    ("POST", "photos"): (Edge("Page", "create_photo"),),
    ("POST", "videos"): (Edge("Page", "create_video"),),
    ("GET", "comments"): (Edge("PagePost", "get_comments", "Comment"),),
    ("GET", "published_posts"): (Edge("Page", "get_published_posts", "PagePost"),),
    ("GET", "blocked"): (Edge("Page", "get_blocked", "Profile"),),
    ("POST", "blocked"): (Edge("Page", "create_blocked"),),
    ("DELETE", "blocked"): (Edge("Page", "delete_blocked"),),
}


def problems(request: Request) -> Iterator[str]:
    yield from meta.problems(request, EDGES)

"""Instagram: which objects of the Graph API our requests are about."""

from collections.abc import Iterator

from jspm_social.platforms.sandbox.wire import Request

from . import meta
from .meta import Edge

EDGES = {
    ("GET", "me"): (
        Edge("Page", "api_get", "Page"),  # with Facebook Login
        Edge("IGUserForIGOnlyAPI", "api_get", "IGUserForIGOnlyAPI"),  # with Instagram Login
    ),
    ("GET", ""): (
        Edge("IGComment", "api_get", "IGComment"),
        Edge("IGMedia", "api_get", "IGMedia"),
        Edge("IGUser", "api_get", "IGUser"),
    ),
    ("POST", ""): (Edge("IGComment", "api_update"), Edge("IGMedia", "api_update")),
    ("DELETE", ""): (Edge("IGComment", "api_delete"), Edge("IGMedia", "api_delete")),
    ("POST", "media"): (Edge("IGUser", "create_media"),),
    ("POST", "media_publish"): (Edge("IGUser", "create_media_publish"),),
    ("GET", "content_publishing_limit"): (
        Edge("IGUser", "get_content_publishing_limit", "ContentPublishingLimitResponse"),
    ),
    ("GET", "media"): (Edge("IGUser", "get_media", "IGMedia"),),
    ("GET", "comments"): (Edge("IGMedia", "get_comments", "IGComment"),),
    ("GET", "replies"): (Edge("IGComment", "get_replies", "IGComment"),),
}


# How a container stands: it is documented, and no object of the SDK.
CONTAINER = {"id,status_code,status", "id,video_status"}
UPLOADS = "/ig-api-upload/"  # likewise: the host that takes a film's bytes


def problems(request: Request) -> Iterator[str]:
    if request.query.get("fields") in CONTAINER or request.path.startswith(UPLOADS):
        return
    yield from meta.problems(request, EDGES)

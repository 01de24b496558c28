"""Is a request what the platform's published, machine-readable specification allows?

The specifications come inside packages that requirements-specs.txt names. They are read as
documents; no client of theirs ever runs. A validator is loaded with the first request of its
platform. Threads has none: Meta publishes no specification of it.
"""

from collections.abc import Iterator
from importlib import import_module

from jspm_social.platforms.sandbox.wire import Request

SPECIFIED = {"x", "facebook", "instagram", "youtube", "line", "bluesky", "mastodon"}

# What is sent though no specification holds it, each with its reason: (platform, method, path).
EXCEPTIONS = {
    ("x", "POST", "/2/oauth2/token"),  # OAuth (RFC 6749); the OpenAPI document has the API alone
    ("youtube", "POST", "/token"),  # likewise, at Google's own host for tokens
    ("youtube", "POST", "/tokeninfo"),  # likewise: what a token may do
    # A reading of what a token is, with the token in the body. Not among the SDK's objects.
    ("facebook", "POST", "/v26.0/debug_token"),
    ("instagram", "POST", "/v26.0/debug_token"),
    # A piece of a file: Google's protocol for resumable uploads, which the document only names.
    ("youtube", "PUT", "/upload/youtube/v3/videos"),
}


def problems(platform: str, request: Request) -> Iterator[str]:
    """Yield what the platform's specification does not allow about this request."""
    if platform in SPECIFIED and (platform, request.method, request.path) not in EXCEPTIONS:
        yield from import_module(f"{__name__}.{platform}").problems(request)

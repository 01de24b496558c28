"""Which class speaks to which platform, and which secrets it needs.

A class is imported on first use: a platform nobody connected costs nothing.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .contract import ChannelAccess, PlatformClient
from .engaging import Engager
from .errors import Unsupported
from .names import Platform
from .own_posts import OwnPosts
from .publishing import Publisher

_ADAPTERS = "jspm_social.platforms.adapters"
CLIENTS: Mapping[str, str] = {
    Platform.X: f"{_ADAPTERS}.x.client.XClient",
    Platform.FACEBOOK: f"{_ADAPTERS}.facebook.client.FacebookClient",
    Platform.YOUTUBE: f"{_ADAPTERS}.youtube.client.YouTubeClient",
    Platform.INSTAGRAM: f"{_ADAPTERS}.instagram.client.InstagramClient",
    Platform.THREADS: f"{_ADAPTERS}.threads.client.ThreadsClient",
    Platform.BLUESKY: f"{_ADAPTERS}.bluesky.client.BlueskyClient",
    Platform.MASTODON: f"{_ADAPTERS}.mastodon.client.MastodonClient",
    Platform.LINE: f"{_ADAPTERS}.line.client.LineClient",
}

# Who carries our own posts out, by platform.
PUBLISHERS: Mapping[str, str] = {
    Platform.X: f"{_ADAPTERS}.x.publisher.XPublisher",
    Platform.BLUESKY: f"{_ADAPTERS}.bluesky.publisher.BlueskyPublisher",
    Platform.MASTODON: f"{_ADAPTERS}.mastodon.publisher.MastodonPublisher",
    Platform.FACEBOOK: f"{_ADAPTERS}.facebook.publisher.FacebookPublisher",
    Platform.YOUTUBE: f"{_ADAPTERS}.youtube.publisher.YouTubePublisher",
    Platform.INSTAGRAM: f"{_ADAPTERS}.instagram.publisher.InstagramPublisher",
    Platform.THREADS: f"{_ADAPTERS}.threads.publisher.ThreadsPublisher",
    Platform.LINE: f"{_ADAPTERS}.line.publisher.LinePublisher",
}

# Who looks at our own posts, by platform.
OWN_POSTS: Mapping[str, str] = {
    Platform.X: f"{_ADAPTERS}.x.own_posts.XOwnPosts",
    Platform.BLUESKY: f"{_ADAPTERS}.bluesky.own_posts.BlueskyOwnPosts",
    Platform.MASTODON: f"{_ADAPTERS}.mastodon.own_posts.MastodonOwnPosts",
    Platform.FACEBOOK: f"{_ADAPTERS}.facebook.own_posts.FacebookOwnPosts",
    Platform.YOUTUBE: f"{_ADAPTERS}.youtube.own_posts.YouTubeOwnPosts",
    Platform.INSTAGRAM: f"{_ADAPTERS}.instagram.own_posts.InstagramOwnPosts",
    Platform.THREADS: f"{_ADAPTERS}.threads.own_posts.ThreadsOwnPosts",
    Platform.LINE: f"{_ADAPTERS}.line.own_posts.LineOwnPosts",
}

# Who shares, likes and follows, where the API offers it (see engaging.OFFERED).
ENGAGERS: Mapping[str, str] = {
    Platform.X: f"{_ADAPTERS}.x.engager.XEngager",
    Platform.BLUESKY: f"{_ADAPTERS}.bluesky.engager.BlueskyEngager",
    Platform.MASTODON: f"{_ADAPTERS}.mastodon.engager.MastodonEngager",
}

# What a credentials file holds per platform: name → required. Tokens, never an account's own
# password: Bluesky's app password is made for one program and can be taken back alone.
CREDENTIALS: Mapping[str, Mapping[str, bool]] = {
    Platform.X: {
        "access_token": True,
        "refresh_token": False,
        "client_id": False,
        "client_secret": False,
        "consumer_secret": False,  # signs webhooks
    },
    Platform.FACEBOOK: {
        "access_token": True,
        "app_secret": True,
        "client_id": False,
        "verify_token": False,  # of webhooks; where none is given, one is made
    },
    Platform.INSTAGRAM: {  # with Facebook Login: the first three
        "access_token": True,
        "app_secret": False,
        "client_id": False,
        "verify_token": False,
    },
    Platform.THREADS: {
        "access_token": True,
        "app_secret": False,
        "client_id": False,
        "verify_token": False,
    },
    Platform.MASTODON: {"access_token": True, "client_id": False, "client_secret": False},
    Platform.LINE: {"access_token": True, "channel_secret": True},  # the latter signs webhooks
    Platform.BLUESKY: {
        "identifier": True,
        "app_password": True,
        "access_token": False,
        "refresh_token": False,
        "pds": False,
    },
    Platform.YOUTUBE: {
        "access_token": False,
        "refresh_token": True,
        "client_id": True,
        "client_secret": True,
    },
}


def client_for(
    access: ChannelAccess, *, save_secrets: Callable[[Mapping[str, str]], None]
) -> PlatformClient:
    """Return the client of the channel's platform.

    `save_secrets` is given all secrets anew when the platform renewed a token. Raises
    Unsupported for a platform without an adapter, Rejected for an unusable base_url.
    """
    client: PlatformClient = _load(CLIENTS, access.platform)(access, save_secrets)
    return client


def publisher_for(
    access: ChannelAccess, *, save_secrets: Callable[[Mapping[str, str]], None]
) -> Publisher:
    """Return who publishes on the channel's platform; see `client_for`."""
    publisher: Publisher = _load(PUBLISHERS, access.platform)(access, save_secrets)
    return publisher


def own_posts_for(
    access: ChannelAccess, *, save_secrets: Callable[[Mapping[str, str]], None]
) -> OwnPosts:
    """Return who looks at the channel's own posts; see `client_for`."""
    own_posts: OwnPosts = _load(OWN_POSTS, access.platform)(access, save_secrets)
    return own_posts


def engager_for(
    access: ChannelAccess, *, save_secrets: Callable[[Mapping[str, str]], None]
) -> Engager:
    """Return who shares, likes and follows for the channel; see `client_for`."""
    engager: Engager = _load(ENGAGERS, access.platform)(access, save_secrets)
    return engager


def _load(classes: Mapping[str, str], platform: Platform) -> Any:
    path = classes.get(platform)
    if path is None:
        raise Unsupported(f"no adapter for {platform}")
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def credential_fields(platform: Platform) -> Mapping[str, bool]:
    """Return the names a credentials file may hold for `platform`, each with 'is required'."""
    fields = CREDENTIALS.get(platform)
    if fields is None:
        raise Unsupported(f"no adapter for {platform}")
    return fields

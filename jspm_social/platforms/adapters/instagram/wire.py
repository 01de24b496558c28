"""Which host an Instagram account is reached on: by Facebook Login or by Instagram Login."""

from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.contract import ChannelAccess

FACEBOOK_LOGIN, INSTAGRAM_LOGIN = "https://graph.facebook.com", "https://graph.instagram.com"
UPLOAD = "https://rupload.facebook.com"
VERSION = "v26.0"


def has_own_login(access: ChannelAccess) -> bool:
    """True for Instagram Login: the account's own token, and less that can be done."""
    return access.options.get("login") == "instagram"


def graph_of(access: ChannelAccess) -> Graph:
    origin = INSTAGRAM_LOGIN if has_own_login(access) else FACEBOOK_LOGIN
    return Graph(access, name="Instagram", origin=origin, version=VERSION, upload=UPLOAD)

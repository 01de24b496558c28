"""Meta's tokens that last 60 days: how long one still lives, and a new one for it.

Facts: Instagram Login and Threads renew a token that is a day old and not yet expired; Facebook
exchanges one for the app that it was made for. A Page's token that was made from a long-lived
one does not expire, but Meta ends the access to data after about 90 days unless the person comes
back: nobody but that person can renew it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Rejected, Transient, Unsupported
from jspm_social.platforms.http import Answer, ChannelHttp
from jspm_social.platforms.lifetimes import LONGEST, Lifetime, Renewed
from jspm_social.platforms.names import Platform

from . import permissions
from .errors import problem_of
from .graph import Graph

FACEBOOK, VERSION = "https://graph.facebook.com", "v26.0"
REFRESHING = {
    Platform.INSTAGRAM: ("https://graph.instagram.com", "ig_refresh_token"),
    Platform.THREADS: ("https://graph.threads.net", "th_refresh_token"),
}


def lifetime(access: ChannelAccess) -> Lifetime | None:
    """Ask how long the token lives. None where only renewing it would tell.

    Raises Unsupported where Meta does not tell (the app has to be known that asks).
    """
    if _own_login(access):
        return None
    told = _graph(access).inspect()
    if not told:
        raise Unsupported("Facebook does not tell how long the token lives")
    return Lifetime(permissions.expires_at(told), permissions.data_access_until(told))


def renew(access: ChannelAccess) -> Renewed:
    """Get a token that lives for another 60 days. Raises as `lifetime`, and Rejected."""
    return _refresh(access) if _own_login(access) else _exchange(access)


def _own_login(access: ChannelAccess) -> bool:
    """True where the token is the account's own and not a Page's."""
    own = access.options.get("login") == "instagram"
    return access.platform is Platform.THREADS or (access.platform is Platform.INSTAGRAM and own)


def _refresh(access: ChannelAccess) -> Renewed:
    origin, grant = REFRESHING[access.platform]
    answer = ChannelHttp(access, {"graph": origin}).call(
        "GET",
        "graph",
        "/refresh_access_token",
        params={"grant_type": grant},
        headers={"Authorization": f"Bearer {access.secrets.get('access_token', '')}"},
    )
    return _renewed(access, answer)


def _exchange(access: ChannelAccess) -> Renewed:
    """Everything secret travels in the body. The new token must open the same account."""
    client_id, secret = access.secrets.get("client_id", ""), access.secrets.get("app_secret", "")
    if not client_id or not secret:
        raise Unsupported("Facebook: the app's id and secret are not both known")
    known = _who(access)
    answer = ChannelHttp(access, {"graph": FACEBOOK}).call(
        "POST",
        "graph",
        f"/{VERSION}/oauth/access_token",
        form={
            "grant_type": "fb_exchange_token",
            "client_id": client_id,
            "client_secret": secret,
            "fb_exchange_token": access.secrets.get("access_token", ""),
        },
        changes=False,
    )
    renewed = _renewed(access, answer)
    if _who(replace(access, secrets=renewed.secrets)) != known:
        raise Rejected("Facebook: the new token is another account's")
    return renewed


def _who(access: ChannelAccess) -> str:
    return text(_graph(access).read("/me", fields="id"), "id")


def _graph(access: ChannelAccess) -> Graph:
    return Graph(access, name="Facebook", origin=FACEBOOK, version=VERSION)


def _renewed(access: ChannelAccess, answer: Answer) -> Renewed:
    _raise(answer)
    body = obj(answer.body)
    token, seconds = text(body, "access_token"), number(body, "expires_in")
    if not token:
        raise Transient("Meta: an answer without a token")
    life = timedelta(seconds=min(seconds, LONGEST.total_seconds())) if seconds > 0 else None
    return Renewed(
        secrets={**access.secrets, "access_token": token},
        expires_at=datetime.now(UTC) + life if life else None,
    )


def _raise(answer: Answer) -> None:
    problem = problem_of(answer, changes=False)
    if problem:
        raise problem

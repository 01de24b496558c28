"""The sign-in of Google for a YouTube channel: offline, with consent each time, and PKCE.

Consent each time, since only then a refresh token comes. What was granted to the app for other
purposes is not added.
"""

from dataclasses import replace

from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.http import ChannelHttp
from jspm_social.platforms.names import Platform

from . import flow
from .flow import Account, App, Flow, Grant, NoAccount, Question, Return
from .scopes import names

HOSTS = {"api": "https://youtube.googleapis.com", "oauth": "https://oauth2.googleapis.com"}


def _address(app: App, question: Question) -> str:
    return flow.address(
        "https://accounts.google.com",
        question,
        app,
        path="/o/oauth2/v2/auth",
        scope=" ".join(names(Platform.YOUTUBE)),
        access_type="offline",
        prompt="consent",
    )


def _exchange(app: App, answer: Return) -> Grant:
    http = flow.door(Platform.YOUTUBE, answer.base_url, HOSTS)
    body = flow.tokens(
        http.call(
            "POST",
            "oauth",
            "/token",
            form={
                "grant_type": "authorization_code",
                "code": answer.code,
                "redirect_uri": answer.redirect_uri,
                "code_verifier": answer.verifier,
                "client_id": app.client_id,
                "client_secret": app.client_secret,
            },
            changes=False,
        )
    )
    secrets = {
        "access_token": text(body, "access_token"),
        "refresh_token": text(body, "refresh_token"),
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    if not secrets["refresh_token"]:
        raise Rejected("Google gave no refresh token")
    return Grant(_channels(http, secrets), frozenset(text(body, "scope").split()))


def _channels(http: ChannelHttp, secrets: dict[str, str]) -> tuple[Account, ...]:
    """List the channels; where that is refused, trying the connection will say why."""
    told = http.call(
        "GET",
        "api",
        "/youtube/v3/channels",
        params={"part": "snippet", "mine": "true"},
        headers={"Authorization": f"Bearer {secrets['access_token']}"},
    )
    if not told.ok:
        return (Account(secrets),)
    found = objs(obj(told.body).get("items"))
    if not found:
        raise NoAccount("YouTube: there is no channel in this Google account")
    return tuple(
        Account(secrets, text(channel, "id"), text(obj(channel.get("snippet")), "title"))
        for channel in found
    )


def _prepare(app: App, base_url: str, redirect_uri: str) -> App:  # noqa: ARG001 - Flow.prepare
    return replace(app, pkce=True)


FLOW = Flow(_address, _exchange, _prepare)

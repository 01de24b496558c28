"""The sign-in of X: OAuth 2.0 with PKCE, as a confidential client."""

import base64
from dataclasses import replace

from jspm_social.platforms.adapters.reading import text
from jspm_social.platforms.names import Platform

from . import flow
from .flow import Account, App, Flow, Grant, Question, Return
from .scopes import names

HOSTS = {"api": "https://api.x.com"}


def _address(app: App, question: Question) -> str:
    scope = " ".join(names(Platform.X))
    return flow.address("https://x.com", question, app, path="/i/oauth2/authorize", scope=scope)


def _exchange(app: App, answer: Return) -> Grant:
    """Use the code, which is good for thirty seconds. X tells the permissions only here."""
    pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    body = flow.tokens(
        flow.door(Platform.X, answer.base_url, HOSTS).call(
            "POST",
            "api",
            "/2/oauth2/token",
            form={
                "grant_type": "authorization_code",
                "code": answer.code,
                "redirect_uri": answer.redirect_uri,
                "code_verifier": answer.verifier,
            },
            headers={"Authorization": f"Basic {pair}"},
            changes=False,
        )
    )
    secrets = {
        "access_token": text(body, "access_token"),
        "refresh_token": text(body, "refresh_token"),
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    return Grant((Account(secrets),), frozenset(text(body, "scope").split()))


def _prepare(app: App, base_url: str, redirect_uri: str) -> App:  # noqa: ARG001 - Flow.prepare
    return replace(app, pkce=True)


FLOW = Flow(_address, _exchange, _prepare)

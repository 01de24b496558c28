"""The sign-in of a Mastodon server: the app registers itself there, so nobody types a secret."""

from django.conf import settings

from jspm_social.platforms.adapters.reading import obj, text, texts
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.names import Platform

from . import flow
from .flow import Account, App, Flow, Grant, Question, Return
from .scopes import names

APP_NAME = "広報コンソール"  # servers show it beside what is published


def _address(app: App, question: Question) -> str:
    scope = " ".join(names(Platform.MASTODON))
    return flow.address(question.base_url, question, app, path="/oauth/authorize", scope=scope)


def _register(app: App, base_url: str, redirect_uri: str) -> App:  # noqa: ARG001 - Flow.prepare
    """Register the console at the server. PKCE only where the server says that it offers it."""
    http = flow.door(Platform.MASTODON, base_url, {"server": base_url})
    told = http.call("GET", "server", "/.well-known/oauth-authorization-server", plain=True)
    offered = texts(obj(told.body).get("code_challenge_methods_supported")) if told.ok else []
    answer = http.call(
        "POST",
        "server",
        "/api/v1/apps",
        form={
            "client_name": APP_NAME,
            "redirect_uris": redirect_uri,
            "scopes": " ".join(names(Platform.MASTODON)),
            "website": settings.SITE_URL,
        },
        changes=False,
        plain=True,
    )
    body = obj(answer.body)
    client_id, secret = text(body, "client_id"), text(body, "client_secret")
    if not answer.ok or not client_id or not secret:
        raise Rejected(f"Mastodon {answer.status}: the app could not be registered")
    return App(client_id, secret, pkce="S256" in offered)


def _exchange(app: App, answer: Return) -> Grant:
    """The token has no end. Servers differ in whether they tell its permissions."""
    form = {
        "grant_type": "authorization_code",
        "code": answer.code,
        "redirect_uri": answer.redirect_uri,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    if answer.verifier:
        form["code_verifier"] = answer.verifier
    http = flow.door(Platform.MASTODON, answer.base_url, {"server": answer.base_url})
    body = flow.tokens(
        http.call("POST", "server", "/oauth/token", form=form, changes=False, plain=True)
    )
    scope = text(body, "scope")
    secrets = {
        "access_token": text(body, "access_token"),
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    return Grant((Account(secrets),), frozenset(scope.split()) if scope else None)


FLOW = Flow(_address, _exchange, _register)

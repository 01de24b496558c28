"""The sign-in of Threads, which is its own: a code, a token for an hour, one for 60 days."""

from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.names import Platform

from . import flow
from .flow import Account, App, Flow, Grant, Question, Return
from .meta import refusal
from .scopes import names

HOSTS = {"graph": "https://graph.threads.net"}


def _address(app: App, question: Question) -> str:
    scope = ",".join(names(Platform.THREADS))
    return flow.address(
        "https://www.threads.net", question, app, path="/oauth/authorize", scope=scope
    )


def _exchange(app: App, answer: Return) -> Grant:
    """The second step is a GET with the secret in its address: Threads documents no other way.

    No library of ours writes addresses down (see LOGGING in the settings).
    """
    http = flow.door(Platform.THREADS, answer.base_url, HOSTS)
    told = http.call(
        "POST",
        "graph",
        "/oauth/access_token",
        form={
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": answer.redirect_uri,
            "code": answer.code,
        },
        changes=False,
    )
    short = text(obj(told.body), "access_token")
    if not told.ok or not short:
        raise refusal(told)
    longer = {
        "grant_type": "th_exchange_token",
        "client_secret": app.client_secret,
        "access_token": short,
    }
    told = http.call("GET", "graph", "/access_token", params=longer)
    token = text(obj(told.body), "access_token")
    if not told.ok or not token:
        raise refusal(told)
    secrets = {
        "access_token": token,
        "client_id": app.client_id,
        "app_secret": app.client_secret,
    }
    return Grant((Account(secrets),))


FLOW = Flow(_address, _exchange)

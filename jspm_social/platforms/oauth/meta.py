"""Facebook's login, which opens Pages, and the Instagram accounts that are linked to Pages.

A code becomes a person's token for an hour, that becomes one for 60 days, and with that the
Pages are listed, each with a token of its own. Only the Page's token is kept.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from jspm_social.platforms.adapters.meta.errors import error_of
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Platform

from . import flow
from .flow import Account, App, AppRefused, CodeRefused, Flow, Grant, NoAccount, Question, Return
from .scopes import names

VERSION = "v26.0"
ORIGIN = "https://graph.facebook.com"
WRONG_APP = {1, 101}  # of the token endpoint: application not known, secret not right
FIELDS = "id,name,access_token,instagram_business_account{id,username}"


def _address(platform: Platform, app: App, question: Question) -> str:
    """A login configuration (for apps of the business type) names the permissions itself.

    `rerequest` asks anew for what the person declined an earlier time.
    """
    wish = (
        {"config_id": app.config_id}
        if app.config_id
        else {"scope": ",".join(names(platform)), "auth_type": "rerequest"}
    )
    path = f"/{VERSION}/dialog/oauth"
    return flow.address("https://www.facebook.com", question, app, path=path, **wish)


def _exchange(platform: Platform, app: App, answer: Return) -> Grant:
    ours = {"client_id": app.client_id, "client_secret": app.client_secret}
    code = {"redirect_uri": answer.redirect_uri, "code": answer.code}
    short = _token(platform, answer, ours | code)
    longer = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
    person = _token(platform, answer, ours | longer)
    kept = {"client_id": app.client_id, "app_secret": app.client_secret}
    access = ChannelAccess(platform, "", answer.base_url, kept | {"access_token": person})
    graph = Graph(access, name=platform.label, origin=ORIGIN, version=VERSION)
    pages = [p for page in graph.pages("/me/accounts", fields=FIELDS, limit="100") for p in page]
    choose = _instagram if platform == Platform.INSTAGRAM else _pages
    accounts = tuple(choose(pages, kept))
    if not accounts:
        raise NoAccount(f"{platform.label}: no account behind this permission")
    return Grant(accounts)


def _token(platform: Platform, answer: Return, form: dict[str, str]) -> str:
    told = flow.door(platform, answer.base_url, {"graph": ORIGIN}).call(
        "POST", "graph", f"/{VERSION}/oauth/access_token", form=form, changes=False
    )
    token = text(obj(told.body), "access_token")
    if not told.ok or not token:
        raise refusal(told)
    return token


def refusal(answer: Answer) -> PlatformError:
    """Say what a refusal by Meta's token endpoints means."""
    code = number(error_of(answer), "code")
    detail = f"the code was refused: {answer.status} code {code}"
    return AppRefused(detail) if code in WRONG_APP else CodeRefused(detail)


def _pages(pages: Iterable[dict[str, Any]], kept: dict[str, str]) -> Iterable[Account]:
    for page in pages:
        if text(page, "access_token"):
            secrets = kept | {"access_token": text(page, "access_token")}
            yield Account(secrets, text(page, "id"), text(page, "name"))


def _instagram(pages: Iterable[dict[str, Any]], kept: dict[str, str]) -> Iterable[Account]:
    for page in pages:
        linked = obj(page.get("instagram_business_account"))
        if text(page, "access_token") and text(linked, "id"):
            secrets = kept | {"access_token": text(page, "access_token")}
            label = f"@{text(linked, 'username')}（Facebookページ：{text(page, 'name')}）"
            yield Account(secrets, text(linked, "id"), label)


FACEBOOK = Flow(partial(_address, Platform.FACEBOOK), partial(_exchange, Platform.FACEBOOK))
INSTAGRAM = Flow(partial(_address, Platform.INSTAGRAM), partial(_exchange, Platform.INSTAGRAM))

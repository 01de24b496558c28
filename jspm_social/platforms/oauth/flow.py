"""What every sign-in shares: an app asks, a person answers with a code, the code becomes tokens."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import PlatformError, Rejected, Transient
from jspm_social.platforms.http import Answer, ChannelHttp
from jspm_social.platforms.names import Platform

PATIENCE: Final = 10.0  # seconds for each answer: a person is waiting in front of the page


class AppRefused(Rejected):
    """The app's id or secret is not right."""


class CodeRefused(Rejected):
    """The code was used before, is too old, or belongs to another app: ask the person again."""


class NoAccount(Rejected):
    """The person granted it, but there is no account in it that could be connected."""


@dataclass(frozen=True, slots=True)
class App:
    """What the platform's developer pages gave. `pkce`: this sign-in is protected by RFC 7636."""

    client_id: str
    client_secret: str = field(repr=False)
    config_id: str = ""
    pkce: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the person: everything that the address of the platform's page holds."""

    base_url: str
    redirect_uri: str
    state: str = field(repr=False)
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """What came back from the platform's page, with what only we know of the question."""

    base_url: str
    redirect_uri: str
    code: str = field(repr=False)
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """One account that can be connected. `account_id` is '' where there is only one."""

    secrets: Mapping[str, str] = field(repr=False)
    account_id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person gave. `granted` is None where the platform tells it later, or never."""

    accounts: tuple[Account, ...]
    granted: frozenset[str] | None = None


def _as_it_is(app: App, base_url: str, redirect_uri: str) -> App:  # noqa: ARG001 - the signature
    return app


@dataclass(frozen=True, slots=True)
class Flow:
    """One platform's sign-in.

    `address` is pure: where the person is sent. `exchange` turns the code into secrets; it may
    raise AppRefused, CodeRefused, NoAccount and every PlatformError, and a lost answer is
    Transient. `prepare` makes the app ready, which registers it where that is possible.
    """

    address: Callable[[App, Question], str]
    exchange: Callable[[App, Return], Grant]
    prepare: Callable[[App, str, str], App] = _as_it_is


def new_verifier() -> str:
    """Return a fresh code verifier (RFC 7636: 43 to 128 characters)."""
    return secrets.token_urlsafe(48)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a code verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address(origin: str, question: Question, app: App, *, path: str, **params: str) -> str:
    """Build the address of a platform's page; `origin` is replaced by the question's base_url."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": question.redirect_uri,
        "state": question.state,
    }
    if question.challenge:
        query |= {"code_challenge": question.challenge, "code_challenge_method": "S256"}
    base = (question.base_url or origin).rstrip("/")
    return f"{base}{path}?{urlencode(query | params, quote_via=quote)}"


def door(platform: Platform, base_url: str, hosts: Mapping[str, str]) -> ChannelHttp:
    """Return the way out to a platform before there is a channel."""
    access = ChannelAccess(platform, "", base_url, options={"read_timeout": PATIENCE})
    return ChannelHttp(access, hosts)


def tokens(answer: Answer) -> dict[str, object]:
    """Return the body of a token answer (RFC 6749 §5). Raises what a refusal means."""
    body = obj(answer.body)
    if answer.ok and text(body, "access_token"):
        return body
    raise refusal(answer)


def refusal(answer: Answer) -> PlatformError:
    """Say what a refused code means: the app, the code, or 'later'."""
    error = text(obj(answer.body), "error")[:80]
    detail = f"the code was refused: {answer.status} {error}"
    if answer.status == 429:
        return Transient(detail)
    if error in {"invalid_client", "unauthorized_client"} or answer.status == 401:
        return AppRefused(detail)
    return CodeRefused(detail)

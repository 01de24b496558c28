"""The outgoing door to the hosts of a channel's platform.

Secrets travel in headers and bodies, never in an address, so that no log line of any library
can hold one; errors leave here without the exception they came from, for the same reason.
"""

import json as jsonlib
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, unquote, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import OutcomeUnknown, Rejected, Transient
from jspm_social.platforms.metering import Answer, Asked
from jspm_social.platforms.names import Platform

from .body import TooMuch, read_bounded
from .upload import Upload

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
MAX_BYTES = 10_000_000
HANG_UP = {Platform.MASTODON}  # some servers there (snac) close a connection after each answer
READING_METHODS = frozenset({"GET", "HEAD"})
CLEAR_WITHOUT_BODY = frozenset({401, 429})  # the status alone says what to do next
PLAIN_PATH = re.compile(r"/[!$&-;=?@A-Z_a-z~%]*")  # printable ASCII without fragments or "\\"
RESUME = 308  # without a Location: more of an upload is wanted, no redirection


def url_path(*segments: str) -> str:
    """Join segments to a path, each fully quoted. An id can never climb out of its segment."""
    if any(segment in {"", ".", ".."} for segment in segments):
        raise Rejected("an id is empty or no id")
    return "/" + "/".join(quote(segment, safe="", errors="replace") for segment in segments)


class _AlwaysAnew(HTTPAdapter):
    """A connection for each request: a server that closes one does not always say so."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.poolmanager.clear()
        return super().send(*args, **kwargs)


class ChannelHttp:
    """HTTP to one channel's hosts: timeouts, bounded bodies, no redirects, no hidden retries.

    `hosts` maps an adapter's own names to origins, e.g. {"api": "https://api.x.com"}. With
    `access.base_url` set, every one of them is reached below it instead. https is required but
    for the host names in settings.CHANNEL_LOOPBACK_HOSTS. `access.options["read_timeout"]`
    (seconds) replaces the usual 20 seconds between two bytes, and for the whole body.
    """

    def __init__(self, access: ChannelAccess, hosts: Mapping[str, str]) -> None:
        self._origins = {
            name: checked_origin(access.base_url or url) for name, url in hosts.items()
        }
        self._own = {name: url.rstrip("/") for name, url in hosts.items() if url}
        self._meter = access.meter
        self._read_seconds = float(access.options.get("read_timeout", READ_SECONDS))
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc that would replace our Authorization header
        kind = _AlwaysAnew if access.platform in HANG_UP else HTTPAdapter
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, kind(max_retries=0))

    def __repr__(self) -> str:
        return f"<ChannelHttp {' '.join(self._origins)}>"

    def close(self) -> None:
        self._session.close()

    def locate(self, address: str) -> tuple[str, str]:
        """Return host and path, as `call` takes them, of an address that the platform named.

        Such an address (of an upload, say) is used only within this adapter's own hosts, and
        with a base_url below that. It may hold a secret: what follows its "?" is never told in
        an error. Raises Rejected for every other address.
        """
        for origins in (self._origins, self._own):
            for name, origin in origins.items():
                path = _path_below(origin, address)
                if path:
                    return name, path
        raise Rejected("the platform named an address that is none of its own")

    def call(
        self,
        method: str,
        host: str,
        path: str,
        *,
        params: Mapping[str, str | Sequence[str]] | None = None,
        json: Any = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        upload: Upload | None = None,
        headers: Mapping[str, str] | None = None,
        changes: bool | None = None,
        plain: bool = False,
    ) -> Answer:
        """Send one request and return its decisive answer, whatever its 2xx to 4xx status.

        The body is one of `json`, `form` (url-encoded) and `upload` (streamed, so at most once).
        `changes` says whether the request may change something (default: by its method).
        `plain` also takes, with `body` None, an empty 2xx and a 4xx that is no JSON (servers
        that answer a deed with nothing, and a refusal with a page of HTML).

        The channel's meter is asked before and told afterwards; what it raises passes through.

        Raises:
            Transient: no connection; or, when nothing can have changed, a lost, cut-off,
                oversized or undecodable answer, or 5xx.
            OutcomeUnknown: the same after a request that may have changed something.
        """
        lost = _Lost(f"{method} {host}{path.partition('?')[0]}", changes, method)
        kind = {"Content-Type": upload.mime} if upload else {}
        asked = Asked(method, host, path.partition("?")[0], params or {}, json)
        self._meter.allow(asked)
        answer, went_out = None, True
        try:
            with self._session.request(
                method,
                self._origins[host] + path,
                params=params,
                json=json,
                data=upload or form,
                headers={"Accept": "application/json", **kind, **(headers or {})},
                timeout=(CONNECT_SECONDS, self._read_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = read_bounded(
                    response, max_bytes=MAX_BYTES, max_seconds=max(self._read_seconds, 1.0)
                )
                answer = _answer(response, content, lost, plain=plain)
                return answer
        except requests.exceptions.RequestException as error:
            if _never_connected(error):
                went_out = False
                raise Transient(f"{lost.what}: no connection") from None
            lost.throw(type(error).__name__)
        except TooMuch as error:
            lost.throw(str(error))
        finally:
            if went_out:
                self._meter.note(asked, answer)


@dataclass(frozen=True, slots=True)
class _Lost:
    """Turns a lost answer into the right error for a request that changes, or only reads."""

    what: str
    changes: bool | None
    method: str

    def throw(self, why: str) -> NoReturn:
        changes = self.method not in READING_METHODS if self.changes is None else self.changes
        raise (OutcomeUnknown if changes else Transient)(f"{self.what}: {why}") from None


def _answer(response: requests.Response, content: bytes, lost: _Lost, *, plain: bool) -> Answer:
    status = response.status_code
    if status >= 500:
        lost.throw(f"status {status}")
    if 300 <= status < 400 and (status != RESUME or "Location" in response.headers):
        raise Rejected(f"{lost.what}: redirected, which is not followed")
    body = None
    if content or not (plain or status in CLEAR_WITHOUT_BODY | {204, RESUME}):
        try:
            body = jsonlib.loads(content)
        except (ValueError, RecursionError):
            if status not in CLEAR_WITHOUT_BODY and not (plain and status >= 400):
                lost.throw(f"status {status} without readable JSON")
    return Answer(status=status, headers=response.headers, body=body)


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    """True only when no byte of the request can have been sent: doubt counts as sent."""
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    if isinstance(reason, SSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _path_below(origin: str, address: str) -> str:
    """Return what follows `origin` in an address, from its slash on; '' when it is not below.

    Only characters that every reader of addresses takes alike, and no way up.
    """
    path = address.removeprefix(origin) if address.startswith(origin) else ""
    climbs = {".", ".."} & set(unquote(path.partition("?")[0]).replace("\\", "/").split("/"))
    return "" if climbs or not PLAIN_PATH.fullmatch(path) else path


def checked_origin(url: str) -> str:
    """Check the address of a host (a path prefix is allowed) and return it without a slash."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise Rejected("the channel's address is not readable") from None
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise Rejected("the channel's address must be a plain origin, with a path at most")
    allowed = parts.scheme == "http" and host in settings.CHANNEL_LOOPBACK_HOSTS
    if parts.scheme != "https" and not allowed:
        raise Rejected("the channel's address must be https")
    return url.rstrip("/")

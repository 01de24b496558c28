"""The outgoing door to content addresses that people or platforms wrote down (images, links).

Such an address is hostile: it may point into our own network. The name is resolved here, every
address it has must be public, and the connection goes to the very address that was checked, so
that a second look-up cannot answer differently (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from jspm_social.platforms.errors import Transient

from .body import TooMuch, read_bounded

TIMEOUT = (5.0, 15.0)
MAX_REDIRECTS = 3
USUAL_PORTS = {None, 80, 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ContentRefused(Exception):
    """The address, or what it answers, is not something we take in."""


@dataclass(frozen=True, slots=True)
class Content:
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def fetch_content(url: str, *, max_bytes: int = 10_000_000, max_seconds: float = 60.0) -> Content:
    """GET a public http(s) address, following at most three redirects, each checked again.

    Raises:
        ContentRefused: not http(s) on its usual port, not public, too big, too many redirects.
        Transient: it could not be reached or read for now.
    """
    for _ in range(MAX_REDIRECTS + 1):
        answer = _get(url, max_bytes=max_bytes, max_seconds=max_seconds)
        location = answer.headers.get("Location")
        if not (300 <= answer.status < 400 and location):
            return answer
        url = urljoin(url, location)
    raise ContentRefused("too many redirects")


def _get(url: str, *, max_bytes: int, max_seconds: float) -> Content:
    parts = _checked(url)
    host, port = parts.hostname or "", parts.port
    address = _public_address(host, port or (443 if parts.scheme == "https" else 80))
    literal = f"[{address}]" if ":" in address else address
    pinned = parts._replace(netloc=literal if port is None else f"{literal}:{port}").geturl()
    with requests.Session() as session:
        session.trust_env = False  # a proxy would resolve the name once more
        session.mount(f"{parts.scheme}://", _Pinned(host, secure=parts.scheme == "https"))
        try:
            with session.get(
                pinned,
                headers={"Host": parts.netloc},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = read_bounded(response, max_bytes=max_bytes, max_seconds=max_seconds)
                return Content(url, response.status_code, response.headers, body)
        except requests.exceptions.RequestException as error:
            raise Transient(f"content not reachable: {type(error).__name__}") from None
        except TooMuch as error:
            raise ContentRefused(str(error)) from None


class _Pinned(HTTPAdapter):
    """Connects to a fixed address while TLS still proves the name."""

    def __init__(self, host: str, *, secure: bool) -> None:
        tls = {"server_hostname": host, "assert_hostname": host}
        self._tls: dict[str, Any] = tls if secure else {}
        super().__init__(max_retries=0)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001,FBT002 - the base's signature
        **pool: Any,
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool, **self._tls)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ContentRefused("not an address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ContentRefused("not a plain http address")
    if port not in USUAL_PORTS:
        raise ContentRefused("not a usual port")
    return parts


def _public_address(host: str, port: int) -> str:
    """Resolve `host` and return an address, only if all of its addresses are public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Transient("content host not found") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise ContentRefused("the address is not public")
    return addresses[0]


def is_public(address: str) -> bool:
    """True for an address on the open internet; one that wraps another counts as the inner one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved

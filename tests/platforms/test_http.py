"""The outgoing doors, against a small server that answers as it is told."""

import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pytest_django.fixtures import Settings

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import OutcomeUnknown, PlatformError, Rejected, Transient
from jspm_social.platforms.http import (
    Answer,
    ChannelHttp,
    ContentRefused,
    body,
    content,
    fetch_content,
    url_path,
)
from jspm_social.platforms.names import Platform

SECRET = "very-secret-token"
AUTH = {"Authorization": f"Bearer {SECRET}"}


@dataclass
class Server:
    """Answers every request with `reply` and notes what it was asked."""

    port: int = 0
    reply: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.command, self.path, dict(self.headers)))
            told.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            status, headers, content = told.reply
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the base's names

        def log_message(self, *args: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield told
    running.shutdown()
    thread.join()
    running.server_close()


def door(base_url: str, **hosts: str) -> ChannelHttp:
    access = ChannelAccess(Platform.X, "1", base_url=base_url, secrets={"access_token": SECRET})
    return ChannelHttp(access, hosts or {"api": "https://api.x.com"})


@pytest.fixture
def http(server: Server) -> Iterator[ChannelHttp]:
    opened = door(f"{server.url}/x")
    yield opened
    opened.close()


# --- channel hosts


def test_base_url_stands_before_the_path_of_every_host(server: Server) -> None:
    http = door(f"{server.url}/y/", api="https://a.example", oauth="https://b.example")
    http.call("GET", "api", "/v3/comments", params={"id": "a&b"})
    http.call("POST", "oauth", "/token", form={"x": "1"})
    http.close()
    assert [path for _, path, _ in server.asked] == ["/y/v3/comments?id=a%26b", "/y/token"]


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.2/x",
        "http://localhost/x",
        "http://127.0.0.1.evil.example",
        "http://api.x.com",
        "ftp://127.0.0.1",
        "https://user:pass@x.example",
        "https://x.example/?a=1",
        "https://x.example/#a",
        "https://x.example:port",
        "https://[::1",
        "//x.example",
        "x",
    ],
)
def test_base_url_that_is_no_plain_https_origin_is_refused(server: Server, base_url: str) -> None:
    with pytest.raises(Rejected):
        door(base_url)


def test_loopback_is_refused_unless_listed(settings: Settings) -> None:
    settings.CHANNEL_LOOPBACK_HOSTS = ()
    with pytest.raises(Rejected):
        door("http://127.0.0.1:1/x")


def test_no_connection_is_transient_even_for_a_write(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        http = door(f"http://127.0.0.1:{free.getsockname()[1]}")
        for method in ("GET", "PUT"):
            with pytest.raises(Transient):
                http.call(method, "api", "/")
        http.close()


@pytest.mark.parametrize(
    "reply",
    [
        (200, {}, b"<html>"),
        (200, {}, b""),
        (200, {}, b"\xff\xfe{"),
        (400, {}, b"<html>"),
        (200, {}, b"[" * 200_000),
        (200, {"Content-Length": "50"}, b'{"a": 1}'),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (503, {}, b'{"error": "down"}'),
    ],
)
def test_unusable_answer_is_transient_for_a_read_and_unknown_for_a_write(
    server: Server, http: ChannelHttp, reply: tuple[int, dict[str, str], bytes]
) -> None:
    server.reply = reply
    with pytest.raises(Transient):
        http.call("GET", "api", "/")
    with pytest.raises(OutcomeUnknown):
        http.call("PUT", "api", "/")
    with pytest.raises(Transient):
        http.call("POST", "api", "/", changes=False)
    assert len(server.asked) == 3  # nothing was tried twice


def test_answer_beyond_the_size_limit_is_not_taken_in(
    server: Server, http: ChannelHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jspm_social.platforms.http.channel.MAX_BYTES", 100_000)
    server.reply = (200, {}, b'"' + b"a" * 99_000 + b'"')
    assert http.call("GET", "api", "/").ok
    server.reply = (200, {}, b'"' + b"a" * 100_000 + b'"')
    with pytest.raises(Transient):
        http.call("GET", "api", "/")


def test_answer_that_drips_is_given_up(
    server: Server, http: ChannelHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, the whole does not: the clock is ours, the bytes are real."""
    clock = iter(range(0, 1000, 15))
    monkeypatch.setattr(body, "CHUNK", 1)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    server.reply = (200, {}, b'{"a": 1}')
    with pytest.raises(OutcomeUnknown, match="longer than 20 seconds"):
        http.call("PUT", "api", "/")


def test_body_in_chunks_is_read_whole(server: Server, http: ChannelHttp) -> None:
    pieces = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    server.reply = (200, pieces, b'4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n')
    assert http.call("GET", "api", "/").body == {"a": 1}
    server.reply = (200, pieces, b'4\r\n{"a"\r\n4\r\n: 1')
    with pytest.raises(Transient):
        http.call("GET", "api", "/")


def test_compressed_body_counts_unpacked(
    server: Server, http: ChannelHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jspm_social.platforms.http.channel.MAX_BYTES", 100_000)
    packed = {"Content-Encoding": "gzip"}
    server.reply = (200, packed, gzip.compress(b'{"a": 1}'))
    assert http.call("GET", "api", "/").body == {"a": 1}
    server.reply = (200, packed, gzip.compress(b'"' + b"a" * 5_000_000 + b'"'))
    with pytest.raises(Transient, match="more than"):
        http.call("GET", "api", "/")


def test_redirect_is_not_followed(server: Server, http: ChannelHttp) -> None:
    server.reply = (302, {"Location": f"{server.url}/elsewhere"}, b"{}")
    with pytest.raises(Rejected):
        http.call("GET", "api", "/here", headers=AUTH)
    assert [path for _, path, _ in server.asked] == ["/x/here"]


@pytest.mark.parametrize("status", [401, 429])
def test_status_that_says_enough_needs_no_json(
    server: Server, http: ChannelHttp, status: int
) -> None:
    server.reply = (status, {"x-rate-limit-reset": "5"}, b"<html>")
    answer = http.call("PUT", "api", "/")
    assert (answer.status, answer.body, answer.headers["X-Rate-Limit-Reset"]) == (status, None, "5")


def test_netrc_and_proxies_of_the_machine_are_not_used(
    server: Server, http: ChannelHttp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    http.call("GET", "api", "/", headers=AUTH)
    assert server.asked[0][2]["Authorization"] == f"Bearer {SECRET}"


def test_no_token_in_errors_reprs_or_logs(
    server: Server, http: ChannelHttp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")
    server.reply = (503, {}, SECRET.encode())
    with pytest.raises(PlatformError) as caught:
        http.call("PUT", "api", "/", headers=AUTH, form={"refresh_token": SECRET})
    answer = Answer(200, {"token": SECRET}, {"access_token": SECRET})
    chain = f"{caught.value!r} {caught.value.__cause__!r} {http!r} {answer!r} {caplog.text}"
    assert caught.value.__suppress_context__
    assert SECRET not in chain
    assert "/x/" in caplog.text  # the log really was looked at


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_url_path_refuses_what_is_no_id(segment: str) -> None:
    with pytest.raises(Rejected):
        url_path("2", segment)


@given(st.text(st.characters(), min_size=1))
def test_url_path_keeps_every_id_in_its_segment(segment: str) -> None:
    if segment in {".", ".."}:
        return
    path = url_path("2", "tweets", segment, "hidden")
    assert path.count("/") == 4
    assert not set("?#\\ \r\n") & set(path)
    assert path.isascii()


# --- content addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_address_inside_is_not_public(address: str) -> None:
    assert not content.is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_address_on_the_internet_is_public(address: str) -> None:
    assert content.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://user:pass@93.184.216.34/",
        "http://93.184.216.34:22/",
        "file:///etc/passwd",
        "gopher://x.example/",
        "http:///x",
        "http://[",
    ],
)
def test_content_door_refuses_inner_and_odd_addresses(url: str) -> None:
    with pytest.raises(ContentRefused):
        fetch_content(url)


Resolver = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def internet(server: Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names that resolve as told; our little server's address counts as public."""
    names: dict[str, list[str]] = {"pictures.example": ["127.0.0.1"]}

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in names.get(host, [host])
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(content, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(content, "USUAL_PORTS", {server.port})
    return names


def test_content_comes_from_the_checked_address(
    server: Server, internet: dict[str, list[str]]
) -> None:
    server.reply = (200, {"Content-Type": "image/png"}, b"\x89PNG")
    got = fetch_content(f"http://pictures.example:{server.port}/a?b=1")
    assert (got.status, got.body, got.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    ((_, path, headers),) = server.asked
    assert (path, headers["Host"]) == ("/a?b=1", f"pictures.example:{server.port}")


def test_content_name_with_one_inner_address_is_refused(
    server: Server, internet: dict[str, list[str]]
) -> None:
    internet["mixed.example"] = ["127.0.0.1", "10.0.0.1"]
    with pytest.raises(ContentRefused):
        fetch_content(f"http://mixed.example:{server.port}/")
    assert server.asked == []


def test_content_redirect_is_checked_again(server: Server, internet: dict[str, list[str]]) -> None:
    server.reply = (302, {"Location": f"http://127.0.0.2:{server.port}/secret"}, b"")
    with pytest.raises(ContentRefused):
        fetch_content(f"http://pictures.example:{server.port}/")
    assert len(server.asked) == 1


def test_content_redirects_come_to_an_end(server: Server, internet: dict[str, list[str]]) -> None:
    server.reply = (302, {"Location": "/again"}, b"")
    with pytest.raises(ContentRefused):
        fetch_content(f"http://pictures.example:{server.port}/")
    assert len(server.asked) == content.MAX_REDIRECTS + 1


def test_content_beyond_the_size_is_refused(server: Server, internet: dict[str, list[str]]) -> None:
    server.reply = (200, {}, b"a" * 2000)
    with pytest.raises(ContentRefused):
        fetch_content(f"http://pictures.example:{server.port}/", max_bytes=1000)


def test_content_host_that_is_down_is_transient(
    server: Server, internet: dict[str, list[str]]
) -> None:
    server.reply = (200, {"Content-Length": "9"}, b"cut")
    with pytest.raises(Transient):
        fetch_content(f"http://pictures.example:{server.port}/")


# --- nobody else opens a door


def test_requests_is_used_by_the_doors_alone() -> None:
    root = Path(__file__).parents[2]
    users = {
        path.relative_to(root).as_posix()
        for part in ("jspm_social", "policy", "moderation", "posts")
        for path in (root / part).rglob("*.py")
        if any(
            line.startswith(("import requests", "from requests", "import urllib3", "from urllib3"))
            for line in path.read_text().splitlines()
        )
    }
    doors = ("body", "channel", "content", "endpoint")
    assert users == {f"jspm_social/platforms/http/{name}.py" for name in doors}


@pytest.mark.parametrize(
    ("status", "content", "taken"),
    [
        (200, b"", True),
        (404, b"<html>", True),
        (422, b"", True),
        (200, b"<html>", False),
        (200, b"{", False),
        (503, b"", False),
    ],
)
def test_plain_takes_empty_answers_and_refusals_without_json(
    server: Server, status: int, content: bytes, *, taken: bool
) -> None:
    server.reply = (status, {}, content)
    if taken:
        answer = door(server.url).call("POST", "api", "/", plain=True)
        assert (answer.status, answer.body) == (status, None)
    else:
        with pytest.raises(OutcomeUnknown):
            door(server.url).call("POST", "api", "/", plain=True)
    if status != 503:
        with pytest.raises(OutcomeUnknown):
            door(server.url).call("POST", "api", "/")

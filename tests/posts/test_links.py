"""Links are opened through the guarded door, against a real server on this machine."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from jspm_social.platforms.http import content
from posts.checks import LinkFact
from posts.services.links import open_links

PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/": (200, {"Content-Type": "text/html; charset=utf-8"}, "<title>催し &amp; 案内\n</title>".encode()),
    "/sjis": (200, {"Content-Type": "text/html"}, b'<meta charset="shift_jis"><title>' + "催し".encode("shift_jis") + b"</title>"),
    "/odd": (200, {"Content-Type": "text/html; charset=nonsense"}, b"<title>a</title>"),
    "/moved": (302, {"Location": "/"}, b""),
    "/file": (200, {"Content-Type": "application/pdf"}, b"%PDF"),
}  # fmt: skip


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = PAGES.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_port
    Thread(target=server.serve_forever, daemon=True).start()

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        address = {"page.example": "127.0.0.1", "inner.example": "10.0.0.1"}.get(host, host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(content, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(content, "USUAL_PORTS", {port})
    yield f"http://page.example:{port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "status", "end", "title"),
    [
        ("/", 200, "/", "催し & 案内"),
        ("/sjis", 200, "/sjis", "催し"),
        ("/odd", 200, "/odd", "a"),
        ("/moved", 200, "/", "催し & 案内"),
        ("/file", 200, "/file", ""),
        ("/gone", 404, "/gone", ""),
    ],
)
def test_facts_of_a_page(site: str, path: str, status: int, end: str, title: str) -> None:
    assert list(open_links([site + path])) == [LinkFact(site + path, status, site + end, title)]


def test_an_inner_address_is_not_opened(site: str) -> None:
    url = site.replace("page.example", "inner.example")
    assert list(open_links([url, url])) == [LinkFact(url, 0, url)]

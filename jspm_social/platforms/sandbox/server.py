"""The sandbox as a local HTTP server: `start()` for tests, `manage.py sandbox` for the demo.

The standard library's threading server is enough here: it talks to our own workers only.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from . import control, page
from .app import WIRES, Outcome, SandboxApp
from .faults import Faults
from .limits import Limiter
from .store import SandboxStore
from .webhooks import Webhooks
from .wire import Reply, Request

MAX_BODY = 50_000_000
HANGS_UP = {"mastodon"}  # after each answer, without a word


class Sandbox:
    """A running sandbox. `url` has no slash at its end; a channel's base_url is url + '/x'."""

    def __init__(self, app: SandboxApp, server: "_Server") -> None:
        self._app, self._server = app, server
        host, port = server.server_address[:2]
        self.url = f"http://{host!s}:{port}"
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def store(self) -> SandboxStore:
        return self._app.store

    @property
    def faults(self) -> Faults:
        return self._app.faults

    @property
    def limiter(self) -> Limiter:
        return self._app.limiter

    @property
    def webhooks(self) -> Webhooks:
        return self._app.webhooks

    @property
    def requests(self) -> list[tuple[str, Request]]:
        """The last thousand requests, as (platform, request), oldest first."""
        return list(self._app.requests)

    def base_url(self, platform: str) -> str:
        return f"{self.url}/{platform}"

    def stop(self) -> None:
        """Stop answering, close every connection and the journal."""
        self.webhooks.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()
        self.store.close()


def start(port: int = 0, state: Path | None = None, host: str = "127.0.0.1") -> Sandbox:
    """Start a sandbox in this process. Port 0 takes a free one; `state` is the journal's folder."""
    app = SandboxApp(SandboxStore(state / "journal.jsonl" if state else None))
    return Sandbox(app, _Server((host, port), app))


@contextmanager
def running_sandbox(port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    sandbox = start(port, state)
    try:
        yield sandbox
    finally:
        sandbox.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], app: SandboxApp) -> None:
        self.app = app
        self._connections: set[socket.socket] = set()
        self._threads_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._threads_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._threads_lock:
            self._connections.discard(request)

    def close_connections(self) -> None:
        with self._threads_lock:
            waiting = list(self._connections)
        for connection in waiting:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here; everything else is."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one segment
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing: an address may hold what should not stand in a log."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        head, _, rest = parts.path.lstrip("/").partition("/")
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(Outcome(Reply(413, {"error": "too large"})))
        request = Request(
            method=self.command,
            path="/" + unquote(rest),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            repeated=parse_qs(parts.query, keep_blank_values=True),
        )
        if head in HANGS_UP:
            self.close_connection = True
        return self._send(self._answer(head, request))

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the base's names

    def _answer(self, head: str, request: Request) -> Outcome:
        app = self.server.app
        if head in WIRES:
            return app.answer(head, request)
        if head == "_sandbox":
            if not ip_address(self.client_address[0]).is_loopback:
                return Outcome(Reply(403, {"error": "only from this machine"}))
            return Outcome(control.handle(request, app))
        if head == "" and request.method == "GET":
            return Outcome(Reply(html=page.render(app.store, request.query.get("platform", ""))))
        return Outcome(Reply(404, {"error": "no such platform"}))

    def _send(self, outcome: Outcome) -> None:
        if outcome.delay:
            time.sleep(outcome.delay)
        reply = outcome.reply
        if reply is None:
            self.close_connection = True
            return
        content = reply.content()
        if outcome.malformed:
            content = content[: len(content) // 2] or b"{"
        kind = "text/html; charset=utf-8" if reply.html else "application/json; charset=utf-8"
        self.send_response(reply.status)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(content)))
        for name, value in ({"Content-Type": kind} | reply.headers).items():
            self.send_header(name, value)
        if reply.html:
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
            )
        self.end_headers()
        if outcome.cut_off:
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

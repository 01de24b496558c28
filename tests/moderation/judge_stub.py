"""A judge outside the house that answers as it is told to, well or badly, over real HTTP."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW = 1.0  # seconds; longer than the tests let the console wait


class JudgeStub:
    """`manner` says how it answers; `asked` keeps what it was sent."""

    def __init__(self) -> None:
        self.manner = "good"
        self.findings: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.released = threading.Event()

    def content(self) -> str:
        return json.dumps({"findings": self.findings}, ensure_ascii=False)

    def completion(self, content: str, **more: Any) -> bytes:
        choice = {"index": 0, "finish_reason": "stop", "message": {"content": content}}
        return json.dumps({"choices": [choice], **more}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: "_Quiet"

    @property
    def stub(self) -> JudgeStub:
        return self.server.stub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stub.asked.append(json.loads(body))
        self.stub.keys.append(self.headers.get("Authorization"))
        getattr(self, f"be_{self.stub.manner}")()

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def be_good(self) -> None:
        usage = {"prompt_tokens": 1_000, "completion_tokens": 100}
        self.answer(self.stub.completion(self.stub.content(), usage=usage))

    def be_silent_about_usage(self) -> None:
        self.answer(self.stub.completion(self.stub.content()))

    def be_slow(self) -> None:
        self.stub.released.wait(SLOW)
        self.be_good()

    def be_dripping(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(40):
            if self.stub.released.wait(0.05):
                return
            self.wfile.write(b" ")
            self.wfile.flush()

    def be_broken(self) -> None:
        self.answer(b'{"error": "out of memory"}', 500)

    def be_busy(self) -> None:
        self.answer(b"{}", 429)

    def be_closed(self) -> None:
        self.answer(b'{"error": "no such key"}', 401)

    def be_moved(self) -> None:
        self.answer(b"", 307, Location="http://127.0.0.1:1/elsewhere")

    def be_garbled(self) -> None:
        self.answer(b'{"choices": [')

    def be_chatty(self) -> None:
        self.answer(self.stub.completion("はい。エに当たると思います。"))

    def be_commanding(self) -> None:
        self.answer(self.stub.completion('{"findings": [], "action": "delete"}'))

    def be_inventive(self) -> None:
        found = {"criterion": "タ", "confidence": 1, "reason": "新しい基準"}
        self.answer(self.stub.completion(json.dumps({"findings": [found]})))

    def be_huge(self) -> None:
        self.answer(self.stub.completion("あ" * 300_000))

    def be_cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices"')

    def be_reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        time.sleep(0)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stub: JudgeStub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stub = stub

    def handle_error(self, *args: Any) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def running_judge() -> Iterator[tuple[JudgeStub, str]]:
    """Run one; yields it and its address."""
    stub = JudgeStub()
    with _Quiet(stub) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield stub, f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        finally:
            stub.released.set()
            server.shutdown()
            thread.join()

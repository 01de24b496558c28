"""One server process: started when it does not answer, stopped by the last one out.

A lock file is held by the server's own processes (they inherit its descriptor), so the kernel
says whether any of them lives, also after a kill -9 and also while orphans are still ending.
Whether it serves is asked by a real connection. No pid file is ever believed: process numbers
return, in containers within minutes.
"""

import fcntl
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jspm_social.embedded import places
from jspm_social.embedded.places import EmbeddedError

_RETRY = 10.0  # seconds; a start at the very moment of a kill fails once or twice
_PATIENCE = 60.0  # seconds for a process that lives and does not answer yet: crash recovery


def lock(path: Path, how: int) -> int | None:
    """A descriptor of `path` with a flock on it, or None when LOCK_NB met another holder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        return None
    places.hand_over(path)
    return descriptor


def as_server(folder: Path) -> dict[str, Any]:
    """How subprocess runs a server program: in `folder`, never as root, a clean environment.

    The folder is entered before root is dropped, so it may lie where the servers' user could
    not come by name.
    """
    options: dict[str, Any] = {
        "cwd": folder,
        "env": {"PATH": os.defpath, "LC_ALL": "C"},
        "start_new_session": True,  # Ctrl+C in a terminal is not for the servers
    }
    if os.geteuid() == 0:
        uid, gid = places.server_ids()
        options |= {"user": uid, "group": gid, "extra_groups": []}
    return options


class Server(ABC):
    """What PostgreSQL and Redis have in common here."""

    name: str
    stop_signals: tuple[signal.Signals, signal.Signals]  # politely, then at once

    @abstractmethod
    def answers(self) -> bool:
        """True when a real connection is served."""

    @abstractmethod
    def folder(self) -> Path:
        """The working directory."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments; it must stay in the foreground."""

    @abstractmethod
    def leftovers(self) -> Iterable[Path]:
        """What a killed server leaves behind and the next one would stumble over."""

    def start(self) -> None:
        """Start it unless it answers. The caller holds the starters' lock.

        Raises:
            EmbeddedError: it does not come up; the message ends with its last log lines.
        """
        begun = time.monotonic()
        while not self.answers():
            held = self._lock()
            waited = time.monotonic() - begun
            if held is not None and waited < _RETRY:
                self._spawn(held)
            elif held is not None or waited > _PATIENCE:
                raise EmbeddedError(f"{self.name} does not start:\n{self._last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, and return when none of its processes is left."""
        for sign in self.stop_signals:
            if self._gone(seconds=0):
                return
            with suppress(ProcessLookupError):
                os.kill(int(self._lock_path.read_text()), sign)
            if self._gone(seconds=30):
                return
        raise EmbeddedError(f"{self.name} does not stop.")

    def _spawn(self, held: int) -> None:
        """Start the program as nobody's child: it may outlive us, and no zombie is left.

        The shell puts it in the background and prints its number, which is valid as long as
        the lock is held.
        """
        try:
            os.ftruncate(held, 0)
            for path in self.leftovers():
                path.unlink(missing_ok=True)
            with self._log_path.open("ab") as log:
                places.hand_over(self._log_path)
                shell = subprocess.run(  # noqa: S603 - our own command, nothing from outside
                    ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *self.command()],
                    **as_server(self.folder()),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    pass_fds=[held],
                    check=True,
                )
            os.pwrite(held, shell.stdout.strip(), 0)
        finally:
            os.close(held)

    def _gone(self, *, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (held := self._lock()) is None:
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        os.close(held)
        return True

    def _lock(self) -> int | None:
        """The server's lock, or None while any of its processes lives."""
        return lock(self._lock_path, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def _lock_path(self) -> Path:
        return places.DATA / f"{self.name}.lock"

    @property
    def _log_path(self) -> Path:
        return places.DATA / f"{self.name}.log"

    def _last_words(self) -> str:
        if not self._log_path.exists():
            return "(it wrote no log)"
        return "\n".join(self._log_path.read_text(errors="replace").splitlines()[-15:])

"""Runs the processes of one machine together: for `manage.py demo`, not for a real installation,
where the system's own supervisor does this.

Each child runs in a session of its own, so that Ctrl+C in a terminal reaches the supervisor
alone and each child gets exactly one signal, however often the key is pressed.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

_TICK = 0.1  # seconds between looks at the children
_LONGEST_DELAY = 30.0
_STEADY = 60.0  # seconds after which a child counts as healthy again
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """One program to keep running. SIGTERM must make it finish its work and end."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Starts stage after stage, restarts who dies, and stops the stages in reverse order.

    A later stage may use an earlier one to its last moment: workers finish an effect in flight
    on a sandbox that still answers.
    """

    def __init__(
        self, *stages: Sequence[Child], patience: float = 60.0, first_delay: float = 1.0
    ) -> None:
        """Take the stages; `patience` and `first_delay` are seconds before a kill, a restart."""
        self._output = _Output()
        self._stages = [
            [_Running(child, self._output, first_delay) for child in stage] for stage in stages
        ]
        self._patience = patience
        self._asked_to_stop = False

    def run(self) -> None:
        """Return when SIGINT, SIGTERM or SIGHUP came and every child has ended.

        The handlers stay: a further Ctrl+C must not disturb what the caller stops afterwards,
        the databases.
        """
        # explicitly: a script's background job is started with SIGINT ignored
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(signal.SIGHUP, self._ask_to_stop)
        while not self._asked_to_stop:
            for stage in self._stages:
                for child in stage:
                    child.keep_alive()
            self._output.show(_TICK)
        say("supervisor", "stopping")
        for stage in reversed(self._stages):
            self._stop(stage)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def _stop(self, stage: "Iterable[_Running]") -> None:
        for child in stage:
            child.ask_to_end()
        deadline = time.monotonic() + self._patience
        while left := [child for child in stage if not child.has_ended()]:
            if time.monotonic() > deadline:
                for child in left:
                    child.kill()
                deadline += self._patience
            self._output.show(_TICK)
        while self._output.show(0):
            pass


class _Running:
    """A child and its process of the moment, if it has one."""

    def __init__(self, child: Child, output: "_Output", first_delay: float) -> None:
        self._child = child
        self._output = output
        self._first_delay = self._delay = first_delay
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._due = 0.0  # when to start (again), monotonic
        self._sessions: set[int] = set()

    def keep_alive(self) -> None:
        """Start the child when it is due; after a death it is due later each time."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            if now - self._since > _STEADY:
                self._delay = self._first_delay
            self._say(f"ended with {self._process.returncode}, again in {self._delay:g} s")
            self._due = now + self._delay
            self._delay = min(2 * self._delay, _LONGEST_DELAY)
            self._process = None
        self._forget_ended_sessions()
        if self._process is None and now >= self._due:
            self._start(now)

    def ask_to_end(self) -> None:
        """Send the child its one SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        """True when nothing of the child is left, the jobs that its workers forked included."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self._forget_ended_sessions()
        return not self._sessions

    def kill(self) -> None:
        """End what is left of the child at once."""
        self._say("did not end, killed")
        if self._process is not None:
            self._process.kill()
        for pid, session in _processes():
            if session in self._sessions:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _forget_ended_sessions(self) -> None:
        """Keep only sessions that live: the number of an ended one may return as a stranger's."""
        ours = {self._process.pid} if self._process is not None else set()
        if self._sessions - ours:
            self._sessions &= ours | {session for _, session in _processes()}

    def _start(self, now: float) -> None:
        tie = [sys.executable, "-I", __file__, str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603 - the caller's own programs
            [*tie, *self._child.command],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._child.environment},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None  # noqa: S101 - it was opened as a pipe
        self._output.add(self._child.name, self._process.stdout)
        self._since = now
        self._sessions.add(self._process.pid)

    def _say(self, line: str) -> None:
        say(self._child.name, line)


class _Output:
    """The children's lines, each with its speaker. No threads: the kernel repeats a parent's
    death to its children for every thread that dies.
    """

    def __init__(self) -> None:
        self._pipes = selectors.DefaultSelector()

    def add(self, name: str, pipe: IO[bytes]) -> None:
        self._pipes.register(pipe, selectors.EVENT_READ, _Speaker(name, pipe))

    def show(self, seconds: float) -> bool:
        """Print what comes within `seconds`, at least one look; False when nothing came."""
        ready = self._pipes.select(seconds)
        for key, _ in ready:
            speaker: _Speaker = key.data
            if not speaker.listen():
                self._pipes.unregister(speaker.pipe)
                speaker.pipe.close()
        return bool(ready)


@dataclass
class _Speaker:
    name: str
    pipe: IO[bytes]
    begun: bytes = b""  # a line whose end has not come yet

    def listen(self) -> bool:
        """Print the whole lines that are there; False at the end of the pipe."""
        chunk = os.read(self.pipe.fileno(), 65_536)
        *lines, self.begun = (self.begun + chunk).split(b"\n")
        if not chunk and self.begun:
            lines.append(self.begun)
        for line in lines:
            say(self.name, line.decode(errors="replace"))
        return bool(chunk)


def say(name: str, line: str) -> None:
    """Print a line with its speaker. A terminal that is gone must not stop the children."""
    with suppress(OSError):
        sys.stdout.write(f"{name:>10} | {line}\n")
        sys.stdout.flush()


def _processes() -> list[tuple[int, int]]:
    """Each living process with its session; a zombie that nobody reaped does not count.

    Empty where there is no /proc: then only the children themselves are waited for.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = path.read_text(errors="replace").rpartition(")")[2].split()
            state, session = words[0], words[3]
            if state != "Z":
                found.append((int(path.parent.name), int(session)))
    return found


def _become(supervisor: int, command: list[str]) -> None:
    """Become the child's program, tied to the supervisor: when that is killed, with no chance to
    say so, the kernel sends the SIGTERM. The tie outlasts exec; forked grandchildren have none.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() == supervisor:  # else it died before the tie held
        os.execvp(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])

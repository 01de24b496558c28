"""Real workers, as processes that are killed and replaced, all living in a time that is moved.

A breeder process has the project loaded; each order forks a worker of its own session, which
forks a work horse per job, as `manage.py worker` does.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

QUEUE = "act"
PATIENCE = 30.0  # seconds for a process to be born or to be gone


@dataclass
class Herd:
    """The workers alive. `clock` is a file that says when it is: every job begins at that moment,
    however long the machine took for the ones before.
    """

    clock: Path
    size: int
    chance: random.Random
    environment: dict[str, str]
    alive: list[int] = field(default_factory=list)
    killed: int = 0

    def __post_init__(self) -> None:
        self.set_clock(datetime.now(UTC))
        self._breeder = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.herd", str(self.clock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment},
        )
        self._lock = threading.RLock()

    def set_clock(self, to: datetime) -> None:
        """Tell every horse that is forked from now on what time it is."""
        new = self.clock.with_suffix(".new")
        new.write_text(to.isoformat())
        new.replace(self.clock)

    def fill(self) -> None:
        """Start workers until there are as many as there should be."""
        stdin, stdout = self._breeder.stdin, self._breeder.stdout
        assert stdin
        assert stdout
        with self._lock:
            while len(self.alive) < self.size:
                stdin.write("worker\n")
                stdin.flush()
                self.alive.append(int(stdout.readline()))

    def is_busy(self) -> bool:
        """Tell whether any worker has a horse at work."""
        with self._lock:
            return len(_processes_of(*self.alive)) > len(self.alive)

    def kill_one(self) -> None:
        """SIGKILL a worker and whatever it was doing."""
        with self._lock:
            if self.alive:
                self._kill(self.alive.pop(self.chance.randrange(len(self.alive))))

    def kill_all(self) -> None:
        with self._lock:
            while self.alive:
                self.kill_one()

    def stop(self) -> None:
        self.kill_all()
        self._breeder.communicate(timeout=PATIENCE)

    def _kill(self, session: int) -> None:
        """Every process of the worker's session, until none is left."""
        self.killed += 1
        end = time.monotonic() + PATIENCE
        while found := _processes_of(session):
            assert time.monotonic() < end
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _processes_of(*sessions: int) -> list[int]:
    """The living processes of sessions; what is dead and not yet buried does not count."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,sess=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, of, stat in rows if int(of) in sessions and stat[0] != "Z"]


# --- the breeder's side


def _worker(clock: Path) -> NoReturn:
    import django_rq
    import time_machine
    from rq import Worker

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout = sys.stderr

    def now() -> datetime:
        return datetime.fromisoformat(clock.read_text())

    class Moved(Worker):
        def main_work_horse(self, *args: Any, **kwargs: Any) -> None:
            travelled.move_to(now())
            super().main_work_horse(*args, **kwargs)

    with time_machine.travel(now(), tick=True) as travelled:
        queue = django_rq.get_queue(QUEUE)
        Moved([queue], connection=queue.connection).work(logging_level="ERROR")
    os._exit(0)


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    import moderation.jobs
    import posts.jobs
    from jspm_social.platforms.registry import CLIENTS
    from policy.queries import NoPolicy, compiled_active_ruleset

    assert moderation.jobs
    assert posts.jobs
    import importlib

    for path in CLIENTS.values():
        importlib.import_module(path.rpartition(".")[0])
    with suppress(NoPolicy):
        compiled_active_ruleset()
    connections.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for whoever gives the orders
    born = []
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            _worker(Path(sys.argv[1]))
        born.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for worker in born:  # whoever gave the orders has ended
        with suppress(ProcessLookupError):
            os.killpg(worker, signal.SIGKILL)


if __name__ == "__main__":
    main()

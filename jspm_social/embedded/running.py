"""Who uses the servers: a shared flock on `var/use` per process, and the last one out stops both.

The descriptor is not inherited by programs that a user starts (they take their own lock), but a
plain fork shares it: such a child keeps the servers alive, and never gives up its parent's lock.
"""

import atexit
import fcntl
import os
import signal
from dataclasses import dataclass

from jspm_social.embedded import places
from jspm_social.embedded.postgres import Postgres
from jspm_social.embedded.redis import Redis
from jspm_social.embedded.server import lock


@dataclass(frozen=True)
class _Use:
    pid: int
    descriptor: int


_use: _Use | None = None


def ensure_running(*, database: bool = True, redis: bool = True) -> None:
    """Be a user of the servers until this process ends, and start those that do not answer.

    Idempotent; any number of processes may call it at once. The first start ever makes the
    database cluster with its roles.

    Raises:
        EmbeddedError: a server cannot run here; the message says why and what helps.
    """
    wanted = [server for server, on in ((Postgres(), database), (Redis(), redis)) if on]
    if not wanted:
        return
    places.prepare()
    _join()
    places.private(places.sockets())  # only now: a last one out removes it
    starting = lock(places.DATA / "start", fcntl.LOCK_EX)
    assert starting is not None  # noqa: S101 - a blocking lock is always got
    try:
        for server in wanted:
            server.start()
    finally:
        os.close(starting)


def release() -> None:
    """Stop using the servers; the last one out stops both before this returns.

    Called at exit. Does nothing in a forked child, whose parent still uses them.
    """
    global _use
    if _use is None or _use.pid != os.getpid():
        return
    use, _use = _use, None
    # a second Ctrl+C must not leave one of the two behind
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        fcntl.flock(use.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _stop()
    except BlockingIOError:
        pass  # others still use them
    finally:
        os.close(use.descriptor)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _join() -> None:
    """Take this process's own shared lock; wait while a last one out is still stopping."""
    global _use  # noqa: PLW0603 - one lock per process is the point
    if _use is not None and _use.pid == os.getpid():
        return
    descriptor = lock(places.DATA / "use", fcntl.LOCK_SH)
    assert descriptor is not None  # noqa: S101 - a blocking lock is always got
    if _use is None:
        atexit.register(release)
    _use = _Use(os.getpid(), descriptor)


def _stop() -> None:
    Redis().stop()
    Postgres().stop()
    places.remove_sockets()

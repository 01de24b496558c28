#!/usr/bin/env python
"""Runs a command of the console, on servers of its own where no URL names others."""

import os
import signal
import sys
from types import FrameType

from jspm_social import env

# Django's commands that never ask the database: a format check needs no server.
_WITHOUT_SERVERS = {"help", "version", "collectstatic", "makemessages", "compilemessages"}


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as an exit, not as a death by signal: the last one out stops the servers."""
    raise SystemExit(128 + number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jspm_social.settings")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup stays nohup
            signal.signal(number, _leave)
    database, redis = (not env.text(name) for name in ("DATABASE_URL", "REDIS_URL"))
    if (database or redis) and not _WITHOUT_SERVERS.intersection(sys.argv[1:2]):
        from jspm_social import embedded

        try:
            embedded.ensure_running(database=database, redis=redis)
        except embedded.EmbeddedError as error:
            raise SystemExit(str(error)) from None

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

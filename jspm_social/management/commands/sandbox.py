"""Run the sandbox: a local stand-in for the platforms, for the demo and for trying things out."""

import json
import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from jspm_social.platforms.sandbox.server import start


class Command(BaseCommand):
    """Needs neither database nor Redis. Stops on SIGTERM or Ctrl+C."""

    help = "Runs a local server that speaks the platforms' wire protocols."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--state", type=Path, help="folder to keep what happened in")
        parser.add_argument("--limits", action="store_true", help="enforce rate limits and quota")
        parser.add_argument(
            "--seed", type=Path, nargs="*", default=[], help="labelled comments (JSON Lines)"
        )
        parser.add_argument(
            "--to-now", action="store_true", help="shift seeded times so that the last one is now"
        )

    def handle(self, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        sandbox = start(options["port"], options["state"], options["host"])
        sandbox.store.enforce_limits = options["limits"]
        records = [
            json.loads(line)
            for path in options["seed"]
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip()
        ]
        if records:
            last = max(datetime.fromisoformat(record["created_at"]) for record in records)
            shift = datetime.now(UTC) - last if options["to_now"] else timedelta()
            sandbox.store.seed(records, shift=shift)
        self.stdout.write(f"sandbox: {sandbox.url}/")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()

"""Everything on this machine, with example data, until Ctrl+C."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jspm_social import embedded
from jspm_social.accounts.demo import create_demo_users
from jspm_social.supervisor import Child, Supervisor


class Command(BaseCommand):
    help = "Run sandbox, web server, workers and scheduler, and stream example comments in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, default=8090)
        parser.add_argument("--every", type=float, default=2.0, help="seconds between comments")

    def handle(self, **options: Any) -> None:
        port, sandbox = options["port"], options["sandbox_port"]
        if not settings.DEMO:
            _begin_again_as_demo(port)
        for wanted in (port, sandbox):
            _require_free(wanted)
        _require_migrated()
        self._introduce(port, sandbox)
        Supervisor(*_stages(port, sandbox, options["every"])).run()

    def _introduce(self, port: int, sandbox: int) -> None:
        self.stdout.write("デモ用の利用者（このデモだけで使えます）")
        for person in create_demo_users():
            self.stdout.write(f"  {person.username:<12} {person.password:<20} {person.role.label}")
        self.stdout.write(f"広報コンソール     http://127.0.0.1:{port}/")
        self.stdout.write(f"SNSの代わり        http://127.0.0.1:{sandbox}/")
        self.stdout.write("終了するには Ctrl+C を押してください。\n")
        self.stdout.flush()


def _begin_again_as_demo(port: int) -> None:
    """Settings are read once per process: start over with the demo's environment."""
    os.environ |= {
        "DEMO": "true",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    }
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 -- this very command


def _require_migrated() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "データベースの準備がまだです。先に python manage.py migrate を実行してください。"
        )


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"ポート {port} は使用中です。--port か --sandbox-port で変えてください。"
            ) from error


def _stages(port: int, sandbox: int, every: float) -> list[list[Child]]:
    """The sandbox stops last: a worker finishes its effect on a platform that still answers."""
    manage = [sys.executable, "manage.py"]
    worker = [*manage, "worker", "--verbosity", "0"]
    state = str(embedded.DATA / "sandbox")
    gunicorn = [sys.executable, "-m", "gunicorn", "jspm_social.wsgi", "--no-control-socket"]
    url = f"http://127.0.0.1:{sandbox}"
    return [
        [Child("sandbox", [*manage, "sandbox", "--port", str(sandbox), "--state", state])],
        [
            Child("web", [*gunicorn, "--bind", f"127.0.0.1:{port}", "--threads", "4"]),
            Child("worker-1", [*worker, "act", "intake", "bulk"]),
            Child("worker-2", [*worker, "act", "intake"]),
        ],
        [
            Child("scheduler", [*manage, "rqcron", "jspm_social.cron", "-l", "WARNING"]),
            Child("feed", [*manage, "demo_feed", "--sandbox", url, "--every", str(every)]),
        ],
    ]

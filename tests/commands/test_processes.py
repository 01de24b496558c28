"""The commands that run for long: what they say before they begin."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.fixtures import Settings

from jspm_social.management.commands.demo_feed import COMMENTED, _in_the_past, _records
from jspm_social.management.commands.worker import Command as Worker
from tests.moderation.small_policy import load_small_policy

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = sorted(
    path.stem
    for path in (ROOT / "jspm_social" / "management" / "commands").glob("*.py")
    if path.stem != "__init__"
)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_says_what_it_is_for(name: str) -> None:
    command = load_command_class("jspm_social", name)
    assert len(command.help) > 20
    assert command.help.endswith((".", ")"))
    assert name in command.create_parser("manage.py", name).format_help()


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_demo_refuses_a_port_that_is_taken(settings: Settings, busy: int, option: str) -> None:
    settings.DEMO = True
    free = {"--port": "0", "--sandbox-port": "0"} | {option: str(busy)}
    with pytest.raises(CommandError, match=f"ポート {busy} は使用中です。"):
        call_command("demo", *(word for pair in free.items() for word in pair))


def test_demo_asks_for_the_migrations_first(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _recorder: {})
    with pytest.raises(CommandError, match=r"先に python manage\.py migrate を実行してください。"):
        call_command("demo", "--port", "0", "--sandbox-port", "0")


def test_demo_feed_talks_to_this_machine_only(db: None) -> None:
    with pytest.raises(CommandError, match="runs on this machine"):
        call_command("demo_feed", "--sandbox", "https://x.example")


def test_demo_feed_tells_the_examples_in_order_as_if_from_the_last_days() -> None:
    records, others = _records()
    assert len({record["id"] for record in records + others}) == len(records) + len(others) == 840
    assert {record["platform"] for record in records} == set(COMMENTED)
    assert {record["platform"] for record in others}.isdisjoint(COMMENTED)
    times = [record["created_at"] for record in _in_the_past(records[:120])]
    assert times == sorted(times)


@pytest.mark.django_db
@pytest.mark.parametrize("loaded", [True, False])
def test_worker_begins_with_the_rules_loaded_or_says_that_there_are_none(
    monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    if loaded:
        load_small_policy()
    begun: list[tuple[object, ...]] = []
    closed: list[bool] = []
    monkeypatch.setattr(Worker.__mro__[1], "handle", lambda _self, *args, **_: begun.append(args))
    monkeypatch.setattr(
        "jspm_social.management.commands.worker.connections.close_all", lambda: closed.append(True)
    )
    errors = StringIO()
    call_command(Worker(stderr=errors), "act", "intake")
    assert (begun, closed) == ([("act", "intake")], [True])
    assert ("使用中の規則セットがありません" in errors.getvalue()) is not loaded


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


DEPLOYED = {
    "DATABASE_URL": "postgres://app@db.invalid/jspm",
    "REDIS_URL": "redis://redis.invalid/0",
    "SECRET_KEY": "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz",
    "CREDENTIAL_KEYS": "b25seS1mb3ItdGhpcy1jaGVjay0wMTIzNDU2Nzg5YWI=",
}


@pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIAL_KEYS"])
def test_a_real_installation_does_not_start_without_its_secrets(name: str) -> None:
    environment = {key: value for key, value in DEPLOYED.items() if key != name}
    found = manage("check", **environment)
    assert found.returncode != 0
    assert f"{name} is not set (see .env.example)" in found.stderr


def test_only_migrate_needs_the_owner_and_says_so_without() -> None:
    assert manage("check", **DEPLOYED).returncode == 0
    found = manage("migrate", **DEPLOYED)
    assert found.returncode == 1
    assert found.stderr.startswith("CommandError: DATABASE_OWNER_URL is not set")
    known = "from django.conf import settings; print(sorted(settings.DATABASES))"
    assert manage("shell", "-v0", "-c", known, **DEPLOYED).stdout == "['default']\n"


def test_sandbox_command_answers_until_it_is_told_to_stop(tmp_path: Path) -> None:
    record = _records()[0][0]
    seed = tmp_path / "seed.jsonl"
    seed.write_text(json.dumps(record) + "\n\n", encoding="utf-8")
    with subprocess.Popen(
        [
            *(sys.executable, "manage.py", "sandbox", "--port", "0", "--to-now"),
            *("--seed", str(seed), "--state", str(tmp_path / "state")),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        with urlopen(f"{address}_sandbox/state") as reply:
            assert record["text"] in json.dumps(json.load(reply), ensure_ascii=False)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (tmp_path / "state" / "journal.jsonl").exists()

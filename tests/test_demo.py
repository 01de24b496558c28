"""`manage.py demo` as a whole: comments come in, Ctrl+C finishes what is in flight, and it goes on."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from jspm_social import embedded
from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment
from moderation.services.decide import decide
from moderation.states import CaseState, Lane
from policy.criteria import Criterion
from policy.services import load_version_1

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(look: Callable[[], T | None], what: str, seconds: float = 90) -> T:
    """Look until something is there; a machine may be slow, so the patience is long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"never came: {what}")


@contextmanager
def demo(port: int, sandbox: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "demo", "--every", "0.05"]
    command += ["--port", str(port), "--sandbox-port", str(sandbox)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(90)


def left_over(sandbox: int) -> list[str]:
    """Return the command lines of processes that still know this run's sandbox."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(sandbox) in line:
            found.append(line)
    return found


def control(sandbox: int, name: str, body: dict[str, Any] | None = None) -> Any:
    request = Request(
        f"http://127.0.0.1:{sandbox}/_sandbox/{name}",
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as reply:
        return json.load(reply)


def x_case() -> Case | None:
    return Case.objects.filter(
        state=CaseState.OPEN, lane=Lane.QUEUE, comment__channel__platform=Platform.X
    ).first()


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_finishes_the_effect_in_flight_and_a_restart_goes_on(
    redis_clean: None, tmp_path: Path
) -> None:
    load_version_1()
    shutil.rmtree(embedded.DATA / "sandbox", ignore_errors=True)  # an earlier run's platforms
    port, sandbox, log = free_port(), free_port(), tmp_path / "demo.log"
    with demo(port, sandbox, log) as process:
        case = until(x_case, "a case from X")
        moderator = User.objects.get(username="moderator")
        control(
            sandbox,
            "faults",
            {"platform": "x", "match": "PUT /2/tweets/*/hidden", "fault": "slow", "delay": 4},
        )
        decide(
            actor=moderator,
            case=case,
            revision_id=case.comment.revisions.get().pk,
            outcome=Outcome.HIDE,
            criteria=[Criterion.TERMS],
        )
        Action.objects.update(due_at=timezone.now())
        sending = Action.objects.filter(state=OperationState.SENDING)
        until(sending.exists, "the effect on its way")
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0, log.read_text()
    action = Action.objects.get()
    assert (action.state, action.achieved) == (OperationState.DONE, "applied"), log.read_text()
    assert left_over(sandbox) == []

    before = Comment.objects.count()
    with demo(port, sandbox, log):
        until(lambda: Comment.objects.count() > before or None, "more comments after the restart")
        calls = control(sandbox, "state")["x"]["calls"]
        assert calls == {f"hide {case.comment.remote_id}": 1}
    assert left_over(sandbox) == []

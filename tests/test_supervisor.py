"""The supervisor with real processes: signals, restarts, and nothing left over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[1]

# A shell starts a script's background jobs with SIGINT ignored; it must count all the same.
_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
_SUPERVISOR = """
import sys
from jspm_social.supervisor import Child, Supervisor
def python(name, code):
    return Child(name, [sys.executable, "-c", CHILD + code], {"NAME": name})
CHILD = '''
import os, signal, sys, time
name = os.environ["NAME"]
def note(line):
    with open("notes", "a") as notes:
        notes.write(f"{name} {line}\\\\n")
def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.02)
def until_asked():
    while not asked:
        time.sleep(0.02)
asked = []
def ask(number, _):
    note(f"signal {number}")
    asked.append(number)
signal.signal(signal.SIGTERM, ask)
note(f"pid {os.getpid()}")
'''
"""


class Run:
    """A supervisor at work in a folder, and what its children noted there."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder = folder
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*_BACKGROUND, sys.executable, "-c", _SUPERVISOR + script],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(_REPOSITORY)},
                start_new_session=True,  # a terminal of its own, so to speak
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ctrl_c(self) -> None:
        """What a terminal does: signal the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def finish(self) -> None:
        """Let the children end that wait for it."""
        (self.folder / "finish").touch()

    def notes(self, *kinds: str) -> list[str]:
        path = self.folder / "notes"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if not kinds or line.split()[1] in kinds]

    def pids(self) -> list[int]:
        return [int(line.split()[2]) for line in self.notes("pid")]


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; a minute is the bound for a broken program, not a measure."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Run]]:
    runs = []

    def starting(script: str) -> Run:
        runs.append(Run(tmp_path, script))
        return runs[-1]

    yield starting
    for run in runs:
        run.process.kill()
        run.process.wait()
        left = [pid for pid in run.pids() if lives(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)


def test_each_child_gets_one_signal_however_often_ctrl_c_is_pressed(
    start: Callable[[str], Run],
) -> None:
    run = start("""
work = "wait_for('finish'); note('done')"
Supervisor([python("a", work), python("b", work)]).run()
""")
    until(lambda: len(run.pids()) == 2)
    run.ctrl_c()
    until(lambda: len(run.notes("signal")) == 2)
    run.ctrl_c()
    run.process.terminate()
    run.ctrl_c()
    run.finish()
    assert run.process.wait() == 0
    assert sorted(run.notes("signal")) == ["a signal 15", "b signal 15"]
    assert sorted(run.notes("done")) == ["a done", "b done"]
    assert not any(lives(pid) for pid in run.pids())


def test_earlier_stage_serves_until_the_later_one_has_ended(start: Callable[[str], Run]) -> None:
    run = start("""
Supervisor(
    [python("sandbox", "until_asked(); note('done')")],
    [python("worker", "wait_for('finish'); note('done')")],
).run()
""")
    until(lambda: len(run.pids()) == 2)
    run.ctrl_c()
    until(lambda: run.notes("signal"))
    run.finish()
    assert run.process.wait() == 0
    assert run.notes("signal", "done") == [
        "worker signal 15",
        "worker done",
        "sandbox signal 15",
        "sandbox done",
    ]


def test_child_that_dies_is_started_again_and_said_so(start: Callable[[str], Run]) -> None:
    run = start("""
cron = python("cron", "wait_for('again') if os.path.exists('once') else open('once', 'w'); sys.exit(7)")
Supervisor([cron, python("steady", "until_asked()")], first_delay=0.01).run()
""")
    (run.folder / "again").touch()
    until(lambda: len(run.pids()) >= 4)
    run.process.terminate()
    assert run.process.wait() == 0
    names = [line.split()[0] for line in run.notes("pid")]
    assert names.count("steady") == 1
    output = run.output.read_text()
    assert "      cron | ended with 7, again in 0.01 s\n" in output
    assert "      cron | ended with 7, again in 0.02 s\n" in output


def test_output_carries_the_childs_name_and_bad_bytes_do_no_harm(
    start: Callable[[str], Run],
) -> None:
    run = start("""
code = "sys.stdout.buffer.write('緩和\\\\n'.encode() + b'\\\\xff\\\\nno newline'); note('said')"
Supervisor([python("web", code + "; sys.stdout.flush(); until_asked()")]).run()
""")
    until(lambda: run.notes("said"))
    run.ctrl_c()
    assert run.process.wait() == 0
    lines = run.output.read_text().splitlines()
    assert [line for line in lines if " web | " in line] == [
        "       web | 緩和",
        "       web | \ufffd",
        "       web | no newline",
    ]


def test_child_that_does_not_end_is_killed_with_what_it_forked(start: Callable[[str], Run]) -> None:
    run = start("""
code = '''
if os.fork() == 0:
    os.setpgrp()  # as an RQ worker's job does
    note(f"pid {os.getpid()}")
wait_for("never")
'''
Supervisor([python("stubborn", code)], patience=0.3).run()
""")
    until(lambda: len(run.pids()) == 2)
    run.ctrl_c()
    assert run.process.wait() == 0
    assert not any(lives(pid) for pid in run.pids())
    assert "  stubborn | did not end, killed\n" in run.output.read_text()


def test_job_whose_worker_was_killed_is_waited_for(start: Callable[[str], Run]) -> None:
    run = start("""
code = '''
if os.path.exists("second"):
    until_asked(); sys.exit()
open("second", "w")
if os.fork() == 0:
    os.setpgrp()
    note("job")
    wait_for("finish"); note("done"); os._exit(0)
wait_for("never")
'''
Supervisor([python("worker", code)], first_delay=0.01).run()
""")
    until(lambda: run.notes("job"))
    os.kill(run.pids()[0], signal.SIGKILL)
    until(lambda: len(run.pids()) == 2)
    run.ctrl_c()
    until(lambda: run.notes("signal"))
    until(lambda: not lives(run.pids()[1]))
    assert run.process.poll() is None
    run.finish()
    assert run.process.wait() == 0
    assert run.notes("done") == ["worker done"]


def test_supervisor_killed_its_children_end_by_one_signal(start: Callable[[str], Run]) -> None:
    run = start("""
code = "until_asked(); print('still writing'); note('done')"
Supervisor([python("a", code)], [python("b", code)]).run()
""")
    until(lambda: len(run.pids()) == 2)
    run.process.kill()
    until(lambda: not any(lives(pid) for pid in run.pids()))
    assert sorted(run.notes("signal")) == ["a signal 15", "b signal 15"]

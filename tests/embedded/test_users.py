"""Root and ordinary users on one machine. Root is needed to be both."""

import os
import pwd
import shutil
from pathlib import Path

import pytest

from tests.embedded.starters import Var, own_wheels

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can also be somebody else")


def ordinary() -> pwd.struct_passwd:
    """An account that is neither root nor the one that root's servers use."""
    return min(
        (entry for entry in pwd.getpwall() if entry.pw_uid and entry.pw_name != "nobody"),
        key=lambda entry: entry.pw_uid,
    )


@pytest.fixture
def theirs(home: Path) -> Var:
    """The `var/` of an ordinary user, with a path so long that its sockets go to /tmp."""
    user = ordinary()
    folder = home / ("u" * 120)
    folder.mkdir()
    os.chown(folder, user.pw_uid, user.pw_gid)
    return Var(
        folder / "var",
        {
            "AS_USER": f"{user.pw_uid}:{user.pw_gid}",
            "WHEELS": own_wheels(home / "wheels"),
        },
    )


def owners(var: Var) -> set[int]:
    return {Path(f"/proc/{pid}").stat().st_uid for pid in var.processes()}


def test_root_first_and_an_ordinary_user_afterwards_do_not_meet(home: Path, theirs: Var) -> None:
    roots = Var(home / ("r" * 120) / "var")
    nobody = pwd.getpwnam("nobody").pw_uid
    with roots.used(), theirs.used():
        assert owners(roots) == {nobody}
        assert owners(theirs) == {ordinary().pw_uid}
        assert roots.sockets().stat().st_uid == nobody
        assert theirs.sockets().stat().st_uid == ordinary().pw_uid
    with theirs.used():
        assert owners(theirs) == {ordinary().pw_uid}
    assert roots.processes() == theirs.processes() == {}


def test_ordinary_user_on_roots_var_is_told_what_helps(home: Path, theirs: Var) -> None:
    roots = Var(home / "var")
    with roots.used():
        done = Var(roots.path, theirs.environment).python("embedded.ensure_running()", check=False)
    assert done.returncode == 1
    assert f"{roots.path} belongs to another user" in done.stderr
    assert "JSPM_VAR" in done.stderr


def test_root_on_an_ordinary_users_var_leaves_it_usable_for_them(theirs: Var) -> None:
    with theirs.used():
        pass
    with Var(theirs.path).used() as _root, theirs.used():
        assert owners(theirs) == {ordinary().pw_uid}
        assert len(theirs.postmasters()) == 1
    with theirs.used():
        assert owners(theirs) == {ordinary().pw_uid}


def test_clone_that_only_root_can_enter_works_and_nothing_around_it_is_touched(
    home: Path,
) -> None:
    closed = home / "root"
    closed.mkdir(mode=0o700)
    var = Var(closed / "clone/var", {"WHEELS": own_wheels(closed / "wheels")})
    var.path.parent.mkdir()
    before = {path: (path.stat().st_mode, path.stat().st_uid) for path in var.path.parents}
    nobody = pwd.getpwnam("nobody").pw_uid
    with var.used():
        assert owners(var) == {nobody}
        sockets = var.sockets()
        assert sockets.parent == Path("/tmp")
    with var.used():  # and once more on the data that are there
        assert owners(var) == {nobody}
    assert {path: (path.stat().st_mode, path.stat().st_uid) for path in before} == before
    assert var.processes() == {}
    assert not sockets.exists()
    shutil.rmtree(closed)

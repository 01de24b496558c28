import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.starters import Var


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every user can enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="jspm-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def var(home: Path) -> Iterator[Var]:
    """A fresh `var/`; whatever the test does, none of its servers may survive."""
    var = Var(home / "var")
    yield var
    left = var.processes()
    for pid in left:
        os.kill(pid, 9)
    assert left == {}

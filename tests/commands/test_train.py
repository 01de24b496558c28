"""`manage.py train --with-decisions`, and which model judges afterwards."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policy import learned, learning
from policy.carried import carried_model
from policy.classifiers.store import WORDS
from policy.command_line import RecordReader
from policy.data import HERE, SEED
from policy.records import Record


def read(path: Path) -> list[Record]:
    return list(RecordReader(None).read(str(path)))  # type: ignore[arg-type]  # no bad line


class Decisions:
    """A committee that decided as the carried labels say."""

    def __init__(self, groups: list[tuple[str, list[Record]]]) -> None:
        self.groups = groups

    def by_channel(self) -> list[tuple[str, list[Record]]]:
        return self.groups


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Three writers of a few comments each."""
    found = []
    for seed in SEED[:3]:
        small = tmp_path / seed.name
        small.write_text("\n".join(seed.read_text("utf-8").splitlines()[:60]), encoding="utf-8")
        found.append(str(small))
    return found


@pytest.fixture
def decisions() -> Iterator[Decisions]:
    before = learning.decided()
    found = Decisions([("channel:7", read(SEED[3])[:60])])
    learning.register(found)
    yield found
    learning.register(before)


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    learned.model_in_use.cache_clear()
    yield
    learned.model_in_use.cache_clear()


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.MODEL_DIR = tmp_path / "models"
    return tmp_path / "models"


def train(*args: str) -> str:
    out = StringIO()
    call_command("train", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_a_model_of_decisions_is_kept_told_about_and_used(
    files: list[str], decisions: Decisions, home: Path
) -> None:
    assert learned.folder_in_use() != home
    told = train(*files, "--with-decisions", "--force")
    folder = learned.folder_in_use()
    assert folder.parent == home
    words = json.loads((folder / WORDS).read_text("utf-8"))
    figures = words["figures"]
    held = figures["held_out"]
    assert figures["comments"]["channel:7"] + held + figures["doubles"] == 60
    assert 2 <= held <= 14
    assert figures["comments"]["comments_a"] == 60
    assert figures["writers_left_out"]["comments"] == 180
    assert 0 < figures["writers_left_out"]["macro_average_precision"] < 1
    assert f"model {words['version']}" in told
    learned.model_in_use.cache_clear()  # as when a worker starts
    model = learned.model_in_use()
    assert model is not None
    assert model.version == words["version"]
    card = learned.card(folder)
    assert card is not None
    assert (card.version, card.own) == (words["version"], True)


@pytest.mark.django_db
def test_a_worse_model_is_refused_with_both_figures(
    files: list[str], decisions: Decisions, home: Path
) -> None:
    # A few comments teach much less than what the carried model has read; it knows even these.
    decisions.groups = [("channel:7", read(SEED[3]))]
    with pytest.raises(CommandError) as refused:
        train(files[0], files[1], "--with-decisions")
    told = str(refused.value)
    assert "worse than the model in use" in told
    assert re.search(r": [01]\.\d{3}, so far [01]\.\d{3}", told)
    assert not home.exists()


@pytest.mark.django_db
def test_what_cannot_be_compared_is_not_taken_over_silently(
    files: list[str], decisions: Decisions, home: Path
) -> None:
    with pytest.raises(CommandError, match="too few to compare by"):
        train(files[0], files[1], "--with-decisions")
    assert not home.exists()


def test_without_decisions_there_is_nothing_to_learn(
    files: list[str], decisions: Decisions, home: Path
) -> None:
    decisions.groups = []
    with pytest.raises(CommandError, match="nobody has decided"):
        train(*files, "--with-decisions")


def test_where_to_keep_it_must_be_said_and_lie_outside(
    files: list[str], decisions: Decisions, settings: Any
) -> None:
    settings.MODEL_DIR = None
    with pytest.raises(CommandError, match="MODEL_DIR"):
        train(*files, "--with-decisions")
    settings.MODEL_DIR = HERE / "model"
    with pytest.raises(CommandError, match="do not belong"):
        train(*files, "--with-decisions")


@pytest.mark.parametrize("name", ["", "..", "../elsewhere", "/etc", "missing\nmore", "a/b"])
def test_a_name_that_is_none_leads_to_the_carried_model(home: Path, name: str) -> None:
    home.mkdir()
    (home / learned.CURRENT).write_text(name, encoding="utf-8")
    assert learned.folder_in_use() == HERE / "model"


def test_a_bad_model_of_our_own_leaves_the_carried_one_at_work(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "2-broken").mkdir(parents=True)
    (home / learned.CURRENT).write_text("2-broken\n", encoding="utf-8")
    assert learned.model_in_use() is carried_model()
    assert "own one is bad" in caplog.text
    assert learned.card(learned.folder_in_use()) is None


def test_the_carried_model_says_what_it_is_worth() -> None:
    card = learned.card(HERE / "model")
    assert card is not None
    assert not card.own
    assert card.figures["comments"]["comments_a"] == 420
    unread = card.figures["writers_left_out"]
    assert unread["comments"] == 3_240
    assert unread["macro_f1"] > 0.8
    assert unread["any_auroc"] > 0.97

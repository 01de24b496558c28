"""Reading the environment."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from jspm_social import env


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THING", "THING_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_text_is_the_variable_or_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text("THING") == ""
    assert env.text("THING", "default") == "default"
    monkeypatch.setenv("THING", "value")
    assert env.text("THING", "default") == "value"


def test_text_comes_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("THING", "from the variable")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    assert env.text("THING") == "from the file"


def test_text_from_a_file_that_is_missing_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        env.text("THING")


@pytest.mark.parametrize("value", ["1", "true", "YES", "On"])
def test_flag_is_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)
    assert env.flag("THING", default=False) is True


@pytest.mark.parametrize("value", ["0", "False", "no", "OFF"])
def test_flag_is_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)
    assert env.flag("THING", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_flag_that_is_not_set_is_its_default(
    monkeypatch: pytest.MonkeyPatch, default: bool
) -> None:
    assert env.flag("THING", default=default) is default
    monkeypatch.setenv("THING", "")
    assert env.flag("THING", default=default) is default


def test_flag_that_is_neither_fails_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "maybe")
    with pytest.raises(ImproperlyConfigured, match="THING must be yes or no, not 'maybe'"):
        env.flag("THING", default=True)


def test_words_leave_blanks_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.words("THING", ("a",)) == ("a",)
    monkeypatch.setenv("THING", " one, two ,,three ")
    assert env.words("THING", ("a",)) == ("one", "two", "three")


def test_secret_that_is_missing_fails_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match="THING is not set"):
        env.secret("THING", local=None, make=lambda: "made")


def test_secret_is_taken_from_the_environment_and_not_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THING", "given")
    assert env.secret("THING", local=tmp_path / "key", make=lambda: "made") == "given"
    assert list(tmp_path.iterdir()) == []


def test_secret_of_one_machine_is_made_once_and_private(tmp_path: Path) -> None:
    local = tmp_path / "new folder" / "key"
    first = env.secret("THING", local=local, make=env.random_key)
    assert len(first) >= 48
    assert env.secret("THING", local=local, make=env.random_key) == first
    assert local.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in local.parent.iterdir()] == ["key"]


def test_secret_that_somebody_else_made_first_counts(tmp_path: Path) -> None:
    local = tmp_path / "key"

    def slow() -> str:
        local.write_text("theirs", encoding="utf-8")
        return "ours"

    assert env.secret("THING", local=local, make=slow) == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_random_key_is_never_the_same() -> None:
    assert env.random_key() != env.random_key()

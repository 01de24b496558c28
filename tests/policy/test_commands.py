"""classify and evaluate from the command line."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from policy.data import COMMENTS
from policy.services import load_version_1
from tests.policy.test_records import line

SPAM = "相互フォロー募集！フォロバ100%です"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "comments.jsonl"
    path.write_text(
        "\n".join([line(id="1", text=SPAM, labels=["セ"]), "", line(id="2")]), encoding="utf-8"
    )
    return path


def test_classify_prints_one_object_per_comment(db: None, file: Path) -> None:
    load_version_1()
    out, err = io.StringIO(), io.StringIO()
    call_command("classify", str(file), stdout=out, stderr=err)
    answers = [json.loads(row) for row in out.getvalue().splitlines()]
    assert [(a["id"], a["labels"], a["route"]) for a in answers] == [
        ("1", ["セ"], "queue"),
        ("2", [], "pass"),
    ]
    assert err.getvalue() == ""


def test_classify_without_a_policy_uses_the_carried_one_and_says_so(db: None, file: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("classify", str(file), stdout=out, stderr=err)
    assert len(out.getvalue().splitlines()) == 2
    assert "carried rule set 1" in err.getvalue()


def test_classify_names_bad_lines_and_judges_the_others(db: None, file: Path) -> None:
    file.write_bytes(b"{}\n\xff\n" + line(id="3").encode())
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="2 line"):
        call_command("classify", str(file), stdout=out, stderr=err)
    assert [json.loads(row)["id"] for row in out.getvalue().splitlines()] == ["3"]
    assert f"{file}:1: post is missing or not an object" in err.getvalue()
    assert f"{file}:2: not UTF-8" in err.getvalue()


def test_classify_reads_standard_input(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(line(id="9").encode())))
    out = io.StringIO()
    call_command("classify", "-", stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["id"] == "9"


def test_classify_of_a_missing_file_says_so(db: None) -> None:
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("classify", "/nowhere.jsonl", stdout=io.StringIO(), stderr=err)
    assert "/nowhere.jsonl: No such file" in err.getvalue()


def test_evaluate_json_has_all_figures(db: None, file: Path) -> None:
    out = io.StringIO()
    call_command("evaluate", str(file), "--json", stdout=out, stderr=io.StringIO())
    result = json.loads(out.getvalue())
    assert result["comments"] == 2
    assert len(result["criteria"]) == 16
    assert len(result["signals"]) == 3
    assert result["any_violation"] | {"average_precision": 0} == {
        "key": "any", "support": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0,
        "average_precision": 0,
    }  # fmt: skip
    assert result["any_violation_auroc"] == 1.0


def test_evaluate_prints_a_table(db: None) -> None:
    out = io.StringIO()
    call_command("evaluate", *map(str, COMMENTS), stdout=out, stderr=io.StringIO())
    rows = out.getvalue().splitlines()
    assert rows[0] == "840 comments"
    assert [row.split()[0] for row in rows[2:18]][:2] == ["無関係", "ア"]
    assert rows[-1].startswith("any violation, AUROC ")

"""Comments from files."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import ChannelState
from moderation.importing import CSV_COLUMNS
from moderation.models import Case, Comment, CommentRevision
from policy.models import RuleSet
from tests.moderation.small_policy import MILD, load_small_policy


@pytest.fixture(autouse=True)
def policy(db: None) -> RuleSet:
    return load_small_policy()


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "platform": "line",
        "post": {"id": "p1", "text": "お知らせ"},
        "author": {"id": f"a{number}", "name": "名前", "handle": "who"},
        "text": f"大会で会いましょう その{number}",
        "created_at": f"2026-04-01T10:{number:02}:00+09:00",
        "labels": ["ア"],
        "signals": [],
    } | changes


def write(path: Path, *records: Any) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command("import_comments", *arguments, stdout=out, **options)
    return out.getvalue()


def test_import_stores_and_judges_what_the_file_holds(tmp_path: Path) -> None:
    file = write(
        tmp_path / "some.jsonl",
        record(1, platform="facebook", text=f"大会の{MILD}について"),
        "",
        record(2, platform="bluesky", parent="r1"),
    )
    assert run(file) == "Facebook: 1 new or edited\nBluesky: 1 new or edited\n"
    one, two = Comment.objects.order_by("remote_id")
    assert (one.text, one.commenter.handle, one.post.text) == (
        f"大会の{MILD}について",
        "who",
        "お知らせ",
    )
    assert (one.posted_at.isoformat(), two.parent_remote_id) == ("2026-04-01T01:01:00+00:00", "r1")
    assert Case.objects.get().labels == ["エ"]  # as judged here, not as labelled there
    assert set(Channel.objects.values_list("state", flat=True)) == {ChannelState.DISCONNECTED}
    assert json.loads(bytes(CommentRevision.objects.get(comment=one).raw))["id"] == "r1"


def test_import_takes_null_for_no_parent(tmp_path: Path) -> None:
    run(write(tmp_path / "some.jsonl", record(1, parent=None)))
    assert Comment.objects.get().parent_remote_id == ""


def test_import_again_adds_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "some.jsonl", record(1), record(2))
    run(file)
    assert run(file) == "LINE: 0 new or edited\n"
    assert Comment.objects.count() == CommentRevision.objects.count() == 2


def test_import_of_one_platform_leaves_the_others(tmp_path: Path) -> None:
    file = write(tmp_path / "some.jsonl", record(1), record(2, platform="x"))
    assert run(file, platform=["x"]) == "X: 1 new or edited\n"
    assert Comment.objects.get().remote_id == "r2"


def test_import_keeps_order_of_many_files_and_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.importing.BATCH", 2)
    one = write(tmp_path / "a.jsonl", *(record(n) for n in range(5)))
    two = write(tmp_path / "b.JSONL", *(record(n) for n in range(5, 8)))
    assert run(one, two) == "LINE: 8 new or edited\n"


BAD: list[tuple[Any, str]] = [
    ("{not json", ":2: "),
    ("[1, 2]", ":2: TypeError"),
    ("null", ":2: TypeError"),
    ('{"id": 1}', ":2: KeyError: 'created_at'"),
    (record(2, text=5), ":2: TypeError: text is not a text"),
    (record(2, author={"id": "a", "name": None, "handle": ""}), "name is not a text"),
    (record(2, author=None), ":2: TypeError"),
    (record(2, platform="myspace"), "'myspace' is not a valid Platform"),
    (record(2, created_at="yesterday"), ":2: ValueError"),
    (record(2, created_at="2026-04-01T10:00:00"), "created_at has no offset"),
    (record(2, id=""), "id must have 1 to 255 ordinary characters"),
    (record(2, id="x" * 256), "id must have 1 to 255 ordinary characters"),
    (record(2, id="a\x00"), "id must have 1 to 255 ordinary characters"),
]


@pytest.mark.parametrize(("bad", "named"), BAD)
def test_import_names_the_bad_line_and_stores_nothing(tmp_path: Path, bad: Any, named: str) -> None:
    file = write(tmp_path / "some.jsonl", record(1), bad, record(3))
    with pytest.raises(CommandError) as refused:
        run(file)
    message = str(refused.value)
    assert named in message
    assert f"{file}:2: " in message
    assert message.endswith("(nothing was imported)")
    assert not Comment.objects.exists()
    assert not Channel.objects.exists()


def test_import_of_a_missing_file_or_of_bytes_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        run(tmp_path / "nowhere.jsonl")
    file = tmp_path / "some.jsonl"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="nothing was imported"):
        run(file)


def csv_line(*values: str) -> str:
    return ",".join(f'"{value}"' for value in values)


ROW = ("r1", "line", "p1", "お知らせ", "a1", "名前", "who", "一行目\n二行目", "2026-04-01T10:00Z")


def test_import_reads_csv_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    text = "\r\n".join([",".join([*CSV_COLUMNS, "memo"]), csv_line(*ROW, "見ない列"), ""])
    file.write_text(text, encoding="utf-8-sig", newline="")
    assert run(file) == "LINE: 1 new or edited\n"
    row = Comment.objects.get()
    assert (row.remote_id, row.text, row.commenter.name) == ("r1", "一行目\n二行目", "名前")


def test_import_of_csv_names_missing_columns(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text("id,platform,text\n1,x,a\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"some\.csv:1: columns are missing: author_handle, "):
        run(file)


def test_import_of_csv_names_the_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    short = csv_line("r2", "line", "p1")
    file.write_text("\n".join([",".join(CSV_COLUMNS), csv_line(*ROW), short]), encoding="utf-8")
    with pytest.raises(CommandError, match=r"some\.csv:4: "):
        run(file)
    assert not Comment.objects.exists()

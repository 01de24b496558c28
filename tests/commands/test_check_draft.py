"""check_draft: JSON Lines in, JSON Lines out."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from posts import dictionary as reading
from posts.checks.entries import Entry
from posts.services import dictionary
from tests.people import People

DRAFT: dict[str, Any] = {
    "id": "1",
    "channel": "x",
    "text": "６月１２日（木）に開催します。",
    "scheduled_at": None,
    "event": None,
    "sources": [],
    "media": [],
    "recent": [],
    "sponsor": None,
    "embargo_until": None,
}


def line(**fields: Any) -> str:
    return json.dumps({**DRAFT, **fields}, ensure_ascii=False)


def run(*rows: str, tmp_path: Path, today: str = "2026-06-01") -> tuple[list[Any], str]:
    file = tmp_path / "drafts.jsonl"
    file.write_text("\n".join(rows), encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(
            "check_draft", str(file), "--shipped", "--today", today, stdout=out, stderr=err
        )
    except CommandError as error:
        err.write(f"CommandError: {error}")
    return [json.loads(row) for row in out.getvalue().splitlines()], err.getvalue()


def test_an_answer_has_exactly_the_agreed_fields(tmp_path: Path) -> None:
    answers, errors = run(line(), tmp_path=tmp_path)
    assert errors == ""
    assert answers == [
        {
            "id": "1",
            "findings": [
                {
                    "check": "J01",
                    "severity": "block",
                    "start": 0,
                    "end": 8,
                    "reason": "「６月１２日（木）」とありますが、2026年6月12日は金曜日です。"
                    "木曜日になるのは2025年です（2025年の暦では？）。",
                    "suggestion": "2026年6月12日（金）ではありませんか。"
                    "日付と曜日のどちらが正しいか、ご確認ください。",
                }
            ],
        }
    ]


def test_today_decides_where_nothing_is_scheduled(tmp_path: Path) -> None:
    assert run(line(), tmp_path=tmp_path, today="2025-06-01")[0] == [{"id": "1", "findings": []}]


def test_the_schedule_is_read_in_japan(tmp_path: Path) -> None:
    text = "本日6月2日の講演会です。"
    late = line(text=text, scheduled_at="2026-06-01T23:30:00Z")  # 08:30 on the second
    early = line(text=text, scheduled_at="2026-06-02T08:30:00")
    assert [row["findings"] for row in run(late, early, tmp_path=tmp_path)[0]] == [[], []]


def test_every_field_reaches_its_check(tmp_path: Path) -> None:
    row = line(
        text="市民公開講座のお知らせです。",
        event={"name": "市民公開講座", "date": "2026-06-20", "start": "15:00", "end": "14:00",
               "venue": "", "deadline": "2026-06-21", "url": ""},
        sources=[{"doi": "10.1/x", "title": "Retracted", "read_on": "2026-05-01"}],
        media=[{"kind": "image", "alt": "", "holder": None, "credit": "写真：市", "consent": False,
                "no_reprint": True, "expires": "2026-01-01"}],
        recent=["市民公開講座のお知らせです。"],
        sponsor="みどり製薬",
        embargo_until="2026-07-01T00:00:00+09:00",
        unknown="ignored",
    )  # fmt: skip
    (answer,), errors = run(row, tmp_path=tmp_path)
    assert errors == ""
    assert {one["check"] for one in answer["findings"]} == {
        "J02", "J03", "J09", "J10", "J11", "J19", "J22", "J24",
    }  # fmt: skip


def test_bad_lines_are_answered_with_their_number_and_the_others_checked(tmp_path: Path) -> None:
    answers, errors = run(
        '{"id":', "", line(id=7), line(event="x"), line(text=None), line(scheduled_at="soon"),
        line(media=[{"consent": "yes"}]), "[1]", line(event={"date": "2026-13-01"}),
        tmp_path=tmp_path,
    )  # fmt: skip
    assert [(row["id"], row.get("line"), row.get("error")) for row in answers] == [
        (None, 1, "not a JSON object"),
        (7, None, None),
        (None, 4, "event is not an object"),
        (None, 5, "text is missing"),
        (None, 6, "scheduled_at is not a moment (ISO 8601)"),
        (None, 7, "media.consent is not true, false or null"),
        (None, 8, "not a JSON object"),
        (None, 9, "event.date is not a date (YYYY-MM-DD)"),
    ]
    assert all(row["findings"] == [] for row in answers if row["id"] is None)
    assert errors.endswith("CommandError: 7 line(s) could not be read")
    assert "drafts.jsonl:4: event is not an object" in errors


def test_every_field_may_be_null_or_missing(tmp_path: Path) -> None:
    event = dict.fromkeys(("name", "date", "start", "end", "venue", "deadline", "url"))
    nothing = dict.fromkeys(DRAFT)
    rows = [
        json.dumps({"text": "お知らせです。"}),
        json.dumps({**nothing, "text": "お知らせです。"}),
        json.dumps({**nothing, "id": 2, "text": "お知らせです。", "event": event}),
        line(text=None, media=[{}, None], sources=[{}, None], recent=[None], event={}),
    ]
    answers, errors = run(*rows, tmp_path=tmp_path)
    assert errors == ""
    assert answers[:3] == [
        {"id": None, "findings": []},
        {"id": None, "findings": []},
        {"id": 2, "findings": []},
    ]
    assert {one["check"] for one in answers[3]["findings"]} == {"J09", "J10", "J20", "J22"}


def test_places_are_counted_in_characters_of_the_text(tmp_path: Path) -> None:
    text = "👨‍👩‍👧‍👦\u200b🌸が開催です。６月１２日（木）に"
    (answer,), _ = run(line(text=text), tmp_path=tmp_path)
    (found,) = [one for one in answer["findings"] if one["check"] == "J01"]
    assert text[found["start"] : found["end"]] == "６月１２日（木）"


def test_standard_input_and_bytes_that_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BytesIO(b"\xef\xbb\xbf" + line(text="お知らせです。").encode() + b"\n\xff\n")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=given))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_draft", "-", "--shipped", stdout=out, stderr=io.StringIO())
    answers = [json.loads(row) for row in out.getvalue().splitlines()]
    assert answers[0] == {"id": "1", "findings": []}
    assert (answers[1]["line"], answers[1]["error"]) == (2, "not UTF-8")


def test_a_lone_surrogate_does_not_stop_the_others(tmp_path: Path) -> None:
    odd = '{"id": "\\ud800", "text": "\\udfff お知らせです。"}'
    answers, errors = run(odd, line(text="お知らせです。"), tmp_path=tmp_path)
    assert errors == ""
    assert [row["id"] for row in answers] == ["\ud800", "1"]


def test_a_missing_file_says_so() -> None:
    with pytest.raises(CommandError, match=r"^/nowhere\.jsonl: No such file"):
        call_command("check_draft", "/nowhere.jsonl", "--shipped", stdout=io.StringIO())


def findings_of(text: str, tmp_path: Path) -> tuple[list[str], str]:
    """By the dictionary of the database, where there is one."""
    file = tmp_path / "drafts.jsonl"
    file.write_text(line(text=text), encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    call_command("check_draft", str(file), stdout=out, stderr=err)
    return [one["check"] for one in json.loads(out.getvalue())["findings"]], err.getvalue()


def test_the_committees_words_count_where_there_is_a_database(
    people: People, tmp_path: Path
) -> None:
    text = "新しい言葉ナンチャラを使います。"
    assert findings_of(text, tmp_path) == ([], "")
    entry = Entry("J13", "ナンチャラ", words=("ナンチャラ",), reason="試験です。")
    dictionary.save(actor=people.chair, key="", seen=0, entry=entry, why="試験")
    assert findings_of(text, tmp_path) == (["J13"], "")


@pytest.mark.django_db
def test_without_its_table_the_shipped_words_count(tmp_path: Path) -> None:
    with mock.patch.object(reading, "version", side_effect=ProgrammingError):
        checks, told = findings_of("痴呆の方のケアについて。", tmp_path)
    assert (checks, told) == (["J13"], "word lists: the shipped ones (no database)\n")

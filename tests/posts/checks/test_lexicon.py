"""Dictionaries: what they do, and how they refuse what cannot work."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from posts.checks import CATALOGUE, Draft, examine
from posts.checks.carried import carried_registry, carried_terms
from posts.checks.lexicon import BadLexicon, Lexicon, build

TODAY = dt.date(2026, 6, 1)
ROW = {
    "check": "J13",
    "words": ["古語"],
    "reason": "「{found}」は古い言葉です。",
    "instead": "新語",
}


def lexicon(*rows: dict[str, Any]) -> Lexicon:
    return build(rows, carried_registry())


def found(text: str, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    findings = examine(Draft(text), today=TODAY, lexicon=lexicon(*rows))
    return [(text[one.start : one.end], one.suggestion) for one in findings if one.check == "J13"]


def test_a_term_is_found_with_its_replacement() -> None:
    assert found("これは古語です。", ROW) == [("古語", "「新語」への書き換えをご検討ください。")]


def test_a_hit_inside_a_longer_expression_does_not_count() -> None:
    row = ROW | {"inside": ["古語辞典"]}
    assert found("古語辞典と古語", row) == [("古語", "「新語」への書き換えをご検討ください。")]


def test_conditions_look_at_the_same_sentence_only() -> None:
    assert found("古語は使いません。", ROW | {"unless": ["ません"]}) == []
    assert len(found("使いません。古語です。", ROW | {"unless": ["ません"]})) == 1
    assert found("古語です。", ROW | {"only_with": ["薬"]}) == []
    assert len(found("古語の薬です。", ROW | {"only_with": ["薬"]})) == 1


def test_text_about_the_word_itself_does_not_count() -> None:
    row = ROW | {"mention_ok": True}
    assert found("「古語」という言葉は使われなくなりました。", row) == []
    assert len(found("古語の方もどうぞ。", row)) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW | {"check": "X"}, "「古語」：点検の番号（J01〜J28）がありません。"),
        (ROW | {"reason": ""}, "「古語」：理由が書かれていません。"),
        (ROW | {"words": []}, "「1番目」：探す言葉がありません。"),
        (ROW | {"words": [" "]}, "「 」：空の言葉は探せません。"),
        (ROW | {"patterns": ["("]}, "「古語」：式「(?:古語)|(?:()」が正しくありません。"),
        (ROW | {"patterns": ["a*"]}, "「古語」：式がどんな文にも当てはまります。"),
        (ROW | {"severity": "loud"}, "「古語」：重さは block・warn・info のどれかです。"),
        (ROW | {"unless": ["["]}, "「古語」：式「(?:[)」が正しくありません。"),
    ],
)
def test_rows_that_cannot_work_are_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(BadLexicon) as error:
        lexicon(row)
    assert str(error.value) == message


def test_a_registry_without_its_parts_is_refused() -> None:
    with pytest.raises(BadLexicon, match="名簿の項目「'own'」"):
        build([ROW], {})


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "J13.toml").write_text("[[term", encoding="utf-8")
    with pytest.raises(BadLexicon, match=r"^J13\.toml："):
        list(carried_terms(tmp_path))


def test_carried_terms_belong_to_checks_of_the_catalogue() -> None:
    ids = {check.id for check in CATALOGUE}
    assert {row["check"] for row in carried_terms()} <= ids


def test_the_catalogue_is_whole_and_in_order() -> None:
    assert [check.id for check in CATALOGUE] == [f"J{number:02}" for number in range(1, 29)]

"""The policy's text falls into clauses and comes together again word for word."""

import hashlib

import pytest

from policy.carried import policy_text
from policy.text import BadPolicyText, parse, render

LETTERS = "アイウエオカキクケコサシスセソ"


def test_parse_finds_every_clause_of_the_policy() -> None:
    codes = [part.code for part in parse(policy_text()).parts]
    assert codes == [
        "1", *(f"1({n})" for n in range(1, 6)), "1末文",
        "2",
        "3", *(f"3({n})" for n in range(1, 4)),
        "4", "4(1)", "4(2)", *(f"4(2){letter}" for letter in LETTERS), "4(3)",
        "5", *(f"5({n})" for n in range(1, 9)),
        "6", "7", "8",
    ]  # fmt: skip


def test_parse_keeps_the_wording_of_section_4_2() -> None:
    parts = {part.code: part for part in parse(policy_text()).parts}
    assert parts["4"].heading == "コメントおよびメッセージ管理"
    assert parts["4(2)"].heading == "コメント削除の基準"
    assert parts["4(2)"].text == (
        "投稿内容と関連のないコメントや、以下の内容に該当するコメントは、"
        "投稿者に断りなく削除する場合があります。"
    )
    assert parts["4(2)ア"].text == "法令等に違反する内容、又は違反するおそれのあるもの"
    assert parts["4(2)ソ"].text == "その他、運営上、本学会が不適当と判断したもの"
    assert parts["4(3)"].text.count("\n") == 1
    assert parts["1末文"].text.startswith("なお、本学会のソーシャルメディア")


def test_render_gives_back_every_line() -> None:
    source = policy_text()
    lines = [line for line in source.splitlines() if line]
    assert render(parse(source)).splitlines() == lines


def test_sha256_is_of_the_source_as_written() -> None:
    source = policy_text()
    assert parse(source).sha256 == hashlib.sha256(source.encode()).hexdigest()


@pytest.mark.parametrize(
    ("source", "message"),
    [("題\n本文", "2行目"), ("題\n1. 一\n（1）ア\n（1）イ", "1(1)")],
)
def test_parse_names_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(BadPolicyText, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse(source)

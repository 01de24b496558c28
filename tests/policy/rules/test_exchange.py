"""Rules as tables: what goes out comes back, and what cannot be read is named by its line."""

import csv
import io

import pytest
from hypothesis import given, strategies as st

from jspm_social.accounts.models import User
from policy.errors import Refused
from policy.models import Rule, RuleSet
from policy.rules import drafting, exchange
from policy.rules.drafting import BadLines, NewRule


def table(*lines: str) -> str:
    return "\r\n".join(["種類,値,基準,重み", *lines])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_reads_what_spreadsheets_write(encoding: str) -> None:
    content = table(
        "語句,無料モニター,キ,0.5", ",①番で勧誘,キ,", "", "パターン,限定(?:価格|品),キ,0.7"
    )
    assert exchange.read(content.encode(encoding)) == [
        NewRule(2, "term", "無料モニター", "キ", 0.5),
        NewRule(3, "term", "①番で勧誘", "キ", 0.6),
        NewRule(5, "pattern", "限定(?:価格|品)", "キ", 0.7),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "「値」の列が必要"),
        ("語,句\r\na,b".encode(), "「値」の列が必要"),
        (b"\xff\xfe\x00\x01", "文字コードが分かりません"),
        (table("語句,a\0b,キ,1").encode(), "文字コードが分かりません"),
        (table('語句,"閉じない,キ,1').encode(), "引用符や区切りが正しくありません"),
        (b"x" * (exchange.MOST_BYTES + 1), "大きすぎます"),
        (table(*(f"語句,語{n},キ,1" for n in range(50_000))).encode("cp932"), "20,000件まで"),
    ],
)
def test_file_that_is_no_table_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        exchange.read(content)


def test_every_bad_line_is_named() -> None:
    content = table("語句,よい,キ,0.5", "呪文,だめ,キ,0.5", "語句,だめ,キ,多い", "語句,a,キ,1,余分")
    with pytest.raises(BadLines) as refused:
        exchange.read(content.encode())
    assert refused.value.problems == [
        (3, "種類「呪文」は使えません（語句、パターン、表示名、リンク、誤った主張のどれか）"),
        (4, "重み「多い」は数ではありません"),
        (5, "列が見出しより多くあります"),
    ]


def test_what_is_written_can_be_read_again(active: RuleSet, draft: RuleSet, admin: User) -> None:
    rules = [
        NewRule(1, "term", "=cmd|' /C calc'!A0", "シ", 0.5, reason="+1"),
        NewRule(2, "pattern", "限定(?:価格|品)", "キ", 0.7, unless=("青錆", "赤錆")),
        NewRule(
            3, "claim", "水で治る", "ク", 0.8, correction="治りません。\n水は水です。", source="-"
        ),
    ]
    drafting.add_rules(actor=admin, rules=rules, why="試し")
    written = "".join(exchange.written(draft.rules.select_related("author")))
    assert written.startswith("\ufeff種類,値,基準")
    cells = [
        cell for row in csv.reader(io.StringIO(written.removeprefix("\ufeff"))) for cell in row
    ]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))] == []
    again = {rule.value: rule for rule in exchange.read(written.encode())}
    assert len(again) == draft.rules.count()
    for rule in rules:
        read = again[rule.value]
        assert (read.kind, read.criterion, read.weight, read.unless, read.correction) == (
            *(rule.kind, rule.criterion, rule.weight, rule.unless, rule.correction),
        )
    other = drafting.add_rules(actor=admin, rules=list(again.values()), why="同じもの")
    assert other.count == 0


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(text.map(str.strip).filter(lambda t: t and not t.startswith("'")))
def test_any_value_comes_back(value: str) -> None:
    rule = Rule(kind="term", value=value, criterion="キ", weight=0.5, group="g")
    written = "".join(exchange.written([rule]))
    assert exchange.read(written.encode())[0].value == value

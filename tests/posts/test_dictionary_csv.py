"""The word lists as a table: what goes out comes back the same, and bad lines are named."""

import csv
import io

import pytest
from hypothesis import given, strategies as st

from posts import dictionary_csv
from posts.checks.entries import Entry, key_of, shipped
from posts.dictionary import Listed
from posts.dictionary_csv import BadFile, Row, decoded, lines, read
from posts.states import EntryState

SHIPPED = [Listed(key, entry, is_shipped=True) for key, entry in shipped().items()]
HEAD = "点検,名前,言葉,言い換え,理由,重さ\n"


def table(*found: Listed) -> str:
    return "".join(lines(found))


def troubles(text: str, found: list[Listed] = SHIPPED) -> list[tuple[int, str]]:
    return [(row.number, row.trouble) for row in read(text, found) if row.trouble]


def test_what_is_shipped_comes_back_unchanged() -> None:
    rows = read(table(*SHIPPED), SHIPPED)
    assert len(rows) == len(SHIPPED)
    assert all(row.same and not row.trouble for row in rows)
    fresh = read(table(*SHIPPED), [])
    assert [row.entry for row in fresh] == list(shipped().values())


def test_encodings_of_a_windows_machine() -> None:
    text = HEAD + "J13,,旧語,新語,「{found}」は古い言葉です。,注意\n"
    for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16"):
        (row,) = read(decoded(text.replace("\n", "\r\n").encode(encoding)), [])
        assert row.entry == Entry(
            "J13", "旧語", ("旧語",), "新語", "「{found}」は古い言葉です。", "warn"
        )
    with pytest.raises(BadFile, match="Shift_JIS"):
        decoded(b"\x81\xff\xfe\x00")


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n、", exclude_categories=["Cc", "Cs"]), min_size=1).map(
    str.strip
).filter(bool)  # fmt: skip


@given(st.lists(WORDS, min_size=1, max_size=3, unique=True), WORDS, WORDS)
def test_every_word_survives_the_spreadsheet(words: list[str], instead: str, reason: str) -> None:
    entry = Entry("J13", words[0], tuple(words), instead, reason)
    one = Listed("key", entry, is_shipped=False, version=1)
    (row,) = read(table(one), [one])
    assert (row.entry, row.same, row.trouble) == (entry, True, "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋"])
def test_nothing_runs_as_a_formula(sign: str) -> None:
    entry = Entry("J13", f"{sign}1+1", (f"{sign}1+1",), f"{sign}cmd", f"{sign}理由")
    one = Listed("key", entry, is_shipped=False, by=f"{sign}人", why=f"{sign}理由")
    (_, cells) = csv.reader(io.StringIO(table(one)))
    assert not [cell for cell in cells if cell.startswith(sign)]


def test_a_missing_column_changes_nothing() -> None:
    old = next(iter(shipped().values()))
    text = f"点検,名前,理由\n{old.check},{old.name},別の理由です。\n"
    (row,) = read(text, SHIPPED)
    assert row.key == key_of(old)
    assert row.entry is not None
    assert (row.entry.words, row.entry.reason) == (old.words, "別の理由です。")


def test_bad_lines_are_told_by_their_number() -> None:
    text = (
        HEAD + 'J13,,"旧語\n古語",新語,理由です。,注意\n'
        "J13,旧語,別の語,新語,理由です。,注意\n"
        ",,,,,\n"
        "J13,,,新語,理由です。,注意\n"
        "J13,,言葉,新語,理由です。,つよい\n"
        ",名,言葉,新語,理由です。,注意\n"
    )
    assert troubles(text) == [
        (4, "2行目と同じ項目（J13「旧語」）です。"),
        (6, "点検と、名前か言葉を書いてください。"),
        (7, "重さ「つよい」は、点検のとおり・止める・注意・参考のどれかにしてください。"),
        (8, "点検と、名前か言葉を書いてください。"),
    ]


def test_retired_words_are_left_to_their_page() -> None:
    key, entry = next(iter(shipped().items()))
    retired = Listed(key, entry, is_shipped=True, state=EntryState.RETIRED, version=1)
    assert read(table(retired), [retired]) == [Row(2, same=True)]
    in_use = table(Listed(key, entry, is_shipped=True))
    assert "先にもとに戻して" in troubles(in_use, [retired])[0][1]
    assert "その言葉のページ" in troubles(table(retired))[0][1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "取り込む行がありません"),
        (HEAD, "取り込む行がありません"),
        ("名前,理由\nあ,い\n", "「点検」がありません"),
        ("点検,理由\nJ13,い\n", "「言葉」がありません"),
        (HEAD + 'J13,,"旧語,新語,理由\n', "2行目から読めません"),
        (HEAD + "J13,,旧語,新語,理由です。,注意\n" * 1001, "1000行まで"),
        (HEAD + "あ" * dictionary_csv.MOST_CHARACTERS, "大きすぎます"),
    ],
)
def test_what_is_no_such_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        read(text, SHIPPED)

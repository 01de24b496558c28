r"""The word lists as a table for a spreadsheet, and back. Pure: no database.

A cell with several words has one a line. Text that a spreadsheet would run as a formula carries
an apostrophe, and a letter of an expression that Shift_JIS lacks is written \x{9fa5} (a
spreadsheet that saves in it would put a ? there, unseen): reading takes both back.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils import timezone

from jspm_social.audit.export import csv_line, harmless
from posts.checks.entries import EXPRESSIONS, Entry
from posts.dictionary import Listed
from posts.states import EntryState

MOST_ROWS = 1000
MOST_CHARACTERS = 1_000_000
TEXTS: Final = {"点検": "check", "名前": "name", "言い換え": "instead", "理由": "reason"}
LISTS: Final = {
    "言葉": "words",
    "数えない言い方": "exceptions",
    "式": "patterns",
    "数えない式": "inside",
    "同じ文にあれば数えない式": "unless",
    "同じ文にあるときだけ数える式": "only_with",
}
WEIGHT, MENTION, STATE = "重さ", "言葉の説明は数えない", "状態"
HEADER: Final = (
    "点検", "名前", "言葉", "言い換え", "理由", WEIGHT, "数えない言い方", MENTION, STATE,
    "式", "数えない式", "同じ文にあれば数えない式", "同じ文にあるときだけ数える式",
    "由来", "変更した人", "変更日時", "変更の理由",
)  # fmt: skip
WEIGHTS: Final = {"": "点検のとおり", "block": "止める", "warn": "注意", "info": "参考"}
_YES: Final = {
    "はい": True,
    "yes": True,
    "1": True,
    "": False,
    "いいえ": False,
    "no": False,
    "0": False,
}

_TWINS = str.maketrans("〜‖−¢£¬—", "～∥－￠￡￢―")
_ESCAPE = re.compile(r"\\x\{((?:10|[0-9a-f])[0-9a-f]{3,4})\}")


class BadFile(ValueError):
    """The file is no such table; the Japanese message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: what it would change an entry to, or what is wrong with it."""

    number: int
    key: str = ""
    version: int = 0
    entry: Entry | None = None
    trouble: str = ""
    same: bool = False


def lines(found: Iterable[Listed]) -> Iterator[str]:
    """With a byte order mark, without which Excel reads Japanese as Shift_JIS."""
    yield "\ufeff" + csv_line(HEADER)
    for one in found:
        yield csv_line(_cells(one))


def decoded(data: bytes) -> str:
    """UTF-8 (with or without its mark), UTF-16 with its mark, or Shift_JIS as Windows writes it.

    Raises:
        BadFile: it is none of these.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise BadFile("文字を読めません。UTF-8 か Shift_JIS の CSV で保存してください。")


def read(text: str, found: Iterable[Listed]) -> list[Row]:
    """Compare the table with the entries there are. A column that is missing changes nothing.

    Only the form of a line is judged here; whether an entry can work, the service says.

    Raises:
        BadFile: it is empty, too long, or lacks the columns that tell which entry is meant.
    """
    known = {(one.entry.check, one.entry.name): one for one in found}
    rows: list[Row] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in _records(text):
        row = _row(number, cells, known)
        if row.entry is not None:
            name = (row.entry.check, row.entry.name)
            if name in seen:
                told = f"{seen[name]}行目と同じ項目（{name[0]}「{name[1]}」）です。"
                row = Row(number, trouble=told)
            else:
                seen[name] = number
        rows.append(row)
    if not rows:
        raise BadFile("取り込む行がありません。1行目は見出しにしてください。")
    return rows


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    if len(text) > MOST_CHARACTERS:
        raise BadFile(f"大きすぎます（{MOST_CHARACTERS:,}文字まで）。")
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    header: list[str] = []
    last = 0
    try:
        for count, cells in enumerate(reader):
            number, last = last + 1, reader.line_num
            if not header:
                header = _header(cells)
                continue
            if count > MOST_ROWS:
                raise BadFile(f"一度に取り込めるのは{MOST_ROWS}行までです。")
            if any(cell.strip() for cell in cells):
                yield number, {name: _bare(cell) for name, cell in zip(header, cells, strict=False)}
    except csv.Error as error:
        told = f'{last + 1}行目から読めません。「"」の閉じ忘れがないか確かめてください。'
        raise BadFile(told) from error


def _header(cells: Sequence[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [name for name in ("点検", "理由") if name not in header]
    if not {"名前", "言葉"} & set(header):
        missing.append("言葉")
    if missing:
        raise BadFile(f"見出しの行に「{'」「'.join(missing)}」がありません。")
    return header


def _row(number: int, cells: dict[str, str], known: dict[tuple[str, str], Listed]) -> Row:
    words = many(cells.get("言葉", ""))
    check = cells.get("点検", "").strip().upper()
    name = cells.get("名前", "").strip() or next(iter(words), "")
    there = known.get((check, name))
    if cells.get(STATE, "").strip() == EntryState.RETIRED.label:
        if there is not None and there.state == EntryState.RETIRED:
            return Row(number, same=True)
        return Row(number, trouble="使うのをやめるのは、その言葉のページで行ってください。")
    if there is not None and there.state == EntryState.RETIRED:
        return Row(
            number, trouble=f"「{name}」は使わないことになっています。先にもとに戻してください。"
        )
    if not check or not name:
        return Row(number, trouble="点検と、名前か言葉を書いてください。")
    before = there.entry if there else Entry(check, name)
    try:
        entry = replace(before, **{**_fields(cells), "check": check, "name": name})
    except BadFile as error:
        return Row(number, trouble=str(error))
    key, version = (there.key, there.version) if there else ("", 0)
    return Row(number, key, version, entry, same=there is not None and _same(entry, before))


def _same(entry: Entry, before: Entry) -> bool:
    """Shift_JIS has one sign where Unicode has two alike: that alone is no change."""
    return entry == before or _as_in_shift_jis(entry) == _as_in_shift_jis(before)


def _as_in_shift_jis(entry: Entry) -> str:
    return json.dumps(entry.to_json(), ensure_ascii=False).translate(_TWINS)


def _fields(cells: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        field: cells[column].strip() for column, field in TEXTS.items() if column in cells
    }
    for column, field in LISTS.items():
        if column in cells:
            cell = cells[column]
            fields[field] = expressions(_unescaped(cell)) if field in EXPRESSIONS else many(cell)
    if WEIGHT in cells:
        fields["severity"] = _weight(cells[WEIGHT].strip())
    if MENTION in cells:
        fields["mention_ok"] = _yes(cells[MENTION].strip())
    return fields


def many(cell: str) -> tuple[str, ...]:
    """The plain words of a cell or a box: one a line, or with 、 between them."""
    return expressions(cell.replace("、", "\n"))


def expressions(cell: str) -> tuple[str, ...]:
    """One a line."""
    return tuple(dict.fromkeys(part.strip() for part in cell.split("\n") if part.strip()))


def _weight(cell: str) -> str:
    for value, label in WEIGHTS.items():
        if cell in {value, label}:
            return value
    raise BadFile(f"重さ「{cell[:20]}」は、{'・'.join(WEIGHTS.values())}のどれかにしてください。")


def _yes(cell: str) -> bool:
    if cell.lower() not in _YES:
        raise BadFile(f"「{MENTION}」は、はい・いいえのどちらかにしてください。")
    return _YES[cell.lower()]


def _cells(one: Listed) -> list[str]:
    entry = one.entry
    shown = {column: getattr(entry, field) for column, field in TEXTS.items()}
    for column, field in LISTS.items():
        cell = "\n".join(getattr(entry, field))
        shown[column] = _escaped(cell) if field in EXPRESSIONS else cell
    shown |= {
        WEIGHT: WEIGHTS[entry.severity],
        MENTION: "はい" if entry.mention_ok else "いいえ",
        STATE: one.state.label,
        "由来": one.origin,
        "変更した人": one.by,
        "変更日時": f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}" if one.at else "",
        "変更の理由": one.why,
    }
    return [shown[column] for column in HEADER]


def _escaped(cell: str) -> str:
    return "".join(char if _in_shift_jis(char) else f"\\x{{{ord(char):x}}}" for char in cell)


def _unescaped(cell: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), cell)


def _in_shift_jis(char: str) -> bool:
    try:
        char.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _bare(cell: str) -> str:
    """Take off the apostrophe that `harmless` put in front."""
    rest = cell.removeprefix("'")
    return rest if rest != cell and harmless(rest) == cell else cell

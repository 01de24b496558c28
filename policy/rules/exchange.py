"""Rules as a table file: UTF-8 or Shift_JIS comes in, UTF-8 with a byte order mark goes out."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from django.utils import timezone

from jspm_social.audit.export import csv_line
from policy.errors import Refused
from policy.models import Rule, RuleKind
from policy.ruleset import TOGETHER

from .drafting import MOST_RULES, BadLines, NewRule

MOST_BYTES = 10 << 20
USUAL_WEIGHT = 0.6
COLUMNS = (
    "種類",
    "値",
    "基準",
    "重み",
    "画面に出す理由",
    "グループ",
    "前提",
    "除外",
    "正しい内容",
    "出典",
)
TOLD = ("作成者", "作成の理由", "作成日")  # goes out, and is not read when it comes back
_KINDS = {label: value for value, label in RuleKind.choices if value != TOGETHER}
_JOINED = "|"


def written(rules: Iterable[Rule]) -> Iterator[str]:
    """Lines for a spreadsheet. Cells that it would run as a formula get an apostrophe."""
    yield "\ufeff" + csv_line((*COLUMNS, *TOLD))
    for rule in rules:
        yield csv_line(_cells(rule))


def _cells(rule: Rule) -> list[str]:
    return [
        rule.get_kind_display(),
        rule.value,
        rule.criterion,
        f"{rule.weight:g}",
        rule.reason,
        rule.group,
        _JOINED.join(rule.requires),
        _JOINED.join(rule.unless),
        rule.correction,
        rule.source,
        rule.author.display_name if rule.author else "同梱",
        rule.why,
        timezone.localtime(rule.added_at).date().isoformat(),
    ]


def read(content: bytes) -> list[NewRule]:
    """Read the rules of a file; combinations cannot be written in one and are left out.

    Raises:
        Refused: not a table, no column 値, too large, or neither UTF-8 nor Shift_JIS.
        BadLines: naming each line that cannot be read.
    """
    if len(content) > MOST_BYTES:
        raise Refused("ファイルが大きすぎます（10MBまで）。分けて取り込んでください。")
    table = csv.DictReader(io.StringIO(_decoded(content), newline=""), strict=True)
    rules: list[NewRule] = []
    problems: list[tuple[int, str]] = []
    try:
        if "値" not in (table.fieldnames or ()):
            raise Refused(
                f"1行目に見出しがありません。「値」の列が必要です（ほかに使える列：{'、'.join(COLUMNS)}）。"
            )
        for row in table:
            _take(row, table.line_num, rules, problems)
            if len(rules) > MOST_RULES:
                raise Refused(
                    f"規則は{MOST_RULES:,}件までです。ファイルを分けるか、不要な行を除いてください。"
                )
    except csv.Error as error:
        raise Refused(
            f"{table.line_num}行目の引用符や区切りが正しくありません。CSVとして保存し直してください。"
        ) from error
    if problems:
        raise BadLines(problems)
    return rules


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Refused("文字コードが分かりません。UTF-8かShift_JISのCSVとして保存してください。")


def _take(
    row: Mapping[str | None, object],
    line: int,
    rules: list[NewRule],
    problems: list[tuple[int, str]],
) -> None:
    cells = {name: _plain(value) for name, value in row.items() if isinstance(name, str)}
    if not any(cells.values()) or cells.get("種類") == RuleKind.TOGETHER.label:
        return
    if None in row:
        problems.append((line, "列が見出しより多くあります"))
        return
    try:
        rules.append(_rule(cells, line))
    except ValueError as error:
        problems.append((line, str(error)))


def _rule(cells: Mapping[str, str], line: int) -> NewRule:
    kind = cells.get("種類") or RuleKind.TERM.label
    if kind not in _KINDS:
        raise ValueError(f"種類「{kind}」は使えません（{'、'.join(_KINDS)}のどれか）")
    return NewRule(
        line=line,
        kind=_KINDS[kind],
        value=cells.get("値", ""),
        criterion=cells.get("基準", ""),
        weight=_number(cells.get("重み", "")),
        reason=cells.get("画面に出す理由", ""),
        group=cells.get("グループ", ""),
        requires=_names(cells.get("前提", "")),
        unless=_names(cells.get("除外", "")),
        correction=cells.get("正しい内容", ""),
        source=cells.get("出典", ""),
    )


def _number(text: str) -> float:
    if not text:
        return USUAL_WEIGHT
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"重み「{text}」は数ではありません") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(_JOINED) if (name := part.strip()))


def _plain(value: object) -> str:
    """A cell without the apostrophe that the export put in front of it."""
    text = value.strip() if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@＝＋－＠") else text

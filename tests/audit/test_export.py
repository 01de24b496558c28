"""The audit trail as CSV."""

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction
from hypothesis import given, strategies as st

from jspm_social.audit.export import HEADER, csv_line, csv_lines, harmless
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.services import erase_personal, record
from tests.people import People

SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.mark.parametrize("sign", SIGNS)
def test_harmless_defuses_what_a_spreadsheet_would_run(sign: str) -> None:
    assert harmless(f'{sign}HYPERLINK("https://evil.example")').startswith(f"'{sign}")


@pytest.mark.parametrize("value", ["", "緩和ケア", "4(2)エ", "a=1", "'=1", "1-2"])
def test_harmless_leaves_ordinary_text_alone(value: str) -> None:
    assert harmless(value) == value


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))))
def test_csv_line_reads_back_and_no_cell_is_a_formula(values: list[str]) -> None:
    line = csv_line(["1", *values])
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    assert cells == ["1", *(harmless(value) for value in values)]
    assert not any(cell.startswith(tuple(SIGNS)) for cell in cells)


@time_machine.travel(datetime(2026, 4, 1, 1, 20, tzinfo=UTC), tick=False)
def test_csv_lines_tell_everything_in_japanese_time(people: People) -> None:
    with transaction.atomic():
        kept = record(
            actor=people.moderator,
            verb="user.roles_set",
            target=people.member,
            clause="4(2)エ",
            policy_version="1",
            channel=4,
            details={"outcome": "hide", "ids": [1, 2]},
            personal={"note": "=1+1"},
        )
        erased = record(
            actor=None, verb="later.verb", target=people.member, personal={"note": "秘密"}
        )
    erase_personal(actor=None, events=[erased], reason="請求")
    text = "".join(csv_lines(AuditEvent.objects.order_by("id")[:2]))
    assert text.startswith("\ufeff番号,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    member = str(people.member.pk)
    assert rows == [
        list(HEADER),
        [
            "1",
            "2026-04-01T10:20:00+09:00",
            "moderator さん",
            "役割を変更",
            "利用者",
            member,
            "4",
            "4(2)エ",
            "1",
            '{"ids":[1,2],"outcome":"hide"}',
            "理由：=1+1",
            kept.hash,
        ],
        [
            "2",
            "2026-04-01T10:20:00+09:00",
            "システム",
            "later.verb",
            "利用者",
            member,
            "",
            "",
            "",
            "{}",
            "（個人情報は消去済み）",
            erased.hash,
        ],
    ]

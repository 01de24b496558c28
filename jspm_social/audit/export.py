"""The audit trail as CSV, for a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.utils import timezone

from jspm_social.audit.chain import canonical
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import label
from jspm_social.audit.wording import personal_text, target_label

HEADER: Final = (
    "番号", "日時", "行った人", "行為", "対象の種類", "対象の番号", "公式アカウント", "条項",
    "運用方針の版", "詳細", "個人情報", "ハッシュ",
)  # fmt: skip
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")


def csv_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """Lines with a byte order mark, without which Excel reads Japanese as Shift_JIS."""
    yield "\ufeff" + csv_line(HEADER)
    for event in events:
        yield csv_line(cells(event))


def cells(event: AuditEvent) -> list[str]:
    return [
        str(event.id),
        timezone.localtime(event.at).isoformat(timespec="seconds"),
        event.actor_name,
        label(event.verb),
        target_label(event.target_type),
        event.target_id,
        "" if event.channel is None else str(event.channel),
        event.clause,
        event.policy_version,
        canonical(event.details).decode(),
        personal_text(event),
        event.hash,
    ]


def csv_line(values: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(value) for value in values])
    return line.getvalue()


def harmless(value: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front. The full-width
    signs count as well: Excel in Japanese takes them for the plain ones.
    """
    return "'" + value if value.startswith(_FORMULA) else value

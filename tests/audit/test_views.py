"""The page on which the audit trail is searched."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.queries import PAGE_SIZE
from jspm_social.audit.services import erase_personal, record
from tests.people import People, client_of

PAGE = "/audit/"
BEGIN = datetime(2026, 3, 31, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo


@pytest.fixture
def auditor(people: People) -> Client:
    return client_of(people.auditor)


@pytest.fixture
def trail(people: People) -> list[AuditEvent]:
    """Four events, two minutes apart, around midnight in Tokyo."""
    words: list[dict[str, Any]] = [
        {"actor": people.moderator, "verb": "user.created", "target": people.member},
        {"actor": people.moderator, "verb": "user.roles_set", "target": people.chair},
        {"actor": people.admin, "verb": "user.roles_set", "target": people.member},
        {"actor": None, "verb": "approval.expired", "target": AuditEvent(pk=9)},
    ]
    events = []
    for minutes, word in enumerate(words):
        with (
            time_machine.travel(BEGIN + timedelta(minutes=2 * minutes), tick=False),
            transaction.atomic(),
        ):
            events.append(
                record(clause=f"4(2){'アイウエ'[minutes]}", policy_version="第1版", **word)
            )
    return events


def shown(client: Client, **query: Any) -> list[int]:
    return [row.id for row in client.get(PAGE, query).context["rows"]]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_page_shows_newest_first(auditor: Client, trail: list[AuditEvent]) -> None:
    assert shown(auditor) == [4, 3, 2, 1]


def test_page_tells_who_when_what_why_and_under_which_clause(
    auditor: Client, people: People
) -> None:
    with time_machine.travel(BEGIN, tick=False), transaction.atomic():
        record(
            actor=people.moderator,
            verb="user.roles_set",
            target=people.member,
            clause="4(2)エ",
            policy_version="第1版",
            personal={"note": "<script>alert(1)</script>任期のため"},
        )
    page = text(auditor.get(PAGE))
    for words in (
        "2026年3月31日（火）23:59",
        "moderator さん",
        "役割を変更",
        f"利用者 {people.member.pk}",
        "理由：&lt;script&gt;alert(1)&lt;/script&gt;任期のため",
        "4(2)エ",
        "第1版",
    ):
        assert words in page
    assert "<script>alert" not in page


def test_page_says_where_personal_details_were_erased(auditor: Client, people: People) -> None:
    with transaction.atomic():
        event = record(
            actor=None, verb="user.created", target=people.member, personal={"note": "秘密"}
        )
    erase_personal(actor=people.admin, events=[event], reason="請求")
    page = text(auditor.get(PAGE, {"number": event.id}))
    assert "（個人情報は消去済み）" in page
    assert "秘密" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"verb": "user.roles_set"}, [3, 2]),
        ({"actor": "system"}, [4]),
        ({"target_type": "audit.auditevent"}, [4]),
        ({"target_type": "audit.auditevent", "target_id": "10"}, []),
        ({"clause": "4(2)イ"}, [2]),
        ({"number": "3"}, [3]),
        ({"number": "99"}, []),
        ({"since": "2026-04-01"}, [4, 3, 2]),
        ({"until": "2026-03-31"}, [1]),
        ({"since": "2026-04-01", "until": "2026-04-01", "verb": "user.roles_set"}, [3, 2]),
        ({"verb": "", "number": "", "since": ""}, [4, 3, 2, 1]),
    ],
)
def test_page_finds_by_each_filter(
    auditor: Client, trail: list[AuditEvent], query: dict[str, str], found: list[int]
) -> None:
    assert shown(auditor, **query) == found


def test_page_finds_by_person_and_target(
    auditor: Client, people: People, trail: list[AuditEvent]
) -> None:
    assert shown(auditor, actor=people.moderator.pk) == [2, 1]
    member = {"target_type": "accounts.user", "target_id": people.member.pk}
    assert shown(auditor, **member) == [3, 1]


@pytest.mark.parametrize(
    "query",
    [
        {"number": "0"},
        {"number": "x"},
        {"number": str(2**70)},
        {"verb": "no.such"},
        {"actor": "-1"},
        {"since": "昨日"},
        {"since": "2026-04-02", "until": "2026-04-01"},
        {"clause": "x" * 65},
        {"target_id": "a\x00b"},
    ],
)
def test_page_names_a_wrong_filter_and_shows_nothing(
    auditor: Client, trail: list[AuditEvent], query: dict[str, str]
) -> None:
    response = auditor.get(PAGE, query)
    assert response.status_code == 200
    assert response.context["rows"] == []
    assert response.context["form"].errors
    assert "検索の条件をご確認ください" in text(response)
    assert "<details open><summary>記録の検索" in text(response)
    # also inside what htmx puts into the page, where the form itself is left as it is
    field, (error, *_more) = next(iter(response.context["form"].errors.items()))
    assert f"{response.context['form'][field].label}：{escape(error)}" in text(response)


def test_paging_walks_the_whole_trail_and_back(auditor: Client, people: People) -> None:
    count = 2 * PAGE_SIZE + 1
    with transaction.atomic():
        for _ in range(count):
            record(actor=None, verb="user.created", target=people.member)
    walked: list[list[int]] = []
    url = "?verb=user.created"
    while url:
        page = auditor.get(PAGE + url).context
        walked.append([row.id for row in page["rows"]])
        url, back = page["older_url"], page["newer_url"]
    assert [number for rows in walked for number in rows] == list(range(count, 0, -1))
    assert [len(rows) for rows in walked] == [PAGE_SIZE, PAGE_SIZE, 1]
    page = auditor.get(PAGE + back).context
    assert [row.id for row in page["rows"]] == walked[1]
    page = auditor.get(PAGE + page["newer_url"]).context
    assert [row.id for row in page["rows"]] == walked[0]
    assert page["newer_url"] == ""
    assert "verb=user.created" in page["older_url"]


def test_paging_of_exactly_one_page_has_no_next(auditor: Client, people: People) -> None:
    with transaction.atomic():
        for _ in range(PAGE_SIZE):
            record(actor=None, verb="user.created", target=people.member)
    page = auditor.get(PAGE).context
    assert (len(page["rows"]), page["older_url"], page["newer_url"]) == (PAGE_SIZE, "", "")


@pytest.mark.parametrize("place", ["x", "-1", "１", str(10**30), ""])
def test_paging_takes_a_wrong_place_for_the_newest_page(
    auditor: Client, trail: list[AuditEvent], place: str
) -> None:
    assert shown(auditor, before=place, after=place) == [4, 3, 2, 1]


def test_page_needs_as_many_queries_for_three_events_as_for_one(
    auditor: Client, people: People
) -> None:
    def tell() -> None:
        with transaction.atomic():
            record(
                actor=people.chair,
                verb="user.created",
                target=people.member,
                personal={"note": "x"},
            )

    tell()
    with CaptureQueriesContext(connection) as one:
        auditor.get(PAGE)
    tell()
    tell()
    with CaptureQueriesContext(connection) as three:
        auditor.get(PAGE)
    assert len(three) == len(one)


def rows_of(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def test_export_writes_what_was_found_and_tells_it(
    auditor: Client, people: People, trail: list[AuditEvent]
) -> None:
    response = auditor.post("/audit/export/", {"verb": "user.roles_set", "since": "2026-04-01"})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert [row[0] for row in rows_of(response)] == ["番号", "3", "2"]
    event = AuditEvent.objects.latest("id")
    assert (event.id, event.verb, event.actor_id) == (5, "audit.exported", people.auditor.pk)
    assert event.details == {"filters": {"verb": "user.roles_set", "since": "2026-04-01"}}


def test_export_without_filters_holds_everything_but_itself(
    auditor: Client, trail: list[AuditEvent]
) -> None:
    assert [row[0] for row in rows_of(auditor.post("/audit/export/"))[1:]] == ["4", "3", "2", "1"]


def test_export_with_a_wrong_filter_exports_nothing(
    auditor: Client, trail: list[AuditEvent]
) -> None:
    response = auditor.post("/audit/export/", {"since": "昨日"})
    assert response.status_code == 422
    assert "検索の条件をご確認ください" in text(response)
    assert AuditEvent.objects.count() == 4

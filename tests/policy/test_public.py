"""The pages that everybody may read: what they show, and that any cache may keep them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from policy import carried, transparency
from policy.criteria import Criterion
from policy.explained import explanations
from policy.models import PolicyVersion
from policy.presenters.public import last_months, months
from policy.services import load_version_1
from policy.transparency import Month, told, told_sum
from tests.people import People, client_of
from tests.policy import versions as made

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAGES = [
    "/policy/",
    "/policy/v1/",
    "/policy/v2/",
    "/policy/v2/changes/",
    "/policy/grounds/",
    "/policy/transparency/",
    "/policy/feed/",
]


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [r for r in carried.carried_rules() if not (r.requires or r.unless)][:3]
    monkeypatch.setattr(carried, "carried_rules", lambda: few)


@pytest.fixture
def second(people: People) -> PolicyVersion:
    load_version_1()
    return made.in_force(people)


def read(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def test_the_policy_in_force_stands_there_word_for_word(
    client: Client, second: PolicyVersion
) -> None:
    page = read(client, "/policy/")
    assert made.NEW in page
    assert made.OLD not in page
    assert made.SUMMARY in page
    assert '<html lang="ja">' in page
    assert [code for code in ("c4", "c4-2", "c4-2-a", "c1-end") if f'id="{code}"' not in page] == []


def test_an_earlier_version_says_that_it_is_one(client: Client, second: PolicyVersion) -> None:
    page = read(client, "/policy/v1/")
    assert made.OLD in page
    assert "これは以前の版です" in page
    assert "これは以前の版です" not in read(client, "/policy/v2/")


def test_anchors_lead_to_the_same_clause_in_every_version(
    client: Client, second: PolicyVersion
) -> None:
    anchors = [
        set(re.findall(r' id="(c[0-9][^"]*)"', read(client, f"/policy/v{n}/"))) for n in (1, 2)
    ]
    assert anchors[0] == anchors[1]
    assert len(anchors[0]) == 43


def test_the_difference_of_two_versions(client: Client, second: PolicyVersion) -> None:
    page = read(client, "/policy/v2/changes/")
    assert re.findall(r"</span>([^<]*)<span", "".join(re.findall(r"<ins>.*?</ins>", page))) == [
        "週に2回を目安に"
    ]
    assert client.get("/policy/v1/changes/").status_code == 404


def test_nothing_is_public_before_its_day(client: Client, people: People) -> None:
    load_version_1()
    made.approved(people)
    assert made.OLD in read(client, "/policy/")
    for path in ("/policy/v2/", "/policy/v2/changes/"):
        assert client.get(path).status_code == 404
    assert "v2" not in read(client, "/policy/feed/")


def test_without_a_policy_there_is_no_page(client: Client, db: None) -> None:
    assert client.get("/policy/").status_code == 404
    assert client.get("/policy/v99999999999/").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_any_cache_may_keep_it(
    people: People, second: PolicyVersion, path: str, django_assert_max_num_queries: Any
) -> None:
    answers = []
    for person in (None, people.chair):  # who is logged in gets the very same
        client = client_of(person)
        client.cookies["other"] = "1"
        with django_assert_max_num_queries(4):
            answers.append(client.get(path))
        assert dict(client.cookies).keys() == (
            {"other"} if person is None else {"other", "sessionid"}
        )
    first, other = answers
    assert first.content == other.content
    for answer in answers:
        assert answer["Cache-Control"] == "public, max-age=300"
        assert "Cookie" not in answer.get("Vary", "")
        assert "Set-Cookie" not in answer.headers
        assert not answer.cookies
        assert answer["Last-Modified"].endswith("GMT")
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES[:-1])
def test_no_script_and_nothing_from_elsewhere(
    client: Client, second: PolicyVersion, path: str
) -> None:
    page = read(client, path)
    assert "<script" not in page
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', page)
    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_the_feed_tells_of_each_version(client: Client, second: PolicyVersion) -> None:
    response = client.get("/policy/feed/")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(response.content)
    entries = feed.findall("a:entry", ATOM)
    links = [entry.find("a:link", ATOM).get("href") for entry in entries]  # type: ignore[union-attr]
    assert [str(link).split("/policy/")[1] for link in links] == ["v2/changes/", "v1/"]
    assert entries[0].findtext("a:summary", namespaces=ATOM) == made.SUMMARY
    told = entries[0].findtext("a:updated", namespaces=ATOM)
    assert told == f"{second.effective_from.isoformat()}T00:00:00+09:00"


def test_every_ground_is_explained(client: Client, second: PolicyVersion) -> None:
    assert sorted(explanations()) == sorted(Criterion.values)
    page = read(client, "/policy/grounds/")
    for one in explanations().values():
        assert one.plain in page
        assert one.stays in page


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1, "5未満"), (4, "5未満"), (5, "5"), (120, "120")]
)
def test_small_numbers_are_not_told(number: int, text: str) -> None:
    assert told(number) == text


@pytest.mark.parametrize(
    ("total", "parts", "text"),
    [(12, [7, 5], "12"), (9, [5, 4], "—"), (3, [3], "5未満"), (0, [0, 0], "0"), (8, [4, 4], "—")],
)
def test_a_sum_gives_no_small_number_away(total: int, parts: list[int], text: str) -> None:
    assert told_sum(total, parts) == text


def test_a_median_of_a_few_is_not_told() -> None:
    few = Month(date(2026, 10, 1), decided=4, median_hours=3.2)
    many = Month(date(2026, 9, 1), decided=5, median_hours=3.2)
    quick = Month(date(2026, 8, 1), decided=5, median_hours=0.3)
    assert [m.median for m in months([few, many, quick])] == ["—", "約3時間", "1時間未満"]


@pytest.mark.parametrize(
    ("today", "count", "first"),
    [
        (date(2026, 11, 29), 1, date(2026, 10, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 3, 31), 24, date(2024, 3, 1)),
    ],
)
def test_whole_months_that_are_over(today: date, count: int, first: date) -> None:
    assert last_months(today, count) == (first, today.replace(day=1))


@pytest.fixture
def counted() -> Iterator[list[Month]]:
    standing, rows = list(transparency._counters), []  # type: ignore[var-annotated]
    transparency.register(lambda first, last: rows)
    yield rows
    transparency._counters[:] = standing


def test_the_page_of_numbers(client: Client, counted: list[Month], db: None) -> None:
    counted.append(
        Month(
            date(2026, 10, 1),
            removals={"エ": {"hide": 12}, "キ": {"hide": 3, "delete": 6}},
            effects={"hide": 15, "delete": 6},
            reversals=2,
            decided=40,
            median_hours=5.4,
        )
    )
    page = re.sub(r"<[^>]+>|\s", " ", read(client, "/policy/transparency/"))
    assert re.sub(" +", " ", page).count("エ 誹謗中傷 12 0 0") == 1
    assert "キ 政治・宗教・営利活動 5未満 6 0" in re.sub(" +", " ", page)
    assert "合計 — 6 0" in re.sub(" +", " ", page)
    assert "約5時間" in page

"""The list of people and one person's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import appoint_deputy, take_leave
from jspm_social.audit.models import AuditEvent
from tests.people import People, client_of, make_person

PEOPLE = "/accounts/people/"


def page(person: User, what: str = "person") -> str:
    return reverse(f"accounts:{what}", args=[person.pk])


def send(people: People, person: User, what: str, **data: Any) -> Any:
    return client_of(people.admin).post(page(person, what), data)


def test_the_list_shows_roles_leave_and_deputies(people: People) -> None:
    today = timezone.localdate()
    take_leave(actor=people.admin, person=people.member, first_day=today, last_day=today)
    appoint_deputy(
        actor=people.admin,
        absent=people.member,
        deputy=people.moderator,
        role=Role.MEMBER,
        first_day=today,
        last_day=today,
    )
    told = client_of(people.chair).get(PEOPLE).content.decode()
    assert "代理 moderator さん（委員）" in told
    assert "不在" in told
    assert told.count("<tr>") == 9


@pytest.mark.parametrize("name", ["people", "person", "reviews"])
def test_pages_ask_the_database_a_fixed_number_of_times(people: People, name: str) -> None:
    admin, counts = client_of(people.admin), []
    url = reverse(f"accounts:{name}", args=[people.member.pk] if name == "person" else [])
    today = timezone.localdate()
    for number in range(3):
        person = make_person(f"person{number}", Role.MEMBER)
        day = today + timedelta(days=number)
        for absent in (person, people.member):
            take_leave(actor=people.admin, person=absent, first_day=day, last_day=day)
            appoint_deputy(
                actor=people.admin,
                absent=absent,
                deputy=people.moderator,
                role=Role.MEMBER,
                first_day=day,
                last_day=day,
            )
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(url).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert counts[0] <= 20


def test_roles_are_changed_with_a_reason_that_the_page_shows(people: People) -> None:
    assert send(people, people.member, "roles", roles=["reviewer"]).status_code == 422
    answer = send(people, people.member, "roles", roles=["reviewer"], reason="監修に就任")
    assert answer["Location"] == page(people.member)
    told = client_of(people.admin).get(page(people.member)).content.decode()
    assert "委員 → 監修" in told
    assert "監修に就任" in told


@pytest.mark.parametrize(
    ("who", "roles", "told"),
    [
        ("admin", ["member"], "管理者がいなくなる"),
        ("chair", ["member"], "委員長がいなくなる"),
        ("member", ["owner"], "正しく選択"),
    ],
)
def test_a_refused_change_of_roles_keeps_what_was_typed(
    people: People, who: str, roles: list[str], told: str
) -> None:
    person = getattr(people, who)
    answer = send(people, person, "roles", roles=roles, reason="交代のため")
    html = answer.content.decode()
    assert answer.status_code == 422
    if who != "admin":  # one's own page has no form
        assert told in html
        assert "交代のため" in html
    assert User.objects.get(pk=person.pk).roles == person.roles


def test_details_are_corrected(people: People) -> None:
    bad = send(people, people.member, "details", display_name="佐藤 花子", email="x")
    assert bad.status_code == 422
    send(
        people,
        people.member,
        "details",
        display_name="佐藤 花子",
        reading="サトウ",
        email="sato@example.jp",
    )
    stored = User.objects.get(pk=people.member.pk)
    assert (stored.display_name, stored.reading, stored.email) == (
        "佐藤 花子",
        "さとう",
        "sato@example.jp",
    )
    assert AuditEvent.objects.get().verb == "user.changed"


def test_somebody_deactivated_is_listed_and_can_come_back(people: People) -> None:
    admin = client_of(people.admin)
    admin.post(page(people.member, "deactivate"), {"reason": "任期満了"})
    assert "停止中" in admin.get(PEOPLE).content.decode()
    assert admin.get(page(people.member, "deactivate")).status_code == 404
    assert send(people, people.member, "reactivate").status_code == 422
    send(people, people.member, "reactivate", reason="再任")
    assert User.objects.get(pk=people.member.pk).is_active


def test_a_leave_for_somebody_else(people: People) -> None:
    today = timezone.localdate().isoformat()
    assert send(people, people.member, "leave", first_day=today).status_code == 422
    send(people, people.member, "leave", first_day=today, last_day=today)
    assert people.member.is_away()

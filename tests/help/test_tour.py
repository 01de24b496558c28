"""The tour for the first log-in: its steps per role, and whether it is shown."""

import re

import pytest
from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import CAPABILITIES, Role, capabilities
from jspm_social.help.tour import STEPS, on_page, steps_for
from tests.moderation.small_policy import load_small_policy
from tests.people import People, client_of

pytestmark = pytest.mark.django_db
QUEUE = "moderation:queue"


@pytest.fixture
def newcomer(people: People) -> User:
    load_small_policy()
    people.moderator.tour_ended_at = None
    people.moderator.save(update_fields=["tour_ended_at"])
    return people.moderator


@pytest.mark.parametrize("role", Role)
def test_each_role_has_four_to_six_steps_on_pages_of_its_own(role: Role) -> None:
    steps = steps_for(CAPABILITIES[role])
    pages = [step.page for step in steps]
    assert 4 <= len(steps) <= 6
    assert len(set(pages)) == len(pages)
    assert (pages[0], pages[-1]) == (QUEUE, "help:index")


def test_steps_stand_on_pages_that_their_reader_may_open(people: People) -> None:
    load_small_policy()
    for role in Role:
        client = client_of(getattr(people, role))
        for step in steps_for(CAPABILITIES[role]):
            assert client.get(reverse(step.page)).status_code == 200


def test_somebody_with_every_role_meets_each_page_once() -> None:
    pages = [step.page for step in steps_for(capabilities(Role))]
    assert sorted(set(pages)) == sorted(pages)


def test_a_page_without_a_step_shows_none() -> None:
    assert on_page("moderation:case", CAPABILITIES[Role.MODERATOR]) is None
    assert on_page(QUEUE, frozenset()) is None
    assert len(STEPS) == 11


def test_newcomer_walks_by_links_from_the_first_step_to_the_last(newcomer: User) -> None:
    client, url, seen = client_of(newcomer), reverse(QUEUE), []
    while url:
        html = client.get(url).content.decode()
        seen.append(re.findall(r"はじめての案内（(\d+/\d+)）", html))
        following = re.search(r'href="([^"]+)">次へ：', html)
        url = following[1] if following else ""
    assert seen == [[f"{number}/6"] for number in range(1, 7)]


def test_what_is_closed_stays_closed_and_stays_on_the_page(newcomer: User) -> None:
    client = client_of(newcomer)
    answer = client.post(reverse("help:tour"), {"verb": "end", "page": "posts:index"})
    assert answer["Location"] == reverse("posts:index")
    for step in steps_for(CAPABILITIES[Role.MODERATOR]):
        assert "はじめての案内（" not in client.get(reverse(step.page)).content.decode()


def test_it_is_remembered_per_person(newcomer: User, people: People) -> None:
    User.objects.filter(pk=people.moderator2.pk).update(tour_ended_at=None)
    client_of(newcomer).post(reverse("help:tour"), {"verb": "end"})
    other = client_of(people.moderator2).get(reverse(QUEUE)).content.decode()
    assert "はじめての案内（1/6）" in other


def test_it_begins_again_from_the_help(people: People) -> None:
    load_small_policy()
    client = client_of(people.auditor)
    assert "はじめての案内をもう一度見る" in client.get(reverse("help:index")).content.decode()
    answer = client.post(reverse("help:tour"), {"verb": "begin"})
    assert answer["Location"] == reverse(QUEUE)
    assert "はじめての案内（1/5）" in client.get(reverse(QUEUE)).content.decode()


@pytest.mark.parametrize("page", ["https://evil.example/", "audit:events", "nothing", ""])
def test_closing_leads_nowhere_else(newcomer: User, page: str) -> None:
    answer = client_of(newcomer).post(reverse("help:tour"), {"verb": "end", "page": page})
    assert answer["Location"] == reverse("help:index")


def test_without_a_role_there_is_no_tour(people: People) -> None:
    User.objects.filter(pk=people.outsider.pk).update(tour_ended_at=None)
    html = client_of(people.outsider).get(reverse("help:index")).content.decode()
    assert "はじめての案内" not in html


def test_it_costs_no_query(newcomer: User, django_assert_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(newcomer)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("moderation:comments"))
        counted.append(len(queries))
        client.post(reverse("help:tour"), {"verb": "end"})
    assert counted[0] == counted[1]

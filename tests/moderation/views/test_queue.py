"""The queue, and the list of what waits for a second person."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from moderation.states import Lane
from tests.moderation.making import (
    decide_case,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import DISTRESS, MILD, SEVERE
from tests.moderation.views.asking import get
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


def test_queue_shows_the_most_urgent_first(channel: Channel, member: Client) -> None:
    store_and_judge(
        channel,
        told(1, f"大会の{MILD}について"),
        told(2, f"大会の{SEVERE}について"),
        told(3, f"大会の{DISTRESS}について"),
    )
    page = get(member, "queue")
    places = [page.index(f">{word}<") for word in (DISTRESS, SEVERE, MILD)]
    assert places == sorted(places)
    assert "［エ 誹謗中傷の根拠：" in page


def test_queue_that_is_empty_says_so(member: Client) -> None:
    assert "いま判断を待つコメントはありません" in get(member, "queue")
    assert "この条件に合う案件はありません" in get(member, "queue", criterion="ア")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, {1, 2, 3}),
        ({"criterion": "エ"}, {1}),
        ({"criterion": "ア"}, {2}),
        ({"signal": "distress"}, {3}),
        ({"lane": "care"}, {3}),
        ({"lane": "queue", "criterion": "ア"}, {2}),
        ({"platform": "x"}, {1, 2, 3}),
        ({"platform": "facebook"}, set()),
        ({"lane": "nonsense", "criterion": "nonsense"}, {1, 2, 3}),
    ],
)
def test_queue_shows_what_the_filters_ask_for(
    channel: Channel, member: Client, query: dict[str, str], shown: set[int]
) -> None:
    words = {1: MILD, 2: SEVERE, 3: DISTRESS}
    store_and_judge(channel, *(told(n, f"大会の{word}") for n, word in words.items()))
    page = get(member, "queue", **query)
    assert {n for n in words if f"handle{n}" in page} == shown


def test_queue_filters_by_account(channel: Channel, facebook: Channel, member: Client) -> None:
    open_case(store(channel, told(1))[0])
    open_case(store(facebook, told(2))[0])
    page = get(member, "queue", channel=facebook.pk)
    assert "handle2" in page
    assert "handle1" not in page


def test_queue_pages_lead_forward_and_back_with_their_filters(
    channel: Channel, member: Client
) -> None:
    rows = store(channel, *(told(n) for n in range(45)))
    for row in rows:
        open_case(row, labels=["エ"])
    seen, url = [], f"{reverse('moderation:queue')}?criterion=%E3%82%A8"
    while url:
        page = member.get(url).content.decode()
        seen.append(re.findall(r"@(handle\d+)<", page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        last, url = url, html.unescape(following[1]) if following else ""
    assert [len(found) for found in seen] == [20, 20, 5]
    assert len({name for found in seen for name in found}) == 45
    back = re.search(r'rel="prev" href="([^"]+)"', member.get(last).content.decode())
    assert back is not None
    assert (
        re.findall(r"@(handle\d+)<", member.get(html.unescape(back[1])).content.decode())
        == (seen[1])
    )
    assert "criterion=" in back[1]


def test_queue_page_that_emptied_leads_to_the_first(channel: Channel, member: Client) -> None:
    open_case(store(channel, told(1))[0])
    url = f"{reverse('moderation:queue')}?lane=queue&criterion=エ&after=9.0.1"
    response = member.get(url)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/queue/?lane=queue&criterion=%E3%82%A8",
    )


def test_queue_news_counts_what_came_since(channel: Channel, member: Client) -> None:
    since = timezone.now() - timedelta(minutes=1)
    one, two = store(channel, told(1), told(2))
    open_case(one, lane=Lane.CARE, urgency=0)
    open_case(two, opened_at=since - timedelta(minutes=1))
    page = get(member, "queue_news", since=since.isoformat())
    assert "新しい案件が1件届きました（うち見守り1件）" in page
    assert "<html" not in page
    assert get(member, "queue_news", since=timezone.now().isoformat()).strip() == ""


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-13-45T00:00:00Z", "2026-04-01T00:00:00", "0001-01-01T00:00Z"]
)
def test_queue_news_bears_any_time(member: Client, since: str) -> None:
    response = member.get(reverse("moderation:queue_news"), {"since": since})
    assert response.status_code in {200, 204}


def test_second_page_shows_what_waits_for_another_person(
    facebook: Channel, people: People, member: Client
) -> None:
    assert "確認を待つ案件はありません" in get(member, "second")
    row = store(facebook, told(1))[0]
    decide_case(open_case(row), people.moderator, Outcome.DELETE)
    assert "handle1" in get(member, "second")

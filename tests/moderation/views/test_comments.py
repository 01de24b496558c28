"""All comments: searched, read one by one, flagged."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from moderation.models import Case, Comment, Flag
from moderation.states import CaseOrigin, CaseState, CommentStanding
from moderation.text import searchable
from tests.moderation.making import (
    decide_case,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import MILD
from tests.moderation.views.asking import asked, flashed, get, post
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


def listed(page: str) -> set[str]:
    return set(re.findall(r"@handle(\d+)<", page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("緩和ケア", {"1"}),
        ("和ケ", {"1"}),
        ("ｶﾝﾜ", {"2"}),
        ("ＤＮＡ", {"3"}),
        ("dna", {"3"}),
        ("ケア 病棟", {"1"}),
        ("病棟ケア", set()),
        ("50%", {"4"}),
        ("_", None),
        ("あ", None),
    ],
)
def test_search_finds_parts_of_words(
    channel: Channel, member: Client, query: str, found: set[str] | None
) -> None:
    store(
        channel,
        told(1, "緩和ケア  病棟の話"),
        told(2, "カンワの話"),
        told(3, "dnaの話"),
        told(4, "50%の話"),
    )
    page = get(member, "comments", q=query)
    if found is None:
        assert "2文字以上で検索してください。" in page
        assert listed(page) == set()
    else:
        assert listed(page) == found


ALPHABET = st.text("あいア１1aＡ ", min_size=1, max_size=6)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(ALPHABET, max_size=25), query=ALPHABET)
def test_search_finds_exactly_what_contains_the_words(
    channel: Channel, member: Client, texts: list[str], query: str
) -> None:
    Comment.objects.update(text="", bigrams=[])  # as if the texts before had never been
    store(channel, *(told(n, text) for n, text in enumerate(texts)))
    wanted = searchable(query.strip())
    if len(wanted) < 2:
        return
    expected = {str(n) for n, text in enumerate(texts) if wanted in searchable(text)}
    found, url = set[str](), f"{reverse('moderation:comments')}"
    page = member.get(url, {"q": query}).content.decode()
    while True:
        found |= listed(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        page = member.get(html.unescape(following[1])).content.decode()
    assert found == expected


def test_search_by_account_post_standing_and_judgement(
    channel: Channel, facebook: Channel, member: Client
) -> None:
    one, two = store_and_judge(
        channel, told(1, f"大会の{MILD}"), told(2, post=replace(told().post, remote_id="p2"))
    )
    store(facebook, told(3))
    Comment.objects.filter(pk=two.pk).update(standing=CommentStanding.HIDDEN)
    assert listed(get(member, "comments")) == {"1", "2", "3"}
    assert listed(get(member, "comments", channel=facebook.pk)) == {"3"}
    assert listed(get(member, "comments", post=one.post_id)) == {"1"}
    assert listed(get(member, "comments", standing="hidden")) == {"2"}
    assert listed(get(member, "comments", route="queue")) == {"1"}
    assert listed(get(member, "comments", route="pass", channel=channel.pk)) == {"2"}
    assert "見つかりませんでした" in get(member, "comments", route="care")


def test_comments_pages_are_complete(channel: Channel, member: Client) -> None:
    store(channel, *(told(n, created_at=datetime(2026, 4, 1, tzinfo=UTC)) for n in range(45)))
    seen, url = [], reverse("moderation:comments")
    while url:
        page = member.get(url).content.decode()
        seen.append(listed(page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = html.unescape(following[1]) if following else ""
    assert [len(found) for found in seen] == [20, 20, 5]
    assert len(set.union(*seen)) == 45


def test_comment_shows_every_revision_and_its_cases(
    case: Case, channel: Channel, member: Client
) -> None:
    store(channel, told(1, "直した文です"))
    page = get(member, "comment", case.comment_id)
    assert "第1版" in page
    assert "第2版" in page
    assert f"案件 {case.pk}" in page
    assert "このコメントは判断を待っています" in page


def test_comment_asks_as_often_for_one_case_as_for_three(
    channel: Channel, people: People, member: Client
) -> None:
    one, three = store(channel, told(1), told(2))

    def add(row: Comment, count: int) -> None:
        for n in range(count):
            decide_case(open_case(row), people.moderator, Outcome.KEEP, ())
            store(channel, told(int(row.remote_id[1:]), f"直した文{n}"))
            row.refresh_from_db()

    add(one, 1)
    add(three, 3)
    urls = [reverse("moderation:comment", args=[row.pk]) for row in (one, three)]
    assert asked(member, urls[0]) == asked(member, urls[1])


def test_flag_opens_a_case_and_thanks(channel: Channel, member: Client, people: People) -> None:
    row = store(channel, told(1))[0]
    page = flashed(post(member, "flag", row.pk, note="気になります"), member)
    assert "モデレーターに知らせました。" in page
    flagged = Flag.objects.get()
    assert (flagged.by, flagged.note, flagged.comment) == (people.member, "気になります", row)
    assert (flagged.case.origin, flagged.case.state) == (CaseOrigin.FLAGGED, CaseState.OPEN)
    post(member, "flag", row.pk)
    assert (Case.objects.count(), Flag.objects.count()) == (1, 2)
    assert AuditEvent.objects.filter(verb="comment.flagged").count() == 2


def test_flag_that_is_too_long_keeps_what_was_typed(channel: Channel, member: Client) -> None:
    row, note = store(channel, told(1))[0], "長" * 2001
    response = post(member, "flag", row.pk, note=note)
    assert response.status_code == 409
    assert note in response.content.decode()
    assert not Flag.objects.exists()


def test_reconsider_opens_a_case_once(case: Case, people: People, moderator: Client) -> None:
    decide_case(case, people.moderator, Outcome.KEEP, ())
    assert "判断を見直す" in get(moderator, "case", case.pk)
    response = post(moderator, "reconsider", case.comment_id)
    new = Case.objects.get(state=CaseState.OPEN)
    assert response.headers["Location"] == reverse("moderation:case", args=[new.pk])
    assert new.origin == CaseOrigin.REVERSAL
    page = flashed(post(moderator, "reconsider", case.comment_id), moderator)
    assert "対応中の案件があります。" in page
    assert Case.objects.count() == 2

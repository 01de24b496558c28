"""What holds for every page: any address, hostile text, as many queries for three as for one."""

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel
from moderation.models import Case, ManualTask
from moderation.services.second_look import flag
from policy.criteria import Criterion
from tests.moderation.making import (
    after_undo,
    decide_case,
    judgement_of,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import MILD
from tests.moderation.views.asking import asked, get
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")
HOSTILE = "<script>alert('x')</script>\u202e\"><img src=x onerror=alert(1)>"


GARBAGE = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        "1.1.1",
        "-1",
        "0",
        "9" * 30,
        "9" * 5000,
        "\x00",
        "2026-04-01T00:00:00Z_1",
        "' OR 1=1 --",
        "ア",
    ]
)
PAGES = {
    "queue": ("lane", "criterion", "signal", "platform", "channel", "after", "before"),
    "comments": ("q", "channel", "post", "standing", "route", "after"),
    "queue_news": ("since",),
}


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), name=st.sampled_from(sorted(PAGES)))
def test_pages_bear_any_address(member: Client, data: st.DataObject, name: str) -> None:
    query = data.draw(st.dictionaries(st.sampled_from(PAGES[name]), GARBAGE))
    response = member.get(reverse(f"moderation:{name}"), query)
    assert response.status_code in {200, 204, 302}


@pytest.mark.parametrize("name", ["queue", "comments", "attention", "second"])
def test_lists_ask_as_often_for_one_as_for_three(
    name: str, people: People, member: Client, facebook: Channel, channel: Channel
) -> None:
    def add(*numbers: int) -> None:
        for row in store(facebook, *(told(n) for n in numbers)):
            judgement = judgement_of(row, labels=["エ", "ア"])
            open_case(row, judgement=judgement, labels=["エ", "ア"])
        for row in store(facebook, *(told(n + 100) for n in numbers)):
            decide_case(open_case(row), people.moderator, Outcome.DELETE)
        for row in store(channel, *(told(n + 200) for n in numbers)):
            decision = decide_case(open_case(row), people.moderator)
            decision.actions.update(state="failed")
            ManualTask.objects.create(decision=decision, effect="block", claimed_by=people.chair)

    url = reverse(f"moderation:{name}")
    add(1)
    one = asked(member, url)
    add(2, 3)
    assert asked(member, url) == one


def test_hostile_names_and_texts_show_as_text(
    channel: Channel, people: People, moderator: Client
) -> None:
    author = RemoteAuthor("evil", HOSTILE, HOSTILE, "javascript:alert(1)")
    row = store_and_judge(
        channel,
        told(
            1,
            f"{MILD}{HOSTILE}",
            author=author,
            permalink="javascript:alert(2)",
            post=replace(told().post, text=HOSTILE, permalink="javascript:alert(3)"),
        ),
    )[0]
    case = Case.objects.get()
    flag(actor=people.member, comment=row, note=HOSTILE)
    pages = [
        get(moderator, "queue"),
        get(moderator, "case", case.pk),
        get(moderator, "comments", q=MILD),
        get(moderator, "comment", row.pk),
    ]
    decision = after_undo(decide_case(case, people.moderator, Outcome.BLOCK, note=HOSTILE))
    decision.actions.update(state="failed", trouble=HOSTILE)
    ManualTask.objects.create(decision=decision, effect="block", link="javascript:alert(4)")
    pages += [
        get(moderator, "attention"),
        get(moderator, "second"),
        get(moderator, "case", case.pk),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert "&lt;script&gt;alert(&#x27;x&#x27;)" in page


def test_fragments_are_parts_of_pages(case: Case, moderator: Client, people: People) -> None:
    decide_case(case, people.moderator)
    for name, args in (("case_status", [case.pk]), ("undo_bar", []), ("queue_news", [])):
        response = moderator.get(
            reverse(f"moderation:{name}", args=args),
            {"since": "2026-01-01T00:00:00Z"},
            headers={"HX-Request": "true"},
        )
        assert "<html" not in response.content.decode()
        assert response.status_code == 200


def test_criteria_of_the_form_are_those_of_the_policy(case: Case, moderator: Client) -> None:
    page = get(moderator, "case", case.pk)
    offered = set(re.findall(r'name="criteria" value="([^"]+)"', page))
    assert offered == {criterion.value for criterion in Criterion}

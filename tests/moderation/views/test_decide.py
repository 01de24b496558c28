"""Deciding on a case, taking it back, and the second person."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Action, Case, Decision
from moderation.states import CaseState, DecisionState, Lane
from tests.moderation.making import (
    after_undo,
    decide_case,
    make_channel,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import DISTRESS
from tests.moderation.views.asking import flashed, get, post, revision
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


def test_decide_records_and_leads_on(case: Case, channel: Channel, moderator: Client) -> None:
    following = open_case(store(channel, told(2))[0], urgency=99)
    data = {"revision": revision(case), "outcome": "hide", "criteria": ["エ"], "note": "理由"}
    response = post(moderator, "decide", case.pk, **data, next="1")
    assert response.headers["Location"] == reverse("moderation:case", args=[following.pk])
    decision = Decision.objects.get()
    assert (decision.outcome, decision.criteria, decision.note) == ("hide", ["エ"], "理由")
    assert (decision.state, Action.objects.get().effect) == (DecisionState.TAKEN, "hide")
    assert "「非表示」と記録しました" in get(moderator, "queue")


def test_decide_without_wish_for_the_next_leads_to_the_list(case: Case, moderator: Client) -> None:
    data = {"revision": revision(case), "outcome": "keep"}
    response = post(moderator, "decide", case.pk, **data)
    assert response.headers["Location"] == reverse("moderation:queue")
    assert Case.objects.get().state == CaseState.CLOSED


def test_the_next_case_is_that_of_the_list_it_was_opened_from(
    channel: Channel, moderator: Client
) -> None:
    rows = store(channel, *(told(n) for n in range(4)))
    one = open_case(rows[0], urgency=10, labels=["エ"], lane=Lane.CONSULTATION)
    open_case(rows[1], urgency=11, labels=["エ"])
    open_case(rows[2], urgency=12, labels=["ア"], lane=Lane.CONSULTATION)
    two = open_case(rows[3], urgency=13, labels=["エ"], lane=Lane.CONSULTATION)
    query = "?lane=consultation&criterion=%E3%82%A8"
    first, last = (reverse("moderation:case", args=[case.pk]) + query for case in (one, two))
    assert (
        html.escape(first)
        in moderator.get(f"{reverse('moderation:queue')}{query}").content.decode()
    )
    page = moderator.get(first).content.decode()
    assert f'href="{html.escape(last)}" rel="next"' in page
    assert f'href="{reverse("moderation:queue")}{html.escape(query)}" data-key="u"' in page
    decide_url = html.unescape(re.findall(r'action="([^"]+/decide/[^"]*)"', page)[0])
    data = {"outcome": "keep", "next": "1"}
    response = moderator.post(decide_url, data | {"revision": revision(one)})
    assert response.headers["Location"] == last
    decide_url = decide_url.replace(f"/{one.pk}/", f"/{two.pk}/")
    response = moderator.post(decide_url, data | {"revision": revision(two)})
    assert response.headers["Location"] == f"{reverse('moderation:queue')}{query}"


def test_filters_of_a_lane_count_what_is_in_it(channel: Channel, member: Client) -> None:
    rows = store(channel, *(told(n) for n in range(3)))
    for row in rows[:2]:
        open_case(row, labels=["エ"])
    open_case(rows[2], labels=["エ"], lane=Lane.CARE)
    assert "エ 誹謗中傷（3）" in get(member, "queue")
    assert "エ 誹謗中傷（1）" in get(member, "queue", lane="care")


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"outcome": "hide", "criteria": []}, "該当する基準を1つ以上選んでください。"),
    ({"outcome": "hide", "criteria": ["ソ"], "note": " "}, "理由を書いてください。"),
    ({"outcome": ""}, "どうするかを選んでください。"),
    ({"outcome": "restore"}, "この判断は、このコメントでは選べません。"),
    ({"revision": 999_999}, "コメントが編集されました。"),
    ({"note": "長" * 2001}, "メモは2000文字までにしてください。"),
]


@pytest.mark.parametrize(("changed", "reason"), REFUSALS)
def test_refused_decision_keeps_what_was_typed(
    case: Case, moderator: Client, changed: dict[str, Any], reason: str
) -> None:
    data: dict[str, Any] = {
        "revision": revision(case),
        "outcome": "block",
        "criteria": ["ア", "キ"],
        "note": "書きかけのメモ",
    } | changed
    response = post(moderator, "decide", case.pk, **data)
    page = response.content.decode()
    assert response.status_code == 409
    assert reason in page
    assert Decision.objects.count() == 0
    ticked = re.findall(r'name="criteria" value="([^"]+)" checked', page)
    assert sorted(ticked) == sorted(data["criteria"])
    chosen = re.findall(r'name="outcome" value="([^"]+)"[^>]*? checked', page)
    offered = {"keep", "hide", "delete", "block"}
    assert chosen == [data["outcome"]] * (data["outcome"] in offered)
    assert f">{data['note']}</textarea>" in page


def test_refused_decision_in_the_care_lane_asks_for_a_reason(
    channel: Channel, moderator: Client
) -> None:
    store_and_judge(channel, told(1, f"大会の{DISTRESS}について"))
    case = Case.objects.get()
    data = {"revision": revision(case), "outcome": "hide", "criteria": ["エ"]}
    page = post(moderator, "decide", case.pk, **data).content.decode()
    assert "見守りの案件です。表示を止める場合は、理由を書いてください。" in page
    assert post(moderator, "decide", case.pk, **data, note="理由").status_code == 302


def test_decision_that_came_too_late_is_told_with_the_note(
    case: Case, people: People, moderator: Client
) -> None:
    seen = revision(case)
    decide_case(case, people.moderator2, Outcome.KEEP, ())
    data = {"revision": seen, "outcome": "hide", "criteria": ["エ"], "note": "書いたメモ"}
    response = post(moderator, "decide", case.pk, **data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "この案件は、ほかの人が先に判断しました。" in page
    assert "書いたメモ" in page
    assert Decision.objects.get().outcome == "keep"


def test_decision_that_the_platform_cannot_do_is_refused(moderator: Client) -> None:
    row = store(make_channel(Platform.MASTODON), told(1))[0]
    case = open_case(row)
    page = get(moderator, "case", case.pk)
    assert re.search(r'value="hide"[^>]*disabled', page)
    data = {"revision": revision(case), "outcome": "hide", "criteria": ["エ"]}
    response = post(moderator, "decide", case.pk, **data)
    assert response.status_code == 409
    assert "Mastodonではコメントを非表示にできません。" in response.content.decode()


def test_undo_within_the_window_opens_the_case_again(
    case: Case, people: People, moderator: Client
) -> None:
    decision = decide_case(case, people.moderator)
    page = flashed(post(moderator, "undo", decision.pk), moderator)
    assert "判断を取り消しました。" in page
    assert (Case.objects.get().state, Action.objects.get().state) == ("open", "cancelled")


def test_undo_after_the_window_says_why_not(case: Case, people: People, moderator: Client) -> None:
    decision = after_undo(decide_case(case, people.moderator))
    page = flashed(post(moderator, "undo", decision.pk), moderator)
    assert "取り消せる時間を過ぎました。" in page
    assert Decision.objects.get().state == DecisionState.TAKEN


def test_undo_bar_goes_away_with_the_window(case: Case, people: People, moderator: Client) -> None:
    decision = decide_case(case, people.moderator)
    assert reverse("moderation:undo", args=[decision.pk]) in get(moderator, "undo_bar")
    after_undo(decision)
    assert get(moderator, "undo_bar").strip() == ""


@pytest.fixture
def waiting(facebook: Channel, people: People) -> Decision:
    """A deletion on Facebook that waits for a second moderator."""
    case = open_case(store(facebook, told(1))[0])
    return decide_case(case, people.moderator, Outcome.DELETE, note="悪質です")


def test_confirm_is_offered_to_another_moderator_only(
    waiting: Decision, moderator: Client, second: Client, member: Client
) -> None:
    offer = "同意して実行する"
    page = get(second, "case", waiting.case_id)
    assert offer in page
    assert "コメントを削除します（元に戻せません。）" in page
    assert "ご自身の判断です。" in get(moderator, "case", waiting.case_id)
    assert offer not in get(moderator, "case", waiting.case_id)
    assert offer not in get(member, "case", waiting.case_id)


def test_confirm_sends_what_is_final(waiting: Decision, second: Client) -> None:
    page = flashed(post(second, "confirm", waiting.pk, agree="yes"), second)
    assert "同意を記録しました。" in page
    waiting.refresh_from_db()
    assert waiting.state == DecisionState.CONFIRMED
    assert set(Action.objects.values_list("effect", flat=True)) == {"hide", "delete"}


def test_confirm_refused_with_a_reason_opens_the_case_again(
    waiting: Decision, second: Client
) -> None:
    response = post(second, "confirm", waiting.pk, agree="no")
    assert response.status_code == 409
    page = flashed(post(second, "confirm", waiting.pk, agree="no", note="様子を見ます"), second)
    assert "同意しないことを記録しました。" in page
    waiting.refresh_from_db()
    assert (waiting.state, waiting.case.state) == (DecisionState.REFUSED, CaseState.OPEN)


def test_confirm_of_ones_own_decision_is_refused_and_keeps_the_note(
    waiting: Decision, moderator: Client
) -> None:
    response = post(moderator, "confirm", waiting.pk, agree="yes", note="自分のメモ")
    assert response.status_code == 409
    page = response.content.decode()
    assert "自分のメモ" in page
    assert "記録されませんでした" in page
    waiting.refresh_from_db()
    assert waiting.state == DecisionState.AWAITING_SECOND


def test_confirm_where_nobody_asked_is_refused(case: Case, people: People, second: Client) -> None:
    decision = decide_case(case, people.moderator)
    response = post(second, "confirm", decision.pk, agree="yes")
    assert "ほかの人の確認は必要ありません" in response.content.decode()

"""The moderators' pages, as a browser sees them."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.capabilities import NOT_CONNECTED, Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.models import Channel, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import judge_error
from jspm_social.platforms.states import ChannelState
from jspm_social.platforms.switch import stop
from moderation.models import Action, Case, Comment, Decision, Flag, ManualTask
from moderation.queries import waiting_counts
from moderation.services.act import finish
from moderation.services.second_look import flag
from moderation.states import CaseOrigin, CaseState, CommentStanding, DecisionState, Lane, TaskState
from moderation.text import searchable
from policy.criteria import Criterion
from tests.moderation.making import (
    after_undo,
    decide_case,
    judgement_of,
    make_channel,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import CRITICISM, DISTRESS, MILD, SEVERE
from tests.people import People, client_of

pytestmark = pytest.mark.usefixtures("policy")
HOSTILE = "<script>alert('x')</script>\u202e\"><img src=x onerror=alert(1)>"


@pytest.fixture
def moderator(people: People) -> Client:
    return client_of(people.moderator)


@pytest.fixture
def second(people: People) -> Client:
    return client_of(people.moderator2)


@pytest.fixture
def member(people: People) -> Client:
    return client_of(people.member)


@pytest.fixture
def case(channel: Channel) -> Case:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    return Case.objects.select_related("comment__channel").get()


def get(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(f"moderation:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, name: str, *args: Any, **data: Any) -> HttpResponse:
    response: Any = client.post(reverse(f"moderation:{name}", args=args), data)
    return response  # type: ignore[no-any-return]  # Django's test client adds to it


def flashed(response: HttpResponse, client: Client) -> str:
    """The page that an answer leads to."""
    assert response.status_code == 302
    return client.get(response.headers["Location"]).content.decode()


def revision(case: Case) -> int:
    return case.comment.revisions.get(number=case.comment.revision_number).pk


def asked(client: Client, url: str, **query: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, query).status_code == 200
    return len(queries)


# --- The queue


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


# --- The case


def test_case_shows_the_words_the_reasons_and_the_clause(case: Case, member: Client) -> None:
    page = get(member, "case", case.pk)
    assert f"［エ 誹謗中傷の根拠：</span>{MILD}<" in page
    assert f"「{MILD}」という言葉があります" in page
    assert "エの手引き" in page
    assert "学術大会のお知らせです" in page
    assert "判断はモデレーターが行います。" in page


def test_case_offers_a_moderator_what_the_platform_does(case: Case, moderator: Client) -> None:
    page = get(moderator, "case", case.pk)
    assert "コメントを非表示にします。" in page
    assert "Xでは他の人のコメントを削除できないため、非表示にします。" in page
    assert f'name="revision" value="{revision(case)}"' in page
    assert re.search(r'name="criteria" value="エ" checked', page)


@pytest.mark.parametrize(
    ("standing", "label"),
    [
        (CommentStanding.VISIBLE, "そのまま表示"),
        (CommentStanding.HIDDEN, "非表示のままにする"),
        (CommentStanding.GONE, "何もしない"),
        (CommentStanding.REMOVED, "何もしない"),
    ],
)
def test_keeping_is_named_by_how_the_comment_stands(
    case: Case, moderator: Client, standing: CommentStanding, label: str
) -> None:
    Comment.objects.update(standing=standing)
    page = get(moderator, "case", case.pk)
    assert re.search(rf'value="keep".*?<strong>{label}</strong>', page, re.DOTALL)
    assert ("そのまま表示" in page) == (standing == CommentStanding.VISIBLE)
    post(moderator, "decide", case.pk, revision=revision(case), outcome="keep")
    assert "「そのまま」と記録しました" in get(moderator, "queue")
    assert "そのまま表示" not in get(moderator, "case", case.pk)


def test_evidence_is_marked_only_on_the_words_that_were_judged(
    channel: Channel, people: People, moderator: Client
) -> None:
    row = store(channel, told(1, "学会の会長はひどい人"))[0]
    evidence = [
        {"criterion": "エ", "field": "text", "start": 6, "end": 9, "why": "悪口です"},
        {"criterion": "サ", "field": "author_name", "start": 0, "end": 2, "why": "名前です"},
    ]
    judgement = judgement_of(row, labels=["エ", "サ"], evidence=evidence)
    case = open_case(row, judgement=judgement, labels=["エ", "サ"])
    for page in (get(moderator, "queue"), get(moderator, "case", case.pk)):
        assert "の根拠：</span>ひどい<" in page
    assert "の根拠：</span>名前<" in get(moderator, "case", case.pk)
    store(channel, told(1, "学会の会長はとても親切", author=RemoteAuthor("a1", "花子", "hana")))
    for page in (get(moderator, "queue"), get(moderator, "case", case.pk)):
        assert "の根拠：</span>" not in page
    page = get(moderator, "case", case.pk)
    assert '<q dir="auto">ひどい</q>' in page
    assert '<q dir="auto">名前</q>' in page


def test_case_in_the_care_lane_ticks_nothing(channel: Channel, moderator: Client) -> None:
    store_and_judge(channel, told(1, f"大会の{DISTRESS}と{MILD}について"))
    page = get(moderator, "case", Case.objects.get().pk)
    assert "つらい気持ちのサインがあります" in page
    assert not re.search(r'name="criteria" value="[^"]+" checked', page)


def test_case_tells_that_criticism_stays(channel: Channel, moderator: Client) -> None:
    store_and_judge(channel, told(1, f"大会の{CRITICISM}と{MILD}について"))
    assert "運営への意見です" in get(moderator, "case", Case.objects.get().pk)


def test_case_tells_who_flagged_it_and_that_it_was_edited(
    channel: Channel, people: People, member: Client
) -> None:
    row = store(channel, told(1))[0]
    store(channel, told(1, "直した文です"))
    case = flag(actor=people.member, comment=Comment.objects.get(pk=row.pk), note="気になります")
    page = get(member, "case", case.pk)
    assert "member さんさんが知らせました" in page
    assert "気になります" in page
    assert "編集されたコメントです" in page


def test_case_shows_the_thread_and_the_commenters_history(
    channel: Channel, people: People, member: Client
) -> None:
    same = told(1).author
    rows = store(
        channel,
        told(1, "親のことば", author=same),
        told(2, "返すことば", parent_id="c1"),
        told(3, "別のことば", author=same),
        *(told(n, f"間のことば{n}") for n in range(10, 30)),
        told(40, "いまのことば", author=same, parent_id="c1"),
    )
    decide_case(open_case(rows[0]), people.moderator)
    decide_case(open_case(rows[2]), people.moderator)
    page = get(member, "case", open_case(rows[-1]).pk)
    assert "親のことば" in page
    assert "間のことば10" not in page
    assert "これまでのコメント 3件・該当と判断されたもの 2件" in page
    assert "これまでに2件が該当と判断されています。" in page


def test_case_asks_as_often_for_one_of_each_as_for_three(
    channel: Channel, people: People, moderator: Client
) -> None:
    def story(start: int, count: int, labels: list[str]) -> int:
        author = RemoteAuthor(f"author{start}", "名前")
        rows = store(
            channel,
            *(
                told(start + n, author=author, post=replace(told().post, remote_id=f"p{start}"))
                for n in range(count + 1)
            ),
        )
        for row in rows[1:]:
            decide_case(open_case(row), people.moderator2)
        judgement = judgement_of(rows[0], labels=labels, signals=["criticism"][: count - 1])
        case = open_case(rows[0], judgement=judgement, labels=labels, signals=judgement.signals)
        for _ in range(count):
            flag(actor=people.member, comment=rows[0], note="気になります")
        return case.pk

    small = story(100, 1, ["エ"])
    large = story(200, 3, ["エ", "ア", "無関係"])
    open_case(store(channel, told(90))[0], urgency=1)
    open_case(store(channel, told(91))[0], urgency=90)
    one = asked(moderator, reverse("moderation:case", args=[small]))
    assert asked(moderator, reverse("moderation:case", args=[large])) == one


def test_case_that_does_not_exist_is_not_found(member: Client) -> None:
    assert member.get(reverse("moderation:case", args=[404])).status_code == 404


def test_status_is_silent_while_nothing_happens(case: Case, member: Client) -> None:
    page = get(member, "case_status", case.pk, revision=revision(case))
    assert "hx-get" in page
    assert "notice" not in page


def test_status_tells_who_was_faster(case: Case, people: People, member: Client) -> None:
    seen = revision(case)
    decide_case(case, people.moderator)
    page = get(member, "case_status", case.pk, revision=seen)
    assert "moderator さんさんが先に判断しました：非表示" in page
    assert "hx-get" not in page
    assert "先に判断" not in get(client_of(people.moderator), "case_status", case.pk, revision=seen)


def test_status_tells_that_the_comment_was_edited(
    case: Case, channel: Channel, member: Client
) -> None:
    seen = revision(case)
    store(channel, told(1, "直した文です"))
    page = get(member, "case_status", case.pk, revision=seen)
    assert "コメントが編集されました。" in page
    assert "hx-get" not in page


# --- Deciding


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


# --- All comments


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


# --- What needs a hand


@pytest.fixture
def failed(case: Case, people: People) -> Action:
    decision = after_undo(decide_case(case, people.moderator))
    decision.actions.update(state="failed", trouble="Rejected: 403", attempts=1)
    Case.objects.update(state=CaseState.ATTENTION)
    return Action.objects.get()


def test_attention_without_trouble_says_so(member: Client) -> None:
    assert "手をかけるものはありません" in get(member, "attention")


def test_attention_says_that_nobody_could_be_told_of_a_care_case(
    case: Case, moderator: Client
) -> None:
    words = "まだ誰にもメールで知らせられていません"
    Case.objects.update(lane="care")
    assert words not in get(moderator, "attention")  # the mail is on its way
    Case.objects.update(opened_at=timezone.now() - timedelta(minutes=3))
    assert words in get(moderator, "attention")
    Case.objects.update(care_notice_at=timezone.now())
    assert words not in get(moderator, "attention")


def test_attention_tells_reason_and_next_step(failed: Action, moderator: Client) -> None:
    page = get(moderator, "attention")
    assert "Xでの非表示を確かめてください" in page
    assert "プラットフォームに断られました。" in page
    assert "もう一度送る" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ChannelState.RECONNECT, "アカウントの再接続を依頼してください。"),
        (ChannelState.PAUSED, "アカウントの再開を依頼してください。"),
    ],
)
def test_attention_shows_what_waits_for_its_account(
    case: Case, people: People, moderator: Client, state: ChannelState, words: str
) -> None:
    decide_case(case, people.moderator)
    assert "手をかけるものはありません" in get(moderator, "attention")
    Channel.objects.update(state=state)
    page = get(moderator, "attention")
    assert "学会 Xでの非表示がまだ送られていません" in page
    assert words in page
    assert "もう一度送る" not in page
    assert waiting_counts()["attention"] == "1"


def test_attention_says_when_there_is_more_than_it_shows(
    task: ManualTask, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "一部だけを表示しています" not in get(moderator, "attention")
    monkeypatch.setattr("moderation.views.attention.SHOWN", 1)
    ManualTask.objects.create(decision=task.decision, effect="unblock")
    page = get(moderator, "attention")
    assert "一部だけを表示しています" in page
    assert "ブロック解除を行う" not in page


def test_case_tells_trouble_in_plain_words(case: Case, people: People, moderator: Client) -> None:
    decide_case(case, people.moderator)
    Action.objects.update(state="sending")
    finish(Action.objects.get(), judge_error(Rejected("PUT 403"), attempts=1, now=timezone.now()))
    page = get(moderator, "case", case.pk)
    assert "プラットフォームに断られました。" in page
    assert "Rejected" not in page
    assert "PUT 403" not in page


@pytest.mark.parametrize(
    ("verb", "state", "case_state"),
    [
        ("again", "waiting", CaseState.ACTING),
        ("done", "done", CaseState.CLOSED),
        ("give-up", "cancelled", CaseState.CLOSED),
    ],
)
def test_failed_effect_is_settled_by_hand(
    failed: Action, moderator: Client, verb: str, state: str, case_state: CaseState
) -> None:
    page = flashed(post(moderator, "action", failed.pk, verb, note="見てきました"), moderator)
    assert "記録しました。" in page
    failed.refresh_from_db()
    assert (failed.state, Case.objects.get().state) == (state, case_state)


def test_effect_is_not_given_up_without_a_reason(failed: Action, moderator: Client) -> None:
    page = flashed(post(moderator, "action", failed.pk, "give-up", note=" "), moderator)
    assert "理由を書いてください。" in page
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_verbs_that_do_not_exist_are_not_found(
    failed: Action, moderator: Client, people: People
) -> None:
    assert post(moderator, "action", failed.pk, "delete").status_code == 404
    assert post(moderator, "action", 404, "again").status_code == 404
    task = ManualTask.objects.create(decision=failed.decision, effect="block")
    assert post(moderator, "task", task.pk, "delete").status_code == 404


@pytest.fixture
def task(case: Case, people: People) -> ManualTask:
    """A block on X, confirmed, which a person does on X's own page."""
    decision = after_undo(decide_case(case, people.moderator, Outcome.BLOCK))
    post(client_of(people.moderator2), "confirm", decision.pk, agree="yes")
    return ManualTask.objects.get()


def test_task_is_claimed_done_and_told(
    task: ManualTask, moderator: Client, second: Client, people: People
) -> None:
    assert "私が行う" in get(moderator, "attention")
    post(moderator, "task", task.pk, "claim")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, people.moderator)
    assert "済ませた" in get(moderator, "attention")
    assert "済ませた" not in get(second, "attention")
    page = flashed(post(second, "task", task.pk, "claim"), second)
    assert "ほかの人が先に進めました" in page
    post(moderator, "task", task.pk, "done")
    task.refresh_from_db()
    assert task.state == TaskState.DONE
    assert task.decision.case.comment.commenter.blocked


def test_task_is_taken_over_from_somebody_who_is_away(
    task: ManualTask, moderator: Client, second: Client, people: People
) -> None:
    assert "担当を引き継ぐ" not in get(second, "attention")
    post(moderator, "task", task.pk, "claim")
    assert "担当を引き継ぐ" not in get(moderator, "attention")
    assert "担当を引き継ぐ" in get(second, "attention")
    post(second, "task", task.pk, "take-over")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, people.moderator2)
    assert "済ませた" in get(second, "attention")


def test_task_is_released_or_not_possible_with_a_reason(
    task: ManualTask, moderator: Client
) -> None:
    post(moderator, "task", task.pk, "claim")
    post(moderator, "task", task.pk, "release")
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (TaskState.OPEN, None)
    post(moderator, "task", task.pk, "claim")
    page = flashed(post(moderator, "task", task.pk, "not-possible"), moderator)
    assert "できなかった理由を書いてください。" in page
    post(moderator, "task", task.pk, "not-possible", note="見つかりません")
    task.refresh_from_db()
    assert (task.state, task.note) == (TaskState.NOT_POSSIBLE, "見つかりません")
    assert not task.decision.case.comment.commenter.blocked


def test_account_that_is_not_connected_is_served_by_hand(
    channel: Channel, case: Case, moderator: Client
) -> None:
    Channel.objects.update(state=ChannelState.DISCONNECTED)
    assert NOT_CONNECTED in get(moderator, "case", case.pk)
    data = {"revision": revision(case), "outcome": "hide", "criteria": ["エ"]}
    post(moderator, "decide", case.pk, **data)
    assert not Action.objects.exists()
    after_undo(Decision.objects.get())
    task = ManualTask.objects.get()
    assert (task.effect, task.link) == ("hide", case.comment.permalink)
    assert "Xの画面で、このコメントの非表示を行う" in get(moderator, "attention")
    post(moderator, "task", task.pk, "claim")
    post(moderator, "task", task.pk, "done")
    case.refresh_from_db()
    assert (case.state, Comment.objects.get().standing) == (CaseState.CLOSED, "hidden")


# --- The emergency stop


def test_stop_needs_a_reason_and_is_shown_everywhere(member: Client) -> None:
    response = post(member, "switch", reason=" ")
    assert response.status_code == 200
    assert not StopSwitch.objects.exists()
    page = flashed(post(member, "switch", reason="様子がおかしい"), member)
    assert "対応の送信を停止しました。" in page
    page = get(member, "queue")
    assert "対応の送信を停止しています" in page
    assert "member さん、" in page
    assert "：様子がおかしい" in page


def test_stop_pressed_by_two_people_stays_stopped(people: People, moderator: Client) -> None:
    stop(actor=people.member, kind=StopSwitch.Kind.EFFECTS, reason="一人目")
    post(moderator, "switch", reason="二人目")
    assert StopSwitch.objects.get().reason == "一人目"


def test_resume_asks_for_nothing(people: People, moderator: Client, member: Client) -> None:
    stop(actor=people.member, kind=StopSwitch.Kind.EFFECTS, reason="試験")
    page = get(moderator, "switch")
    assert "送信を再開しますか" in page
    assert 'name="reason"' not in page
    assert "再開は、モデレーター・委員長・管理者が行えます" in get(member, "switch")
    assert "送信を再開しました。" in flashed(post(moderator, "switch"), moderator)
    assert not StopSwitch.objects.exists()
    assert "送信は止まっていません。" in flashed(post(moderator, "switch"), moderator)


def test_switch_tells_how_much_waits(case: Case, people: People, member: Client) -> None:
    decide_case(case, people.moderator)
    assert "待っている対応：1件。" in get(member, "switch")


# --- Hostile text


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

"""The page of a case."""

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel
from moderation.models import Case, Comment
from moderation.services.second_look import flag
from moderation.states import CommentStanding
from tests.moderation.making import (
    decide_case,
    judgement_of,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import CRITICISM, DISTRESS, MILD
from tests.moderation.views.asking import asked, get, post, revision
from tests.people import People, client_of
from tests.policy import versions

pytestmark = pytest.mark.usefixtures("policy")


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
    assert "Xでは他の人のコメントを削除できないため、非表示にとどめます。" in page
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


def test_case_of_an_older_version_says_so(
    channel: Channel, people: People, moderator: Client
) -> None:
    (comment,) = store_and_judge(channel, told(text=MILD))
    case = comment.cases.get()
    assert "改定されました" not in get(moderator, "case", case.pk)
    versions.in_force(people, anchor="c4-2-a")
    assert "この判定は第1版に基づきます。いまは第2版（" in get(moderator, "case", case.pk)
    decide_case(case, people.moderator)
    assert "改定されました" not in get(moderator, "case", case.pk)  # decided under the new one

"""The page that says how well the judgement does, and the pages on which people label."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from moderation.models import CriterionCount, Label, MonthCount, Specimen
from moderation.services import labelling, measure, specimens
from moderation.states import Answer, CaseOrigin
from policy.criteria import Criterion, Route, Signal
from tests.moderation.making import (
    after_undo,
    decide_case,
    judgement_of,
    open_case,
    store,
    told,
)
from tests.moderation.views.asking import asked, flashed, get, post
from tests.people import People, client_of

pytestmark = pytest.mark.usefixtures("policy")
E = Criterion.DEFAMATION


def doubtful(channel: Channel, number: int, text: str = "") -> Specimen:
    comment = store(channel, told(number, text))[0]
    judgement_of(comment, scores={"エ": 0.5}, labels=["エ"], route=Route.PASS)
    return specimens.fill_list()[-1]


def decided(channel: Channel, number: int, people: People, *, right: bool = True) -> None:
    comment = store(channel, told(number))[0]
    judgement = judgement_of(comment, labels=["エ"])
    case = open_case(comment, judgement=judgement, labels=["エ"], origin=CaseOrigin.JUDGED)
    outcome = Outcome.HIDE if right else Outcome.KEEP
    after_undo(decide_case(case, people.moderator, outcome, [E]))


def count(month: date, **counts: int) -> None:
    row = MonthCount.objects.create(
        month=month, passed=1_000, sampled=80, counted_at=timezone.now()
    )
    zero = dict.fromkeys(("said", "right", "elsewhere", "noticed", "drawn"), 0)
    CriterionCount.objects.create(month=row, criterion=E, **zero | counts)


def test_without_any_decision_the_page_says_so(member: Client) -> None:
    page = get(member, "performance")
    assert "まだ集計がありません" in page
    assert "まだ比べたものがありません" in page


def test_figures_come_with_counts_and_bounds(
    channel: Channel, people: People, member: Client
) -> None:
    for number in range(1, 5):
        decided(channel, number, people, right=number > 1)
    measure.count_lately()
    page = get(member, "performance")
    assert "75%" in page
    assert "30〜95%" in page
    assert "件数が少ない" in page
    assert "抽出して確かめたものはまだありません" in page


def test_misses_and_the_sample_are_told(member: Client) -> None:
    count(date(2026, 4, 1), said=40, right=36, elsewhere=2, noticed=1, drawn=1)
    page = get(member, "performance")
    assert "別の理由で届いた 2件" in page
    assert "通報など 1件" in page
    assert "抽出 1件" in page
    assert "確かめたのは80件" in page
    assert "71%" in page  # 36 of 36 + 2 + 1,000 / 80
    assert "件数が少ない" not in page


def test_a_month_can_be_chosen_and_any_address_is_borne(member: Client) -> None:
    count(date(2026, 3, 1), said=3, right=3)
    count(date(2026, 4, 1), said=5, right=1)
    assert "基準ごとの成績：2026年4月" in get(member, "performance")
    assert "基準ごとの成績：2026年3月" in get(member, "performance", month="2026-03")
    for odd in ("2026-13", "x", "\x00", "9" * 400, ""):
        assert "基準ごとの成績：2026年4月" in get(member, "performance", month=odd)


def test_agreement_is_shown_by_month(channel: Channel, people: People, member: Client) -> None:
    for number in (1, 2, 3):
        decided(channel, number, people, right=number > 1)
    for specimen in specimens.draw_double():
        labelling.give(
            actor=people.moderator2, specimen=specimen, answer=Answer.GROUNDS, criteria=[E]
        )
    page = get(member, "performance")
    assert "2件・67%" in page
    assert "0.00" in page  # one always said yes: no better than by chance


def test_only_moderators_are_asked_to_label(member: Client, moderator: Client) -> None:
    address = reverse("moderation:labels", args=["instructive"])
    assert address not in get(member, "performance")
    assert address in get(moderator, "performance")


def test_the_model_in_use_is_named(channel: Channel, member: Client) -> None:
    judgement_of(store(channel, told(1))[0], model_version="1-older")
    page = get(member, "performance")
    assert "1-older" in page
    assert "再起動すると" in page


def test_a_specimen_shows_nothing_that_was_said_about_it(
    channel: Channel, moderator: Client
) -> None:
    specimen = doubtful(channel, 1, "大会の<b>ことば</b>について")
    page = get(moderator, "labels", "instructive")
    assert "大会の&lt;b&gt;ことば&lt;/b&gt;について" in page
    assert "学術大会のお知らせです" in page
    assert "<mark" not in page
    assert "確信度" not in page
    assert "checked" not in page
    assert reverse("moderation:give_label", args=[specimen.pk]) in page


def test_labelling_leads_to_the_next_and_can_be_taken_back(
    channel: Channel, moderator: Client
) -> None:
    first = doubtful(channel, 1)
    doubtful(channel, 2)
    answer = post(moderator, "give_label", first.pk, answer="grounds", criteria=["エ", "ア"])
    page = flashed(answer, moderator)
    assert "記録しました。コメントの表示は変わりません。" in page
    assert "エ 誹謗中傷・ア 法令違反" in page
    assert "その2" in page
    label = Label.objects.get()
    assert "ラベルを取り消しました" in flashed(
        post(moderator, "withdraw_label", label.pk), moderator
    )
    assert Label.objects.count() == 0


def test_what_was_ticked_comes_back_when_it_is_refused(channel: Channel, moderator: Client) -> None:
    specimen = doubtful(channel, 1)
    response = post(moderator, "give_label", specimen.pk, answer="none", criteria=["エ"])
    page = response.content.decode()
    assert response.status_code == 409
    assert "基準が選ばれています" in page
    assert page.count("checked") == 2
    missing = post(moderator, "give_label", specimen.pk, signals=["distress"])
    assert "どう思うかを選んでください" in missing.content.decode()


def test_a_comment_can_be_left_for_later(channel: Channel, moderator: Client) -> None:
    first, second = doubtful(channel, 1), doubtful(channel, 2)
    address = reverse("moderation:labels", args=["instructive"])
    assert f"specimens/{second.pk}/" in moderator.get(address, {"after": first.pk}).content.decode()
    # Behind the last one it begins anew, and odd values are the beginning.
    for odd in (str(second.pk), "x", "9" * 30, "²"):
        page = moderator.get(address, {"after": odd}).content.decode()
        assert f"specimens/{first.pk}/" in page


def test_somebody_elses_label_is_not_taken_back(
    channel: Channel, people: People, moderator: Client
) -> None:
    label = labelling.give(
        actor=people.moderator, specimen=doubtful(channel, 1), answer=Answer.NONE
    )
    other = client_of(people.moderator2)
    assert "ご自身が付けたラベルだけ" in flashed(post(other, "withdraw_label", label.pk), other)
    assert Label.objects.count() == 1


def test_a_cry_for_help_is_answered_in_words(channel: Channel, moderator: Client) -> None:
    specimen = doubtful(channel, 1)
    answer = post(
        moderator, "give_label", specimen.pk, answer="none", signals=[Signal.DISTRESS.value]
    )
    assert "見守りの案件として、判断する人に知らせました" in flashed(answer, moderator)


def test_pages_ask_as_often_for_many_as_for_few(
    channel: Channel, people: People, moderator: Client
) -> None:
    count(date(2026, 1, 1), said=1)
    doubtful(channel, 1)
    decided(channel, 20, people)
    specimens.draw_double()
    pages = [reverse("moderation:performance"), reverse("moderation:labels", args=["instructive"])]
    few = [asked(moderator, page) for page in pages]
    for number in range(2, 8):
        doubtful(channel, number)
        decided(channel, 20 + number, people)
        count(date(2026, number, 1), said=1)
    specimens.draw_double()
    for specimen in Specimen.objects.filter(purpose="double"):
        labelling.give(actor=people.moderator2, specimen=specimen, answer=Answer.NONE)
    many = [asked(moderator, page) for page in pages]
    assert many == few
    assert few[0] <= 18
    assert few[1] <= 20
    assert timezone.now() - MonthCount.objects.latest("counted_at").counted_at < timedelta(hours=1)

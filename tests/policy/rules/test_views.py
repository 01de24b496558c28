"""The pages of the rule sets: what they show, how they refuse, and what they cost."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jspm_social.accounts.models import User
from moderation.models import Comment
from policy.models import RuleAlarm, RuleSet, Trial
from policy.rules import activation, drafting, trials
from tests.moderation.making import make_channel, store_and_judge, told
from tests.people import client_of

from .conftest import term


@pytest.fixture
def client(active: RuleSet, admin: User) -> Client:
    return client_of(admin)


SETTING = {
    "guidance": "宣伝の誘いは、文脈で見てください。",
    "examples_yes": "今だけ半額\n\nプロフへ",
    "examples_no": "",
    "default_outcome": "hide",
    "severity": "2",
    "threshold": "0.40",
    "automation": "queue",
    "daily_cap": "20",
    "strike_weight": "1",
    "retention_days": "365",
    "why": "見逃しを減らす",
}
RULES = {
    "kind": "term",
    "values": "無料モニター\nプロフへ",
    "criterion": "キ",
    "weight": "0.6",
    "why": "宣伝",
}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_saving_a_criterion_makes_a_draft(client: Client, active: RuleSet) -> None:
    url = reverse("rules:criterion", args=["キ"])
    response = client.post(url, SETTING, follow=True)
    assert "案に保存しました（キ 政治・宗教・営利活動）" in text_of(response)
    draft = RuleSet.objects.get(state="draft")
    row = draft.settings.get(criterion="キ")
    assert (row.threshold, row.severity, row.examples_yes, row.retention_days) == (
        *(0.4, 2, ["今だけ半額", "プロフへ"], 365),
    )
    assert active.settings.get(criterion="キ").threshold == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": "1.5"}, "1 以下"),
        ({"threshold": "0"}, "0.01 以上"),
        ({"threshold": "半分"}, "数値を入力"),
        ({"severity": "9"}, "5 以下"),
        ({"guidance": ""}, "必須"),
        ({"why": ""}, "必須"),
        ({"automation": "hide"}, "まだ自動の非表示を使えません"),
    ],
)
def test_bad_setting_keeps_what_was_typed(
    client: Client, changes: dict[str, str], message: str
) -> None:
    typed = SETTING | {"guidance": "残るはずの手引き"} | changes
    response = client.post(reverse("rules:criterion", args=["シ"]), typed)
    assert response.status_code == 422
    shown = text_of(response)
    assert message in shown
    assert typed["guidance"] in shown
    assert 'value="365"' in shown


def test_second_person_keeps_what_they_typed(client: Client, admin: User) -> None:
    url = reverse("rules:criterion", args=["キ"])
    form = client.get(url).context["form"]
    seen = form.initial["seen"]
    client.post(url, SETTING | {"seen": seen})
    late = SETTING | {"seen": seen, "guidance": "あとから書いた手引き"}
    response = client.post(url, late)
    assert response.status_code == 422
    assert "先に変更しました" in text_of(response)
    assert "あとから書いた手引き" in text_of(response)
    again = late | {"seen": response.context["form"]["seen"].value()}
    assert client.post(url, again).status_code == 302


def test_rules_are_added_one_a_line(client: Client) -> None:
    response = client.post(reverse("rules:add"), RULES, follow=True)
    assert "案に2件を追加しました。" in text_of(response)
    response = client.post(reverse("rules:add"), RULES, follow=True)
    assert "すでにある2件は、そのままにしました（1、2行目）" in text_of(response)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "pattern", "values": "よい\n(\n"}, "2行目：式が正しくありません"),
        ({"kind": "pattern", "values": "(a|b)*"}, "どんな文にも当てはまります"),
        ({"weight": "2"}, "1 以下"),
        ({"unless": "ない条件"}, "条件「ない条件」が見つかりません"),
        ({"criterion": ""}, "必須"),
        ({"why": ""}, "必須"),
    ],
)
def test_bad_rule_keeps_what_was_typed(
    client: Client, changes: dict[str, str], message: str
) -> None:
    typed = RULES | changes
    response = client.post(reverse("rules:add"), typed)
    assert response.status_code == 422
    shown = text_of(response)
    assert message in shown
    assert typed["values"].split("\n")[0] in shown


def test_fifty_thousand_terms_are_refused_and_kept(client: Client) -> None:
    values = "\n".join(f"長めの宣伝の語句{n}" for n in range(50_000))
    response = client.post(reverse("rules:add"), RULES | {"values": values})
    assert response.status_code == 422
    shown = text_of(response)
    assert "20,000件まで" in shown
    assert "長めの宣伝の語句49999" in shown


def test_file_is_taken_or_refused_by_line(client: Client) -> None:
    url = reverse("rules:import")
    good = SimpleUploadedFile("a.csv", "値,基準\r\n無料モニター,キ".encode("cp932"))
    response = client.post(url, {"file": good, "why": "宣伝"}, follow=True)
    assert "案に1件を追加しました。" in text_of(response)
    bad = SimpleUploadedFile("b.csv", "種類,値,基準\r\nパターン,(,キ".encode("cp932"))
    response = client.post(url, {"file": bad, "why": "残る理由"})
    assert response.status_code == 422
    assert "2行目：式が正しくありません" in text_of(response)
    assert "残る理由" in text_of(response)


def test_export_is_a_table_and_an_event(client: Client) -> None:
    response = client.post(reverse("rules:export"))
    body = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert body.count("\r\n") == 6
    assert "赤錆" in body


def test_trying_a_text_shows_both_sides(client: Client, admin: User) -> None:
    drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    response = client.post(reverse("rules:try"), {"text": "青錆と紫煙"})
    labels = [side["labels"] for side in response.context["sides"]]
    assert labels == [["エ 誹謗中傷"], ["エ 誹謗中傷", "キ 政治・宗教・営利活動"]]
    fired = response.context["sides"][1]["fired"]
    assert ("追加：紫煙", "紫煙", 1.0) in [
        (item["name"], item["one"].words, item["one"].weight) for item in fired
    ]


def test_part_of_no_criterion_can_be_added_and_changed(client: Client) -> None:
    client.post(reverse("rules:add"), RULES | {"criterion": "-", "values": "部品の語"})
    rule = RuleSet.objects.get(state="draft").rules.get(value="部品の語")
    assert rule.criterion == ""
    url = reverse("rules:rule", args=[rule.pk])
    form = client.get(url).context["form"]
    assert form["criterion"].value() == "-"
    typed = {"value": "別の部品", "criterion": "-", "weight": "0.6", "why": "言い換え"}
    assert client.post(url, typed).status_code == 302
    rule.refresh_from_db()
    assert (rule.value, rule.criterion) == ("別の部品", "")
    client.post(reverse("rules:remove", args=[rule.pk]), {"why": ""})
    assert RuleSet.objects.get(state="draft").rules.filter(pk=rule.pk).exists()
    client.post(reverse("rules:remove", args=[rule.pk]), {"why": "不要"})
    assert not RuleSet.objects.get(state="draft").rules.filter(pk=rule.pk).exists()


def test_hostile_words_are_shown_as_words(client: Client, admin: User) -> None:
    drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("<script>alert(1)</script>")], why="<b>太字</b>")
    draft = RuleSet.objects.get(state="draft")
    for url in (reverse("rules:lab"), reverse("rules:compare", args=[draft.number])):
        shown = text_of(client.get(url))
        assert "<script>alert(1)" not in shown
        assert "<b>太字" not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_way_to_work_and_back(client: Client, admin: User, second: User) -> None:
    client.post(reverse("rules:add"), RULES)
    client.post(reverse("rules:shadow", args=[2]))
    client.post(reverse("rules:ask", args=[2]))
    page = reverse("rules:compare", args=[2])
    assert not client.get(page).context["can_answer"]
    other = client_of(second)
    assert other.get(page).context["can_answer"]
    other.post(reverse("rules:answer", args=[2]), {"verb": "agree"})
    assert RuleSet.objects.get(state="active").number == 2
    client.post(reverse("rules:roll_back", args=[1]), {"why": "誤りが多い"})
    assert RuleSet.objects.get(state="active").number == 1


def test_trial_shows_progress_and_links_to_comments(client: Client, admin: User) -> None:
    store_and_judge(make_channel(), told(1, "紫煙の話です"), told(2, "ただの話です"))
    drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    response = client.post(reverse("rules:backtest", args=[2]), follow=True)
    trial = Trial.objects.get()
    url = reverse("rules:trial", args=[trial.pk])
    assert 'hx-trigger="every 2s"' in text_of(response)
    fragment = client.get(url, headers={"HX-Request": "true"})
    assert "2件中0件（0%）" in text_of(fragment)
    assert "<html" not in text_of(fragment)
    trials.run(trial_id=trial.pk)
    ended = client.get(url, headers={"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    shown = text_of(client.get(url))
    comment = Comment.objects.get(remote_id="c1")
    assert reverse("moderation:comment", args=[comment.pk]) in shown
    assert "紫煙の話です" in shown


def test_alarm_stands_on_both_pages_until_seen(client: Client) -> None:
    alarm = RuleAlarm.objects.create(rule="term:青錆", day="2026-04-20", hits=40, usual=2)
    for url in (reverse("rules:index"), reverse("moderation:attention")):
        assert "規則「青錆」の該当が急に増えています" in text_of(client.get(url))
    client.post(reverse("rules:alarm_seen", args=[alarm.pk]))
    for url in (reverse("rules:index"), reverse("moderation:attention")):
        assert "急に増えています" not in text_of(client.get(url))


@pytest.mark.parametrize("many", [1, 60])
def test_pages_cost_the_same_however_much_there_is(
    client: Client, admin: User, django_assert_max_num_queries: Any, many: int
) -> None:
    drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term(f"語句{n}") for n in range(many)], why="宣伝")
    draft = RuleSet.objects.get(state="draft")
    for name, arguments, queries in (
        ("rules:index", [], 16),
        ("rules:criteria", [], 14),
        ("rules:criterion", ["キ"], 14),
        ("rules:lab", [], 16),
        ("rules:compare", [draft.number], 24),
    ):
        with django_assert_max_num_queries(queries):
            assert client.get(reverse(name, args=arguments)).status_code == 200


def test_draft_made_before_a_roll_back_is_marked(
    client: Client, active: RuleSet, admin: User, second: User
) -> None:
    draft = drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    activation.start_shadow(actor=admin, ruleset=draft)
    activation.ask(actor=admin, ruleset=draft)
    activation.answer(actor=second, ruleset=draft, agree=True)
    later = drafting.open_draft(actor=admin)
    activation.roll_back(actor=admin, to=active, why="誤り")
    shown = text_of(client.get(reverse("rules:compare", args=[later.number])))
    assert "使用中の規則セットが変わりました" in shown

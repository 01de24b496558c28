"""Editing goes to a draft; what is in use, and what was decided, stays as it was."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jspm_social.accounts.models import User
from jspm_social.audit.models import AuditEvent
from policy.criteria import Criterion, Signal
from policy.errors import Overtaken, Refused
from policy.models import Automation, CriterionSetting, Rule, RuleSet, RuleSetEdit
from policy.past import Tally
from policy.queries import compiled_active_ruleset, compiled_ruleset
from policy.rules import drafting
from policy.rules.comparing import compare
from policy.rules.drafting import BadLines, NewRule

from .conftest import term


def content(ruleset: RuleSet) -> tuple[Any, ...]:
    settings = list(CriterionSetting.objects.filter(ruleset=ruleset).order_by("pk").values())
    rules = list(Rule.objects.filter(ruleset=ruleset).order_by("pk").values())
    return settings, rules


def test_draft_is_a_copy_and_the_active_set_stays_as_it_is(active: RuleSet, admin: User) -> None:
    before = content(active)
    draft = drafting.open_draft(actor=admin)
    assert (draft.number, draft.state, draft.based_on) == (2, "draft", active)
    assert compare(active, draft).nothing
    drafting.change_setting(actor=admin, criterion="キ", values={"threshold": 0.4}, why="見逃し")
    drafting.add_rules(actor=admin, rules=[term("無料モニター")], why="最近の宣伝")
    assert content(active) == before
    assert "無料モニター" not in {rule.value for rule in compiled_active_ruleset().rules}


def test_opening_again_goes_on_with_the_draft(draft: RuleSet, second: User) -> None:
    assert drafting.open_draft(actor=second) == draft
    assert RuleSet.objects.filter(state="draft").count() == 1


def test_edits_keep_who_what_and_why(draft: RuleSet, admin: User, second: User) -> None:
    drafting.change_setting(
        actor=admin,
        criterion="キ",
        values={"threshold": 0.4, "guidance": "宣伝の誘いは、文脈で見てください。"},
        why="見逃しを減らす",
    )
    drafting.add_rules(actor=second, rules=[term("無料モニター")], why="最近の宣伝")
    edits = RuleSetEdit.objects.order_by("pk")
    assert [(edit.by, edit.what, edit.why) for edit in edits] == [
        (
            admin,
            "政治・宗教・営利活動（キ）：しきい値 1.0 → 0.4、判断の手引きを変更",
            "見逃しを減らす",
        ),
        (second, "規則を1件追加：「無料モニター」", "最近の宣伝"),
    ]
    assert [event.verb for event in AuditEvent.objects.order_by("id")] == [
        "ruleset.drafted",
        "ruleset.edited",
        "ruleset.edited",
    ]
    assert drafting.contributors(draft) == [admin, second]
    draft.refresh_from_db()
    assert draft.revision == 2
    rule = draft.rules.get(value="無料モニター")
    assert (rule.author, rule.why, rule.group) == (second, "最近の宣伝", "追加：無料モニター")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threshold": 0}, "しきい値は、0より大きく1以下"),
        ({"threshold": 1.01}, "しきい値は、0より大きく1以下"),
        ({"threshold": float("nan")}, "しきい値は、0より大きく1以下"),
        ({"severity": 6}, "重さは、0から5"),
        ({"guidance": " "}, "手引きを書いて"),
        ({"default_outcome": "burn"}, "標準の対応を選んで"),
    ],
)
def test_setting_out_of_range_is_refused(
    draft: RuleSet, admin: User, values: dict[str, Any], message: str
) -> None:
    before = content(draft)
    with pytest.raises(Refused, match=message):
        drafting.change_setting(actor=admin, criterion="キ", values=values, why="試し")
    assert content(draft) == before


def test_change_without_a_reason_is_refused(draft: RuleSet, admin: User) -> None:
    before = content(draft)
    with pytest.raises(Refused, match="理由を入力"):
        drafting.change_setting(actor=admin, criterion="キ", values={"severity": 2}, why=" ")
    with pytest.raises(Refused, match="理由を入力"):
        drafting.add_rules(actor=admin, rules=[term("無料モニター")], why="")
    assert content(draft) == before


def test_second_person_who_saves_is_told(draft: RuleSet, admin: User, second: User) -> None:
    seen = drafting.fingerprint(draft.settings.get(criterion="キ"))
    drafting.change_setting(
        actor=admin, criterion="キ", values={"severity": 2}, why="重い", seen=seen
    )
    with pytest.raises(Overtaken, match="先に変更"):
        drafting.change_setting(
            actor=second, criterion="キ", values={"severity": 3}, why="もっと", seen=seen
        )
    assert draft.settings.get(criterion="キ").severity == 2


@pytest.mark.parametrize(
    ("tally", "allowed"),
    [
        (Tally(), False),
        (Tally(149, 149), False),  # too few, however good
        (Tally(150, 150), True),  # lower bound 97.5 %
        (Tally(150, 147), False),  # 94.3 %
        (Tally(400, 388), False),  # 94.8 %
        (Tally(400, 389), True),  # 95.1 %
    ],
)
def test_hide_needs_figures(
    draft: RuleSet,
    admin: User,
    agreed: Callable[[dict[str, Tally]], None],
    tally: Tally,
    allowed: bool,
) -> None:
    agreed({"シ": tally})
    hide = {"automation": Automation.HIDE}
    if allowed:
        drafting.change_setting(actor=admin, criterion="シ", values=hide, why="十分な実績")
    else:
        with pytest.raises(Refused, match="まだ自動の非表示を使えません"):
            drafting.change_setting(actor=admin, criterion="シ", values=hide, why="十分な実績")
    setting = draft.settings.get(criterion="シ")
    assert (setting.automation == Automation.HIDE) == allowed


def test_refusal_tells_the_figures(
    draft: RuleSet, admin: User, agreed: Callable[[dict[str, Tally]], None]
) -> None:
    agreed({"シ": Tally(150, 147)})
    with pytest.raises(Refused) as refused:
        drafting.change_setting(
            actor=admin, criterion="シ", values={"automation": "hide"}, why="実績"
        )
    assert str(refused.value) == (
        "「シ」では、まだ自動の非表示を使えません。人が判断した150件のうち、判定と一致したのは147件"
        "（98.0%、95%信頼区間の下限94.3%）です。"
        "150件以上を人が判断し、下限が95%以上になると使えます。"
    )


@pytest.mark.parametrize("automation", ["hide", "none"])
@pytest.mark.parametrize("signal", Signal.values)
def test_signals_keep_their_automation(
    draft: RuleSet,
    admin: User,
    agreed: Callable[[dict[str, Tally]], None],
    signal: str,
    automation: str,
) -> None:
    agreed({signal: Tally(1000, 1000)})
    with pytest.raises(Refused, match="いつも人の判断に回します"):
        drafting.change_setting(
            actor=admin, criterion=signal, values={"automation": automation}, why="試し"
        )
    with pytest.raises(IntegrityError, match="no_hold_for_signals"), transaction.atomic():
        draft.settings.filter(criterion=signal).update(automation=automation)


def test_criterion_without_automation_is_never_reached(draft: RuleSet, admin: User) -> None:
    drafting.change_setting(actor=admin, criterion="キ", values={"automation": "none"}, why="不要")
    draft.refresh_from_db()
    assert compiled_ruleset(draft).setting("キ").threshold > 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (NewRule(1, "pattern", "(", "キ", 0.5), "式が正しくありません"),
        (NewRule(1, "pattern", "a*", "キ", 0.5), "どんな文にも当てはまります"),
        (NewRule(1, "link", "[", "キ", 0.5), "式が正しくありません"),
        (NewRule(1, "name", "(?=x)", "キ", 0.5), "式が正しくありません"),
        (NewRule(1, "pattern", "(a{1000}){1000}", "キ", 0.5), "式が正しくありません"),
        (NewRule(1, "term", " ", "キ", 0.5), "空か、記号だけ"),
        (NewRule(1, "term", "\u200b", "キ", 0.5), "空か、記号だけ"),
        (NewRule(1, "term", "長" * 201, "キ", 0.5), "200文字まで"),
        (NewRule(1, "term", "語", "ヌ", 0.5), "基準「ヌ」はありません"),
        (NewRule(1, "term", "語", "キ", 1.5), "重みは、0から1"),
        (NewRule(1, "term", "語", "キ", float("nan")), "重みは、0から1"),
        (NewRule(1, "together", "語", "キ", 0.5), "種類「together」は使えません"),
        (NewRule(1, "claim", "水で治る", "ク", 0.5), "正しい内容と出典が必要"),
    ],
)
def test_bad_rule_is_named_and_nothing_is_saved(
    draft: RuleSet, admin: User, rule: NewRule, message: str
) -> None:
    before = content(draft)
    with pytest.raises(BadLines) as refused:
        drafting.add_rules(actor=admin, rules=[term("よい語"), rule], why="試し")
    assert message in str(refused.value)
    assert [line for line, _ in refused.value.problems] == [1]
    assert content(draft) == before


def test_unknown_condition_is_refused(draft: RuleSet, admin: User) -> None:
    rule = NewRule(1, "term", "語", "キ", 0.5, unless=("ない条件",))
    with pytest.raises(Refused, match="条件「ない条件」が見つかりません"):
        drafting.add_rules(actor=admin, rules=[rule], why="試し")
    assert not draft.rules.filter(value="語").exists()


def test_duplicates_are_told_and_left_as_they_are(draft: RuleSet, admin: User) -> None:
    rules = [term("無料モニター", line=1), term("無料ﾓﾆﾀｰ", line=2), term("別の語", line=3)]
    added = drafting.add_rules(actor=admin, rules=rules, why="宣伝")
    assert (added.count, added.known) == (2, (2,))
    again = drafting.add_rules(actor=admin, rules=rules, why="宣伝")
    assert (again.count, again.known) == (0, (1, 2, 3))


def test_rule_that_joins_a_group_has_the_weight_of_the_group(draft: RuleSet, admin: User) -> None:
    """The first rule of a group says it for all: the engine reads no other weight."""
    joins = NewRule(1, "term", "紫錆", "キ", 0.2, group="青錆")
    drafting.add_rules(actor=admin, rules=[joins], why="同じ意味の語")
    row = draft.rules.get(value="紫錆")
    assert (row.criterion, row.weight, row.reason) == (
        *("エ", 1.0, "「青錆」という言葉があります"),
    )
    drafting.change_rule(actor=admin, rule=row, values={"weight": 0.7}, why="弱める")
    assert set(draft.rules.filter(group="青錆").values_list("weight", flat=True)) == {0.7}


def test_more_than_a_set_can_hold_is_refused_at_once(draft: RuleSet, admin: User) -> None:
    rules = [term(f"語{n}", line=n) for n in range(50_000)]
    with pytest.raises(Refused, match=r"20,000件まで.*追加しようとしたのは50,000件"):
        drafting.add_rules(actor=admin, rules=rules, why="大量")
    assert draft.rules.count() == 5


def test_false_claim_is_a_term_that_tells_what_is_right(draft: RuleSet, admin: User) -> None:
    claim = NewRule(
        1, "claim", "モルヒネは寿命を縮める", "ク", 0.8,
        correction="適切な使い方で寿命は縮みません。", source="がん疼痛の薬物療法に関するガイドライン",
    )  # fmt: skip
    drafting.add_rules(actor=admin, rules=[claim], why="よく見る誤り")
    draft.refresh_from_db()
    spec = compiled_ruleset(draft).rules[-1]
    assert (spec.kind, spec.value, spec.criterion) == ("term", "モルヒネは寿命を縮める", "ク")
    assert spec.reason == "誤りと分かっている主張です。正しくは：適切な使い方で寿命は縮みません。"


def test_rule_can_be_changed_and_taken_out(draft: RuleSet, admin: User) -> None:
    drafting.add_rules(actor=admin, rules=[term("無料モニター")], why="宣伝")
    rule = draft.rules.get(value="無料モニター")
    drafting.change_rule(actor=admin, rule=rule, values={"weight": 0.3}, why="誤りが多い")
    assert draft.rules.get(pk=rule.pk).weight == 0.3
    drafting.remove_rules(actor=admin, rules=[rule], why="不要")
    assert not draft.rules.filter(pk=rule.pk).exists()
    assert draft.edits.first().what == "規則を1件やめる：「無料モニター」"  # type: ignore[union-attr]


def test_rule_of_the_active_set_cannot_be_changed(
    active: RuleSet, draft: RuleSet, admin: User
) -> None:
    rule = active.rules.first()
    assert rule is not None
    with pytest.raises(Refused, match="編集中の案のものではありません"):
        drafting.change_rule(actor=admin, rule=rule, values={"weight": 0.3}, why="試し")
    with pytest.raises(Refused, match="編集中の案のものではありません"):
        drafting.remove_rules(actor=admin, rules=[rule], why="試し")


def test_rule_that_others_ask_for_cannot_be_taken_out(draft: RuleSet, admin: User) -> None:
    block = NewRule(1, "term", "注意", "", 0.0, group="注意喚起")
    asks = NewRule(2, "term", "宣伝", "キ", 0.5, unless=("注意喚起",))
    drafting.add_rules(actor=admin, rules=[block, asks], why="組")
    rule = draft.rules.get(group="注意喚起")
    with pytest.raises(Refused, match="条件「注意喚起」が見つかりません"):
        drafting.remove_rules(actor=admin, rules=[rule], why="不要")
    assert draft.rules.filter(group="注意喚起").exists()


def test_comparison_tells_everything_in_words(active: RuleSet, draft: RuleSet, admin: User) -> None:
    drafting.change_setting(
        actor=admin, criterion="キ", values={"threshold": 0.4, "retention_days": 365}, why="見直し"
    )
    drafting.add_rules(actor=admin, rules=[term("無料モニター")], why="宣伝")
    rule = draft.rules.get(value="青錆")
    drafting.change_rule(actor=admin, rule=rule, values={"weight": 0.5}, why="弱める")
    drafting.remove_rules(actor=admin, rules=[draft.rules.get(value="黄砂")], why="不要")
    found = compare(active, draft)
    assert [(c.criterion, c.lines) for c in found.settings] == [
        ("キ", ["しきい値 1.0 → 0.4", "証拠の保存日数 期限なし → 365日"])
    ]
    assert [row.value for row in found.added] == ["無料モニター"]
    assert [row.value for row in found.removed] == ["黄砂"]
    assert [(c.rule.value, c.lines) for c in found.changed] == [("青錆", ["重み 1.0 → 0.5"])]


@pytest.mark.parametrize("key", [*Criterion.values, *Signal.values])
def test_every_setting_can_be_drafted(draft: RuleSet, admin: User, key: str) -> None:
    drafting.change_setting(actor=admin, criterion=key, values={"threshold": 0.9}, why="試し")
    assert draft.settings.get(criterion=key).threshold == 0.9

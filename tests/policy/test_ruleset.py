"""Rules as data: what each kind matches, and what is refused."""

import pytest

from policy.engine import Author, Context, evaluate
from policy.ruleset import BadRuleSet, RuleSpec, compile_ruleset
from policy.verdict import Verdict


def rule(value: str = "", **changes: object) -> RuleSpec:
    plain = {"group": "群", "kind": "term", "value": value, "criterion": "ソ", "weight": 0.9}
    return RuleSpec(**{**plain, **changes})  # type: ignore[arg-type]  # tests name the fields


def judge(text: str, *rules: RuleSpec, name: str = "名前") -> Verdict:
    context = Context("", Author("1", name, ""))
    return evaluate(text, context, compile_ruleset(1, [], rules))


def places(verdict: Verdict) -> list[tuple[int, int, str]]:
    return [(e.start, e.end, e.field) for e in verdict.evidence if e.rule.endswith("群")]


def test_term_finds_other_spellings_and_points_into_the_original() -> None:
    assert places(judge("ｵﾝｶｼﾞ と オ.ン.カ.ジ", rule("オンカジ"))) == [
        (0, 5, "text"),
        (8, 15, "text"),
    ]


def test_term_is_no_expression() -> None:
    assert places(judge("a.b と axb", rule("a.b"))) == [(0, 3, "text")]


def test_pattern_name_and_link() -> None:
    assert places(judge("1万円", rule("[0-9]+万", kind="pattern"))) == [(0, 2, "text")]
    assert places(judge("文", rule("^偽", kind="name"), name="偽物")) == [(0, 1, "author_name")]
    link = rule(r"\.apk$", kind="link")
    assert places(judge("ほら hxxp://a[.]example/x.apk", link)) == [(3, 27, "text")]


def test_requires_unless_and_together() -> None:
    price, call = rule("円", group="値段", criterion=""), rule("連絡", group="誘い", criterion="")
    both = rule(kind="together", requires=("値段", "誘い"), within=5)
    assert places(judge("百円、連絡して", price, call, both)) == [(1, 2, "text"), (3, 5, "text")]
    assert places(judge("百円" + "。" * 9 + "連絡", price, call, both)) == []
    needy = rule("文", requires=("値段",), unless=("誘い",))
    assert places(judge("文は百円", price, call, needy)) == [(0, 1, "text")]
    assert places(judge("文は百円、連絡", price, call, needy)) == []
    assert places(judge("文", price, call, needy)) == []


def test_words_of_others_do_not_count_but_their_despair_does() -> None:
    text = "「もう嫌」と言われました"
    assert judge(text, rule("もう嫌")).labels == ()
    assert judge(text, rule("もう嫌", criterion="distress")).signals == ("distress",)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (rule("(", kind="pattern"), "「群」の式が正しくありません"),
        (rule("(?=先読み)", kind="pattern"), "「群」の式が正しくありません"),
        (rule("a*", kind="pattern"), "どんな文にも"),
        (rule("　"), "空の語句"),
        (rule("語", kind="呪文"), "種類「呪文」"),
        (rule("語", requires=("ない群",)), "「ない群」が見つかりません"),
    ],
)
def test_bad_rules_are_refused_by_name(bad: RuleSpec, message: str) -> None:
    with pytest.raises(BadRuleSet, match=message):
        compile_ruleset(1, [], [bad])


def test_ten_thousand_terms_still_find_each_other() -> None:
    terms = [rule(f"語句{n}番", group=f"群{n}") for n in range(10_000)]
    verdict = judge("ここに語句7777番がある", *terms)
    found = [(e.rule, e.start, e.end) for e in verdict.evidence if e.rule.startswith("term:")]
    assert found == [("term:群7777", 3, 10)]

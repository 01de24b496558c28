"""Grounds that only the context shows: the post (ス), the history (コ), the name (サ)."""

import pytest
from hypothesis import given, settings, strategies as st

from policy.criteria import Criterion
from policy.phases.repetition import SIMILAR, likeness, own_pairs, pairs
from policy.phases.subject import Author, Context, Subject
from tests.policy.judging import POST, evidence_for, judge, pointed_at

ALTERED = POST.replace("9月12日（土）14時", "9月19日（土）10時").replace("無料", "3,000円")


def test_altered_post_points_at_the_changed_figures() -> None:
    text = f"{ALTERED}（日本緩和医療学会）"
    verdict = judge(text)
    assert verdict.labels[0] == Criterion.ALTERATION
    figures = [e for e in evidence_for(verdict, "ス") if e.rule == "phase:alteration:figures"]
    assert {text[e.start : e.end] for e in figures} == {"19日", "10時", "3,000円"}


def test_invented_quotation_given_out_as_the_societys() -> None:
    text = "公式の投稿より「家で過ごす方は薬をやめてください」だそうです"
    assert "ス" in judge(text).labels
    assert "「家で過ごす方は薬をやめてください」" in pointed_at(judge(text), text, "ス")


@pytest.mark.parametrize(
    "text",
    [
        POST,
        f"{POST}（日本緩和医療学会）",
        "学会の投稿より「日時：2026年9月12日（土）14時から。会場：みなと会館」です。",
        "9月12日は仕事なので、録画があると助かります。",
    ],
)
def test_faithful_quotation_stays_up(text: str) -> None:
    assert "ス" not in judge(text).labels


COMPLAINT = "配信ページの場所がわかりにくいので、入口を一つにしてください。"


@pytest.mark.parametrize(
    "text",
    [COMPLAINT, COMPLAINT + "！！", "何度も書きます。" + COMPLAINT, COMPLAINT.replace("。", "☆")],
)
def test_same_text_again_is_a_repetition(text: str) -> None:
    assert "コ" in judge(text, history=("別の話です", COMPLAINT)).labels


@pytest.mark.parametrize(
    "text", ["ありがとうございました。", "勉強になりました！", "👍", COMPLAINT]
)
def test_first_text_and_short_thanks_are_no_repetition(text: str) -> None:
    history = () if text == COMPLAINT else (text, text)
    assert "コ" not in judge(text, history=history).labels


@settings(max_examples=30, deadline=None)
@given(st.text(st.sampled_from("あい漢a1ー…　！\u200b"), max_size=60), st.integers(1, 90))
def test_what_is_judged_is_compared_as_what_was_said_before(piece: str, times: int) -> None:
    text = piece * times  # folding shortens runs: cutting must come first on both sides
    assert own_pairs(Subject(text, Context("", Author("1", "", "")))) == pairs(text)


def test_likeness_is_symmetric_and_full_for_the_same() -> None:
    one, other = pairs(COMPLAINT), pairs("まったく別の話を、ここにひとつ書いておきます。")
    assert likeness(one, one) == 1.0
    assert likeness(one, other) == likeness(other, one) < SIMILAR


@pytest.mark.parametrize(
    "name",
    [
        "日本緩和医療学会 事務局",
        "日本緩和医療學會【公式】",
        "曰本緩和医療学会サポート",
        "JSРM公式",  # a Cyrillic Р
        "日 本 緩 和 医 療 学 会 広報",
    ],
)
def test_name_like_the_societys_is_shown_as_evidence(name: str) -> None:
    verdict = judge("会員番号をDMでお送りください", name=name)
    assert verdict.labels[0] == Criterion.IMPERSONATION
    [shown] = [e for e in evidence_for(verdict, "サ") if e.field == "author_name"]
    assert (shown.start, shown.end) == (0, len(name))


@pytest.mark.parametrize(
    "name", ["緩和ケア看護師3年目", "学会応援bot（非公式）", "学会員の娘", "もも@病棟ナース", ""]
)
def test_honest_name_stays_up(name: str) -> None:
    assert "サ" not in judge("講座、申し込みました。楽しみです。", name=name).labels


def test_writer_who_names_themselves_discloses_nobody() -> None:
    text = "矢野原ふみ子さんは卵巣がんで治療中です"
    assert "オ" not in judge(text, name="矢野原ふみ子").labels
    assert "オ" in judge(text, name="うわさ好き").labels

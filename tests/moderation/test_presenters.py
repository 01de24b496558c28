"""Hostile text in pieces, links that are links, and plain words for what went wrong."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.capabilities import Outcome, plan
from jspm_social.platforms.errors import (
    AuthExpired,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
    Unsupported,
)
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import judge_error
from moderation.models import Case, Comment, Commenter
from moderation.presenters.attention import explain
from moderation.presenters.case import criteria, effect_line
from moderation.presenters.comments import VEIL, badges, card, is_web_link, queue_row
from moderation.presenters.text import EXCERPT, excerpt, found, of_field, segments, tag_label
from moderation.states import CaseOrigin, CommentStanding, Hiding, Lane
from policy.criteria import Criterion, Signal
from tests.moderation.making import START

SPAN = st.fixed_dictionaries(
    {
        "start": st.integers(-50, 400),
        "end": st.integers(-50, 400),
        "criterion": st.sampled_from([*Criterion.values, *Signal.values, "知らないもの"]),
        "why": st.sampled_from(["一つ目", "二つ目", ""]),
    }
)
SPANS = st.lists(SPAN, max_size=8)
HOSTILE = st.text(st.characters(), max_size=300)


@given(HOSTILE, SPANS)
def test_pieces_together_are_the_whole_text(text: str, spans: list[dict[str, Any]]) -> None:
    pieces = segments(text, spans)
    assert "".join(piece["text"] for piece in pieces) == text
    assert all(piece["text"] for piece in pieces)


@given(HOSTILE, SPANS)
def test_a_piece_is_marked_where_evidence_stands(text: str, spans: list[dict[str, Any]]) -> None:
    marked = {
        index
        for span in spans
        for index in range(max(span["start"], 0), min(span["end"], len(text)))
    }
    at = 0
    for piece in segments(text, spans):
        here = range(at, at + len(piece["text"]))
        assert {index in marked for index in here} == {piece["mark"]}
        assert bool(piece["label"]) == piece["mark"]
        at = here.stop


@given(HOSTILE, SPANS)
def test_excerpt_is_a_short_stretch_of_the_text(text: str, spans: list[dict[str, Any]]) -> None:
    pieces = excerpt(text, spans)
    shown = "".join(piece["text"] for piece in pieces)
    inner = shown
    if len(text) > EXCERPT:
        inner = shown.removeprefix("…") if not text.startswith(shown[:EXCERPT]) else shown
        inner = inner[:EXCERPT]
        assert len(inner) == EXCERPT
    assert inner in text
    assert len(shown) <= max(len(text), EXCERPT + 2)


def test_excerpt_shows_the_first_evidence_of_a_long_text() -> None:
    text = "あ" * 500 + "ここ" + "い" * 500
    spans = [{"start": 500, "end": 502, "criterion": "エ", "why": "理由"}]
    pieces = excerpt(text, spans)
    assert [piece["text"] for piece in pieces if piece["mark"]] == ["ここ"]
    assert (pieces[0]["text"], pieces[-1]["text"]) == ("…", "…")


def test_overlapping_evidence_carries_all_labels_once() -> None:
    spans = [
        {"start": 0, "end": 4, "criterion": "エ", "why": "一つ目"},
        {"start": 2, "end": 6, "criterion": "ア", "why": "二つ目"},
        {"start": 2, "end": 4, "criterion": "エ", "why": "一つ目"},
    ]
    assert [(p["text"], p["label"], p["why"]) for p in segments("いろはにほへと", spans)] == [
        ("いろ", "エ 誹謗中傷", "一つ目"),
        ("はに", "エ 誹謗中傷・ア 法令違反", "一つ目 二つ目"),
        ("ほへ", "ア 法令違反", "二つ目"),
        ("と", "", ""),
    ]


@given(HOSTILE, st.text(max_size=4))
def test_found_marks_the_words_and_loses_nothing(text: str, query: str) -> None:
    pieces = found(text, query)
    assert "".join(piece["text"] for piece in pieces) == text
    if query and query in text:
        assert pieces[0]["mark"] == text.startswith(query)
        assert any(piece["mark"] for piece in pieces)
    else:
        assert not any(piece["mark"] for piece in pieces)


@pytest.mark.parametrize(
    ("tag", "label"), [("エ", "エ 誹謗中傷"), ("distress", "見守り"), ("検索語", "検索語")]
)
def test_tag_label(tag: str, label: str) -> None:
    assert tag_label(tag) == label


def test_evidence_belongs_to_its_field() -> None:
    name = {"criterion": "サ", "field": "author_name"}
    text: dict[str, str] = {"criterion": "エ"}
    assert of_field([name, text], "text") == [text]
    assert of_field([name, text], "author_name") == [name]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " https://x.example",
        "data:text/html,x",
        "//x.example",
        "HTTPS:x",
        "",
        "https:x",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not is_web_link(url)
    comment = make_comment(permalink=url, attachments=[{"kind": "link", "url": url, "alt": "絵"}])
    shown = card(comment)
    assert shown["permalink"] == ""
    assert shown["attachments"] == [{"kind": "link", "url": "", "alt": "絵"}]


def make_comment(**changes: Any) -> Comment:
    person = Commenter(name="名前", handle="handle")
    given: dict[str, Any] = {
        "pk": 7,
        "channel": Channel(platform="x", name="学会"),
        "commenter": person,
        "text": "こんにちは",
        "posted_at": START,
    }
    return Comment(**given | changes)


def test_card_tells_how_the_comment_stands() -> None:
    shown = card(make_comment(standing=CommentStanding.HIDDEN, text="長" * 2000))
    assert shown["badges"] == [{"label": "非表示", "tone": "neutral"}]
    assert (shown["long"], shown["url"]) == (True, "/comments/7/")
    assert card(make_comment(), own_page=False)["url"] == ""


def test_badges_show_signals_before_criteria() -> None:
    shown = badges(["エ"], ["distress"])
    assert [(b["label"], b["tone"]) for b in shown] == [("見守り", "care"), ("誹謗中傷", "warn")]


def test_queue_row_veils_what_is_hard_to_read() -> None:
    case = Case(pk=3, comment=make_comment(), lane=Lane.SAMPLE, origin=CaseOrigin.FLAGGED)
    case.labels, case.problems = ["イ"], ["時間がかかりすぎました"]
    row = queue_row(case)
    assert row["veil"] == VEIL
    assert [badge["label"] for badge in row["badges"]] == [
        "公序良俗違反",
        "委員からの通報",
        "抽出確認",
        "判定できず",
    ]
    case.labels = ["エ"]
    assert queue_row(case)["veil"] == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OutcomeUnknown("timeout"), "反映されたかどうか分かりません"),
        (Rejected("403"), "断られました"),
        (RateLimited("429", until=START), "上限に達しました"),
        (Unsupported("plan"), "この操作ができません"),
        (AuthExpired("401"), "期限が切れました"),
        (PlatformError("?"), "想定していない問題"),
    ],
)
def test_trouble_is_explained_without_the_errors_own_words(
    error: PlatformError, words: str
) -> None:
    reason, next_step = explain(judge_error(error, attempts=1, now=START).trouble)
    assert words in reason
    assert next_step.endswith("。")
    assert error.detail not in reason + next_step


def test_trouble_after_all_attempts_and_after_an_edit_is_explained() -> None:
    failed = judge_error(Transient("503"), attempts=99, now=START)
    assert "つながりませんでした" in explain(failed.trouble)[0]
    assert "編集された" in explain("判断のあとにコメントが編集されました")[0]
    assert "接続されていません" in explain("Unsupported: 接続されていません")[0]
    assert "送りませんでした" in explain("判断が取り消されました")[0]


@pytest.mark.parametrize(
    ("platform", "outcome", "line"),
    [
        (Platform.X, Outcome.KEEP, "何も変えません。"),
        (Platform.X, Outcome.HIDE, "コメントを非表示にします。"),
        (
            Platform.X,
            Outcome.DELETE,
            "Xでは他の人のコメントを削除できないため、非表示にとどめます。",
        ),
        (
            Platform.FACEBOOK,
            Outcome.DELETE,
            "すぐにコメントを非表示にします。確認のあと、コメントを削除します。",
        ),
        (Platform.LINE, Outcome.BLOCK, "確認のあと、投稿者をブロックします。"),
        (Platform.MASTODON, Outcome.HIDE, ""),
        (Platform.FACEBOOK, Outcome.UNBLOCK, "投稿者のブロックを解除します。"),
    ],
)
def test_effect_line_says_what_will_really_happen(
    platform: Platform, outcome: Outcome, line: str
) -> None:
    assert effect_line(outcome, plan(platform, outcome)) == line


@pytest.mark.parametrize(
    ("platform", "outcome", "line"),
    [
        (Platform.X, Outcome.HIDE, "いまの非表示を続けます。"),
        (Platform.X, Outcome.RESTORE, "コメントをもう一度表示します。"),
        (
            Platform.FACEBOOK,
            Outcome.DELETE,
            "いまの非表示を続けます。確認のあと、コメントを削除します。",
        ),
        (
            Platform.FACEBOOK,
            Outcome.BLOCK,
            "いまの非表示を続けます。確認のあと、投稿者をブロックします。",
        ),
    ],
)
def test_what_is_hidden_already_is_not_said_to_be_hidden_now(
    platform: Platform, outcome: Outcome, line: str
) -> None:
    assert effect_line(outcome, plan(platform, outcome), Hiding.DONE) == line


def test_criteria_of_the_verdict_stand_first_and_are_ticked() -> None:
    case = Case(lane=Lane.QUEUE, labels=["サ", "エ"])
    items = criteria(case, None)
    assert len(items) == len(Criterion)
    assert [item["code"] for item in items[:2]] == ["エ", "サ"]
    assert {item["code"] for item in items if item["checked"]} == {"エ", "サ"}
    assert {item["code"] for item in criteria(case, ["ア"]) if item["checked"]} == {"ア"}


def test_criteria_are_never_ticked_beforehand_in_the_care_lane() -> None:
    items = criteria(Case(lane=Lane.CARE, labels=["エ"]), None)
    assert not any(item["checked"] for item in items)
    assert items[0]["suggested"]

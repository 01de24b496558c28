"""Folding: what it evens out, and the laws it keeps on any text."""

import pytest
from hypothesis import given, settings, strategies as st

from policy.normalise import _ROUNDS, _characters, _join, _shorten, _spell_out, fold

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
DISGUISED = st.text(
    st.sampled_from(
        list(
            "死ねしネｼﾈﾞガｶ゛゜タヒ氏4ツ56すk1l0 　.・_-★🌸abAＢ１2○●〇ーｰ〜\u200b\u202e\u0301\n、。「」あ"
        )
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ﾑﾉｳ ﾄﾞﾓ", "ムノウドモ"),
        ("し.ね 無.能.学.会", "しね無能学会"),
        ("お っ ぱ い", "おっぱい"),
        ("死🌸ね", "死ね"),
        ("F o l l o w  me", "follow me"),
        ("ＡＢＣ１２３", "abc123"),
        ("発\u200b酵\u200b玄米", "発酵玄米"),
        ("ああああああああ", "あああ"),
        ("03-0000-0000", "03-0000-0000"),
        ("ち○●", "ち〇〇"),
        ("З" + "а", "3a"),
        ("a̷̛͓b̶̢͝", "ab"),
        ("ﾀﾋね、タ ヒ ね", "死ね、死ね"),
        ("タヒ★ね", "死ね"),
        ("氏ね4ね", "死ね死ね"),
        ("早くツネよ", "早くシネよ"),
        ("56すぞ", "殺すぞ"),
        ("k1ll y0u, s3x", "kill y0u, s3x"),
        ("か\u3099", "が"),
        ("\x00\ud800", "\ufffd"),
        ("", ""),
    ],
)
def test_fold_known_disguises(written: str, folded: str) -> None:
    assert fold(written).text == folded


@pytest.mark.parametrize(
    "written",
    [
        "必死に、ねえ",
        "桜が満開。いい天気",
        "ありがとう😊先生",
        "1 2 3",
        "彼氏ね、優しい",
        "タヒチの海",
        "キツネとタヌキ",
        "4ねん生",
        "156すべて",
        "covid19",
        "3.56",
        "http://a1.example/x1",
    ],
)
def test_fold_leaves_ordinary_text_apart(written: str) -> None:
    assert fold(written).text == written


def test_span_covers_the_separators_inside_a_disguised_word() -> None:
    folded = fold("ほら し.ね だ")
    start = folded.text.index("しね")
    assert folded.span(start, start + 2) == (3, 6)


def test_span_of_a_shortened_run_covers_the_whole_run() -> None:
    folded = fold("死死死死死死!")
    assert folded.span(0, 3) == (0, 6)


@settings(max_examples=400)
@given(st.one_of(ANY_TEXT, DISGUISED))
def test_fold_twice_is_fold_once(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@settings(max_examples=300)
@given(st.one_of(ANY_TEXT, DISGUISED), st.integers(-5, 250), st.integers(-5, 250))
def test_spans_stay_inside_the_original(text: str, start: int, end: int) -> None:
    first, last = fold(text).span(start, end)
    assert 0 <= first <= last <= len(text)


@given(st.one_of(ANY_TEXT, DISGUISED))
def test_pieces_are_in_order(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(a < b for a, b in zip(folded.starts, folded.ends, strict=True))


@settings(max_examples=400)
@given(st.one_of(ANY_TEXT, DISGUISED))
def test_the_short_way_gives_what_the_long_one_does(text: str) -> None:
    """The long one is worked out letter by letter, whatever the text looks like."""
    found, slow = fold(text), _shorten(_characters(text))
    for _ in range(_ROUNDS):
        slow = _shorten(_spell_out(_join(slow)))
    assert found.text == slow.text
    assert [*found.starts] == [*slow.starts]
    assert [*found.ends] == [*slow.ends]


@pytest.mark.parametrize(
    "piece", ["あ", "\u202e", "a\u0301\u0301", "\ud800", "\x00", "し.", "ｶﾞ", "🌸"]
)
def test_fold_of_100_000_characters_does_not_raise(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    folded = fold(text)
    assert folded.span(0, len(folded.text))[1] <= len(text)

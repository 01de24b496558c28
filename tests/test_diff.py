"""Two versions of a text, compared word by word."""

from hypothesis import given, strategies as st

from jspm_social.diff import Piece, compare


def test_words_are_not_torn_apart() -> None:
    assert compare("大会は6月19日（金）です。", "大会は6月20日（土）です。") == [
        Piece("same", "大会は6月"),
        Piece("old", "19"),
        Piece("new", "20"),
        Piece("same", "日（"),
        Piece("old", "金"),
        Piece("new", "土"),
        Piece("same", "）です。"),
    ]


def test_one_script_is_one_word() -> None:
    assert compare("緩和ケアチーム", "緩和ケアセンター") == [
        Piece("same", "緩和"),
        Piece("old", "ケアチーム"),
        Piece("new", "ケアセンター"),
    ]


@given(old=st.text(), new=st.text())
def test_both_texts_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(p.text for p in pieces if p.kind != "new") == old
    assert "".join(p.text for p in pieces if p.kind != "old") == new
    assert all(p.text for p in pieces)


def test_a_very_long_text_is_compared_by_lines() -> None:
    old = "".join(f"行{n}、\n" for n in range(4000))
    pieces = compare(old, old + "最後")
    assert pieces == [Piece("same", old), Piece("new", "最後")]

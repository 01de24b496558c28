"""Text from outside: storable, searchable."""

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.storing import storable
from moderation.text import MAX_BIGRAMS, bigrams, searchable

ANY_TEXT = st.text(st.characters())  # lone surrogates and NUL too


@given(ANY_TEXT)
def test_storable_text_fits_the_database_and_keeps_its_length(text: str) -> None:
    kept = storable(text)
    assert len(kept) == len(text)
    assert "\x00" not in kept
    assert kept.encode().decode() == kept
    assert storable(kept) == kept
    assert all(b in (a, "\ufffd") for a, b in zip(text, kept, strict=True))


@given(ANY_TEXT, st.integers(0, 20))
def test_storable_text_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert storable(text, limit) == storable(text)[:limit]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ　ｄｅｆ", "abc def"),
        ("ｶﾞﾝ患者", "ガン患者"),
        ("  a\n\t b  ", "a b"),
        ("Straße", "strasse"),
        ("㍿", "株式会社"),
        ("ひらがなとカタカナ", "ひらがなとカタカナ"),
    ],
)
def test_searchable_text_is_folded(text: str, folded: str) -> None:
    assert searchable(text) == folded


@given(st.text(), st.text(min_size=2), st.text())
def test_every_part_is_found_by_its_pairs(before: str, part: str, after: str) -> None:
    whole = before + part + after
    if searchable(part) in searchable(whole):
        assert set(bigrams(part)) <= set(bigrams(whole))


@given(ANY_TEXT)
def test_pairs_are_sorted_distinct_and_fit_a_bigint(text: str) -> None:
    found = bigrams(text)
    assert found == sorted(set(found))
    assert all(0 <= number < 2**63 for number in found)


def test_pairs_of_different_characters_differ() -> None:
    assert bigrams("あい") != bigrams("いあ")
    assert bigrams("あ") == bigrams("") == []
    assert len(bigrams("".join(map(chr, range(0x4E00, 0x9FFF))))) <= MAX_BIGRAMS

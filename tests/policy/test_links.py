"""Links, plain and disguised, with their place in the original."""

import pytest
from hypothesis import given, strategies as st

from policy import links
from policy.links import find_links


@pytest.mark.parametrize(
    ("text", "url", "disguised"),
    [
        ("見て https://www.example.jp/a?b=1 ", "www.example.jp/a?b=1", False),
        ("hxxp://bad[.]example/x.apk", "bad.example/x.apk", True),
        ("ｈｔｔｐｓ：／／ａ.example/b", "a.example/b", False),
        ("h t t p s : / / bad . example", "bad.example", True),
        ("badドットexample/x", "bad.example/x", True),
    ],
)
def test_link_is_put_into_plain_form(text: str, url: str, disguised: bool) -> None:
    [link] = find_links(text)
    assert (link.url, link.disguised) == (url, disguised)
    assert text[link.start : link.end].strip() != ""


@pytest.mark.parametrize("text", ["@momo.ns これ見て", "1.3点でした", "e.g.", "なし", ""])
def test_words_are_no_links(text: str) -> None:
    assert find_links(text) == []


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_gives_spans_inside(text: str) -> None:
    assert all(0 <= link.start < link.end <= len(text) for link in find_links(text))


PIECE = st.sampled_from(
    [
        "a",
        "b1",
        "momo",
        "ｅｘ",
        "jp",
        "com",
        "example",
        "1",
        " ",
        "死",
        "。",
        "hxxp://",
        "http：／／",
        "/x",
    ]
)
DOT = st.sampled_from([".", "．", "[.]", "(.)", "[dot]", "ドット", " . ", "。", ""])
NEARLY_A_LINK = st.lists(st.tuples(PIECE, DOT), max_size=6).map(
    lambda pairs: "".join(piece + dot for piece, dot in pairs)
)


def test_the_first_look_misses_no_link() -> None:
    met: set[bool] = set()

    @given(NEARLY_A_LINK, st.booleans())
    def law(text: str, apart: bool) -> None:
        text = " ".join(text) if apart else text
        found = find_links(text)
        met.add(bool(found))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(links, "_possible", lambda _text: True)
            assert find_links(text) == found

    law()
    assert met == {True, False}  # otherwise it would have shown nothing

"""Finding words in the help."""

import pytest
from django.urls import reverse
from hypothesis import given, strategies as st

from jspm_social.help.search import excerpt, matches, words_of
from policy.services import load_version_1
from tests.people import People, client_of


def test_words_are_what_people_read() -> None:
    assert words_of("<h2>a</h2><p>b &amp; c</p>\n d") == "a b & c d"


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("緊急停止を押す", "緊急", True),
        ("緊急停止を押す", "停止 押す", True),
        ("緊急停止を押す", "停止　押さない", False),
        ("ＬＩＮＥで届く", "line", True),
        ("ﾛｸﾞｲﾝ", "ログイン", True),
        ("緊急停止", "", True),
    ],
)
def test_every_word_stands_somewhere(text: str, wanted: str, found: bool) -> None:
    assert matches(text, wanted) is found


@given(st.text(max_size=80), st.text(min_size=1, max_size=5), st.text(max_size=80))
def test_what_is_written_out_is_found_and_excerpts_lose_no_letter(
    before: str, word: str, after: str
) -> None:
    text = before + word + after
    found = excerpt(text, [word])
    whole = (found.before + found.hit + found.after).replace("…", "")
    assert whole in text.replace("…", "")


def test_excerpt_marks_the_hit_in_its_own_spelling() -> None:
    found = excerpt("はじめに、ＬＩＮＥで届くもの", ["line"])
    assert (found.before, found.hit) == ("はじめに、", "ＬＩＮＥ")


@pytest.mark.django_db
def test_search_finds_topics_of_the_reader_only(people: People) -> None:
    load_version_1()
    url = reverse("help:index")
    admin = client_of(people.admin).get(url, {"q": "しきい値"}).content.decode()
    member = client_of(people.member).get(url, {"q": "パターン"}).content.decode()
    assert '<a class="name" href="/help/rules/">' in admin
    assert "<mark>しきい値</mark>" in admin
    assert '<a class="name" href="/help/rules/">' not in member


@pytest.mark.django_db
def test_search_says_when_nothing_is_found_and_keeps_the_words(people: People) -> None:
    answer = client_of(people.member).get(reverse("help:index"), {"q": '<b>"zzz'})
    assert "見つかりませんでした" in answer.content.decode()
    assert "&lt;b&gt;&quot;zzz" in answer.content.decode()
    assert answer.status_code == 200


@pytest.mark.django_db
def test_search_costs_a_fixed_number_of_queries(
    people: People, django_assert_max_num_queries: object
) -> None:
    load_version_1()
    client = client_of(people.admin)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get(reverse("help:index"), {"q": "緊急"})

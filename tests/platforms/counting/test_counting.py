"""How long texts are on each platform: examples worked out by hand, and laws for any text."""

import time
import unicodedata

import pytest
import regex
from hypothesis import HealthCheck, example, given, settings, strategies as st

from jspm_social.platforms.counting import Measure, Part, Unit, measure, measure_all
from jspm_social.platforms.counting.mastodon import without_hosts
from jspm_social.platforms.counting.urls import mastodon_urls, x_urls
from jspm_social.platforms.names import Platform

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAMILY = "👨‍👩‍👧‍👦"  # seven code points, 25 bytes
BOW = "🙇🏽‍♀️"  # skin tone, ZWJ, variation selector
JAPAN = "🇯🇵"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
GA = "か\u3099"  # two code points, one letter; NFC joins them
STACKED = "e\u0301\u0323\u0328"  # NFC leaves three code points
KOKORO = "国立がん研究センター"
URL = "https://www.jspm.ne.jp/"


def used(platform: Platform, text: str) -> int:
    return measure(platform, text).used


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Palliative care", 15),
        ("緩和ケア", 8),
        ("ｶﾝﾜ", 6),  # half-width katakana weigh as much as any
        ("café", 4),
        ("“quoted” – 2‰", 14),  # of these only the per mille weighs two
        ("1…2", 4),  # the ellipsis lies outside the light ranges
        ("\u200d\u200e", 3),  # 8205 is the last light one
        (GA, 2),
        ("が", 2),
        (STACKED, 3),
        ("🐱", 2),
        (FAMILY, 2),
        (BOW, 2),
        (JAPAN, 2),
        (JAPAN * 2, 4),
        (ENGLAND, 2),
        ("1️⃣#️⃣", 4),
        ("©", 1),
        ("©️", 2),
        ("™", 2),
        ("☺︎", 4),  # a picture, and the wish to have it as text
        ("👩\u0301", 3),  # a mark on a picture is no part of it
        ("𠮷", 2),
        ("𐀀", 2),
        (URL, 23),
        ("http://a.jp", 23),
        ("https://example.com/" + "a" * 300, 23),
        ("jspm.ne.jp", 23),
        (f"詳しくは{URL}をご覧ください。", 8 + 23 + 16),
        (f"詳しくは（{URL}）へ", 8 + 2 + 23 + 2 + 2),
        (f"a {URL} b {URL}\nc", 2 + 23 + 3 + 23 + 2),
        (f"{URL}{FAMILY}", 25),
        ("a@jspm.ne.jp", 12),  # a mail address is no link
        ("v1.5mg", 6),
        ("説明.docx", 9),
        ("ftp://a.example/", 16),
        ("https://localhost/", 18),
    ],
)
def test_weight_on_x(text: str, weight: int) -> None:
    assert measure(Platform.X, text) == Measure(weight, 280, Unit.WEIGHTED, len(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("見てhttps://example.com/をご覧", ["https://example.com/"]),
        ("https://example.comです", ["https://example.com"]),
        ("見てexample.comを", ["example.com"]),
        ("例：example.co.jp/a?b=c。", ["example.co.jp/a?b=c"]),
        ("https://日本語.jp/", ["https://日本語.jp/"]),
        ("「https://example.com/a_(b)」", ["https://example.com/a_(b)"]),
        ("(https://example.com/a)", ["https://example.com/a"]),
        ("https://example.com/a.", ["https://example.com/a"]),
        ("https://example.com?q=1&r=2!", ["https://example.com?q=1&r=2"]),
        ("https://example.com:8080/x", ["https://example.com:8080/x"]),
        ("https://example.com/日本", ["https://example.com/"]),
        ("HTTPS://EXAMPLE.COM", ["HTTPS://EXAMPLE.COM"]),
        ("https://a_b.example.com", ["https://a_b.example.com"]),
        ("https://a.b_c.com", []),
        ("http://-a.com", []),
        ("xhttps://example.com", []),
        ("@https://example.com #https://example.com", []),
        ("https://example.notadomain/x", []),
        (f"https://{'a' * 64}.com", []),
        ("example.company example.comx", ["example.company"]),
        ("user.name@example.com", []),
        ("a.com,b.jp", ["a.com", "b.jp"]),
        ("www.a.com:80", ["www.a.com"]),
    ],
)
def test_addresses_on_x(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in x_urls(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("見てhttps://example.com/ をご覧", ["https://example.com/"]),
        ("見てhttps://example.com/をご覧", ["https://example.com/をご覧"]),  # a broken link
        ("https://example.comです", ["https://example.com"]),
        ("「https://example.com/a」", ["https://example.com/a"]),
        ("https://example.com/a.", ["https://example.com/a"]),
        ("https://example.com/a_(b)!", ["https://example.com/a_(b)"]),
        ("example.com", []),
    ],
)
def test_addresses_on_mastodon(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in mastodon_urls(text)] == found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("緩和ケア", 4),
        (FAMILY + BOW + JAPAN + ENGLAND + GA + STACKED, 6),
        (URL, 23),
        ("https://example.com/" + "あ" * 300, 23),
        ("example.com", 11),
        ("@jspm", 5),
        ("@jspm@mastodon.example", 5),
        ("（@jspm@mastodon.example）", 7),
        ("@jspm@mastodon.example @a@b", 8),
        ("a@b.example", 11),
        ("https://example.com/@jspm@mastodon.example", 23),
        ("\r\n", 1),
    ],
)
def test_length_on_mastodon(text: str, count: int) -> None:
    assert measure(Platform.MASTODON, text) == Measure(count, 500, Unit.GRAPHEMES, len(text))


def test_mastodon_counts_as_the_server_says() -> None:
    told = {"characters": 1000, "url_characters": 30}
    found = measure(Platform.MASTODON, f"見て {URL}", limits=told)
    assert (found.used, found.limit, found.left) == (33, 1000, 967)


def test_mention_without_its_host() -> None:
    assert without_hosts("@a@b.example と @c と d@e.example") == "@a と @c と d@e.example"


@pytest.mark.parametrize(
    ("platform", "text", "numbers"),
    [
        (Platform.BLUESKY, f"緩和{FAMILY}", [(3, 300), (31, 3000)]),
        (Platform.BLUESKY, URL, [(23, 300), (23, 3000)]),
        (Platform.THREADS, f"緩和{FAMILY}", [(27, 500)]),
        (Platform.THREADS, "ケア☺️", [(8, 500)]),
        (Platform.LINE, f"緩和{FAMILY}𠮷", [(2 + 11 + 2, 5000)]),
        (Platform.FACEBOOK, f"緩和{FAMILY}{GA}", [(2 + 7 + 2, 63_206)]),
        (Platform.YOUTUBE, f"緩和{FAMILY}", [(31, 5000)]),
        (Platform.INSTAGRAM, "緩和 #緩和ケア ＃がん @jspm a@b", [(22, 2200), (2, 30), (1, 20)]),
        (Platform.INSTAGRAM, "# ## @ @@", [(9, 2200), (0, 30), (0, 20)]),
    ],
)
def test_every_limit_of_the_others(
    platform: Platform, text: str, numbers: list[tuple[int, int]]
) -> None:
    assert [(found.used, found.limit) for found in measure_all(platform, text)] == numbers


def test_title_of_a_video_counts_characters() -> None:
    title = FAMILY * 15  # 105 code points
    found = measure(Platform.YOUTUBE, title, part=Part.TITLE)
    assert (found.used, found.limit, found.cut) == (105, 100, 14 * 7)


# --- where it is cut


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("あ" * 140, 140),
        ("あ" * 141, 140),
        ("a" + "あ" * 140, 140),
        (GA * 141, 280),
        (FAMILY * 141, 140 * len(FAMILY)),
        ("あ" * 130 + URL, 130),  # an address stands whole or not at all
        ("あ" * 128 + URL, 128 + len(URL)),
        ("あ" * 128 + URL + "い", 128 + len(URL)),
        ("a" * 275 + " a.com", 276),  # the bare domain weighs 23
        ("a" * 270 + " a.company", 271),
    ],
)
def test_cut_on_x(text: str, cut: int) -> None:
    assert measure(Platform.X, text).cut == cut


def test_beginning_that_would_weigh_more_than_within_the_whole_is_not_the_cut() -> None:
    """`ab.com` is an address once the letters behind it are gone, and so is `ab.co`."""
    text = "あ" * 136 + "  ab.com" + "x" * 20
    assert measure(Platform.X, text[: 136 + 8]).used == 272 + 2 + 23
    assert measure(Platform.X, text).cut == 136 + 2 + len("ab.c")


def test_narrowest_limit_is_told_and_cuts() -> None:
    found = measure(Platform.BLUESKY, FAMILY * 150)  # 150 graphemes, 3750 bytes
    assert found == Measure(3750, 3000, Unit.BYTES, 120 * len(FAMILY))
    found = measure(Platform.INSTAGRAM, "#あ " * 31)
    assert found == Measure(31, 30, Unit.HASHTAGS, 30 * 3)
    assert not found.fits
    assert found.left == -1


PIECES = [
    "あ", "緩和ケア", "a", "B ", " ", "\n", "。", ".", "/", ":", "(", ")", "@", "#", "＃", "-", "_",
    "com", ".jp", "example.com", "https://", URL, "https://example.com/a_(b)?c=d", "@a@b.example",
    FAMILY, BOW, JAPAN, "🇯", ENGLAND, GA, "が", STACKED, "\u0301", "\u3099", "\u200d", "\ufe0f",
    "\ufe0e", "©", "1️⃣", "𠮷", "ｶﾞ", "각", "\u1100\u1161", "नि", "\r\n", "\ud83d", "\0",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=60).map("".join)
LIMITED = st.builds(
    lambda text, limit: (text, {"characters": limit}), TEXTS, st.integers(min_value=1, max_value=90)
)
EVERY = [(platform, Part.TEXT) for platform in Platform] + [(Platform.YOUTUBE, Part.TITLE)]


@ANY_MACHINE
@given(st.sampled_from(EVERY), LIMITED)
@example((Platform.X, Part.TEXT), ("a.comあ", {"characters": 23}))
@example((Platform.X, Part.TEXT), ("b a.comx", {"characters": 7}))
def test_text_up_to_the_cut_fits_and_parts_nothing(
    where: tuple[Platform, Part], given_: tuple[str, dict[str, int]]
) -> None:
    (platform, part), (text, limits) = where, given_
    found = measure(platform, text, part=part, limits=limits)
    assert measure(platform, text[: found.cut], part=part, limits=limits).fits
    assert found.fits == (found.cut == len(text))
    assert found.cut in {0, *(match.end() for match in regex.finditer(r"\X", text))}
    if platform is Platform.X:
        assert not any(start < found.cut < end for start, end in x_urls(text))


@ANY_MACHINE
@given(st.sampled_from(EVERY), TEXTS)
def test_more_room_never_cuts_earlier(where: tuple[Platform, Part], text: str) -> None:
    platform, part = where
    cuts = [
        measure(platform, text, part=part, limits={"characters": room}).cut
        for room in range(1, 60, 7)
    ]
    assert cuts == sorted(cuts)


@ANY_MACHINE
@given(st.sampled_from(EVERY), TEXTS, TEXTS)
def test_a_text_is_as_long_as_its_lines(where: tuple[Platform, Part], one: str, other: str) -> None:
    """A line break parts everything: addresses, clusters, marks (it weighs one everywhere)."""
    platform, part = where
    parts = [measure_all(platform, text, part=part) for text in (one, other)]
    whole = measure_all(platform, f"{one}\n\n{other}", part=part)
    breaks = {Unit.HASHTAGS: 0, Unit.MENTIONS: 0}
    if not one.endswith("\r"):
        for found, *halves in zip(whole, *parts, strict=True):
            assert found.used == sum(h.used for h in halves) + breaks.get(found.unit, 2)


@ANY_MACHINE
@given(TEXTS)
def test_x_does_not_mind_how_marks_are_written(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert used(Platform.X, normal) == used(Platform.X, unicodedata.normalize("NFC", normal))
    if not x_urls(text) and not x_urls(normal):
        assert used(Platform.X, text) == used(Platform.X, normal)


@pytest.mark.parametrize(
    "piece", ["あ", "a.b", "a-", "(a(b)", "https://", "https://a.com ", "@a@b ", "#", "\u0301"]
)
def test_hostile_text_is_measured_in_reasonable_time(piece: str) -> None:
    """Each takes about a second of the processor; an expression that backtracks takes hours."""
    begun = time.process_time()
    for platform in (Platform.X, Platform.MASTODON, Platform.INSTAGRAM):
        measure(platform, f"https://example.com/{piece * 8000}")
    assert time.process_time() - begun < 20

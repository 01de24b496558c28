"""What holds for every draft."""

import datetime as dt

from hypothesis import given, settings, strategies as st

from posts.checks import CATALOGUE, Draft, Event, MediaFile, Source, examine
from tests.posts.checks.test_examples import examples

TODAY = dt.date(2026, 6, 1)
ORDER = [check.id for check in CATALOGUE]
SEEDS = [row["text"] for check in ORDER for row in examples(check)]

texts = st.one_of(
    st.text(max_size=200),
    st.text(
        alphabet="0123456789０１月日年時分:：/.-~～()（）金土祝第回#＃@＠○〇●ＸX令和平成元一二十、。\n htps%％人割", max_size=120
    ),
    st.lists(st.sampled_from(SEEDS), max_size=3).map("".join),
    st.text(alphabet=st.characters(codec=None), max_size=60),
)  # fmt: skip
days = st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
moments = st.none() | st.datetimes(
    dt.datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    dt.datetime(9998, 12, 31),  # noqa: DTZ001 - the same
    timezones=st.just(dt.UTC),
)
clocks = st.none() | st.times()
events = st.none() | st.builds(
    Event, texts, days, clocks, clocks, texts, days, st.sampled_from(["", "https://a.jp/x", "http://["])
)  # fmt: skip
drafts = st.builds(
    Draft,
    text=texts,
    channel=st.sampled_from(["", "x", "line", "instagram", "youtube", "threads", "bluesky", "?"]),
    scheduled_at=moments,
    event=events,
    sources=st.lists(st.builds(Source, texts, texts, texts, days), max_size=2).map(tuple),
    media=st.lists(
        st.builds(
            MediaFile,
            st.sampled_from(["image", "video", ""]),
            texts,
            texts,
            texts,
            st.none() | st.booleans(),
            st.booleans(),
            days,
        ),
        max_size=2,
    ).map(tuple),
    recent=st.lists(texts, max_size=2).map(tuple),
    sponsor=st.sampled_from(["", "みどり製薬株式会社"]),
    embargo_until=moments,
)


@settings(max_examples=400, deadline=None)
@given(drafts)
def test_any_draft_gets_an_answer_whose_places_are_in_its_text(draft: Draft) -> None:
    findings = examine(draft, today=TODAY)
    for one in findings:
        assert 0 <= one.start <= one.end <= len(draft.text)
        assert "点検が動きませんでした" not in one.reason
    ranks = [(ORDER.index(one.check), one.start, one.end) for one in findings]
    assert ranks == sorted(ranks)
    assert examine(draft, today=TODAY) == findings


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=3).map("\n".join))
def test_what_is_found_does_not_depend_on_the_full_width_of_digits(text: str) -> None:
    wide = text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    kinds = {"J01", "J03"}
    narrow = [(f.check, f.start, f.end) for f in examine(Draft(text), today=TODAY)]
    widened = [(f.check, f.start, f.end) for f in examine(Draft(wide), today=TODAY)]
    assert [f for f in widened if f[0] in kinds] == [f for f in narrow if f[0] in kinds]


def test_a_check_that_fails_asks_for_a_look_instead_of_staying_silent() -> None:
    def broken(*_: object) -> list[None]:
        raise RuntimeError("never mind")

    check = CATALOGUE[0].__class__("J01", "日付と曜日", CATALOGUE[0].severity, "1(2)", broken)  # type: ignore[arg-type]
    findings = examine(Draft("お知らせです。"), today=TODAY, checks=[check])
    assert [(f.check, f.severity.value, f.reason) for f in findings] == [
        ("J01", "block", "「日付と曜日」の点検が動きませんでした。")
    ]

"""The calendar's weeks, the measure of a channel, and the feed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from jspm_social.platforms.models import Channel
from posts.cadence import TOKYO, Rule, warnings
from posts.calendar import Day, holidays, month, place, week
from posts.models import BlackoutDay, Cadence, FeedKey
from posts.services.planning import warnings_for
from tests.people import People, client_of
from tests.posts.making import delivery_of, scheduled

FRIDAY = datetime(2026, 11, 6, 12, 0, tzinfo=TOKYO)


def test_a_month_is_whole_weeks_from_monday() -> None:
    weeks: list[list[Day[str]]] = month(2026, 11)
    assert [w[0].day for w in weeks] == [
        date(2026, 10, 26) + timedelta(days=7 * n) for n in range(6)
    ]
    assert {len(w) for w in weeks} == {7}
    inside = [one.day for w in weeks for one in w if not one.outside]
    assert inside == [date(2026, 11, n) for n in range(1, 31)]


def test_holidays_are_named_the_moved_ones_too() -> None:
    days: list[Day[str]] = week(date(2026, 11, 3))
    assert days[1].day == date(2026, 11, 3)
    assert days[1].holiday == "文化の日"
    assert holidays(date(2027, 3, 21), date(2027, 3, 22))[date(2027, 3, 22)] == "春分の日 振替休日"


def test_items_stand_on_their_day_in_tokyo() -> None:
    days: list[Day[str]] = week(date(2026, 11, 6))
    place(days, [(datetime(2026, 11, 5, 15, 30, tzinfo=UTC), "a"), (FRIDAY + timedelta(90), "b")])
    assert [(one.day.day, one.items) for one in days if one.items] == [(6, ["a"])]


@pytest.mark.parametrize(
    ("at", "quiet"),
    [((20, 59), False), ((21, 0), True), ((23, 59), True), ((0, 0), True), ((6, 59), True), ((7, 0), False)],
)  # fmt: skip
def test_quiet_hours_go_across_midnight(at: tuple[int, int], quiet: bool) -> None:
    moment = FRIDAY.replace(hour=at[0], minute=at[1])
    assert Rule().is_quiet(moment) is quiet
    assert Rule(quiet_from=None).is_quiet(moment) is False


def test_a_plain_time_has_nothing_against_it() -> None:
    assert warnings(FRIDAY, others=[FRIDAY - timedelta(hours=2)], rule=Rule()) == []


def test_what_speaks_against_a_time() -> None:
    others = [FRIDAY - timedelta(hours=h) for h in (1, 3, 5)]
    assert warnings(
        FRIDAY,
        others=others,
        rule=Rule(per_week=3),
        blackouts={FRIDAY.date(): "追悼の日"},
        holidays={FRIDAY.date(): "休み"},
    ) == [
        "この日は投稿を控える日です（追悼の日）。",
        "この日は祝日です（休み）。",
        "11:00の投稿と間隔が近すぎます。",
        "1日3件の目安を超えます。",
        "1週間3件の目安を超えます。",
    ]


def test_the_committees_measure_and_repetition_count(people: People, channel: Channel) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        post = scheduled(people, channel, after=timedelta(days=4))
        at = delivery_of(post).planned_at + timedelta(minutes=30)
        Cadence.objects.create(channel=channel, gap_minutes=10, per_day=0, quiet_from=time(9))
        BlackoutDay.objects.create(day=at.date(), reason="災害")
        assert warnings_for(channel, at, "まったく別のお知らせをします。") == [
            "この日は投稿を控える日です（災害）。",
            "投稿を控える時間帯です。",
        ]
        assert warnings_for(channel, at, "学術大会のご案内です！")[-1] == (
            "11月10日の投稿とほとんど同じ文です。"
        )
        mine = delivery_of(post)
        assert "ほとんど同じ" not in str(
            warnings_for(channel, at, "学術大会のご案内です。", without=mine)
        )


def test_the_plan_shows_what_is_planned(people: People, channel: Channel) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        scheduled(people, channel, after=timedelta(days=1))
        client = client_of(people.member)
        for view in ("month", "week", "list"):
            page = client.get(reverse("posts:calendar"), {"view": view}).content.decode()
            assert page.count("ご案内</a>") == 1, view
            assert "view=month" in page
        # Unless one is chosen: the month for wide screens, the list for narrow ones.
        page = client.get(reverse("posts:calendar")).content.decode()
        month_part, list_part = page.split('<div class="stack only-narrow">')
        assert month_part.count("ご案内</a>") == list_part.count("ご案内</a>") == 1
        assert "<table" in month_part
        assert "<table" not in list_part
        assert (
            "振替休日"
            in client.get(reverse("posts:calendar"), {"day": "2027-03-01"}).content.decode()
        )
        assert client.get(reverse("posts:calendar"), {"day": "x", "view": "y"}).status_code == 200


def test_the_list_begins_today_and_folds_what_is_over(people: People, channel: Channel) -> None:
    def listed(**asked: str) -> str:
        answer = client_of(people.member).get(reverse("posts:calendar"), {"view": "list", **asked})
        return str(answer.content.decode())

    with time_machine.travel(FRIDAY, tick=False) as clock:
        at = delivery_of(scheduled(people, channel, after=timedelta(days=1))).planned_at
        assert "今日より前" not in listed()
        clock.move_to(at + timedelta(days=1))
        page = listed()
        assert page.index("今日より前の1日分") < page.index("ご案内</a>")
        assert "この月の、これからの予定はありません" in page
        clock.move_to(at + timedelta(days=60))  # a month that is over is not folded
        past = listed(day=f"{at:%Y-%m-%d}")
        assert "今日より前" not in past
        assert past.count("ご案内</a>") == 1


def test_a_month_is_over_on_the_first_of_the_next(people: People, channel: Channel) -> None:
    """October 2026 ends on a Saturday: its last week goes on into November."""

    def listed(day: str) -> str:
        asked = {"view": "list", "day": day}
        answer = client_of(people.member).get(reverse("posts:calendar"), asked)
        return str(answer.content.decode())

    with time_machine.travel(datetime(2026, 10, 14, 12, 0, tzinfo=TOKYO), tick=False) as clock:
        scheduled(people, channel, after=timedelta(days=1))
        clock.move_to(datetime(2026, 10, 31, 12, 0, tzinfo=TOKYO))
        assert "今日より前の1日分" in listed("2026-10-15")
        clock.move_to(datetime(2026, 11, 1, 12, 0, tzinfo=TOKYO))
        october = listed("2026-10-15")
        assert "今日より前" not in october
        assert october.count("ご案内</a>") == 1


def test_of_a_month_that_is_over_nothing_is_to_come(people: People, channel: Channel) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        client = client_of(people.member)
        for day, said in (
            ("2026-10-15", "この月に、投稿の予定はありませんでした"),
            ("2026-11-15", "この月の、これからの予定はありません"),
            ("2026-12-15", "この月の、これからの予定はありません"),
        ):
            asked = {"view": "list", "day": day}
            page = client.get(reverse("posts:calendar"), asked).content.decode()
            found = [words for words in SAID if f"<strong>{words}</strong>" in page]
            assert found == [said], day


SAID = ("この月に、投稿の予定はありませんでした", "この月の、これからの予定はありません")


def test_the_feed_is_for_whoever_holds_the_key(people: People, channel: Channel) -> None:
    post = scheduled(people, channel, after=timedelta(days=1))
    client_of(people.member).post(reverse("posts:renew_feed"))
    key = FeedKey.objects.get().key
    answer = client_of(None).get(reverse("posts:feed", args=[key]))
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert entry["summary"] == "学会 X：ご案内（送信待ち）"
    assert entry.decoded("dtstart") == delivery_of(post).planned_at.replace(microsecond=0)
    client_of(people.member).post(reverse("posts:renew_feed"))
    assert client_of(None).get(reverse("posts:feed", args=[key])).status_code == 404
    fresh = FeedKey.objects.get().key
    people.member.is_active = False
    people.member.save()
    assert client_of(None).get(reverse("posts:feed", args=[fresh])).status_code == 404

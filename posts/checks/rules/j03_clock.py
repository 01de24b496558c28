"""J03: days and times that do not exist, contradict themselves, or differ from the record."""

import datetime as dt
import re
from collections.abc import Iterator

from posts.checks.draft import Event, Found, Severity
from posts.checks.language.dated import Dated, exists
from posts.checks.language.dates import DAY_ONLY, RANGE
from posts.checks.language.roles import DEADLINE, OTHER
from posts.checks.language.times import TimeMention, TimeRange
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

from .words import clock

_OVERNIGHT = re.compile(r"メンテナンス|停止|夜間|夜勤|当直|終夜|翌|保守|作業")
_LONGEST_OVER_NEW_YEAR = 120  # days: a longer range that runs backwards is a slip
_SIDE_TIME_BEFORE = re.compile(
    r"(?:受付|開場|入場|入室|締め?切り?|〆切?|期限|必着|懇親会|配信|公開|発売|放送|集合|リハーサル|休憩|総会|講演|講義|第[0-9一二三]部|終了|閉会|接続)"
    r"[^0-9。\n]{0,6}$"
)
_SIDE_TIME_AFTER = re.compile(
    r"\s?(?:頃|ごろ)?\s?[(]?(?:より|から|に)?\s?(?:受付|開場|入場|入室|締め?切|〆|必着|配信|公開|集合|まで|迄|終了|閉会|接続)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Days, times, ranges of both, then the times of the event record."""
    del lexicon
    for dated in reading.dates:
        yield from _no_such_day(reading, dated)
    for time in reading.times:
        yield from _no_such_time(reading, time)
    for span in reading.time_ranges:
        yield from _ends_before_it_starts(reading, span)
    yield from _date_ranges(reading)
    if reading.draft.event is not None:
        yield from _record(reading, reading.draft.event)


def _no_such_day(reading: Reading, dated: Dated) -> Iterator[Found]:
    mention = dated.mention
    year = mention.year or (dated.day.year if dated.day else None)
    if mention.month == DAY_ONLY and 1 <= mention.day <= 31:
        return
    if exists(mention.year, mention.month, mention.day) and dated.day is not None:
        return
    start, end = mention.whole
    if (mention.month, mention.day) == (2, 29):
        year = year or reading.publishes_on.year
        reason = (
            f"「{reading.quote(start, end)}」とありますが、{year}年はうるう年ではなく、"
            "2月29日はありません。"
        )
    else:
        reason = f"「{reading.quote(start, end)}」という日はありません。"
    yield Found(start, end, reason, "正しい日付をご確認ください。")


def _no_such_time(reading: Reading, time: TimeMention) -> Iterator[Found]:
    words = reading.quote(time.start, time.end)
    if time.hour == 24 and time.minute == 0 and not time.half:
        reason = f"「{words}」は、その日の終わりか翌日の0時か、読む方により受け取り方が分かれます。"
        suggestion = "「23:59」または「翌日0:00」と書くと確かです。"
        yield Found(time.start, time.end, reason, suggestion, Severity.INFO)
    elif time.half and time.hour > 12:
        half = "午前" if time.half == "am" else "午後"
        reason = f"「{words}」は、{half}と24時間の表し方が混ざっています。"
        hour = time.hour - 12 if time.hour < 24 else time.hour
        suggestion = (
            f"「{time.hour}:{time.minute:02}」または「午後{hour}時」など、どちらかにしてください。"
        )
        yield Found(time.start, time.end, reason, suggestion)
    elif time.minutes is None or time.minutes > 24 * 60:
        reason = f"「{words}」という時刻はありません。"
        suggestion = "24時間の表し方（0:00〜23:59）に直してください。"
        if 24 <= time.hour < 30 and time.minute < 60:
            suggestion = (
                f"翌日の{time.hour - 24}:{time.minute:02}のことであれば、そのように書いてください。"
            )
        yield Found(time.start, time.end, reason, suggestion)
    elif time.half and time.hour == 12:
        reason = f"「{words}」は、正午か深夜か、読む方により受け取り方が分かれます。"
        yield Found(
            time.start,
            time.end,
            reason,
            f"「12:{time.minute:02}」または「0:{time.minute:02}」と書いてください。",
        )


def _ends_before_it_starts(reading: Reading, span: TimeRange) -> Iterator[Found]:
    first, last = span.first.minutes, span.last.minutes
    if first is None or last is None or span.next_day or last > first:
        return
    line = reading.line_at(span.first.start)
    crosses_midnight = first >= 17 * 60 and last <= 9 * 60
    if crosses_midnight and _OVERNIGHT.search(reading.words, line[0], line[1]):
        return
    if span.last.hour == 12 and span.first.half == "am":
        return  # 午前10時～12時
    severity = Severity.INFO if first >= 20 * 60 and last <= 6 * 60 else None
    start, end = span.first.start, span.last.end
    reason = (
        f"「{reading.quote(start, end)}」は、終わり（{span.last.clock}）が始まり（"
        f"{span.first.clock}）より前か同じです。"
    )
    suggestion = "開始と終了の時刻をご確認ください。日をまたぐときは「翌」を付けてください。"
    yield Found(start, end, reason, suggestion, severity)


def _date_ranges(reading: Reading) -> Iterator[Found]:
    for first, last in zip(reading.dates, reading.dates[1:], strict=False):
        if last.mention.link == RANGE and _runs_backwards(first, last):
            start, end = first.mention.start, last.mention.whole[1]
            reason = f"「{reading.quote(start, end)}」は、終わりの日が始まりの日より前です。"
            yield Found(start, end, reason, "期間の始まりと終わりをご確認ください。")


def _runs_backwards(first: Dated, last: Dated) -> bool:
    one, two = first.mention, last.mention
    if first.day is None or last.day is None or DAY_ONLY in {one.month, two.month}:
        return False
    if two.year is not None and two.start != one.start and one.year is not None:
        if (one.month, one.day) > (two.month, two.day) and one.year == two.year:
            return last.day < first.day
        return last.day < first.day
    if (two.month, two.day) >= (one.month, one.day):
        return False
    if two.month == one.month:
        return True
    turn = dt.date(2001, two.month, min(two.day, 28)) - dt.date(2000, one.month, min(one.day, 28))
    whole_year = turn.days >= 360
    return not whole_year and turn.days > _LONGEST_OVER_NEW_YEAR


def _record(reading: Reading, event: Event) -> Iterator[Found]:
    if event.start and event.end and event.end <= event.start:
        reason = (
            f"催しの記録で、終了（{clock(event.end)}）が開始（{clock(event.start)}）より前か同"
            "じです。"
        )
        yield Found(0, 0, reason, "催しの記録の時刻を直してください。")
        return
    yield from _start(reading, event)
    yield from _end(reading, event)


def _start(reading: Reading, event: Event) -> Iterator[Found]:
    if event.start is None:
        return
    starts = _main_times(reading, event)
    if not starts or any(_same(time, event.start) for time in reading.times):
        return
    time = starts[0]
    reason = (
        f"「{reading.quote(time.start, time.end)}」とありますが、"
        f"催しの記録では{clock(event.start)}開始です。"
    )
    yield Found(
        time.start,
        time.end,
        reason,
        f"開始は{clock(event.start)}ではありませんか。ご確認ください。",
    )


def _end(reading: Reading, event: Event) -> Iterator[Found]:
    if event.end is None:
        return
    mains = {time.start for time in _main_times(reading, event)}
    ends = [span.last for span in reading.time_ranges if span.first.start in mains]
    if event.start is not None:
        ends = [s.last for s in reading.time_ranges if _same(s.first, event.start)] or ends
    if not ends or any(_same(time, event.end) for time in (*ends, *reading.times)):
        return
    time = ends[0]
    reason = (
        f"「{reading.quote(time.start, time.end)}」とありますが、"
        f"催しの記録では{clock(event.end)}終了です。"
    )
    yield Found(
        time.start, time.end, reason, f"終了は{clock(event.end)}ではありませんか。ご確認ください。"
    )


def _main_times(reading: Reading, event: Event) -> list[TimeMention]:
    """Times that can only be the event's own start: on the line of its date, or labelled."""
    ends = {span.last.start for span in reading.time_ranges}
    return [
        time
        for time in reading.times
        if time.start not in ends
        and not _beside(reading, time)
        and _of_the_event(reading, time, event)
    ]


def _beside(reading: Reading, time: TimeMention) -> bool:
    """受付 12:30, 17時締切: a time, but not the event's."""
    line = reading.line_at(time.start)
    before = reading.words[max(line[0], time.start - 12) : time.start]
    return bool(_SIDE_TIME_BEFORE.search(before)) or bool(
        _SIDE_TIME_AFTER.match(reading.words, time.end)
    )


def _of_the_event(reading: Reading, time: TimeMention, event: Event) -> bool:
    line = reading.line_at(time.start)
    dates = [d for d in reading.dates if line[0] <= d.mention.start < time.start]
    if dates:
        nearest = dates[-1]
        if nearest.role in {DEADLINE, OTHER}:
            return False
        return event.date is None or nearest.day == event.date
    days = [d.day for d in reading.dates]
    if days and event.date is not None and event.date not in days:
        return False
    label = reading.words[line[0] : time.start]
    if re.search(r"(?:時間|日時|開始|開演|開会|スタート)\s?[】\])]?[:はが ]", label):
        return True
    return len(reading.times) <= 2 and bool(
        re.match(r"[^。\n]{0,8}(?:開始|開演|開会|スタート|より|から|~)", reading.words[time.end :])
    )


def _same(time: TimeMention, clock_time: dt.time) -> bool:
    minutes = clock_time.hour * 60 + clock_time.minute
    # 「1時から」 without 午後 may be 13:00.
    return time.minutes == minutes or (
        not time.half and time.hour < 8 and (time.minutes or 0) + 720 == minutes
    )

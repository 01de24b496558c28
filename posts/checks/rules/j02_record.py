"""J02, the event record: its day and deadline against the text and the schedule."""

import datetime as dt
import re
from collections.abc import Iterator

from posts.checks.draft import Event, Found, Severity
from posts.checks.language.dated import Dated
from posts.checks.language.roles import DEADLINE, EVENT, OPEN
from posts.checks.language.tense import PAST
from posts.checks.reading import Reading

from .words import long_date, short_date

_CLOSED = re.compile(r"締め?切りました|締切りました|終了しました|終了いたしました|受付を終え")
_INVITES = re.compile(
    r"(?:申し?込|参加登録|応募|エントリー)[^。\n]{0,14}(?:受付中|受け付け(?:て|中)|ください|下さい|こちら|お待ち|募集中|開始)|参加者を?募集|募集(?:中|して|し(?:ます|ており))"
    r"|(?:申込|受付)中|お申し?込みは|お申し?込みください|ふるってご|奮ってご|ご応募(?:を|くだ|お待)|ご参加(?:を|くだ|お待)"
)
_LATER_VIEWING = re.compile(
    r"オンデマンド|アーカイブ|後日配信|見逃し|録画|アンケート|単位|修了証|報告書"
)
_OTHER_DEADLINE = re.compile(
    r"早期|早割|前期|一次|演題|抄録|アンケート|懇親会|単位|宿泊|託児|弁当|変更|取り?消|キャンセル|事前質問|質問|査読|助成|推薦"
)
_OF_THE_SAME_EVENT = 90  # days: a later deadline is that of another event


def deadline_after_event(reading: Reading) -> Iterator[Found]:
    if _LATER_VIEWING.search(reading.words):
        return
    event = reading.draft.event
    days = [event.date] if event and event.date else []
    days += [d.day for d in reading.dates if d.role == EVENT and d.day and d.tense != PAST]
    if not days:
        return
    last = max(days)
    for dated in reading.dates:
        if dated.role != DEADLINE or dated.day is None or dated.day <= last:
            continue
        if (dated.day - last).days > _OF_THE_SAME_EVENT:
            continue
        if any(other <= last for other in dated.others):
            continue
        start, end = dated.mention.whole
        reason = (
            f"締切「{reading.quote(start, end)}」が、催しの日（{short_date(last)}）より後です。"
        )
        yield Found(start, end, reason, "締切と開催日をご確認ください。")
    if event and event.date and event.deadline and event.deadline > last:
        reason = (
            f"催しの記録で、締切（{short_date(event.deadline)}）が開催日（"
            f"{short_date(event.date)}）より後です。"
        )
        yield Found(0, 0, reason, "催しの記録の締切をご確認ください。")


def record(reading: Reading, event: Event) -> Iterator[Found]:
    """Is it over already, and do the dates in the text agree with it."""
    yield from _record_is_over(reading, event)
    yield from _dates(reading, event)


def _record_is_over(reading: Reading, event: Event) -> Iterator[Found]:
    """An invitation that goes out after the deadline or after the event."""
    invitation = _INVITES.search(reading.words)
    if invitation is None or _CLOSED.search(reading.words):
        return
    today = reading.publishes_on
    start, end = invitation.span()
    words = reading.quote(start, end)
    if event.deadline and event.deadline < today and not _LATER_VIEWING.search(reading.words):
        reason = (
            f"「{words}」とありますが、公開日（{short_date(today)}）には締切（"
            f"{short_date(event.deadline)}）を過ぎています。"
        )
        yield Found(start, end, reason, "締切と予約の日時をご確認ください。")
    elif (
        event.date
        and event.date < today
        and not (
            _LATER_VIEWING.search(reading.words) or reading.tense == PAST or _still_runs(reading)
        )
    ):
        reason = (
            f"「{words}」とありますが、公開日（{short_date(today)}）には催し（"
            f"{short_date(event.date)}）が終わっています。"
        )
        yield Found(start, end, reason, "開催日と予約の日時をご確認ください。")


def _still_runs(reading: Reading) -> bool:
    return any(dated.day and dated.day >= reading.publishes_on for dated in reading.dates)


def _dates(reading: Reading, event: Event) -> Iterator[Found]:
    """Dates in the text that the record knows otherwise."""
    if event.date:
        yield from _event_date(reading, event, event.date)
    if event.deadline:
        yield from _deadline(reading, event, event.deadline)


def _event_date(reading: Reading, event: Event, date: dt.date) -> Iterator[Found]:
    if any(date in dated.days for dated in reading.dates):
        yield from _another_event_day(reading, event, date)
        return
    named = [d for d in reading.dates if d.role == EVENT and d.tense != PAST]
    loose = [d for d in reading.dates if d.role == OPEN and d.tense != PAST]
    for dated in (named or loose)[:1]:
        if event.deadline and event.deadline in dated.days:
            continue
        yield _other_than_recorded(reading, dated, date, "開催日")


def _another_event_day(reading: Reading, event: Event, date: dt.date) -> Iterator[Found]:
    """The right day stands there, but a labelled date before it says another."""
    for dated in reading.dates:
        if dated.role != EVENT or dated.day is None or dated.tense == PAST:
            continue
        if dated.day < date and dated.day != event.deadline and dated.sure:
            yield _other_than_recorded(reading, dated, date, "開催日")


def _deadline(reading: Reading, event: Event, deadline: dt.date) -> Iterator[Found]:
    dates = [d for d in reading.dates if d.role == DEADLINE]
    if not dates or any(deadline in dated.days for dated in dates):
        return
    dated = dates[0]
    line = reading.line_at(dated.mention.start)
    named = _OTHER_DEADLINE.search(reading.words, line[0], line[1])
    other = named is not None and named[0] not in event.name
    yield _other_than_recorded(reading, dated, deadline, "締切", Severity.WARN if other else None)


def _other_than_recorded(
    reading: Reading, dated: Dated, right: dt.date, what: str, severity: Severity | None = None
) -> Found:
    start, end = dated.mention.whole
    reason = (
        f"「{reading.quote(start, end)}」とありますが、催しの記録では{what}は{long_date(right)}"
        "です。"
    )
    return Found(
        start,
        end,
        reason,
        f"{what}は{short_date(right)}ではありませんか。ご確認ください。",
        severity,
    )

"""J02, words like 明日, 来週 and あと3日: they must fit the day of publication."""

import datetime as dt
import re
from collections.abc import Iterator

from posts.checks.draft import Event, Found, Severity
from posts.checks.language.dated import Dated
from posts.checks.language.numbers import NUMBER, number
from posts.checks.language.roles import DEADLINE, EVENT
from posts.checks.language.weekdays import WEEKDAYS
from posts.checks.language.width import narrow
from posts.checks.reading import Reading

from .words import long_date, short_date

_RELATIVE = re.compile(
    r"(?P<word>本日|今日|きょう|今夜|今晩|明晩|昨夜|昨晩|明後日|あさって|明日|あした|あす|一昨日|おととい|昨日|きのう|翌日)"
)
_SHORT_NAME = 3  # letters: too common to be looked for
_STEP = {
    "本日": 0,
    "今日": 0,
    "きょう": 0,
    "明日": 1,
    "あした": 1,
    "あす": 1,
    "明後日": 2,
    "あさって": 2,
}
_STEP |= {"今夜": 0, "今晩": 0, "明晩": 1, "昨夜": -1, "昨晩": -1}
_STEP |= {"昨日": -1, "きのう": -1, "一昨日": -2, "おととい": -2}
_JOINT = re.compile(r"\s?(?:の|は|、|,|である|[(:]|・)?\s?(?:、)?\s?")
_BACK_JOINT = re.compile(r"\s?(?:の|は|、|,|[)])?\s?[(]?\s?")
_ABOUT_EVENT = re.compile(
    r"[、はがに!のより]{0,2}(?:(?!登録|受付|募集|申し?込|配信|公開(?!講座)|発表|締|発行)[^。\n]){0,24}?"
    r"(?:開催|開幕|開講|開演|開[きくか]|スタート|当日|です!|大会です|本番|始まり|行い|お会い|いよいよ|お待ちして|無事に?(?:終|閉)"
    r"|から[0-9二三四]日間)"
)
# 明日の医療を考える: the word means the times to come, unless it is the event's own day.
_OF_THE_TIMES = re.compile(
    r"の(?!開催|市民|学術|大会|講演|講座|セミナー|研修|会場|プログラム|催し|イベント|総会|開会|公開)|を|へ"
)
_ABOUT_DEADLINE = re.compile(
    r"(?:、|は|が|の|まで(?:に|です|の|と)?|[^。\n]{0,10}?)(?:締め?切り?|〆切?|最終日|期限|まで)"
    r"|[^。\n]{0,14}?(?:登録|受付|募集|申し?込み?|応募|エントリー)[^。\n]{0,6}(?:終了|締め?切|〆切|閉め)"
)
# 明日は市民公開講座です: the sentence says nothing but that it is the day of the event.
_IS_THE_EVENT = re.compile(
    r"[、はがに!のより]{0,2}(?:(?:[月火水木金土日]曜日?|[0-9]{1,2}(?:時|:[0-9]{2}))(?:から|より)?[、はにの]{0,2})?"
    r"(?:(?!申|締|〆|登録|受付|募集|配信|発表)[^。、\n]){0,24}?"
    r"(?:大会|セミナー|講座|講演会|研修会?|研究会|集い|つどい|フォーラム|シンポジウム|総会|説明会|勉強会|検討会|カフェ|サロン)[」』]?"
    r"(?:です|!|を?開き|の日|があり|。|$)"
)
_COUNTDOWN = re.compile(
    r"(?P<what>(?:応募|受付|募集|申し?込み?|登録|エントリー)?(?:の)?(?:受付)?(?:終了|締め?切り?|〆切?|期限|期日)|開催|開幕|大会|当日|応募|申し?込み?|登録)?(?:まで|迄)?[、の]?(?:あと|残り|のこり)\s?"
    rf"(?P<count>{NUMBER})\s?(?P<unit>日(?!間)|週間)(?P<then>で[^。\n]{{0,6}}(?:締め?切|〆切|終了|期限))?"
)
_LATER = re.compile(rf"(?P<count>{NUMBER})\s?(?P<unit>日|週間)後")
_OTHER_DEED = re.compile(r"申|締|〆|登録|受付|募集|配信|発表|公開(?!講座)|掲載|届")
_SPANS = re.compile(
    r"(?P<word>今週末|来週末|今週|来週|再来週|今月|来月|再来月|先月|先週)(?:の?(?P<weekday>[月火水木金土日])曜日?)?"
    rf"(?:(?<=月)の?(?P<day>{NUMBER})\s?日(?!間))?"
)


def relative(reading: Reading) -> Iterator[Found]:
    """Days, countdowns, then weeks and months."""
    yield from _days(reading)
    yield from _countdown(reading)
    yield from _later(reading)
    yield from _spans(reading)


def _days(reading: Reading) -> Iterator[Found]:
    """本日, 明日 and their like, against the date beside them or the record."""
    for match in _RELATIVE.finditer(reading.words):
        step = _STEP.get(match["word"])
        if step is None:
            continue
        meant = reading.publishes_on + dt.timedelta(step)
        beside = _beside(reading, match.start(), match.end())
        if beside is not None:
            if beside.day is not None and meant not in beside.days:
                yield _contradiction(reading, match, beside.day)
            continue
        known = _recorded(reading, match)
        if known is not None and not _covers(reading, known, meant):
            yield _contradiction(reading, match, known)


def _beside(reading: Reading, start: int, end: int) -> Dated | None:
    for dated in reading.dates:
        first, last = dated.mention.whole
        if 0 <= first - end <= 4 and _JOINT.fullmatch(reading.words, end, first):
            return dated
        if 0 <= start - last <= 3 and _BACK_JOINT.fullmatch(reading.words, last, start):
            return dated
    return None


def _recorded(reading: Reading, match: re.Match[str]) -> dt.date | None:
    event = reading.draft.event
    if event is None:
        return None
    last = reading.sentence_at(match.start())[1]
    if _names(reading, event, match.end(), last):
        return event.date
    if match["word"] in {"今日", "明日", "あす", "あした"} and _OF_THE_TIMES.match(
        reading.words, match.end()
    ):
        return None
    if event.deadline and _ABOUT_DEADLINE.match(reading.words, match.end(), last):
        return event.deadline
    about = (_ABOUT_EVENT, _IS_THE_EVENT)
    if event.date and any(one.match(reading.words, match.end(), last) for one in about):
        return event.date
    return None


def _covers(reading: Reading, known: dt.date, meant: dt.date) -> bool:
    """The event may last: its later days stand in the text."""
    if known == meant:
        return True
    days = [dated.day for dated in reading.dates if dated.day]
    return known < meant and meant in days


def _contradiction(reading: Reading, match: re.Match[str], day: dt.date) -> Found:
    planned = reading.draft.scheduled_at is not None
    on = (
        f"公開日は{long_date(reading.publishes_on)}"
        if planned
        else f"今日は{long_date(reading.publishes_on)}"
    )
    reason = f"「{match[0]}」とありますが、{on}で、{short_date(day)}とは合いません。"
    suggestion = "日付で書くか、予約の日時をご確認ください。"
    return Found(match.start(), match.end(), reason, suggestion, None if planned else Severity.WARN)


def _countdown(reading: Reading) -> Iterator[Found]:
    event = reading.draft.event
    for match in _COUNTDOWN.finditer(reading.words):
        what = match["what"] or ""
        known = _counted_to(reading, match["then"] or what, event)
        if known is None:
            continue
        days = (known - reading.publishes_on).days
        if days not in _counted(match):
            reason = (
                f"「{reading.quote(match.start(), match.end())}」とありますが、"
                f"公開日から{short_date(known)}までは{days}日です。"
            )
            yield Found(
                match.start(), match.end(), reason, "残りの日数か、予約の日時をご確認ください。"
            )


def _counted(match: re.Match[str]) -> range:
    """The numbers of days that are meant: the first and last may count, weeks are rounded."""
    count = number(match["count"])
    return (
        range(count - 1, count + 1)
        if match["unit"] == "日"
        else range(7 * count - 2, 7 * count + 3)
    )


def _later(reading: Reading) -> Iterator[Found]:
    """3日後, 一週間後, in a sentence that names the recorded event."""
    event = reading.draft.event
    if event is None or event.date is None:
        return
    for match in _LATER.finditer(reading.words):
        first, last = reading.sentence_at(match.start())
        days = (event.date - reading.publishes_on).days
        if days in _counted(match) or not _names(reading, event, first, last):
            continue
        yield _contradiction(reading, match, event.date)


def _names(reading: Reading, event: Event, start: int, end: int) -> bool:
    """The record's own name stands there, and nothing but the event is spoken of."""
    name = narrow(event.name).strip()
    words = reading.words[start:end]
    return len(name) > _SHORT_NAME and name in words and not _OTHER_DEED.search(words)


def _counted_to(reading: Reading, what: str, event: Event | None) -> dt.date | None:
    deadline = bool(re.search(r"締|〆|応募|申|登録|受付|募集|終了|期限|期日|エントリー", what))
    if event is not None and (event.deadline if deadline else event.date):
        return event.deadline if deadline else event.date
    wanted = DEADLINE if deadline else EVENT
    days = [dated.day for dated in reading.dates if dated.role == wanted and dated.sure]
    return days[0] if len(days) == 1 else None


def _spans(reading: Reading) -> Iterator[Found]:
    """今週, 来月 and their like, against the date beside them or the record."""
    for match in _SPANS.finditer(reading.words):
        beside = _beside(reading, match.start(), match.end())
        day = beside.day if beside and not beside.others else None
        if day is None and beside is None:
            day = _recorded(reading, match)
        if match["day"]:
            day = _recorded(reading, match)
        if day is None or _means(match, day, reading.publishes_on):
            continue
        yield _contradiction(reading, match, day)


def _means(match: re.Match[str], day: dt.date, today: dt.date) -> bool:
    """来週土曜日 means the week and the weekday."""
    weekday = match["weekday"]
    if match["day"] and number(match["day"]) != day.day:
        return False
    fits = weekday is None or WEEKDAYS[day.weekday()] == weekday
    return fits and _in_span(match["word"], day, today)


def _in_span(word: str, day: dt.date, today: dt.date) -> bool:
    if word.endswith("月"):
        months = {"今月": 0, "来月": 1, "再来月": 2, "先月": -1}[word]
        return (day.year * 12 + day.month) - (today.year * 12 + today.month) == months
    weeks = {"今週": 0, "今週末": 0, "来週": 1, "来週末": 1, "再来週": 2, "先週": -1}[word]
    # Some count weeks from Monday, some from Sunday.
    monday = (_week(day, 0) - _week(today, 0)) == weeks
    return monday or (_week(day, 1) - _week(today, 1)) == weeks


def _week(day: dt.date, first: int) -> int:
    return (day.toordinal() - 1 + first) // 7

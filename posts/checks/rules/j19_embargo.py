"""J19: nothing goes out before the hour of release, and no inner note about it either."""

import datetime as dt
import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_TOKYO = dt.timezone(dt.timedelta(hours=9))
_INNER = re.compile(
    r"(?:情報|報道)?解禁(?:日時|日|時刻|時間)?(?:前|まで(?:は)?(?:公開|厳禁|投稿|取扱|秘|社外|口外|SNS|公表|お待)|厳守)|エンバーゴ|embargo(?:ed)?|(?:公開|公表|発表|報道|投稿)(?:前|解禁前)(?:の(?:ため|情報|資料)|につき)[^。\n]{0,12}(?:厳禁|取扱|取り扱い|転送|共有|注意|秘)"
    r"|(?:部外秘|社外秘|学会外秘|関係者外秘|取扱注意|マル秘|㊙|委員限り|内部限り|口外(?:無用|厳禁|しないで)|confidential)|未発表(?:の)?データ",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"(?:解禁|報道解禁|情報解禁|公開解禁|論文掲載|公表)(?:日時?|は)?\s?[】\])]?\s?[:は]?\s?$"
)
_RELEASE_AFTER = re.compile(
    r"\s?(?:[0-9]{1,2}(?:時|:[0-9]{2})\s?)?(?:に|から|より|まで)?\s?(?:情報|報道|公開)?解禁(?!しま|され)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The release against the schedule, a release written in the text, inner notes."""
    del lexicon
    yield from _too_early(reading)
    yield from _written_release(reading)
    for match in _INNER.finditer(reading.words):
        reason = f"「{reading.quote(*match.span())}」という内部向けの注意書きが残っています。"
        yield Found(
            match.start(),
            match.end(),
            reason,
            "公開してよい内容か確かめ、注意書きを消してください。",
        )


def _too_early(reading: Reading) -> Iterator[Found]:
    release, planned = reading.draft.embargo_until, reading.draft.scheduled_at
    if release is None:
        return
    when = _moment(release)
    if planned is not None and planned < release:
        reason = f"予約（{_moment(planned)}）が、解禁（{when}）より前です。"
        yield Found(0, 0, reason, f"{when}以降に予約し直してください。")
    elif planned is None and release.astimezone(_TOKYO).date() > reading.today:
        reason = f"まだ解禁前です（解禁は{when}）。予約の日時が決まっていません。"
        yield Found(0, 0, reason, f"{when}以降に予約してください。")
    elif planned is None and release.astimezone(_TOKYO).date() == reading.today:
        reason = f"本日の{when}が解禁です。予約の日時が決まっていません。"
        yield Found(0, 0, reason, f"{when}以降に予約してください。", Severity.WARN)


def _written_release(reading: Reading) -> Iterator[Found]:
    for dated in reading.dates:
        start, end = dated.mention.whole
        label = reading.words[max(0, start - 10) : start]
        labelled = _RELEASE.search(label) or _RELEASE_AFTER.match(reading.words, end)
        if labelled and dated.day and _is_ahead(reading, dated.day, end, labelled.end()):
            reason = f"本文に「{reading.quote(start, end)}」解禁とありますが、公開日はその前です。"
            yield Found(start, end, reason, "解禁後に予約し直してください。")


def _is_ahead(reading: Reading, day: dt.date, start: int, end: int) -> bool:
    """On the day itself the hour between date and 解禁 decides; without one, nothing is ahead."""
    planned = reading.draft.scheduled_at
    if day != reading.publishes_on or planned is None:
        return day > reading.publishes_on
    hours = [time for time in reading.times if start <= time.start < end]
    return any((time.hour, time.minute) > (planned.hour, planned.minute) for time in hours)


def _moment(moment: dt.datetime) -> str:
    local = moment.astimezone(_TOKYO)
    return f"{local.month}月{local.day}日{local.hour}:{local.minute:02}"

"""What a date in an announcement is: the day of the event, a deadline, or something else."""

import re

EVENT, DEADLINE, OTHER, OPEN = "event", "deadline", "other", ""

_REACH = 14  # characters of the same line in which a label may stand before its date
_DEADLINE_BEFORE = re.compile(
    r"(?:締め?切り?日?|〆切?|期限|期日(?!前))[^0-9。\n]{0,8}$|(?:申込|応募|登録|受付|募集)(?:期間|〆)[^0-9。\n]{0,4}$"
)
_DEADLINE_AFTER = re.compile(
    r"[^。\n0-9]{0,3}(?:[0-9]{1,2}(?:時|:[0-9]{2})[0-9]{0,2}分?\s?)?\s?[(]?(?:まで|迄|必着|消印|締め?切|〆|が?(?:最終)?期限|が(?:最終)?締め?切)"
)
_PERIOD = re.compile(
    r"配信|視聴|会期|掲載|展示|閲覧|休(?:業|館|会|み|診)|停止|有効|公開|開催期間|任期"
)
_APPLYING = re.compile(
    r"申し?込|応募|登録|受付|募集|提出|回答|投稿|締|〆|期限|参加|振込|払|推薦|投票"
)
_EVENT_BEFORE = re.compile(
    r"(?:日時|日程|開催日時?|会期|開催期間|とき|日にち|開催|当日|期日|開講日)[】\])]?\s?[:/|はが]?\s?[(「【]?(?:来る|きたる)?$|^\s?[◆■●▶▼・*□◎○☆★📅🗓️]*\s?$"
)
_EVENT_AFTER = re.compile(
    r"\s?(?:[0-9]{1,2}(?:時|:[0-9]{2})[^。\n]{0,14})?[にのはよ、]?(?:[^。\n、]{0,12}?)(?:開催|開幕|開講|開演|行[いうわ]|お会い|スタート(?!し))"
)
_OTHER = re.compile(
    r"(?:配信|公開|発表|受付開始|申込開始|登録開始|募集開始|開始日?|改[訂定]|発行|発売|懇親会|休(?:業|診|館)|見逃し|アーカイブ|オンデマンド|掲載|更新|"
    r"再開|公示|告示|リハーサル|通知|送付|支払|振込)(?:日時?|期間|開始|予定|[はがを:/\s】\])(（])*$"
)
_OTHER_AFTER = re.compile(
    r"\s?(?:[0-9]{1,2}(?:時|:[0-9]{2})\s?)?(?:より|から|に|、)?\s?[^。\n0-9、]{0,5}?(?:配信|公開(?!講座|シンポ|フォーラム|セミナー|講演)|発表|受付|申込|登録|募集|掲載|再開|発売|休業|休館)"
)


def role_of(plain: str, start: int, end: int, line: tuple[int, int]) -> str:
    """The role of the date at (start, end), read from the words beside it in its line."""
    before = plain[max(line[0], start - _REACH) : start]
    if _DEADLINE_BEFORE.search(before):
        return DEADLINE
    if _DEADLINE_AFTER.match(plain, end, line[1]):
        return _until(plain, line)
    if _OTHER.search(before):
        return OTHER
    if _EVENT_BEFORE.search(before) and before.strip():
        return EVENT
    if _OTHER_AFTER.match(plain, end, line[1]):
        return OTHER
    return EVENT if _EVENT_AFTER.match(plain, end, line[1]) else OPEN


def _until(plain: str, line: tuple[int, int]) -> str:
    """'Until': a deadline where people apply, else the end of a period."""
    words = plain[line[0] : line[1]]
    if _PERIOD.search(words) and not _APPLYING.search(words):
        return OTHER
    return DEADLINE if _APPLYING.search(words) else OPEN

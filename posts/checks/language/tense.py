"""Whether the text tells of something to come or of something that was."""

import re

PAST, FUTURE, UNKNOWN = "past", "future", ""

# Right behind a date: what was published, counted or decided then is no appointment.
_STAMP = re.compile(
    r"[)）]?\s?(?:現在|時点|付[けで]?|以来|発行|改[訂定]|施行|制定|設立|発足|更新|生まれ|逝去|永眠|号|版|撮影|閲覧|参照|アクセス|掲載|"
    r"[にの](?:発表|公表|公開|発行|掲載|施行|改[訂定]|設立|制定|承認|発足|締結|逝去|永眠|発生|開催|実施|発出|告示|通知)"
    r"(?:され|した|し、|し$|いたしました|しました|の(?:地震|報告|改[訂定])|を受け|があ))"
)
_PAST = re.compile(
    r"(?:まし|でし|され|行われ|行っ|終え|迎え|始まっ|なっ|開かれ|亡くなっ)た|[しれ]た(?=[。、\s]|こと|際|時|ため|「|$)"
    r"|亡くな[らりっ]|旅立[たちっ]|終了[しい]|開催報告|の(?:ご報告|様子|記録)|を振り返|済み"
)
_FUTURE = re.compile(
    r"ます|ません|ください|下さい|予定|受付中|募集中|です|ましょう|でしょう|お待ち|ご参加(?:くだ|を|お待)|お?申し?込|開催(?=[!。\s]|$|決定)"
    r"|締め?切|〆切|まで|必着|期限"
)
_REPORT = re.compile(
    r"(?:開催|実施|終了|行い|行われ|ご?参加|ご来場|お越し|開か|登壇|閉会|閉幕)[^。\n]{0,14}(?:ました|でした|いただき)"
    r"|(?:ご参加|ご視聴|ご協力|ご来場|お越し)[^。\n]{0,10}ありがとう"
)
_CALL = re.compile(
    r"ください|下さい|受付中|募集|開催(?:し|いたし|され|を予定|予定|決定|のお知らせ|のご案内|案内)|予定(?:です|して)|お待ちして|申し?込|ご案内|お知らせ"
    r"|締め?切|〆切|(?:し|いたし|行い|始め)ます|まもなく|いよいよ|参加登録|見逃しなく|参加(?:者)?受付|日時"
)


def tense_after(plain: str, end: int, sentence_end: int) -> str:
    """The tense of the first predicate behind a date, within its sentence."""
    if _STAMP.match(plain, end, sentence_end):
        return PAST
    past, future = _PAST.search(plain, end, sentence_end), _FUTURE.search(plain, end, sentence_end)
    if past and (future is None or past.start() <= future.start()):
        return PAST
    return FUTURE if future else UNKNOWN


def tense_of(plain: str) -> str:
    """The tense of a whole post: a report, an announcement, or both (unknown)."""
    report, call = _REPORT.search(plain), _CALL.search(plain)
    if report and call:
        return UNKNOWN
    return PAST if report else FUTURE if call else UNKNOWN

"""J07: what could tell who a patient is. Single traits add up; some are too much by themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_PERSON = r"(?:患者|男性|女性|男児|女児|男の子|女の子|の方|父|母|夫|妻|息子|娘|祖父|祖母|さん)"
_PATIENT = re.compile(
    r"患者|症例|事例|(?:の|な)ケース|エピソード|(?:が|を)診断され|入院|転院|退院|永眠|亡くな|旅立|看取|余命|発症|再発|転移|闘病|受診|療養|手術を受|在宅(?:で|に)|ステージ|診療|病室|ホスピスで"
)


@dataclass(frozen=True, slots=True)
class _Trait:
    """A kind of detail: `points` of the two that block, `alone` blocks without others."""

    name: str
    pattern: re.Pattern[str]
    points: int
    alone: bool = False


_TRAITS = (
    _Trait(
        "識別番号",
        re.compile(
            r"(?:患者|診察券|カルテ|症例|病歴|検体|受診者|保険証|被保険者|入院|外来)(?:番号|no\.?|id|ナンバー|#)?\s?[:：＃#]?\s?(?:id\s?)?[a-z0-9]{0,4}-?[0-9]{4,}"
            r"|(?:患者|カルテ|診察券|pt)\s?(?:id|番号|no\.?)\s?[:：]?\s?[a-z0-9-]{3,}",
            re.IGNORECASE,
        ),
        2,
        alone=True,
    ),
    _Trait(
        "番号",
        re.compile(
            r"(?<![ァ-ヶ一-龥A-Za-z] )(?<![ァ-ヶ一-龥A-Za-z])(?:ID|No\.?)\s?[:.]?\s?[0-9]{5,}"
        ),
        1,
    ),
    _Trait(
        "患者さんの名前",
        re.compile(
            r"患者(?:さん)?の(?!さん|方|皆|家族|声|会|会員|立場|願い|希望|お名前|QOL|生活|"
            r"権利|意思|痛み|苦痛|心|尊厳)(?P<name>[一-龥]{1,3}[ 　]?[一-龥ぁ-ん]{1,4}|[一-"
            r"龥]{2,3})(?:さん|様|氏)"
            r"|(?P<name2>[一-龥]{2,4}[ 　]?[一-龥ぁ-ん]{0,4})(?:さん|様|氏)[((][0-9]{1,3}(?"
            r":歳|才)?[・、)][^)]{0,12}(?:がん|癌|患者|闘病|療養)?"
        ),
        2,
        alone=True,
    ),
    _Trait(
        "イニシャル",
        re.compile(
            r"(?<![A-Za-z0-9])(?:[A-Z]\.?\s?[・.]?\s?[A-Z]?\.?)(?:さん|様|氏|くん|ちゃん)(?![一-龥])"
            r"|患者(?:さん)?の?[A-Z](?:さん|様|氏)|(?<![A-Za-z])[A-Z]\.\s?[A-Z]\.(?![A-Za-z])"
        ),
        1,
    ),
    _Trait(
        "年齢",
        re.compile(
            rf"(?:享年\s?|満)?[0-9]{{1,3}}\s?[歳才](?![以未~代児健の]|から|まで|時)[のでにが、,(]?\s?(?:で|の)?(?=[^。\n]{{0,14}})|[0-9]{{1,3}}[歳才](?:の|・|、)?\s?{_PERSON}|享年\s?[0-9]{{1,3}}"
        ),
        1,
    ),
    _Trait(
        "学年",
        re.compile(
            r"(?:小学校?|中学校?|高校|大学)(?:の)?\s?[0-9一二三四五六]\s?年生?(?:の|だった|で|、|・)\s?(?:男の子|女の子|男児|女児|男子|女子|お子さん|子|娘|息子|長男|長女|次男|次女|患者|[A-Z])"
            r"|生後\s?[0-9]{1,3}\s?(?:か月|ヶ月|カ月|日)の(?:男|女|赤ちゃん|お子さん|患者)"
        ),
        1,
    ),
    _Trait(
        "年代",
        re.compile(
            rf"[0-9]{{2}}(?:歳)?代(?:前半|後半|半ば)?(?:の|・|、)?\s?{_PERSON}|(?:さん|様|氏|くん|ちゃん)[(（][0-9]{{2}}(?:歳)?代"
        ),
        1,
    ),
    _Trait(
        "住まい",
        re.compile(
            r"[一-龥ヶケ]{1,6}[市区町村郡県府都](?:[一-龥ぁ-んァ-ヶ0-9-]{0,8})?(?:在住|出身|に住(?:む|んで)|にお住まい|の自宅|で一人暮らし|で暮らす|在宅)"
            r"|[一-龥]{2,4}(?:町|丁目)[0-9-]+|[一-龥]{1,6}[市区町村](?:の|、)\s?[0-9]{1,3}(?:歳|代)"
        ),
        1,
    ),
    _Trait(
        "施設",
        re.compile(
            r"(?:[一-龥ァ-ヶA-Za-zぁ-ん]{2,14}(?<![のなたるいはをにでがとへもや])|[一-龥]{1,4}[市区町村]内?の)(?:病院|クリニック|医院|ホスピス|がんセンター|医療センター)(?:に|へ|で|の(?:緩和ケア病棟|病棟|[0-9]+号室|外来))[^。\n]{0,12}(?:入院|転院|通院|受診|療養|手術|亡くな|永眠|看取|入って|過ごし|診断|旅立)"
            r"|[0-9]{3,4}号室|[0-9]階(?:東|西|南|北)病棟"
        ),
        1,
    ),
    _Trait(
        "経過の日付",
        re.compile(
            r"(?:[0-9]{4}年|昨年|去年|今年|本年|令和[0-9元]{1,2}年)?の?\s?[0-9]{1,2}月(?:\s?[0-9]{1,2}日)?(?:\([月火水木金土日]\))?(?:の?(?:朝|夜|未明|午前|午後)?)?(?:に|、)?[^。\n]{0,24}(?:入院|転院|退院|手術|永眠|亡くな|逝去|旅立|診断|発症|再発|転移|看取|初診|告知)"
        ),
        1,
    ),
    _Trait(
        "職業や家族のようす",
        re.compile(
            r"(?:元|現役の?)?(?:小学校|中学校|高校)の?(?:教員|教師|先生|校長)(?:で|の|だった)|(?:市議|町議|社長|店主|漁師|農家)(?:で|の|だった)[^。\n]{0,8}(?:男性|女性|患者|方)|(?:小学生|中学生|高校生|幼稚園児)の(?:子|娘|息子)[^。\n]{0,6}(?:2人|二人|3人|三人|が(?:い|お))"
        ),
        1,
    ),
    _Trait(
        "病名",
        re.compile(
            r"(?:肺|胃|大腸|直腸|膵|乳|卵巣|子宮|前立腺|肝|腎|食道|膀胱|甲状腺|脳|頭頸部|胆管)(?:がん|癌|腫瘍)(?:の|で|と|を|が)|白血病(?:の|で|と)|(?:als|筋萎縮性側索硬化症|心不全|copd)(?:の|で|と)",
            re.IGNORECASE,
        ),
        0,
    ),
)
_GROUPS = re.compile(
    r"以上|以下|未満|対象|平均|中央値|割合|人口|全国|調査|研究|統計|n\s?=|歳から|定員|年齢層|%|世代|参加(?:費|資格|条件)|応募資格"
)
_SPEAKS = re.compile(r"登壇|講演|講師|演者|司会|座長|患者会|体験を(?:お)?話")
_TOLD_OPENLY = re.compile(
    r"(?:ご本人|ご家族|ご遺族)の(?:ご?同意|ご?承諾)|実名|仮名|架空|模擬|創作|想定|フィクション|モデル(?:ケース|事例)"
)
_DIED = re.compile(r"亡くな|永眠|逝去|旅立|看取|享年")
_PRIVATE_PHONE = re.compile(r"(?<![0-9])0[789]0[- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])")
_FREE_MAIL = re.compile(
    r"@(?:gmail|yahoo|hotmail|outlook|icloud|docomo|ezweb|softbank|au|i\.softbank)\.", re.IGNORECASE
)
_PEOPLE = re.compile(
    r"顔|人物|患者|ご?家族|男性|女性|笑顔|集合写真|記念写真|ポートレート|写る|写った|写って|参加者|スタッフ|子ども|こども|高齢|手を(?:握|つな|取)|講師|医師|看護師|ご?遺族|人々|親子|夫婦|様子|表情|受講者|来場者|ベッド"
)
_BLOCKS_FROM = 2


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The traits of a patient sentence by sentence, private numbers, and faces without consent."""
    del lexicon
    yield from _patient(reading)
    yield from _private_numbers(reading)
    yield from _faces(reading)


def _patient(reading: Reading) -> Iterator[Found]:
    words = reading.words
    of_a_patient = _PATIENT.search(words) is not None
    seen: list[tuple[_Trait, int, int]] = []
    for trait in _TRAITS:
        if not (of_a_patient or trait.alone):
            continue
        match = next((m for m in trait.pattern.finditer(words) if _counts(reading, trait, m)), None)
        if match:
            seen.append((trait, match.start(), match.end()))
    points = sum(trait.points for trait, _, _ in seen)
    alone = any(trait.alone for trait, _, _ in seen)
    if not seen or (points < _BLOCKS_FROM and not alone):
        return
    speaks = _SPEAKS.search(words) and not _DIED.search(words)
    if (speaks or _TOLD_OPENLY.search(words)) and not any(
        trait.name == "識別番号" for trait, _, _ in seen
    ):
        yield _found(reading, seen, Severity.INFO)
        return
    yield _found(reading, seen, None)


def _counts(reading: Reading, trait: _Trait, match: re.Match[str]) -> bool:
    """Ages of a group of people in a study or a rule of admission are nobody's own."""
    if trait.name not in {"年齢", "年代", "病名"}:
        return True
    first, last = reading.sentence_at(match.start())
    return _GROUPS.search(reading.words, first, last) is None


def _found(
    reading: Reading, seen: list[tuple[_Trait, int, int]], severity: Severity | None
) -> Found:
    counted = [item for item in seen if item[0].points] or seen
    start, end = min(s for _, s, _ in counted), max(e for _, _, e in counted)
    what = "、".join(f"{t.name}「{reading.quote(s, e)}」" for t, s, e in seen)
    reason = f"{what}から、患者さんがどなたか分かるおそれがあります。"
    suggestion = (
        "年齢は「70歳代」、日付は「入院3日目」、地域や施設は書かないなど、"
        "特定できない形にしてください。"
    )
    return Found(start, end, reason, suggestion, severity)


def _private_numbers(reading: Reading) -> Iterator[Found]:
    for match in _PRIVATE_PHONE.finditer(reading.words):
        reason = f"「{reading.quote(*match.span())}」は個人の携帯電話の番号のようです。"
        suggestion = "事務局の番号に替えてください。"
        yield Found(match.start(), match.end(), reason, suggestion, Severity.WARN)
    for mail in reading.mail:
        if _FREE_MAIL.search(mail.text):
            reason = f"「{mail.text}」は個人のメールアドレスのようです。"
            suggestion = "学会や催しの公式のアドレスか、お問い合わせフォームに替えてください。"
            yield Found(mail.start, mail.end, reason, suggestion, Severity.INFO)


def _faces(reading: Reading) -> Iterator[Found]:
    for number, media in enumerate(reading.draft.media, start=1):
        if media.consent is False and (_PEOPLE.search(media.alt) or _PEOPLE.search(reading.words)):
            shown = f"「{media.alt[:20]}」" if media.alt else "画像"
            reason = f"{number}番目の{shown}に写っている方の、同意の記録がありません。"
            suggestion = "ご本人かご家族の文書による同意を記録するか、別の画像に替えてください。"
            yield Found(0, 0, reason, suggestion)

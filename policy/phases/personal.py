"""オ: another person's name beside what only they may tell: number, address, illness, workplace."""

from collections.abc import Iterator

import re2
from phonenumbers import PhoneNumberMatcher, PhoneNumberType, number_type

from policy.criteria import Criterion
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .lexicon import match_groups
from .subject import Subject

_RULE = "phase:personal"

# A written-out name: family name with an honorific, family and given name, or name with an age.
_GIVEN = r"[一-龥々]{1,3}|[ぁ-ん]{2,3}子|[ぁ-ん]{2,4}|[ァ-ヶー]{2,5}"
_NAMED = re2.compile(
    rf"(?P<name>[一-龥々ヶ]{{2,4}}[ 　]?(?:{_GIVEN})?)(?:さん|ちゃん|氏|先生|医師|師長|ばあさん)"
    r"|(?P<short>[一-龥々ヶ]{2,4})(?:くん|君|様|って(?:人|女|男|子))"
    rf"|(?P<full>[一-龥々ヶ]{{2,4}}[ 　](?:{_GIVEN}))"
    rf"|(?P<aged>[一-龥々ヶ]{{2,4}}[ 　]?(?:{_GIVEN})?)\s?[(（]?[0-9０-９]{{2}}(?:歳|才|[)）])"
)
# Words that look like a family name before さん, 様 or 先生, and are none.
_ROLES = re2.compile(
    r"常連|許|何|病院|大会|学会|病棟|症状|治療|患者|陰部|身体|一生|看護|医師|薬剤|介護|遺族|家族|主人|奥様|旦那|息子|娘婿|"
    r"[義祖叔伯][父母兄姉弟妹]|[父母]親|兄弟|姉妹|子供|友人|友達|同僚|同期|業者|職員|担当|司会|講師|座長|会長|理事|委員|住職|坊主|牧師|"
    r"神主|王様|殿様|お?客|隣人|運転手|店員|店長|主治医|先輩|後輩|若者|議員|大臣|会員|学生|生徒|本人|相談員|保育士|技師|助産師|"
    r"心理士|栄養士|利用者|公式|事務局|訪看|外来|専門|名医|女医|年寄|高齢|当事者|視聴者|参加者|被災者|支援者|訪問|在宅|緩和|全員|各位|"
    r"演者|演題|教授|学校|小児科|外科|内科|社長|師匠|落語家|作者|著者|監督|選手|皆々"
)
_PHONE = re2.compile(r"0[5789]0[- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{1,3}-[0-9]{2,4}-[0-9]{4}")
_PLACE = re2.compile(
    r"[一-龥〇]{1,4}町?[0-9〇]{1,3}(?:-|の)[0-9〇]{1,3}|角の|裏の家|向かいの家|商店街の|の(?:実家|寮)|寮の[0-9]|[0-9一二三四五六七八九十]+丁目|[一-龥]{1,5}[市区町村][一-龥]{1,6}[0-9]+-[0-9]+|[0-9]{1,3}号(?:室|、|に)|"
    r"(?:マンション|コーポ|アパート|ハイツ|メゾン|グラン[ァ-ヶ]+)[^。\n]{0,12}(?:[0-9]{2,4}|住|の)|一人暮らし|独り?居|自宅は|住んで(?:る|い)|"
    r"(?:さん|ちゃん)(?:ち|宅|の家|のうち)(?:の|は|が|に)"
)
_ILLNESS = re2.compile(
    r"がん|癌|ガン|腫瘍|白血病|リンパ腫|肉腫|うつ|統合失調|認知症|アルツハイマー|hiv|エイズ|肝炎|梅毒|自死|自殺|病死|末期|余命|"
    r"再発|転移|stage|ステージ|手術|術後|入院|通院|心療内科|精神科|人工肛門|透析|脳出血|くも膜下|骨折|不妊|中絶|流産|依存症|睡眠薬|オキシ|モルヒネ|フェンタニル"
)
_LIFE = re2.compile(
    r"元患者|同棲|単身赴任|入院先|高校の同級生|看護大|大(?:学)?の[0-9]年|中の[0-9]年|職員|勤務先|離婚|借金|休職|クビ|生活保護|不倫|逮捕|dv|破産|引きこもり|ひきこもり|音信不通|貯金|担任|勤め|勤務|働いて|在籍|卒|[0-9]年[0-9]組|"
    r"年生まれ|生年月日|line ?id|メアド|アドレス"
)
_TWELVE = re2.compile(r"\b[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}\b")
_LONGEST = 2_000
_DIGITS_OF_A_PHONE = 9
_NEAR = 45  # folded characters between a name and what is told about it
_ACCUSING_OR_TELLING = {"電話": 0.5, "住所": 0.45, "病気": 0.5, "暮らし": 0.4}
_KINDS = (("電話", _PHONE), ("住所", _PLACE), ("病気", _ILLNESS), ("暮らし", _LIFE))


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """Names of others with private details near them; mobile numbers count by themselves."""
    text = subject.folded.text
    names = list(_names(subject))
    if match_groups(subject, rules).has("自分の情報"):
        return
    for kind, pattern in _KINDS if names else ():
        for match in pattern.finditer(text):
            name = _nearest(names, match.span())
            if name is not None:
                start, end = subject.folded.span(*match.span())
                why = f"「{name[2]}」という他の人の{kind}に関わることが書かれています"
                score = _ACCUSING_OR_TELLING[kind]
                yield Finding(Criterion.PRIVACY, score, start, end, why, f"{_RULE}:{kind}")
                yield _name_finding(subject, name)
                break
    yield from _mobile(subject)
    yield from _my_number(subject, text)


def _mobile(subject: Subject) -> Iterator[Finding]:
    """A mobile number belongs to a person; free and special ones (0120, 0570) do not."""
    text = subject.text[:_LONGEST]
    if sum(char.isdigit() for char in text) < _DIGITS_OF_A_PHONE:
        return
    for match in PhoneNumberMatcher(text, "JP"):
        if number_type(match.number) == PhoneNumberType.MOBILE:
            why = "個人のものと思われる携帯電話の番号が書かれています"
            yield Finding(Criterion.PRIVACY, 0.5, match.start, match.end, why, f"{_RULE}:携帯番号")
            return


def _my_number(subject: Subject, text: str) -> Iterator[Finding]:
    for match in _TWELVE.finditer(text):
        if is_my_number("".join(char for char in match.group() if char.isdigit())):
            start, end = subject.folded.span(*match.span())
            why = "マイナンバーと思われる番号が書かれています（検査用数字が合います）"
            yield Finding(Criterion.PRIVACY, 0.6, start, end, why, f"{_RULE}:マイナンバー")


def is_my_number(digits: str) -> bool:
    """True when twelve digits end in the check digit of an Individual Number.

    Source: Ministry of Internal Affairs and Communications, Ordinance 85 of 2014, article 5.
    """
    if len(digits) != 12 or not digits.isdecimal() or len(set(digits)) == 1:
        return False
    from_right = [int(digit) for digit in digits[10::-1]]
    weights = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]
    rest = sum(p * q for p, q in zip(from_right, weights, strict=True)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


_Name = tuple[int, int, str]


def _names(subject: Subject) -> Iterator[_Name]:
    own = subject.folded_name.text.replace(" ", "")
    for match in _NAMED.finditer(subject.folded.text):
        name = match["name"] or match["short"] or match["full"] or match["aged"] or ""
        if len(name) >= 2 and _ROLES.search(name) is None and name.replace(" ", "") not in own:
            yield match.start(), match.end(), name


def _nearest(names: list[_Name], span: tuple[int, int]) -> _Name | None:
    for name in names:
        gap = max(span[0] - name[1], name[0] - span[1])
        if 0 <= gap <= _NEAR:
            return name
    return None


def _name_finding(subject: Subject, name: _Name) -> Finding:
    start, end = subject.folded.span(name[0], name[1])
    why = "他の人の名前と思われます"
    return Finding(Criterion.PRIVACY, 0.1, start, end, why, f"{_RULE}:名前")


def places_of_names(subject: Subject) -> list[tuple[int, int]]:
    """Where names of other people seem to stand, each with its honorific, in original offsets."""
    return [subject.folded.span(start, end) for start, end, _ in _names(subject)]

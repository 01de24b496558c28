"""J18: names of societies, meetings and venues; number and year of a meeting; honorifics."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import Levenshtein

from posts.checks.draft import Found
from posts.checks.language.numbers import NUMBER, number
from posts.checks.language.tense import PAST
from posts.checks.lexicon import Lexicon, Registry
from posts.checks.reading import Reading
from posts.checks.terms import look_up

from .j18_record import record_names

_SOCIETY = re.compile(
    r"日本[一-龥ァ-ヶーぁ-ん・A-Za-z]{2,18}?(?:学[会界回]|協会|研究会|医学)(?!会)|(?:国立がん(?:研究|件究|研宄)セン[ター]+|厚生労[働動]省|厚[生性]労働省)"
)
_FORM = re.compile(
    r"(?P<form>(?:一般|公益)?(?:社団|財団)法人|(?:特定非営利活動|独立行政|特定非営利|NPO|医療|学校|認定NPO|特定被営利活動)法人)\s?$"
)
_FORMS_OK = ("特定非営利活動法人", "NPO法人")
_SHORT = re.compile(r"(?<![A-Za-z0-9_@#＃./-])(?P<short>[A-Z]{4,5})(?![A-Za-z0-9_-])")
_SHORT_CONTEXT = re.compile(r"学会|本会|事務局|大会")
_JOURNAL = re.compile(r"Journal|ジャーナル|誌|論文|J Pain")
_NUMBERED = re.compile(
    rf"第\s?(?P<count>[0-9]{{1,3}}|{NUMBER})\s?回\s?(?P<rest>[^\s、。「」（）()\n]{{0,24}})"
)
_YEAR = re.compile(r"(?P<year>20[0-9]{2})年(?!前)")


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The dictionary, the societies, the meetings, then the event record."""
    registry = lexicon.registry
    yield from look_up("J18", reading, lexicon)
    yield from _societies(reading, registry)
    yield from _short_name(reading, registry)
    yield from _meetings(reading, registry)
    event = reading.draft.event
    if event is not None:
        yield from record_names(reading, event)


def _societies(reading: Reading, registry: Registry) -> Iterator[Found]:
    for match in _SOCIETY.finditer(reading.words):
        name = match[0]
        if name in registry.societies or any(name.endswith(right) for right in registry.societies):
            yield from _form(reading, match, registry)
            continue
        right = _meant(name, registry.societies)
        if right:
            reason = f"「{reading.quote(*match.span())}」は「{right}」の書き誤りのようです。"
            yield Found(match.start(), match.end(), reason, f"「{right}」ではありませんか。")


def _meant(name: str, societies: tuple[str, ...]) -> str:
    """The society of which `name` is a slip: one or two letters, never another word for word."""
    best = min(societies, key=lambda right: Levenshtein.distance(name, right))
    distance = Levenshtein.distance(name, best)
    return best if 0 < distance <= (2 if len(best) >= 8 else 1) else ""


def _form(reading: Reading, match: re.Match[str], registry: Registry) -> Iterator[Found]:
    if match[0] != registry.own_name:
        return
    before = _FORM.search(reading.words, max(0, match.start() - 14), match.start())
    if before and before["form"] not in {*_FORMS_OK, registry.own_form}:
        reason = f"「{before['form']}」とありますが、本学会は「{registry.own_form}」です。"
        yield Found(
            before.start(), match.start(), reason, f"「{registry.own_form}」に直してください。"
        )


def _short_name(reading: Reading, registry: Registry) -> Iterator[Found]:
    for match in _SHORT.finditer(reading.words):
        word = match["short"]
        same_letters = sorted(word) == sorted(registry.own_short) and word != registry.own_short
        first, last = reading.sentence_at(match.start())
        if not same_letters or _JOURNAL.search(reading.words, first, last):
            continue
        reason = f"「{word}」は、本学会の略称「{registry.own_short}」の書き誤りのようです。"
        yield Found(
            match.start(), match.end(), reason, f"「{registry.own_short}」ではありませんか。"
        )


def _meetings(reading: Reading, registry: Registry) -> Iterator[Found]:
    """第N回 and its year: the society's own meeting happens once a year."""
    for match in _NUMBERED.finditer(reading.words):
        for meeting in registry.meetings:
            bare = meeting.name.removeprefix(registry.own_name)
            if not (match["rest"].startswith(meeting.name) or match["rest"].startswith(bare)):
                continue
            count = number(match["count"]) if not match["count"].isdigit() else int(match["count"])
            year = _year_beside(reading, match)
            if year and year - meeting.zero != count:
                start, end = (
                    match.start(),
                    match.start("rest")
                    + len(meeting.name if match["rest"].startswith(meeting.name) else bare),
                )
                reason = (
                    f"「{reading.quote(start, end)}」とありますが、{year}年の{bare}は第"
                    f"{year - meeting.zero}回です。"
                )
                yield Found(
                    start,
                    end,
                    reason,
                    f"第{year - meeting.zero}回か、{meeting.zero + count}年か、ご確認ください。",
                )
            break


def _year_beside(reading: Reading, match: re.Match[str]) -> int:
    """The year of the meeting, where the text ties one to it."""
    near = reading.words[max(0, match.start() - 12) : match.end() + 30]
    first, last = reading.sentence_at(match.start())
    years = {int(found["year"]) for found in _YEAR.finditer(reading.words, first, last)}
    years |= {
        dated.day.year
        for dated in reading.dates
        if dated.sure and dated.day and first <= dated.mention.start < last
    }
    if len(years) != 1 or re.search(r"演題|募集|抄録|公募|準備|に向け", near):
        return _only_event_year(reading) if not years else 0
    return years.pop()


def _only_event_year(reading: Reading) -> int:
    """The year of the only dates of the event that the text gives, on other lines."""
    years = {
        dated.day.year
        for dated in reading.dates
        if dated.sure and dated.day and dated.role == "event" and dated.tense != PAST
    }
    numbered = list(_NUMBERED.finditer(reading.words))
    return years.pop() if len(years) == 1 and len(numbered) == 1 else 0

"""J18: names of societies, meetings and venues; number and year of a meeting; honorifics."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from posts.checks.draft import Event, Found, Severity
from posts.checks.language.numbers import NUMBER, number
from posts.checks.language.tense import PAST
from posts.checks.lexicon import Lexicon, Registry
from posts.checks.reading import Reading
from posts.checks.terms import look_up

_SOCIETY = re.compile(
    r"日本[一-龥ァ-ヶーぁ-ん・A-Za-z]{2,18}?(?:学会|協会|研究会|医学)(?!会)|(?:国立がん(?:研究|件究|研宄)セン[ター]+|厚生労[働動]省|厚[生性]労働省)"
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
_VENUE = re.compile(
    r"(?:^|\n|[◆■●▶▼・*□◎○☆★📍🏢🏛【\[\s])\s?(?:会場|場所|開催地|開催場所|於|ところ|会\s場|"
    r"場\s所)\s?[】\])]?\s?[:：/／]?\s?[ ]?(?P<venue>[^\n。!?]{2,40})"
)
_VENUE_IN_SENTENCE = re.compile(
    r"(?P<venue>[一-龥ァ-ヶーA-Za-z0-9・ ]{2,24}?(?:会議場|国際会館|展示場|展示館|ホール|"
    r"ホテル|会館|フォーラム|コンベンションセンター|プラザ|文化センター|メッセ|ドーム|"
    r"アリーナ|キャンパス|講堂|パシフィコ横浜|会議室|センタービル|劇場|公民館))"
    r"(?:[一-龥ァ-ヶーA-Z0-9]{0,8})?\s?(?:にて|で|に(?:お集ま|お越し|て)|において)"
)
_ONLINE = re.compile(
    r"オンライン|web|ウェブ|ライブ配信|zoom|ハイブリッド|オンデマンド", re.IGNORECASE
)
_SPLIT = re.compile(r"[\s・/／、,()（）「」『』【】:：~－-]+")
_ENOUGH = 0.78  # likeness from which two names are meant to be the same
_SLIP = 0.3  # share of a name's letters that a slip may touch


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """The dictionary, the societies, the meetings, then the event record."""
    registry = lexicon.registry
    yield from look_up("J18", reading, lexicon)
    yield from _societies(reading, registry)
    yield from _short_name(reading, registry)
    yield from _meetings(reading, registry)
    event = reading.draft.event
    if event is not None:
        yield from _event_name(reading, event)
        yield from _venue(reading, event)


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


def _event_name(reading: Reading, event: Event) -> Iterator[Found]:
    name = event.name.strip()
    if len(name) < 4:
        return
    text, places = _dense(reading.words)
    wanted, _ = _dense(name.translate(_NARROW))
    if not wanted or wanted in text:
        return
    yield from _number_of(reading, wanted, text, places, name)
    found = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=_ENOUGH * 100)
    if found is None or found.dest_end - found.dest_start < 4:
        return
    start, end = _snug(wanted, text, found.dest_start, found.dest_end)
    written = text[start:end]
    if written in wanted or _only_left_out(wanted, written) or _another_number(wanted, written):
        return
    if sorted(written.replace("の", "")) == sorted(wanted.replace("の", "")):
        return  # the same words in another order, or with の between them
    if Levenshtein.distance(wanted, written) > max(2, _SLIP * len(wanted)):
        return
    first, last = places[start], places[end - 1] + 1
    reason = f"「{reading.quote(first, last)}」とありますが、催しの記録では「{name}」です。"
    yield Found(first, last, reason, f"「{name}」ではありませんか。")


_NARROW = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}


def _dense(words: str) -> tuple[str, list[int]]:
    """Without spaces, quotes and dots; and where each letter stood."""
    kept = [(index, char) for index, char in enumerate(words) if char.isalnum() or char == "ー"]
    return "".join(char for _, char in kept), [index for index, _ in kept]


def _snug(wanted: str, text: str, start: int, end: int) -> tuple[int, int]:
    """The window around the alignment that is nearest to the name."""
    best, place = len(wanted) + 9, (start, end)
    for first in range(max(0, start - 3), start + 4):
        for last in range(max(first + 1, end - 4), min(len(text), end + 4) + 1):
            distance = Levenshtein.distance(wanted, text[first:last])
            if distance < best:
                best, place = distance, (first, last)
    return place


def _only_left_out(wanted: str, written: str) -> bool:
    """An abbreviation leaves whole parts out (three letters or more) and changes nothing."""
    blocks = [op for op in Indel.opcodes(wanted, written) if op.tag != "equal"]
    return bool(blocks) and all(
        op.tag == "delete" and op.src_end - op.src_start >= 3 for op in blocks
    )


_COUNT = re.compile(r"第([0-9]+)回")


def _another_number(wanted: str, written: str) -> bool:
    right, there = _COUNT.search(wanted), _COUNT.search(written)
    return bool(right and there and right[1] != there[1])


def _number_of(
    reading: Reading, wanted: str, text: str, places: list[int], name: str
) -> Iterator[Found]:
    """第30回 in the text, 第31回 in the record, before words of the same name."""
    right = _COUNT.search(wanted)
    if right is None or right[0] in text:
        return
    rest = wanted[right.end() :]
    for match in _COUNT.finditer(text):
        following = text[match.end() : match.end() + len(rest)]
        alike = fuzz.ratio(following, rest) >= 60 or (rest[-3:] and rest[-3:] in following)
        if alike or len(list(_COUNT.finditer(text))) == 1:
            first, last = places[match.start()], places[match.end() - 1] + 1
            reason = f"「{reading.quote(first, last)}」とありますが、催しの記録では「{name}」です。"
            yield Found(first, last, reason, f"「{right[0]}」ではありませんか。")
            return


def _venue(reading: Reading, event: Event) -> Iterator[Found]:
    right = event.venue.strip()
    if not right:
        return
    wanted, (text, places) = _dense(right.translate(_NARROW))[0], _dense(reading.words)
    if not wanted or wanted.lower() in text.lower():
        return
    slip = _slip_of(wanted, text)
    if slip:
        first, last = places[slip[0]], places[slip[1] - 1] + 1
        yield _venue_found(reading, first, last, right, None)
        return
    for pattern in (_VENUE, _VENUE_IN_SENTENCE):
        for match in pattern.finditer(reading.words):
            start, end = match.span("venue")
            if not _same_venue(match["venue"], right):
                yield _venue_found(
                    reading, start, start + len(reading.words[start:end].rstrip()), right, None
                )
                return


def _venue_found(
    reading: Reading, start: int, end: int, right: str, severity: Severity | None
) -> Found:
    reason = f"会場が「{reading.quote(start, end)}」とありますが、催しの記録では「{right}」です。"
    return Found(start, end, reason, f"「{right}」ではありませんか。", severity)


def _slip_of(wanted: str, text: str) -> tuple[int, int] | None:
    """A place that spells the venue with a slip of a letter or two."""
    if len(wanted) < 4:
        return None
    found = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=75)
    if found is None:
        return None
    start, end = _snug(wanted, text, found.dest_start, found.dest_end)
    written = text[start:end]
    if written in wanted or _only_left_out(wanted, written):
        return None
    distance = Levenshtein.distance(wanted, written)
    return (start, end) if 0 < distance <= max(1, len(wanted) // 6) else None


def _same_venue(written: str, right: str) -> bool:
    """A shorter or longer way to name the same place; online where the record is online."""
    if _ONLINE.search(written) and _ONLINE.search(right):
        return True
    one, other = _dense(written.translate(_NARROW))[0], _dense(right.translate(_NARROW))[0]
    if not one or one in other or other in one:
        return True
    parts = [part for part in _SPLIT.split(right) if len(part) >= 3]
    if any(_dense(part.translate(_NARROW))[0] in one for part in parts):
        return True
    return fuzz.partial_ratio(one, other) >= 85 and len(one) >= 4

"""J18, the event record: its name and its venue, as the text writes them."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from posts.checks.draft import Event, Found
from posts.checks.reading import Reading

_VENUE = re.compile(
    r"(?:^|\n|[◆■●▶▼・*□◎○☆★📍🏢🏛【\[\s])\s?(?:会場|場所|開催地|開催場所|於|ところ|会\s場|"
    r"場\s所)\s?[】\])]?\s?[:：/／]?\s?[ ]?(?P<venue>[^\n。!?]{2,40})"
)
_VENUE_IN_SENTENCE = re.compile(
    r"(?P<venue>[一-龥ァ-ヶーA-Za-z0-9・ ]{2,24}?(?:会議場|国際会館|展示場|展示館|ホール|"
    r"ホテル|会館|フォーラム|コンベンションセンター|プラザ|文化センター|メッセ|ドーム|"
    r"アリーナ|キャンパス|講堂|パシフィコ横浜|会議室|センタービル|劇場|公民館))"
    r"(?:[一-龥ァ-ヶーA-Z0-9]{0,8})?\s?(?:にて|で|に(?:お集ま|お越し|て)|へ(?:お集ま|お越し|お出かけ|直接)|において)"
)
_ONLINE = re.compile(
    r"オンライン|web|ウェブ|ライブ配信|zoom|ハイブリッド|オンデマンド", re.IGNORECASE
)
_SPLIT = re.compile(r"[\s・/／、,()（）「」『』【】:：~－-]+")
_ENOUGH = 0.78  # likeness from which two names are meant to be the same
_LONG_NAME = 8  # letters from which a slip in the first one is believed
_SLIP = 0.3  # share of a name's letters that a slip may touch
_NARROW = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_COUNT = re.compile(r"第([0-9]+)回")
_AFTER_PLACE = (
    r"(?:で|にて|において)(?:の)?(?:開催|開き|開か|開く|行い|行わ|行う|実施|お会い|お待ち|開講|"
    r"講演)"
)
_VENUE_WITHOUT_TYPE = re.compile(
    r"会場の(?P<venue>[一-龥ァ-ヶーA-Za-z0-9・]{3,20})(?:へ|まで|は|に|で)"
    r"|[📍🏢🏛]\ufe0f?\s?(?P<pinned>[^\n。!?]{3,40})"
    rf"|(?<![一-龥ァ-ヶーA-Za-z0-9・])(?P<named>[一-龥ァ-ヶーA-Za-z0-9・]{{2,20}}){_AFTER_PLACE}"
)
_NO_PLACE = re.compile(
    r"オンライン|会場|現地|ハイブリッド|全国|各地|都内|市内|県内|同時|共同|合同|単独|両|形式|対面|"
    r"集合|大会|期間|予定|主催|共催|中心|支部|日程|委員会|学会|本会|方式|講義|無料|有料|少人数|"
    r"[0-9]+(?:日|回|名|人|か所|カ所)|日間|後半|前半|午前|午後|夜間|昼|当日|翌日|外来|施設|病棟|自宅|在宅|英語|日本語|"
    r"多職種|皆|一緒|主導|協力|助成|支援|Zoom|web|ウェブ|配信|講座|年会|例年|毎年"
)
_CITIES = re.compile(
    "札幌|旭川|函館|青森|盛岡|仙台|秋田|山形|福島|水戸|宇都宮|前橋|高崎|さいたま|大宮|千葉|幕張|東京|横浜|川崎|新潟|富山|金沢|福井|甲府|長野|松本|岐阜|静岡|浜松|名古屋|津|大津|京都|大阪|堺|神戸|姫路|奈良|和歌山|鳥取|松江|米子|岡山|倉敷|広島|山口|下関|徳島|高松|松山|高知|福岡|北九州|久留米|佐賀|長崎|熊本|大分|別府|宮崎|鹿児島|那覇|沖縄"
)


def record_names(reading: Reading, event: Event) -> Iterator[Found]:
    """Slips in the event's name, another number of it, another venue."""
    yield from _event_name(reading, event)
    yield from _venue(reading, event)


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
    if not _is_a_slip(wanted, written):
        return
    first, last = places[start], places[end - 1] + 1
    reason = f"「{reading.quote(first, last)}」とありますが、催しの記録では「{name}」です。"
    yield Found(first, last, reason, f"「{name}」ではありませんか。")


def _is_a_slip(wanted: str, written: str) -> bool:
    """Few letters differ; in a short name not the first: 本日の研修会 is no slip of 冬の研修会."""
    if len(wanted) < _LONG_NAME and written[0] != wanted[0]:
        return False
    return Levenshtein.distance(wanted, written) <= max(2, _SLIP * len(wanted))


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
        yield _venue_found(reading, first, last, right)
        return
    for pattern in (_VENUE, _VENUE_IN_SENTENCE, _VENUE_WITHOUT_TYPE):
        for match in pattern.finditer(reading.words):
            group = match.lastgroup or "venue"
            written = match[group].rstrip()
            if group == "named" and not _names_a_place(written, right):
                continue
            if not _same_venue(written, right):
                start = match.start(group)
                yield _venue_found(reading, start, start + len(written), right)
                return


def _names_a_place(written: str, right: str) -> bool:
    """True for a word that can only be a venue; a city only where the record has another."""
    if _NO_PLACE.search(written):
        return False
    if len(written) >= 4:
        return True
    return _CITIES.fullmatch(written) is not None and _CITIES.search(right) is not None


def _venue_found(reading: Reading, start: int, end: int, right: str) -> Found:
    reason = f"会場が「{reading.quote(start, end)}」とありますが、催しの記録では「{right}」です。"
    return Found(start, end, reason, f"「{right}」ではありませんか。")


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
    return any(_dense(part.translate(_NARROW))[0] in one for part in parts)

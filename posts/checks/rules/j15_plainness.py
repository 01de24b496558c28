"""J15: how hard the text is to read: long sentences, double negation, abbreviations, kanji runs."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_LONG, _TOO_LONG = 60, 120  # characters of one sentence
_ENGLISH_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")
_LETTERS_OF_A_WORD = 2  # a Latin letter is about half of a Japanese one to read
_KANJI_RUN = re.compile(r"[一-龥々]{9,}")
_LONGEST_NAME = 18
_PROPER = re.compile(
    r"(?:学会|協会|大会|研究会|学術|委員会|病院|大学|センター|法人|試験|専門医|認定|制度|講習|研修|総会|省|局|庁|課|部会|機構|財団|会議|法$|計画)"
)
_KANJI_SHARE, _SHARE_FROM = 0.75, 60  # share of kanji, in texts of that many letters
_DOUBLE_NEGATION = re.compile(
    r"(?:(?<!少)(?<!すく)(?<!せつ)(?<!切)(?:なく|なけれ|ない|ません)(?:(?:は|も|て(?:は|も)?)?(?:ない|ありません|なかった)(?:わけ|こと|と|の|です|。|、)|(?:わけ|こと|もの|とは|とも|の)(?:では|じゃ|は|も|でも)(?:ない|なく|ありません|言えない|言えません|言い切れ|限らない|限りません))"
    r"|(?:ないとは(?:言え|いえ|限ら)(?:ない|ません))|(?:ずに(?:は)?(?:い|お)(?:られ|れ)?(?:ない|ません))|(?:なきにしもあらず)|(?:ないでもな(?:い|く))|(?:なくはな(?:い|く|かった))|(?:ざるを得(?:ない|ません)))"
)
_MUST = re.compile(r"なければ(?:なら|いけ)|なくては(?:なら|いけ)|ないと(?:いけ|なら|だめ)")
_ABBREVIATION = re.compile(r"(?<![A-Za-z0-9#＃@/_.-])(?P<word>[A-Z]{2,6})(?![A-Za-z0-9_-])")
_EXPLAINED = re.compile(r"\s?[(「:=、]|\)|」")
_SPELLINGS = (
    ("がん", "癌", "ガン"),
    ("患者さん", "患者様", "患者さま"),
    ("ホームページ", "HP", "ウェブサイト", "Webサイト", "WEBサイト"),
    ("お申し込み", "お申込み", "お申込"),
    ("お問い合わせ", "お問合せ", "お問合わせ"),
    ("締め切り", "締切り", "〆切", "〆切り"),
    ("子ども", "子供", "こども"),
    ("障害", "障がい", "障碍"),
    ("オンライン", "on-line", "ON LINE"),
    ("Web", "WEB", "ウェブ"),
    ("ください", "下さい"),
    ("セミナー", "セミナ"),
    ("緩和ケア", "緩和ｹｱ"),
    ("サーバー", "サーバ"),
    ("ご家族", "御家族"),
)
_NAMES_KEEP = re.compile(
    r"「[^」\n]*」|『[^』\n]*』|[#＃][^\s#＃]+|日本癌(?:治療)?学会|癌研|こども(?:家庭庁|病院|の日)"
)


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """All of it informs; very long sentences and double negation warn."""
    yield from _long_sentences(reading)
    yield from _double_negation(reading)
    yield from _abbreviations(reading, lexicon)
    yield from _kanji(reading)
    yield from _spellings(reading)


def _long_sentences(reading: Reading) -> Iterator[Found]:
    for start, end in reading.sentences:
        words = reading.words[start:end]
        length = max(_length(part) for part in _ENGLISH_SENTENCE.split(words))
        if length <= _LONG:
            continue
        first = start + len(words) - len(words.lstrip())
        severity = Severity.WARN if length > _TOO_LONG else Severity.INFO
        reason = f"「{reading.quote(first, first + 15)}…」の文が{length}文字あります。"
        suggestion = (
            f"一文は{_LONG}文字くらいまでが読みやすくなります。二つに分けられないか、"
            "ご検討ください。"
        )
        yield Found(first, start + len(words.rstrip()), reason, suggestion, severity)


def _length(words: str) -> int:
    words = words.replace("\ufffc", "").strip()
    latin = sum(char.isascii() for char in words)
    mostly_latin = latin > len(words) * 3 / 4
    return len(words) // _LETTERS_OF_A_WORD if mostly_latin else len(words)


def _double_negation(reading: Reading) -> Iterator[Found]:
    for match in _DOUBLE_NEGATION.finditer(reading.words):
        if _MUST.match(match[0]):
            continue
        reason = f"「{reading.quote(*match.span())}」は二重の否定で、意味が伝わりにくくなります。"
        yield Found(
            match.start(), match.end(), reason, "肯定の形に言い換えてください。", Severity.WARN
        )


def _abbreviations(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    known, seen = lexicon.registry.abbreviations, set[str]()
    for match in _ABBREVIATION.finditer(reading.words):
        word = match["word"]
        if word not in known or word in seen:
            continue
        seen.add(word)
        beside = reading.words[max(0, match.start() - 1) : match.start()]
        explained = beside in {"(", "（"} or _EXPLAINED.match(
            reading.words[match.end() : match.end() + 2]
        )
        if explained:
            continue
        reason = f"「{word}」は、説明がないと一般の方に伝わらない略語です。"
        suggestion = f"はじめに「{known[word]}（{word}）」のように書いてください。"
        yield Found(match.start(), match.end(), reason, suggestion, Severity.INFO)


def _kanji(reading: Reading) -> Iterator[Found]:
    for match in _KANJI_RUN.finditer(reading.words):
        if _PROPER.search(match[0]) and len(match[0]) < _LONGEST_NAME:
            continue
        reason = f"「{reading.quote(*match.span())}」は漢字が{len(match[0])}文字続いています。"
        yield Found(
            match.start(),
            match.end(),
            reason,
            "助詞や読点で区切れないか、ご検討ください。",
            Severity.INFO,
        )
    letters = [char for char in reading.words if char.isalpha()]
    kanji = sum("一" <= char <= "龥" for char in letters)
    if len(letters) >= _SHARE_FROM and kanji / len(letters) > _KANJI_SHARE:
        reason = f"文字の{round(100 * kanji / len(letters))}%が漢字で、硬い印象になります。"
        yield Found(
            0, 0, reason, "和語に言い換えられる言葉がないか、ご検討ください。", Severity.INFO
        )


def _spellings(reading: Reading) -> Iterator[Found]:
    """Two spellings of one word in the same post; quotations, tags and names keep theirs."""
    words = _NAMES_KEEP.sub(lambda kept: "\ufffc" * len(kept[0]), reading.words)
    for spellings in _SPELLINGS:
        places = {spelling: _first(words, spelling, spellings) for spelling in spellings}
        there = {spelling: place for spelling, place in places.items() if place >= 0}
        if len(there) < 2:
            continue
        spelling, place = max(there.items(), key=lambda item: item[1])
        listed = "」と「".join(there)
        reason = f"「{listed}」が混ざっています（表記ゆれ）。"
        suggestion = f"どちらか一つ（例：「{spellings[0]}」）にそろえてください。"
        yield Found(place, place + len(spelling), reason, suggestion, Severity.INFO)


def _first(words: str, spelling: str, all_of_them: tuple[str, ...]) -> int:
    """Where `spelling` stands by itself, not inside a longer one of the same group."""
    for longer in all_of_them:
        if spelling != longer and spelling in longer:
            words = words.replace(longer, "\ufffc" * len(longer))
    return words.find(spelling)

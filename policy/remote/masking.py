"""Takes personal data out of a text before it leaves the house.

Numbers, mail addresses, handles, postal addresses, what follows a link's host, and names with an
honorific. Doubt is masked: a date in figures goes, too. Names that stand without any sign of being
one stay, which is why committees are told that what is sent is not anonymous.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from policy.phases.personal import places_of_names
from policy.phases.subject import Author, Context, Subject

NAME, NUMBER, MAIL, HANDLE, PLACE = (
    "〔人名〕",
    "〔番号〕",
    "〔メール〕",
    "〔アカウント〕",
    "〔住所〕",
)
LONGEST = 2_000  # characters of a comment that are sent
_KANJI_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_HIDDEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_GAP = rf"[\s\-‐-―−ーｰ.・,、/()_{_HIDDEN}]"
_NUMBER = re.compile(rf"\+?[0-9](?:{_GAP}{{0,3}}[0-9]){{6,}}")
_DOT = r"\s*(?:\.|\[\.\]|\(\.\)|ドット|dot)\s*"
_MAIL = re.compile(
    rf"[\w.+%-]+\s*(?:@|\[at\]|\(at\)|アットマーク|アット)\s*[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE
)
_LINK = re.compile(
    r"(?P<scheme>h(?:tt|xx)ps?://|www\.)(?:[^\s/@]*@)?(?P<host>[^\s/?#:]+)\S*", re.IGNORECASE
)
_HANDLE = re.compile(r"@\s?[\w.-]{2,}|(?:line|ライン)\s?id\s*[:はが]?\s*[\w.-]{3,}", re.IGNORECASE)
_LAND = "一-龥々ヶァ-ヶー"
_PLACE = re.compile(
    rf"[{_LAND}ぁ-ん]{{1,12}}[都道府県市区郡町村][{_LAND}]{{0,12}}[0-9]+"
    r"(?:\s?(?:丁目|番地|番|号室|号|-|の)\s?[0-9]*)*"
    rf"|[{_LAND}]{{1,8}}[0-9]+\s?(?:丁目|番地)(?:\s?(?:番地|番|号室|号|-|の)?\s?[0-9]+)*"
    r"(?:番地|番|号室|号)?"
    r"|[0-9]+\s?号室"
)
# Family and given name with a blank between them; two other words with one go, too.
_FULL_NAME = re.compile(
    r"(?<![一-龥々ァ-ヶー])[一-龥々ヶ]{2,4}[ \u3000][一-龥々ぁ-んァ-ヶー]{1,4}?"
    r"(?=さん|ちゃん|くん|氏|様|先生|[^一-龥々ぁ-んァ-ヶー]|$)"
)
_Mask = Callable[[re.Match[str]], str]


def mask(text: str, author: Author) -> str:
    """The text without what tells who somebody is or how to reach them."""
    text = text[:LONGEST]
    text = _without(text, places_of_names(Subject(text, Context("", author))), NAME)
    text = _FULL_NAME.sub(NAME, text)
    for own, instead in ((author.handle.lstrip("@"), HANDLE), (author.name, NAME)):
        if len(own.strip()) >= 2:
            text = text.replace(own.strip(), instead)
    text = _replaced(text, _LINK, lambda m: f"{m['scheme']}{m['host']}/…")
    for pattern, instead in ((_MAIL, MAIL), (_HANDLE, HANDLE), (_NUMBER, NUMBER), (_PLACE, PLACE)):
        text = _replaced(text, pattern, lambda _, instead=instead: instead)  # type: ignore[misc]
    return text


def plain(text: str) -> str:
    """The text with every disguise of a character undone that keeps the number of characters."""
    return "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char in _KANJI_DIGITS:
        return _KANJI_DIGITS[char]
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    narrow = unicodedata.normalize("NFKC", char).casefold()
    return narrow if len(narrow) == 1 else char


def _replaced(text: str, pattern: re.Pattern[str], instead: _Mask) -> str:
    """Replace what the plain form of the text matches, where it stands in the text itself."""
    pieces, end = [], 0
    for match in pattern.finditer(plain(text)):
        pieces += [text[end : match.start()], instead(match)]
        end = match.end()
    return "".join([*pieces, text[end:]])


def _without(text: str, places: Iterable[tuple[int, int]], instead: str) -> str:
    pieces, end = [], 0
    for start, stop in sorted(places):
        if start >= end:
            pieces += [text[end:start], instead]
            end = stop
    return "".join([*pieces, text[end:]])

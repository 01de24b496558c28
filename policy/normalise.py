"""Folds Japanese text so that one rule finds many spellings, and keeps the way back.

Folding changes width, case, half-width kana, look-alike letters of other scripts and rings used
as blanks (○ ◯ ● become 〇); drops what cannot be seen (zero-width, bidirectional and control
characters, stacked accents); shortens runs of one character; and joins letters that were pulled
apart by separators (し.ね, 無 能, F o l l o w); and spells out the few disguises that everybody
reads as one word (タヒ, 氏ね, 4ね, ｼとﾂ, 56す, letters replaced by digits: k1ll). It does not turn
hiragana into katakana, does not correct spelling, and never decides anything. Every folded
character knows the stretch of the original that it came from. Time is linear in the text; no
input raises.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from confusable_homoglyphs.confusables import confusables_data

FOLD_VERSION = "2"

LONGEST_RUN = 3  # ああああああ → あああ; digits are left alone (0000 is a number)
LONGEST_GAP = 3  # more separators than this between two letters are a pause, not a disguise

_VOICED, _SEMI_VOICED = "\u3099", "\u309a"


def _foreign_letters() -> dict[str, str]:
    """Letters of other scripts that Unicode's table (UTS 39) takes for a Latin letter or digit."""
    letters: dict[str, str] = {}
    for char, alike in confusables_data.items():
        plain = [one["c"].lower() for one in alike if one["c"].isascii() and one["c"].isalnum()]
        foreign = not char.isascii() and unicodedata.name(char[0], "").startswith(_SCRIPTS)
        if foreign and plain and len(plain[0]) == len(char.lower()) == 1:
            letters[char.lower()] = plain[0]
    return letters


_SCRIPTS = ("CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN", "COPTIC", "LISU", "LATIN SMALL")
_LOOK_ALIKES = str.maketrans(
    {
        **_foreign_letters(),
        # What the table leaves out, because it compares capitals.
        **dict(zip("аеорсухкмтнівѕјԁһз", "aeopcyxkmthibsjdh3", strict=True)),  # Cyrillic
        **dict(zip("αερτοικνχυ", "aeptoiknxu", strict=True)),  # Greek
        **dict.fromkeys("○◯●⚪⭕", "〇"),
        **dict.fromkeys("―‐‑‒–—−", "-"),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        "〜": "~",
        "\t": " ",
        "゛": _VOICED,
        "゜": _SEMI_VOICED,
    }
)
_INVISIBLE = frozenset({"Cc", "Cf", "Mn", "Me", "Cn", "Co"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_KEPT_MARKS = frozenset((_VOICED, _SEMI_VOICED))
_PAUSES = frozenset(" ._・")  # between Japanese letters these carry no meaning of their own
_NEVER_DROPPED = frozenset('\n、。「」『』()（）【】[]〈〉《》<>?!@#%&¥$"')
_TABLE_LIMIT = 50_000
_ROUNDS = 3  # a word spelled out can stand alone and be joined anew; a third round changes nothing

# What stands before or after tells the disguise from a word: 彼氏ねえ, タヒチ, 午後4ね, キツネ.
_DISGUISES = re.compile(
    r"(?P<死>タヒ(?![ァ-ヺー]))"
    r"|(?P<死ね>(?<![一-龥々])[氏4士市](?:ね|ネ)(?![んンぇえりる]))"
    r"|(?P<シネ>(?<![ァ-ヺー])ツネ(?![ァ-ヺー]))"
    r"|(?P<殺>(?<![0-9.])56(?=[すさしせ](?![きつ])))"
    r"|(?P<leet>(?<=[a-z])[01345$@](?=[a-z]{2})|(?<=[a-z]{2})[01345$@](?=[a-z]))"
)
_DISGUISED = frozenset("タ氏4士市ツ501345$@")
# Where separators may stand between letters that were pulled apart; more is looked at only there.
_LETTER = "[a-zァ-ヺぁ-ゖ一-鿿㐀-䶿ー々〇]"
_APART = re.compile(
    rf"{_LETTER}(?:_|[^\w\n、。「」『』()（）【】\[\]〈〉《》<>?!@#%&¥$\"]){{1,3}}{_LETTER}"
)
_LEET = dict(zip("01345$@", "oieassa", strict=True))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with, per folded character, where it began and ended in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind folded[start:end]; (0, 0) for an empty fold."""
        size = len(self.text)
        if not size:
            return 0, 0
        first = min(max(start, 0), size - 1)
        if end <= start:
            return self.starts[first], self.starts[first]
        return self.starts[first], self.ends[min(end, size) - 1]


def fold(text: str) -> Folded:
    """Fold `text`; folding the result again changes nothing."""
    folded = _plainly(text) or _shorten(_characters(text))
    if _DISGUISED.isdisjoint(folded.text) and _APART.search(folded.text) is None:
        return folded
    for _ in range(_ROUNDS):
        before, folded = folded, _shorten(_spell_out(_join(folded)))
        if folded.text == before.text:
            break
    return folded


_Piece = tuple[str, int, int]  # folded character, start and end in the original


class _Table(dict[str, str]):
    """What each character folds to, worked out once; bounded, so that a flood cannot fill it."""

    def __missing__(self, char: str) -> str:
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        self[char] = folded = _fold_character(char)
        return folded


def _fold_character(char: str) -> str:
    folded = char
    for _ in range(4):  # lower case can decompose anew (İ); three rounds always settle
        before, folded = folded, _fold_once(folded)
        if folded == before:
            break
    return folded


def _fold_once(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "\ufffd"
    text = unicodedata.normalize("NFKD", text.lower().translate(_LOOK_ALIKES))
    kept = (char for char in text if char in _KEPT_MARKS or _visible(char))
    spaced = (" " if unicodedata.category(char) == "Zs" else char for char in kept)
    return unicodedata.normalize("NFC", "".join(spaced))


def _visible(char: str) -> bool:
    return char == "\n" or not (unicodedata.category(char) in _INVISIBLE or char in _FILLERS)


_TABLE = _Table()


class _NotPlain(ValueError):
    """A character folds to none or several, or to a voicing mark."""


class _Plain(dict[int, str]):
    """What each character folds to, for `str.translate`, as long as that is one character."""

    def __missing__(self, code: int) -> str:
        folded = _TABLE[chr(code)]
        if len(folded) != 1 or folded in _KEPT_MARKS:
            raise _NotPlain
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        self[code] = folded
        return folded


_PLAIN = _Plain()
_RUN = re.compile(r"(\D)\1{3}|  ")  # what may have to be shortened


def _plainly(text: str) -> Folded | None:
    """The same as the long way, for the many texts that keep their length; None for others."""
    try:
        folded = text.translate(_PLAIN)
    except _NotPlain:
        return None
    if _RUN.search(folded) is not None:
        return None
    return Folded(folded, range(len(folded)), range(1, len(folded) + 1))


def _characters(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    table = _TABLE
    for index, char in enumerate(text):
        for folded in table[char]:
            if folded in _KEPT_MARKS:
                _voice(pieces, folded, index + 1)
            else:
                pieces.append((folded, index, index + 1))
    return pieces


def _voice(pieces: list[_Piece], mark: str, end: int) -> None:
    """Put a separate voicing mark (ｶ + ﾞ) onto the kana before it, or drop it."""
    if not pieces:
        return
    base, start, _ = pieces[-1]
    composed = unicodedata.normalize("NFC", base + mark)
    if len(composed) == 1:
        pieces[-1] = (composed, start, end)


def _shorten(pieces: list[_Piece] | Folded) -> Folded:
    """Cut runs of one character; the last kept one stands for the rest of the run."""
    if isinstance(pieces, Folded):
        pieces = list(zip(pieces.text, pieces.starts, pieces.ends, strict=True))
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    run, last = 0, ""
    for char, start, end in pieces:
        run = run + 1 if char == last else 1
        last = char
        limit = 1 if char == " " else LONGEST_RUN
        if run > limit and not char.isdigit():
            ends[-1] = end
            continue
        chars.append(char)
        starts.append(start)
        ends.append(end)
    return Folded("".join(chars), tuple(starts), tuple(ends))


def _join(folded: Folded) -> Folded:
    """Drop the separators between letters that were pulled apart."""
    text = folded.text
    if text.isalnum():
        return folded
    drop: set[int] = set()
    index, size = 0, len(text)
    while index < size:
        if not _separates(text[index]):
            index += 1
            continue
        end = index
        while end < size and _separates(text[end]):
            end += 1
        if _pulled_apart(text, index, end):
            drop.update(range(index, end))
        index = end
    if not drop:
        return folded
    keep = [i for i in range(size) if i not in drop]
    return Folded(
        "".join(text[i] for i in keep),
        tuple(folded.starts[i] for i in keep),
        tuple(folded.ends[i] for i in keep),
    )


def _spell_out(folded: Folded) -> Folded:
    """Put the word that everybody reads in place of its disguise."""
    text = folded.text
    if _DISGUISED.isdisjoint(text):
        return folded
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _DISGUISES.finditer(text):
        first, last = match.span()
        word = _LEET[match.group()] if match.lastgroup == "leet" else str(match.lastgroup)
        chars += [text[done:first], word]
        starts += [*folded.starts[done:first], *[folded.starts[first]] * len(word)]
        ends += [*folded.ends[done:first], *[folded.ends[last - 1]] * len(word)]
        done = last
    chars.append(text[done:])
    return Folded("".join(chars), (*starts, *folded.starts[done:]), (*ends, *folded.ends[done:]))


def _pulled_apart(text: str, start: int, end: int) -> bool:
    if start == 0 or end == len(text) or end - start > LONGEST_GAP:
        return False
    before, after = text[start - 1], text[end]
    if is_japanese(before) and is_japanese(after):
        return all(char in _PAUSES for char in text[start:end]) or (
            _alone(text, start - 1) and _alone(text, end)
        )
    latin = before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
    return latin and _alone(text, start - 1) and _alone(text, end)


def _alone(text: str, index: int) -> bool:
    """True when the letter has no letter or digit on either side."""
    before = text[index - 1] if index else " "
    after = text[index + 1] if index + 1 < len(text) else " "
    return not (before.isalnum() or after.isalnum())


def _separates(char: str) -> bool:
    return not char.isalnum() and char not in _NEVER_DROPPED and char not in "ー々〇"


def is_japanese(char: str) -> bool:
    """True for kana, ideographs, and the signs that stand among them (ー 々 〇)."""
    return (
        "\u3041" <= char <= "\u3096"
        or "\u30a1" <= char <= "\u30fa"
        or "\u4e00" <= char <= "\u9fff"
        or "\u3400" <= char <= "\u4dbf"
        or char in "ー々〇"
    )

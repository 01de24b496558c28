"""What the model knows about a comment beside its words: its context and its shape.

Each feature is a number between 0 and 1 (a few counts are capped there) and has a Japanese name,
which is also how a verdict tells why.
"""

import re
import unicodedata
from functools import lru_cache

from policy.links import Link
from policy.phases.repetition import MOST_EARLIER, likeness, own_pairs, pairs
from policy.phases.subject import Subject

LONGEST = 1_000  # folded characters that are compared with the post

_DIGITS = re.compile(r"[0-9]+")
_QUOTE = re.compile(r"[「『\"]([^「」『』\"]{6,300})[」』\"]")
_PHONE = re.compile(
    r"0[5789]0[^0-9a-z]?[0-9〇]{4}[^0-9a-z]?[0-9〇]{4}|0[0-9]{1,3}-[0-9]{2,4}-[0-9]{4}"
)
_MAIL = re.compile(
    r"[a-z0-9._-]{1,64} ?(?:@|[\[(<]at[\])>]|アット(?:マーク)?) ?"
    r"[a-z0-9-]{1,64} ?(?:\.|[\[(<](?:\.|dot)[\])>]|ドット) ?[a-z]"
)
_MONEY = re.compile(r"[0-9万千億]\s?円|¥|\$[0-9]")
_BLANKS = re.compile(r"[〇*×]")
_PROGRAM = re.compile(r"\.(?:apk|exe|zip|scr|msi|dmg|bat|js|lnk|iso|jar|docm|xlsm|crx)(?:$|[/?])")
_SHORTENED = re.compile(r"^(?:bit|s|t|tinyurl|x|is|lnk|goo)\.[a-z]+/|/[a-z0-9]{3,7}$")
_LOGIN = re.compile(r"login|verify|secure|auth|account|wallet|gift|prize|update")
_SOCIETY_NAME = re.compile(r"緩和医療学?|jspm|学[会會]")
_OFFICE_NAME = re.compile(r"公式|事務局|運営|委員|窓口|サポート|センター|本人|official|support")
_TITLE_NAME = re.compile(r"医師|先生|教授|院長|理事|会長")
_REPEATED, _SIMILAR, _VERY_SIMILAR = 0.5, 0.25, 0.45
_LENGTHS = {f"{size}文字を超える長さ": size for size in (10, 20, 35, 60, 100, 160)}
_LIKE = {f"以前のコメントと{level:.0%}以上一致": level for level in (0.35, _REPEATED, 0.8)}
_OVERLAPS = {f"投稿の文と{level:.0%}以上重なる": level for level in (_SIMILAR, _VERY_SIMILAR, 0.65)}
_STRETCHES = {f"投稿と同じ{size}文字": size for size in (2, 4, 8, 15)}


def situation(subject: Subject) -> dict[str, float]:
    """All features; every subject has the same ones, in the same order."""
    if subject.situation is None:
        subject.situation = (
            _repetition(subject)
            | _post(subject)
            | _marks(subject)
            | _shape(subject)
            | _name(subject)
        )
    return subject.situation


def _repetition(subject: Subject) -> dict[str, float]:
    mine = own_pairs(subject)
    earlier = subject.context.history[-MOST_EARLIER:]
    like = max((likeness(mine, pairs(text)) for text in earlier), default=0.0)
    return {
        "以前のコメントとの一致": like,
        **{name: float(like >= level) for name, level in _LIKE.items()},
        "短い文のくり返し": float(like >= _REPEATED and len(mine) < 20),
        "ごく短い文": float(len(mine) < 12),
        "同じ人の以前のコメント": min(len(earlier), 3) / 3,
    }


def _post(subject: Subject) -> dict[str, float]:
    text, post = subject.folded.text[:LONGEST], subject.folded_post
    threes = _pieces(post, 3)
    overlap = _share(text, threes)
    stretch = _longest_stretch(text, post)
    figures, known = set(_DIGITS.findall(text)), _figures(post)
    new = len(figures - known)
    quotes = [_share(match.group(1), threes) for match in _QUOTE.finditer(text)]
    quoted = max(quotes, default=-1.0)
    return {
        "投稿の文との重なり": overlap,
        "投稿と重なる長い文": overlap * min(len(text), 100) / 100,
        **{name: float(overlap > level) for name, level in _OVERLAPS.items()},
        **{name: float(stretch >= size) for name, size in _STRETCHES.items()},
        "投稿と重なる言葉がない": float(stretch < 4 and overlap < 0.05),
        "投稿にない数字": min(new, 4) / 4,
        "投稿に似た文の中の、投稿にない数字": float(new > 0 and overlap > _SIMILAR),
        "投稿とほぼ同じ文の中の、投稿にない数字": float(new > 0 and overlap > _VERY_SIMILAR),
        "投稿と同じ数字": min(len(figures & known), 3) / 3,
        "投稿どおりの引用": float(quoted >= 0.9),
        "投稿と異なる引用": float(0.3 <= quoted < 0.9),
        "投稿にない引用": float(0 <= quoted < 0.3),
    }


def _marks(subject: Subject) -> dict[str, float]:
    text, links = subject.folded.text[:LONGEST], subject.links
    return {
        "リンク": float(bool(links)),
        "複数のリンク": float(len(links) > 1),
        "隠したリンク": float(any(link.disguised for link in links)),
        "プログラムへのリンク": _any_link(links, _PROGRAM),
        "短縮リンク": _any_link(links, _SHORTENED),
        "入力を求めるリンク": _any_link(links, _LOGIN),
        "電話番号": float(_PHONE.search(text) is not None),
        "メールアドレス": float(_MAIL.search(text) is not None),
        "金額": float(_MONEY.search(text) is not None),
        "伏せ字": float(_BLANKS.search(text) is not None),
        "宛名": float(subject.text.lstrip().startswith(("@", "＠"))),
        "ハッシュタグ": float("#" in text),
        "疑問符": float("?" in text),
        "感嘆符の連続": float(text.count("!") > 1),
    }


def _shape(subject: Subject) -> dict[str, float]:
    text, folded = subject.text[:LONGEST], subject.folded.text[:LONGEST]
    size, folded_size = max(len(text), 1), max(len(folded), 1)
    kinds, folded_kinds = text.translate(_KINDS), folded.translate(_KINDS)
    emoji = kinds.count(_EMOJI)
    variety = len(set(text)) / size if size > 10 else 1.0
    return {
        "絵文字の割合": emoji / size,
        "絵文字": float(emoji > 0),
        "記号の割合": (emoji + kinds.count(_MARK)) / size,
        "半角カナの割合": kinds.count(_HALF_KANA) / size,
        "英字の割合": kinds.count(_LATIN) / size,
        "カタカナの割合": folded_kinds.count(_KATAKANA) / folded_size,
        "漢字の割合": folded_kinds.count(_KANJI) / folded_size,
        "文字の種類の割合": variety,
        "文字の種類が少ない": float(variety < 0.4),
        "文字の種類がごく少ない": float(variety < 0.2),
        **{name: float(len(text) > length) for name, length in _LENGTHS.items()},
    }


_EMOJI, _MARK, _HALF_KANA, _LATIN, _KATAKANA, _KANJI, _OTHER = "eshlkj-"
_MOST_KINDS = 50_000


class _Kinds(dict[int, str]):
    """Of what kind each character is, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_KINDS:
            self.clear()
        self[code] = kind = _kind(chr(code))
        return kind


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "SP":
        return _EMOJI if category == "So" else _MARK
    if "\uff66" <= char <= "\uff9f":
        return _HALF_KANA
    if char.isascii() and char.isalpha():
        return _LATIN
    if "ァ" <= char <= "ヶ":
        return _KATAKANA
    return _KANJI if "一" <= char <= "龥" else _OTHER


_KINDS = _Kinds()


def _name(subject: Subject) -> dict[str, float]:
    name = subject.folded_name.text
    society, office = _SOCIETY_NAME.search(name), _OFFICE_NAME.search(name)
    return {
        "学会に似た表示名": float(society is not None),
        "窓口のような表示名": float(office is not None),
        "学会の窓口のような表示名": float(society is not None and office is not None),
        "肩書きのある表示名": float(_TITLE_NAME.search(name) is not None),
    }


def _any_link(links: list[Link], pattern: re.Pattern[str]) -> float:
    return float(any(pattern.search(link.url) is not None for link in links))


def _share(text: str, known: frozenset[str]) -> float:
    size = len(text) - 2
    if size < 1:
        return 0.0
    return sum(map(known.__contains__, [text[i : i + 3] for i in range(size)])) / size


def _longest_stretch(text: str, post: str) -> int:
    """The greatest of the sizes at which text and post share a stretch; 0 for none."""
    longest = 0
    for size in _STRETCHES.values():  # shortest first: what shares no short one shares no long one
        pieces = [text[i : i + size] for i in range(len(text) - size + 1)]
        if _pieces(post, size).isdisjoint(pieces):
            break
        longest = size
    return longest


@lru_cache(maxsize=4096)
def _pieces(post: str, size: int) -> frozenset[str]:
    return frozenset(post[i : i + size] for i in range(len(post) - size + 1))


@lru_cache(maxsize=4096)
def _figures(post: str) -> frozenset[str]:
    return frozenset(_DIGITS.findall(post))

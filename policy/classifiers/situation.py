"""What the model knows about a comment beside its words: its context and its shape.

Each feature is a number between 0 and 1 (a few counts are capped there) and has a Japanese name,
which is also how a verdict tells why.
"""

import re
import unicodedata
from functools import lru_cache

from policy.links import Link
from policy.phases.repetition import MOST_EARLIER, likeness, pairs
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
_LENGTHS = (10, 20, 35, 60, 100, 160)
_LIKE = (0.35, 0.5, 0.8)
_OVERLAPS = (0.25, 0.45, 0.65)
_STRETCHES = (2, 4, 8, 15)


def situation(subject: Subject) -> dict[str, float]:
    """All features; every subject has the same ones, in the same order."""
    return (
        _repetition(subject) | _post(subject) | _marks(subject) | _shape(subject) | _name(subject)
    )


def _repetition(subject: Subject) -> dict[str, float]:
    mine = pairs(subject.text)
    earlier = subject.context.history[-MOST_EARLIER:]
    like = max((likeness(mine, pairs(text)) for text in earlier), default=0.0)
    return {
        "以前のコメントとの一致": like,
        **{f"以前のコメントと{level:.0%}以上一致": float(like >= level) for level in _LIKE},
        "短い文のくり返し": float(like >= _LIKE[1] and len(mine) < 20),
        "ごく短い文": float(len(mine) < 12),
        "同じ人の以前のコメント": min(len(earlier), 3) / 3,
    }


def _post(subject: Subject) -> dict[str, float]:
    text, post = subject.folded.text[:LONGEST], subject.folded_post
    threes = _pieces(post, 3)
    overlap = _share(text, threes)
    stretch = _stretches(text, post)
    figures, known = set(_DIGITS.findall(text)), _figures(post)
    new = len(figures - known)
    quotes = [_share(match.group(1), threes) for match in _QUOTE.finditer(text)]
    quoted = max(quotes, default=-1.0)
    return {
        "投稿の文との重なり": overlap,
        "投稿と重なる長い文": overlap * min(len(text), 100) / 100,
        **{f"投稿の文と{level:.0%}以上重なる": float(overlap > level) for level in _OVERLAPS},
        **{f"投稿と同じ{size}文字": float(found) for size, found in stretch.items()},
        "投稿と重なる言葉がない": float(not stretch[4] and overlap < 0.05),
        "投稿にない数字": min(new, 4) / 4,
        "投稿に似た文の中の、投稿にない数字": float(new > 0 and overlap > _OVERLAPS[0]),
        "投稿とほぼ同じ文の中の、投稿にない数字": float(new > 0 and overlap > _OVERLAPS[1]),
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
    kinds = [unicodedata.category(char) for char in text]
    variety = len(set(text)) / size if size > 10 else 1.0
    return {
        "絵文字の割合": sum(kind == "So" for kind in kinds) / size,
        "絵文字": float("So" in kinds),
        "記号の割合": sum(kind[0] in "SP" for kind in kinds) / size,
        "半角カナの割合": sum("\uff66" <= char <= "\uff9f" for char in text) / size,
        "英字の割合": sum(char.isascii() and char.isalpha() for char in text) / size,
        "カタカナの割合": sum("ァ" <= char <= "ヶ" for char in folded) / folded_size,
        "漢字の割合": sum("一" <= char <= "龥" for char in folded) / folded_size,
        "文字の種類の割合": variety,
        "文字の種類が少ない": float(variety < 0.4),
        "文字の種類がごく少ない": float(variety < 0.2),
        **{f"{length}文字を超える長さ": float(len(text) > length) for length in _LENGTHS},
    }


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
    pieces = max(len(text) - 2, 1)
    return sum(text[i : i + 3] in known for i in range(len(text) - 2)) / pieces


def _stretches(text: str, post: str) -> dict[int, bool]:
    """For each length, shortest first: whether text and post share a stretch of it."""
    shared, answer = False, {}
    for size in reversed(_STRETCHES):
        pieces = (text[i : i + size] for i in range(len(text) - size + 1))
        shared = shared or not _pieces(post, size).isdisjoint(pieces)
        answer[size] = shared
    return dict(sorted(answer.items()))


@lru_cache(maxsize=4096)
def _pieces(post: str, size: int) -> frozenset[str]:
    return frozenset(post[i : i + size] for i in range(len(post) - size + 1))


@lru_cache(maxsize=4096)
def _figures(post: str) -> frozenset[str]:
    return frozenset(_DIGITS.findall(post))

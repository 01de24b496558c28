"""Strings made to break a judge: at random, and against backtracking, folding, and offsets."""

import random
from collections.abc import Iterator

from policy.engine import Author, Context

_PIECES = (
    "死ね", "タ★ヒ", "氏.ね", "ﾀﾋﾞ", "゙゚", "\u200b", "\u202e", "\u0301" * 5, "\ud800", "\x00", "〇", "http://",
    "hxxp://a[.]b", "@", "「", "」と言われた", "と", "って", "090-", "1234", "円", "山田 太郎さん", "が", "🏳️‍🌈", "👨‍👩‍👧",
    "https://xn--", ".example", "ー", "w", "ー" * 40, "\u3000", "\n", "a" * 30, "ああ", "Ａ", "ß", "İ", "ﷺ", "𝕬", "㍿", "①",
)  # fmt: skip
_BLOW_UPS = (
    "a" * 400 + "!", "（" * 300, "「" * 200 + "」" * 200, "というという" * 60, "1-" * 300, "a." * 300, "h t t p s : / / " * 30,
    "山田 " * 150, "って言われ" * 80, "\u0301" * 600, "ﾞ" * 500, "し." * 250, "タヒ" * 250, "🌸" * 300, "@a " * 200,
    "0" * 500, "あ" * 1_500, "http://a.b/" * 60, "-" * 500 + "x", "ＷＷＷ" * 150,
)  # fmt: skip


def hostile_texts(size: int, seed: int = 0) -> Iterator[tuple[str, Context]]:
    """`size` strings with contexts, the same ones each time."""
    chance = random.Random(seed)
    for number in range(size):
        kind = number % 4
        if kind == 0:
            text = "".join(chr(_any_code(chance)) for _ in range(chance.randrange(200)))
        elif kind == 1:
            text = "".join(chance.choices(_PIECES, k=chance.randrange(1, 60)))
        elif kind == 2:
            blow = chance.choice(_BLOW_UPS)
            cut = chance.randrange(len(blow))
            text = blow[cut:] + chance.choice(_PIECES) + blow[:cut]
        else:
            text = chance.choice(_PIECES) * chance.randrange(1, 200)
        post = "".join(chance.choices(_PIECES, k=20))
        name = "".join(chance.choices(_PIECES, k=chance.randrange(4)))
        yield text, Context(post, Author("1", name, "x"), (text[: len(text) // 2],))


def _any_code(chance: random.Random) -> int:
    ranges = (
        (0, 0x250),
        (0x3000, 0x3100),
        (0x4E00, 0x9FFF),
        (0xD800, 0xE000),
        (0xFF00, 0xFFF0),
        (0, 0x10FFFF),
    )
    return chance.randint(*chance.choice(ranges))

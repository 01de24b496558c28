"""Folds variants of one character into one, without moving any: offsets stay those of the text."""

import unicodedata

CIRCLED_WEEKDAYS = "㊊㊋㊌㊍㊎㊏㊐"
_WAVES = "〜∼˜〰"
_DASHES = "‐‑‒–—―−─━"
_RADICALS = (range(0x2E80, 0x2FE0), range(0xF900, 0xFB00))


def narrow(text: str) -> str:
    """Full width to half width, one kind of dash and wave; exactly as long as `text`.

    The long vowel mark (ー) stays, half-width kana stay, ㈪ becomes ㊊. Lone surrogates, which no
    expression of the dictionaries can read, become U+FFFD.
    """
    return text.translate(_TABLE)


def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys(map(ord, "\u3000\xa0\u2002\u2003\u2009"), " ")
    table |= dict.fromkeys(map(ord, _WAVES), "~")
    table |= dict.fromkeys(map(ord, _DASHES), "-")
    table |= {0x322A + index: day for index, day in enumerate(CIRCLED_WEEKDAYS)}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    for codes in _RADICALS:
        for code in codes:
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                table[code] = plain
    return table


_TABLE = _table()

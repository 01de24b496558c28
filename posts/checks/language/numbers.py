"""Small numbers in digits or kanji."""

NUMBER = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")}


def number(sign: str) -> int:
    """The value of what NUMBER matches: 12, 十二, 二十, 元 (the first year of an era)."""
    if sign.isascii():
        return int(sign)
    if sign == "元":
        return 1
    if "十" not in sign:
        return int("".join(str(_DIGITS[char]) for char in sign))
    tens, _, ones = sign.partition("十")
    return (_DIGITS.get(tens[:1], 1) if tens else 1) * 10 + _DIGITS.get(ones[:1], 0)

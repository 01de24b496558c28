"""Japanese eras."""

from dataclasses import dataclass

ERA = "(?:令和|平成|昭和|大正|明治|[RrHhSs](?=\\s?[0-9]))"
ERA_YEAR = "(?:元|[0-9]{1,2}|[一二三四五六七八九十]{1,3})"


@dataclass(frozen=True, slots=True)
class Era:
    """`zero` plus the era's year is the western year; `last` is the era's last year, 0 for none."""

    name: str
    zero: int
    last: int = 0


_ERAS = {
    "R": Era("令和", 2018),
    "H": Era("平成", 1988, 31),
    "S": Era("昭和", 1925, 64),
    "T": Era("大正", 1911, 15),
    "M": Era("明治", 1867, 45),
}
_LETTERS = {"令": "R", "平": "H", "昭": "S", "大": "T", "明": "M"}


def era(sign: str) -> Era:
    """The era that ERA matched, by its name or its letter."""
    return _ERAS[_LETTERS.get(sign[0], sign[0].upper())]


def era_of(year: int) -> str:
    """A western year in the era's words: 2026 → 令和8年. For years from 1989 on."""
    current = _ERAS["R"] if year >= 2019 else _ERAS["H"]
    count = year - current.zero
    return f"{current.name}{'元' if count == 1 else count}年"

"""How clauses are numbered, and by what a link finds them again. Pure.

A number ("4(2)ア") is what people cite and follows from the order; an anchor ("c4-2-a") is given
once, when a clause is first written, and stays with it through all versions.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

LETTERS: Final = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_ROMAN: Final = (
    "a,i,u,e,o,ka,ki,ku,ke,ko,sa,shi,su,se,so,ta,chi,tsu,te,to,na,ni,nu,ne,no,"
    "ha,hi,fu,he,ho,ma,mi,mu,me,mo,ya,yu,yo,ra,ri,ru,re,ro,wa,wo,n"
)
LEAD_OUT: Final = "末文"


class Level(StrEnum):
    """What a clause is, by its place in the text."""

    SECTION = "section"
    SUBSECTION = "subsection"
    ITEM = "item"
    LETTER = "letter"
    LEAD_OUT = "lead_out"


DEPTH: Final = {
    Level.SECTION: 0,
    Level.SUBSECTION: 1,
    Level.ITEM: 1,
    Level.LEAD_OUT: 1,
    Level.LETTER: 2,
}
WITH_HEADING: Final = frozenset({Level.SECTION, Level.SUBSECTION})


class BadOrder(ValueError):
    """The clauses cannot be numbered in this order; the message says why, in Japanese."""


def level_of(code: str, heading: str) -> Level:
    """What the clause is; a bracketed number is a subsection when it has a heading."""
    if code.isdigit():
        return Level.SECTION
    if code.endswith(LEAD_OUT):
        return Level.LEAD_OUT
    if code.endswith(")"):
        return Level.SUBSECTION if heading else Level.ITEM
    return Level.LETTER


def numbers(levels: Iterable[Level]) -> list[str]:
    """The number of each clause, in order.

    Raises:
        BadOrder: a clause stands where it belongs to nothing, or there are too many letters.
    """
    section = bracket = letter = 0
    inside = False  # a subsection, which alone can have letters
    given: list[str] = []
    for level in levels:
        if level is Level.SECTION:
            section, bracket, inside = section + 1, 0, False
            given.append(str(section))
        elif not section:
            raise BadOrder("最初の条項は、節（「1. 見出し」の形）にしてください。")
        elif level is Level.LETTER:
            if not inside:
                raise BadOrder("「ア」「イ」…の条項は、見出しのある項の中に置いてください。")
            if letter == len(LETTERS):
                raise BadOrder("「ア」から始まる条項が多すぎます。")
            given.append(f"{section}({bracket}){LETTERS[letter]}")
            letter += 1
        elif level is Level.LEAD_OUT:
            given.append(f"{section}{LEAD_OUT}")
            inside = False
        else:
            bracket, letter, inside = bracket + 1, 0, level is Level.SUBSECTION
            given.append(f"{section}({bracket})")
    if len(set(given)) < len(given):
        raise BadOrder("末文は、一つの節に一つだけ置けます。")
    return given


def anchor_for(code: str, taken: Collection[str] = ()) -> str:
    """An anchor like "c4-2-a" for a clause that was first written under this number.

    One that another clause of any version has (`taken`) gets a number behind an underscore.
    """
    section, _, rest = code.partition("(")
    if section.endswith(LEAD_OUT):
        section = f"{section.removesuffix(LEAD_OUT)}-end"
    number, _, letter = rest.partition(")")
    parts = [section, number, _ROMAN.split(",")[LETTERS.index(letter)] if letter else ""]
    plain = "c" + "-".join(part for part in parts if part)
    anchor, count = plain, 1
    while anchor in taken:
        count += 1
        anchor = f"{plain}_{count}"
    return anchor

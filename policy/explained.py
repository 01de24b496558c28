"""What the grounds of section 4(2) mean in plain words, for the public. Knows no database."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .data import EXPLAINED


@dataclass(frozen=True, slots=True)
class Explanation:
    """What falls under a ground, and what does not."""

    plain: str
    stays: str


@cache
def explanations() -> Mapping[str, Explanation]:
    """The explanation of each of the 16 grounds, by criterion."""
    data = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return {row["criterion"]: Explanation(row["plain"], row["stays"]) for row in data["ground"]}

"""Checks that are nothing but their dictionary: J06, J13, J14, J26."""

from collections.abc import Callable, Iterator

from posts.checks.draft import Found
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.checks.terms import look_up

Look = Callable[[Reading, Lexicon], Iterator[Found]]


def dictionary(check: str) -> Look:
    """A check that reports every term of its dictionary."""

    def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
        return look_up(check, reading, lexicon)

    return look

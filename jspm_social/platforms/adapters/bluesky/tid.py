"""Record keys made of time (TID): thirteen letters that sort as the moments do. Pure.

Fact: 53 bits of microseconds since 1970, ten bits of the program's own, in a base32 that sorts.
"""

import secrets
from datetime import UTC, datetime, timedelta

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_tid(at: datetime) -> str:
    """Return a key for a record of this moment; the last ten bits are drawn by lot."""
    number = ((at - EPOCH) // timedelta(microseconds=1)) << 10 | secrets.randbelow(1 << 10)
    return "".join(LETTERS[number >> 5 * place & 31] for place in range(12, -1, -1))


def moment_of(tid: str) -> datetime:
    """Return when a key was made. Raises ValueError for anything else."""
    number = 0
    for letter in tid:
        number = number << 5 | LETTERS.index(letter)
    return EPOCH + timedelta(microseconds=number >> 10)

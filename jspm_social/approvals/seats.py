"""Which voters fill which slots. Pure.

Three people who are member, member and reviewer, and both, fill "two members and one reviewer"
in more than one way; taking them first come, first served could seat the third on a member's
seat and leave the reviewer's empty. So each newcomer may move those who are already seated.
"""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """So many approvals by people who hold this role."""

    role: str
    count: int


def seats(slots: Iterable[Slot]) -> list[str]:
    """One role per single seat."""
    return [slot.role for slot in slots for _ in range(slot.count)]


def seating(roles_wanted: Sequence[str], voters: Mapping[int, AbstractSet[str]]) -> dict[int, int]:
    """Seat as many voters as can be, each at most once: seat number → voter id.

    Args:
        roles_wanted: the role that each seat asks for (`seats`).
        voters: the roles of each voter, by id.
    """
    taken: dict[int, int] = {}

    def seat(voter: int, tried: set[int]) -> bool:
        for number, role in enumerate(roles_wanted):
            if role not in voters[voter] or number in tried:
                continue
            tried.add(number)
            if number not in taken or seat(taken[number], tried):
                taken[number] = voter
                return True
        return False

    for voter in voters:
        seat(voter, set())
    return taken


def all_filled(roles_wanted: Sequence[str], voters: Mapping[int, AbstractSet[str]]) -> bool:
    return len(seating(roles_wanted, voters)) == len(roles_wanted)

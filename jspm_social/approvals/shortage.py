"""Whether an approval can be had at all: the seats that nobody could take as things stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jspm_social.accounts.models import User
from jspm_social.accounts.queries import acting_roles
from jspm_social.approvals.seats import Slot, seating, seats

_NOBODY: Mapping[int, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shortage:
    """A role of which a seat stays empty. `holders` have the role and still cannot take it;
    `deputies` could, standing in for one of them. `seated` have the role and take another seat of
    it, which nobody can do for them a second time.
    """

    role: str
    seated: tuple[User, ...]
    holders: tuple[User, ...]
    deputies: tuple[User, ...]


def shortages(
    slots: Iterable[Slot],
    voters: Sequence[User],
    given: Mapping[int, frozenset[str]] = _NOBODY,
) -> list[Shortage]:
    """Return the roles that are short, none where every seat could be taken today.

    Args:
        slots: whose approval is asked for.
        voters: whoever may answer, apart from the role: at work, and no contributor.
        given: the roles of those who have approved, by id.
    """
    wanted, roles = seats(slots), {**acting_roles(voters), **given}
    taken = seating(wanted, roles)
    short = dict.fromkeys(role for number, role in enumerate(wanted) if number not in taken)

    def helps(person: User, role: str) -> bool:
        with_it = {**roles, person.pk: roles[person.pk] | {role}}
        return len(seating(wanted, with_it)) > len(taken)

    found = []
    for role in short:
        everybody = User.objects.filter(is_active=True, roles__contains=[role])
        sitting = {voter for number, voter in taken.items() if wanted[number] == role}
        seated = [one for one in everybody if one.pk in sitting]
        holders = [one for one in everybody if one.pk not in sitting]
        deputies = [one for one in voters if helps(one, role)] if holders else []
        found.append(Shortage(role, tuple(seated), tuple(holders), tuple(deputies)))
    return found

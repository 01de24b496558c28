"""Seating voters on slots, against brute force."""

from itertools import permutations

from hypothesis import given, strategies as st

from jspm_social.approvals.seats import Slot, all_filled, seating, seats

ROLES = ["member", "reviewer", "chair"]
wanted = st.lists(st.sampled_from(ROLES), min_size=1, max_size=4)
voters = st.lists(st.frozensets(st.sampled_from(ROLES)), max_size=5).map(
    lambda people: dict(enumerate(people, start=1))
)


def test_seats_of_slots() -> None:
    assert seats([Slot("member", 2), Slot("reviewer", 1)]) == ["member", "member", "reviewer"]


def test_seating_moves_a_person_with_two_roles_to_make_room() -> None:
    people = {1: {"member", "reviewer"}, 2: {"member"}}
    assert seating(["member", "reviewer"], people) == {0: 2, 1: 1}


def test_one_person_with_two_roles_fills_one_slot_only() -> None:
    assert not all_filled(["member", "reviewer"], {1: {"member", "reviewer"}})


@given(wanted, voters)
def test_seating_gives_each_voter_one_seat_they_are_entitled_to(
    wanted: list[str], voters: dict[int, frozenset[str]]
) -> None:
    seated = seating(wanted, voters)
    assert len(set(seated.values())) == len(seated)
    assert all(wanted[number] in voters[voter] for number, voter in seated.items())


@given(wanted, voters)
def test_all_filled_exactly_when_some_arrangement_fills_all(
    wanted: list[str], voters: dict[int, frozenset[str]]
) -> None:
    possible = any(
        all(role in voters[voter] for role, voter in zip(wanted, order, strict=True))
        for order in permutations(voters, len(wanted))
    )
    assert all_filled(wanted, voters) == possible

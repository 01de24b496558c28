"""Random histories: nothing is ever approved that should not be."""

import hashlib
from datetime import timedelta
from typing import Any

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.services import expire_due, open_request, recuse, void, vote
from jspm_social.approvals.states import Choice
from jspm_social.audit.verify import Verified, verify
from tests.people import People

HASHES = [hashlib.sha256(text.encode()).hexdigest() for text in ("初版", "改訂版")]
ROLES = [Role.MEMBER, Role.REVIEWER, Role.CHAIR]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("approve"), st.integers(0, 4), st.sampled_from(HASHES)),
        st.tuples(st.just("approve"), st.integers(0, 4), st.just(HASHES[0])),
        st.tuples(st.just("reject"), st.integers(0, 4), st.just(HASHES[0])),
        st.tuples(st.just("recuse"), st.integers(0, 4), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 20), st.none()),
        st.tuples(st.just("sweep"), st.just(0), st.none()),
        st.tuples(st.just("void"), st.just(0), st.none()),
    ),
    max_size=14,
)
slots = st.lists(st.builds(Slot, st.sampled_from(ROLES), st.integers(1, 2)), min_size=1, max_size=2)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    roles=st.lists(st.frozensets(st.sampled_from(ROLES), min_size=1), min_size=5, max_size=5),
    contributors=st.frozensets(st.integers(0, 4), max_size=2),
    slots=slots,
    steps=steps,
)
def test_approved_only_by_enough_others_on_the_same_content_in_time(
    people: People,
    roles: list[frozenset[Role]],
    contributors: frozenset[int],
    slots: list[Slot],
    steps: list[tuple[str, int, Any]],
) -> None:
    with transaction.atomic():
        _history(people, roles, contributors, slots, steps)
        transaction.set_rollback(True)  # the next history begins with the same empty tables


def _history(
    people: People,
    roles: list[frozenset[Role]],
    contributors: frozenset[int],
    slots: list[Slot],
    steps: list[tuple[str, int, Any]],
) -> None:
    cast = [
        User.objects.create(username=f"p{n}", display_name=f"p{n}", roles=[*held])
        for n, held in enumerate(roles)
    ]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        request = open_request(
            actor=None,
            subject=people.outsider,
            content_hash=HASHES[0],
            slots=slots,
            contributors=[cast[n] for n in contributors],
            expires_at=timezone.now() + timedelta(hours=30),
        )
        approvals: set[int] = set()
        for kind, number, content in steps:
            before = ApprovalRequest.objects.get(pk=request.pk).state
            try:
                match kind:
                    case "approve" | "reject":
                        vote(
                            actor=cast[number],
                            request=request,
                            content_hash=content,
                            choice=Choice(kind),
                            note="理由",
                        )
                        approvals |= {number} if kind == "approve" else set()
                    case "recuse":
                        recuse(actor=cast[number], request=request, reason="利益相反")
                    case "wait":
                        clock.shift(timedelta(hours=number))
                    case "sweep":
                        expire_due()
                    case "void":
                        void(actor=None, request=request, reason="編集")
            except ApprovalError:
                pass
            after = ApprovalRequest.objects.get(pk=request.pk)
            if after.state == "approved" and before != "approved":
                assert before == "open"
                assert timezone.now() < after.expires_at
                assert (kind, content) == ("approve", HASHES[0])
                _assert_enough(slots, roles, approvals - contributors)
                assert not approvals & contributors
            if before in {"rejected", "expired", "void"}:
                assert after.state == before
    assert isinstance(verify(), Verified)


def _assert_enough(slots: list[Slot], roles: list[frozenset[Role]], voters: set[int]) -> None:
    """Hall's condition: for every set of roles there are as many voters as seats ask for."""
    wanted = {role: sum(slot.count for slot in slots if slot.role == role) for role in ROLES}
    for mask in range(1, 2 ** len(ROLES)):
        some = {role for n, role in enumerate(ROLES) if mask >> n & 1}
        seats = sum(wanted[role] for role in some)
        assert len([voter for voter in voters if roles[voter] & some]) >= seats

"""Random histories of rights: somebody always administers the console and chairs the committee."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import deactivate, reactivate, set_roles
from tests.audit.test_concurrency import at_once
from tests.people import make_person

ROLES = [Role.MEMBER, Role.CHAIR, Role.ADMIN]
somebody = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("roles"), somebody, somebody, st.frozensets(st.sampled_from(ROLES))),
        st.tuples(st.just("end"), somebody, somebody, st.none()),
        st.tuples(st.just("again"), somebody, somebody, st.none()),
    ),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_the_last_admin_and_the_last_chair_stay(
    db: None, steps: list[tuple[str, int, int, Any]]
) -> None:
    with transaction.atomic():
        people = [
            make_person("one", Role.ADMIN),
            make_person("two", Role.ADMIN, Role.CHAIR),
            make_person("three", Role.CHAIR),
            make_person("four", Role.MEMBER),
        ]
        for step in steps:
            _take(people, *step)
            for role in (Role.ADMIN, Role.CHAIR):
                assert User.objects.filter(is_active=True, roles__contains=[role]).exists()
        transaction.set_rollback(True)


def _take(people: list[User], what: str, actor: int, user: int, roles: Any) -> None:
    """One change; a refused one leaves everything as it was."""
    by, person = people[actor], people[user]
    before = _rights(person)
    try:
        if what == "roles":
            set_roles(actor=by, user=person, roles=roles)
        elif what == "end":
            deactivate(actor=by, user=person, reason="退任")
        else:
            reactivate(actor=by, user=person, reason="復帰")
    except ValidationError:
        assert _rights(person) == before
    else:
        assert what == "again" or actor != user  # nobody changes their own rights
        assert _rights(person)[2] == before[2] + 1  # and the sessions of before are over


def _rights(person: User) -> tuple[list[str], bool, int]:
    stored = User.objects.get(pk=person.pk)
    return (stored.roles, stored.is_active, stored.access_number)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.CHAIR])
def test_two_who_take_the_role_from_each_other_at_once_leave_one(role: Role) -> None:
    one, two = make_person("one", role), make_person("two", role)
    make_person("three", *({Role.ADMIN, Role.CHAIR} - {role}))
    refused = at_once(
        lambda: _strip(one, two),
        lambda: _strip(two, one),
    )
    assert [type(error) for error in refused] == [ValidationError]
    assert User.objects.filter(roles__contains=[role], is_active=True).count() == 1


def _strip(actor: User, user: User) -> None:
    set_roles(actor=actor, user=user, roles=[Role.MEMBER])

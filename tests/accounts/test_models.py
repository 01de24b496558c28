"""People and what their roles allow."""

import pytest
from django.db import IntegrityError

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import CAPABILITIES, Capability, Role, capabilities
from tests.people import People, make_person


def test_every_role_has_capabilities() -> None:
    assert set(CAPABILITIES) == set(Role)


def test_capabilities_of_several_roles_are_their_union() -> None:
    both = capabilities([Role.AUDITOR, Role.MODERATOR])
    assert both == CAPABILITIES[Role.AUDITOR] | CAPABILITIES[Role.MODERATOR]


def test_capabilities_of_an_unknown_role_are_none() -> None:
    assert capabilities(["owner"]) == frozenset()


def test_can_is_false_for_everything_once_deactivated(people: People) -> None:
    people.chair.is_active = False
    assert not any(people.chair.can(capability) for capability in Capability)
    assert not people.chair.has_role(Role.CHAIR)
    assert not people.chair.has_perm("audit.read")


def test_has_perm_answers_for_capabilities_and_nothing_else(people: People) -> None:
    assert people.auditor.has_perm("audit.read")
    assert not people.auditor.has_perm("cases.decide")
    assert not people.admin.has_perm("accounts.add_user")
    assert not people.auditor.has_perm("audit.read", people.member)


def test_people_sort_by_reading(db: None) -> None:
    for username, reading in (("a", "わたなべ"), ("b", "いとう"), ("c", "がもう"), ("d", "かとう")):
        User.objects.create(username=username * 2, display_name=username, reading=reading)
    readings = list(User.objects.values_list("reading", flat=True))
    assert readings == ["いとう", "かとう", "がもう", "わたなべ"]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"roles": ["owner"]}, "user_roles_known"),
        ({"username": "Sato"}, "user_username_plain"),
        ({"username": "佐藤"}, "user_username_plain"),
    ],
)
def test_database_refuses_what_no_form_should_let_through(
    db: None, values: dict[str, object], constraint: str
) -> None:
    fields = {"username": "sato", "display_name": "佐藤", **values}
    with pytest.raises(IntegrityError, match=constraint):
        User.objects.create(**fields)


def test_role_labels_follow_the_order_of_roles(db: None) -> None:
    person = make_person("both", Role.AUDITOR, Role.MEMBER)
    assert person.role_labels == ["委員", "監査"]
    assert str(person) == person.get_full_name() == "both さん"

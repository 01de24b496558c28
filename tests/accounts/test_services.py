"""Registering people and changing their rights."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import (
    create_user,
    deactivate,
    hiragana,
    set_password,
    set_roles,
)
from jspm_social.audit.models import AuditEvent
from tests.audit.test_concurrency import at_once
from tests.people import PASSWORD, People, make_people, make_person

NEW: dict[str, Any] = {
    "username": "yamada",
    "display_name": "山田 花子",
    "password": "kanwa-iryo-2026",
    "reading": "ﾔﾏﾀﾞ ハナコ",
    "roles": [Role.REVIEWER, Role.MEMBER, Role.MEMBER],
}


def test_create_user_stores_the_person_and_tells_it(people: People) -> None:
    user = create_user(actor=people.admin, **NEW)
    stored = User.objects.get(username="yamada")
    assert stored == user
    assert (stored.display_name, stored.reading) == ("山田 花子", "やまだ はなこ")
    assert stored.roles == ["member", "reviewer"]
    assert stored.check_password("kanwa-iryo-2026")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id, event.target_id) == (
        "user.created",
        people.admin.pk,
        str(user.pk),
    )
    assert event.details == {"roles": ["member", "reviewer"]}
    assert event.personal.data == {"username": "yamada", "display_name": "山田 花子"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Yamada"}, "username"),
        ({"username": "admin"}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"email": "x"}, "email"),
        ({"roles": ["owner"]}, "roles"),
    ],
)
def test_create_user_refuses_a_wrong_field(
    people: People, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        create_user(actor=people.admin, **{**NEW, **change})
    assert list(refused.value.message_dict) == [field]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("password", ["short", "12345678901234", "password1234"])
def test_create_user_refuses_a_weak_password(people: People, password: str) -> None:
    with pytest.raises(ValidationError):
        create_user(actor=people.admin, **{**NEW, "password": password})
    assert not User.objects.filter(username="yamada").exists()


def test_set_roles_replaces_the_roles_and_tells_both(people: People) -> None:
    set_roles(actor=people.admin, user=people.member, roles=[Role.CHAIR, Role.MODERATOR])
    assert User.objects.get(pk=people.member.pk).roles == ["moderator", "chair"]
    event = AuditEvent.objects.get()
    assert event.verb == "user.roles_set"
    assert event.details == {"before": ["member"], "after": ["moderator", "chair"]}


def test_set_roles_refuses_an_unknown_role(people: People) -> None:
    with pytest.raises(ValidationError):
        set_roles(actor=people.admin, user=people.member, roles=["owner"])
    assert User.objects.get(pk=people.member.pk).roles == ["member"]


def test_the_last_administrator_stays(people: People) -> None:
    with pytest.raises(ValidationError, match="管理者がいなくなる"):
        set_roles(actor=people.admin, user=people.admin, roles=[Role.MEMBER])
    with pytest.raises(ValidationError, match="管理者がいなくなる"):
        deactivate(actor=people.admin, user=people.admin, reason="退任")
    assert User.objects.get(pk=people.admin.pk).has_role(Role.ADMIN)


def test_an_administrator_beside_others_can_go(people: People) -> None:
    second = make_person("admin2", Role.ADMIN)
    deactivate(actor=second, user=people.admin, reason="退任")
    assert not User.objects.get(pk=people.admin.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_once_leave_one() -> None:
    people = make_people()
    second = make_person("admin2", Role.ADMIN)
    refused = at_once(
        lambda: _drop(people.admin, second),
        lambda: _drop(second, people.admin),
    )
    assert [type(error) for error in refused] == [ValidationError]
    assert User.objects.filter(roles__contains=[Role.ADMIN], is_active=True).count() == 1


def _drop(actor: User, user: User) -> None:
    deactivate(actor=actor, user=user, reason="交代")


def test_deactivate_ends_access_and_keeps_the_reason_erasable(people: People) -> None:
    deactivate(actor=people.admin, user=people.member, reason="任期満了")
    assert not User.objects.get(pk=people.member.pk).is_active
    event = AuditEvent.objects.get()
    assert (event.verb, event.details) == ("user.deactivated", {})
    assert event.personal.data == {"reason": "任期満了"}


def test_set_password_changes_it_and_tells_no_secret(people: People) -> None:
    set_password(actor=people.member, user=people.member, password="betsu-no-kotoba-9")
    stored = User.objects.get(pk=people.member.pk)
    assert stored.check_password("betsu-no-kotoba-9")
    assert not stored.check_password(PASSWORD)
    event = AuditEvent.objects.get()
    assert (event.verb, event.details, event.personal_digest) == ("user.password_set", {}, "")


def test_set_password_refuses_a_weak_one(people: People) -> None:
    with pytest.raises(ValidationError):
        set_password(actor=people.member, user=people.member, password="short")
    assert User.objects.get(pk=people.member.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("サトウ　ハナコ", "さとう はなこ"),
        ("ｶﾞﾓｳ", "がもう"),
        ("ヴァン", "ゔぁん"),
        ("ローマ", "ろーま"),
    ],
)
def test_hiragana_gives_one_spelling(typed: str, expected: str) -> None:
    assert hiragana(typed) == expected

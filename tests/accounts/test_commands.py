"""People from the command line."""

import getpass
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import set_roles
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from tests.people import People


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_create_demo_users_refuses_outside_the_demonstration(
    db: None, settings: LazySettings
) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="only for a demonstration"):
        run("create_demo_users")
    assert not User.objects.exists()


def test_create_demo_users_makes_everybody_and_prints_how_to_log_in(
    db: None, settings: LazySettings
) -> None:
    settings.DEMO = True
    lines = run("create_demo_users").splitlines()
    assert len(lines) == 8
    covered = {role for user in User.objects.all() for role in user.roles}
    assert covered == set(Role.values)
    for role in (Role.MODERATOR, Role.ADMIN):  # what takes two can be tried
        assert User.objects.filter(roles=[role]).count() == 2
    for line in lines:
        _label, username, password = line.split("\t")
        assert (
            Client()
            .post("/accounts/login/", {"username": username, "password": password})
            .status_code
            == 302
        )


def test_create_demo_users_again_changes_nobody(db: None, settings: LazySettings) -> None:
    settings.DEMO = True
    first = run("create_demo_users")
    member = User.objects.get(username="member")
    set_roles(actor=None, user=member, roles=[Role.CHAIR])
    assert run("create_demo_users") == first
    assert User.objects.count() == 8
    assert User.objects.get(username="member").roles == ["chair"]


def test_create_user_asks_for_the_password(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # getpass reads from the terminal, which a test has not got
    monkeypatch.setattr(getpass, "getpass", lambda: "kanwa-iryo-2026")
    arguments = ("yamada", "--name", "山田 花子", "--role", "admin", "--role", "member")
    assert run("create_user", *arguments) == "yamada: 委員・管理者\n"
    assert User.objects.get(username="yamada").check_password("kanwa-iryo-2026")


def test_create_user_says_what_is_wrong(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda: "short")
    with pytest.raises(CommandError, match="パスワード"):
        run("create_user", "yamada", "--name", "山田")


def test_create_user_without_anything_to_read_says_so(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed() -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", closed)
    with pytest.raises(CommandError, match="パスワードを読み取れませんでした。"):
        run("create_user", "yamada", "--name", "山田")


def test_change_user_sets_roles_and_password(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda: "kanwa-iryo-2026")
    arguments = ("member", "--role", "moderator", "--role", "member", "--password")
    assert run("change_user", *arguments) == "member: 委員・モデレーター\n"
    user = User.objects.get(username="member")
    assert user.roles == [Role.MEMBER, Role.MODERATOR]
    assert user.check_password("kanwa-iryo-2026")
    told = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(told) == [Verb.USER_ROLES_SET, Verb.USER_PASSWORD_SET]


def test_change_user_ends_access_and_keeps_the_roles(people: People) -> None:
    assert run("change_user", "moderator", "--deactivate", "退任") == (
        "moderator: モデレーター（停止）\n"
    )
    assert not User.objects.get(username="moderator").is_active


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "--role", "member"), "「nobody」は登録されていません。"),
        (("member",), "どれかを指定してください。"),
        (("admin", "--password", "--role", "member"), "管理者がいなくなるため"),
        (("member", "--role", "chair", "--password"), "パスワード"),
    ],
)
def test_change_user_says_what_is_wrong_and_changes_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda: "short")
    before = list(User.objects.order_by("pk").values())
    with pytest.raises(CommandError, match=words):
        run("change_user", *arguments)
    assert list(User.objects.order_by("pk").values()) == before
    assert not AuditEvent.objects.exists()

"""Logging in and out, and changing one's password, in the browser's words."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.services import deactivate
from jspm_social.audit.models import AuditEvent
from tests.people import PASSWORD, People, client_of

LOGIN = "/accounts/login/"


def log_in(client: Client, username: str = "member", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"username": username, "password": password})


def text(response: Any) -> str:
    return str(response.content.decode())


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:me")).status_code == 200


def test_login_lets_in_and_returns_to_the_page_that_was_asked_for(
    client: Client, people: People
) -> None:
    asked = client.get(reverse("accounts:me"))
    assert asked.headers["Location"] == f"{LOGIN}?next=/accounts/me/"
    form = client.get(asked.headers["Location"])
    assert 'name="next" value="/accounts/me/"' in text(form)
    done = client.post(LOGIN, {"username": "member", "password": PASSWORD, "next": "/accounts/me/"})
    assert (done.status_code, done.headers["Location"]) == (302, "/accounts/me/")
    assert is_in(client)


def test_login_never_leads_to_another_site(client: Client, people: People) -> None:
    data = {"username": "member", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(LOGIN, data).headers["Location"].startswith("/")


def test_login_accepts_capital_letters_in_the_name(client: Client, people: People) -> None:
    assert log_in(client, " Member ").status_code == 302


def test_login_with_a_wrong_password_keeps_the_name(client: Client, people: People) -> None:
    answer = log_in(client, password="wrong")
    assert answer.status_code == 200
    assert "利用者名またはパスワードが違います" in text(answer)
    assert 'value="member"' in text(answer)
    assert "wrong" not in text(answer)
    assert not is_in(client)


def test_login_of_an_unknown_name_says_the_same(client: Client, people: People) -> None:
    answer = log_in(client, "nobody")
    assert "利用者名またはパスワードが違います" in text(answer)


def test_login_of_somebody_deactivated_is_refused(client: Client, people: People) -> None:
    deactivate(actor=people.admin, user=people.member, reason="退任")
    assert "利用者名またはパスワードが違います" in text(log_in(client))


def test_deactivation_ends_open_sessions(people: People) -> None:
    client = client_of(people.member)
    assert is_in(client)
    deactivate(actor=people.admin, user=people.member, reason="退任")
    assert not is_in(client)


def test_login_locks_after_five_wrong_passwords_and_says_for_how_long(
    client: Client, people: People
) -> None:
    for _ in range(4):
        assert log_in(client, password="wrong").status_code == 200
    locked = log_in(client, password="wrong")
    assert locked.status_code == 429
    assert "最後に間違えてから15分" in text(locked)
    assert log_in(client).status_code == 429  # the right password does not help by now
    assert not is_in(client)


def test_login_lock_cannot_be_escaped_by_spelling_the_name_differently(
    client: Client, people: People
) -> None:
    for name in ("member", "Member", "MEMBER", " member", "ｍember"):
        locked = log_in(client, name, password="wrong")
    assert locked.status_code == 429
    assert log_in(client).status_code == 429


def test_login_lock_is_for_one_name_only(client: Client, people: People) -> None:
    for _ in range(5):
        log_in(client, password="wrong")
    assert log_in(client, "chair").status_code == 302


def test_login_works_again_after_the_wait(client: Client, people: People) -> None:
    for _ in range(5):
        log_in(client, password="wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert log_in(client).status_code == 302


def test_login_attempts_while_waiting_begin_the_wait_anew(client: Client, people: People) -> None:
    begin = timezone.now()
    for _ in range(5):
        log_in(client, password="wrong")
    with time_machine.travel(begin + timedelta(minutes=10)):
        assert log_in(client).status_code == 429
    with time_machine.travel(begin + timedelta(minutes=16)):
        assert log_in(client).status_code == 429
    with time_machine.travel(begin + timedelta(minutes=32)):
        assert log_in(client).status_code == 302


def test_logout_needs_a_post_and_ends_the_session(people: People) -> None:
    client = client_of(people.member)
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert is_in(client)
    assert client.post(reverse("accounts:logout")).headers["Location"] == LOGIN
    assert not is_in(client)


def change(client: Client, old: str, new: str, again: str | None = None) -> Any:
    data = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("accounts:password_change"), data, follow=True)


def test_password_change_keeps_this_session_and_ends_the_others(people: People) -> None:
    here, elsewhere = client_of(people.member), client_of(people.member)
    answer = change(here, PASSWORD, "betsu-no-kotoba-9")
    assert "パスワードを変更しました。" in text(answer)
    assert is_in(here)
    assert not is_in(elsewhere)
    assert User.objects.get(pk=people.member.pk).check_password("betsu-no-kotoba-9")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id) == ("user.password_set", people.member.pk)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", "betsu-no-kotoba-9", None),
        (PASSWORD, "short", None),
        (PASSWORD, "betsu-no-kotoba-9", "betsu-no-kotoba-8"),
    ],
)
def test_password_change_refuses_and_changes_nothing(
    people: People, old: str, new: str, again: str | None
) -> None:
    answer = change(client_of(people.member), old, new, again)
    assert 'class="errorlist' in text(answer)
    assert User.objects.get(pk=people.member.pk).check_password(PASSWORD)
    assert not AuditEvent.objects.exists()


def test_me_shows_name_and_roles_as_text(people: People) -> None:
    User.objects.filter(pk=people.chair.pk).update(display_name="<b>伊藤</b>")
    page = text(client_of(people.chair).get(reverse("accounts:me")))
    assert "&lt;b&gt;伊藤&lt;/b&gt;" in page
    assert "委員長" in page


def test_me_tells_somebody_without_roles_what_to_do(people: People) -> None:
    page = text(client_of(people.outsider).get(reverse("accounts:me")))
    assert "役割はまだありません。管理者にお問い合わせください。" in page

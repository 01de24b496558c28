"""Inviting by mail: a link that works once, tells nothing, and leaves the password to the person."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts import jobs
from jspm_social.accounts.models import Invitation, User
from jspm_social.accounts.queries import SALT, invitation_key, invitation_of
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services.invitations import accept, invite, invite_again, withdraw
from jspm_social.accounts.states import InvitationState
from jspm_social.audit.models import AuditEvent
from tests.audit.test_concurrency import at_once
from tests.people import People, client_of, make_people

NEW = "kanwa-iryo-2026"
ASKED: dict[str, Any] = {
    "username": "yamada",
    "display_name": "山田 花子",
    "reading": "ヤマダ ハナコ",
    "email": "yamada@example.jp",
    "roles": [Role.MEMBER],
}


def invited(people: People, **changes: Any) -> Invitation:
    return invite(actor=people.admin, **(ASKED | changes))


def link_in(message: Any) -> str:
    found = re.search(r"/accounts/invitation/[^/\s]+/", str(message.body))
    assert found is not None
    return found[0]


def text(response: Any) -> str:
    return str(response.content.decode())


def main(response: Any) -> str:
    """The page without its frame, which carries a token of its own each time."""
    return text(response).partition("<main")[2].partition("</main>")[0]


def set_password(client: Client, link: str, password: str = NEW) -> Any:
    client.get(link)
    return client.post(reverse("accounts:accept"), {"password": password, "again": password})


def test_the_whole_way_from_the_mail_to_the_first_log_in(people: People, client: Client) -> None:
    jobs.send_invitation(invited(people).pk)
    (message,) = mail.outbox
    assert message.to == ["yamada@example.jp"]
    link = link_in(message)
    page = client.get(link, follow=True)
    assert page.redirect_chain == [("/accounts/invitation/", 302)]  # the key leaves the address
    assert page["Cache-Control"].startswith("max-age=0, no-cache")
    assert "山田 花子さん" in text(page)
    done = set_password(client, link)
    assert done["Location"] == reverse("accounts:login")
    assert (
        client.post("/accounts/login/", {"username": "yamada", "password": NEW}).status_code == 302
    )
    person = User.objects.get(username="yamada")
    assert (person.roles, person.reading) == (["member"], "やまだ はなこ")
    assert Invitation.objects.get().joined == person
    verbs = [event.verb for event in AuditEvent.objects.order_by("id")]
    assert verbs == ["invitation.made", "user.created", "invitation.accepted"]


def test_nothing_that_is_stored_or_recorded_opens_the_account(people: People) -> None:
    row = invited(people)
    key = invitation_key(row)
    stored = " ".join(str(value) for value in Invitation.objects.values().get().values())
    told = " ".join(f"{e.details} {e.personal.data}" for e in AuditEvent.objects.all())
    assert key not in stored + told


def test_the_mail_is_sent_once(people: People) -> None:
    row = invited(people)
    jobs.send_invitation(row.pk)
    jobs.send_invitation(row.pk)
    assert len(mail.outbox) == 1
    withdraw(actor=people.admin, invitation=invited(people, username="suzuki"))
    jobs.send_invitation(Invitation.objects.get(username="suzuki").pk)
    assert len(mail.outbox) == 1


def useless(people: People, case: str) -> str:
    """A key that must not work."""
    row = invited(people)
    key = invitation_key(row)
    match case:
        case "used":
            accept(invitation=row, password=NEW)
        case "withdrawn":
            withdraw(actor=people.admin, invitation=row)
        case "sent again":
            invite_again(actor=people.admin, invitation=row)
        case "forged":
            key = key[:-2] + ("AA" if key[-2:] != "AA" else "BB")
        case "of another purpose":
            key = signing.dumps(row.pk, salt=f"{SALT}.other")
        case "never made":
            key = signing.dumps(row.pk + 999, salt=SALT)
    return key


CASES = ("used", "withdrawn", "sent again", "forged", "of another purpose", "never made", "expired")


@pytest.mark.parametrize("case", CASES)
def test_every_useless_link_gets_the_same_answer(people: People, client: Client, case: str) -> None:
    key = useless(people, case)
    plain = main(Client().get(reverse("accounts:accept")))
    later = timedelta(days=7, seconds=1) if case == "expired" else timedelta()
    with time_machine.travel(timezone.now() + later):
        assert invitation_of(key) is None
        link = reverse("accounts:invitation_link", args=[key])
        assert client.get(link).status_code == 302
        answer = client.get(reverse("accounts:accept"))
        assert (answer.status_code, main(answer)) == (200, plain)
        before = User.objects.count()
        posted = client.post(reverse("accounts:accept"), {"password": NEW, "again": NEW})
        assert (posted.status_code, main(posted)) == (200, plain)
        assert User.objects.count() == before


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        (NEW, "betsu-no-kotoba", "2回の入力が違います"),
        ("short", "short", "短すぎ"),
        ("yamada@example.jp", "yamada@example.jp", "似すぎ"),
    ],
)
def test_a_bad_password_leaves_the_invitation_open(
    people: People, client: Client, password: str, again: str, told: str
) -> None:
    client.get(reverse("accounts:invitation_link", args=[invitation_key(invited(people))]))
    answer = client.post(reverse("accounts:accept"), {"password": password, "again": again})
    assert answer.status_code == 422
    assert told in text(answer)
    assert password not in text(answer)
    assert Invitation.objects.get().state == InvitationState.OPEN
    assert not User.objects.filter(username="yamada").exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_open_the_same_link_at_once_make_one_account() -> None:
    row = invited(make_people())

    def join() -> None:
        accept(
            invitation=Invitation.objects.get(pk=row.pk, state=InvitationState.OPEN), password=NEW
        )

    refused = at_once(join, join)
    assert len(refused) == 1
    assert isinstance(refused[0], ValidationError | Invitation.DoesNotExist)
    assert User.objects.filter(username="yamada").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "admin"}, "username"),
        ({"username": "山田"}, "username"),
        ({"email": "x"}, "email"),
        ({"display_name": ""}, "display_name"),
        ({"roles": ["owner"]}, "roles"),
    ],
)
def test_an_invitation_with_a_wrong_field_is_refused(
    people: People, change: dict[str, Any], field: str
) -> None:
    answer = client_of(people.admin).post(reverse("accounts:invite"), ASKED | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Invitation.objects.exists()


def test_nobody_is_invited_twice_at_a_time(people: People) -> None:
    admin = client_of(people.admin)
    admin.post(reverse("accounts:invite"), ASKED)
    again = admin.post(reverse("accounts:invite"), ASKED)
    assert "すでに招待しています" in text(again)
    row = Invitation.objects.get()
    where = reverse("accounts:invitation", args=[row.pk])
    admin.post(where, {"what": "again"})
    states = Invitation.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "open"]
    admin.post(where, {"what": "withdraw"})  # the old one: nothing is left to withdraw
    assert Invitation.objects.filter(state="open").count() == 1

"""Whom to call: written by the chair and the admins, overwritten by nobody unseen."""

import pytest
from django.urls import reverse

from jspm_social.audit.models import AuditEvent
from jspm_social.help.models import ContactNote
from jspm_social.help.queries import contacts
from jspm_social.help.services import Overtaken, write_contacts
from tests.people import People, client_of

pytestmark = pytest.mark.django_db
URL = "/help/contacts/"


def test_what_is_saved_is_shown_and_the_trail_has_no_number(people: People) -> None:
    answer = client_of(people.chair).post(URL, {"text": "事務局 03-0000-0000", "seen": 0})
    assert answer["Location"] == reverse("help:topic", args=["emergency"])
    shown = client_of(people.auditor).get(answer["Location"]).content.decode()
    assert "事務局 03-0000-0000" in shown
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.actor_name) == ("help.contacts_written", people.chair.display_name)
    assert event.details == {}
    assert event.personal_digest == ""


def test_the_second_of_two_is_told_and_loses_nothing(people: People) -> None:
    first = write_contacts(actor=people.chair, text="一つめ", seen=0)
    client_of(people.chair).post(URL, {"text": "二つめ", "seen": first.pk})
    answer = client_of(people.admin).post(URL, {"text": "三つめ", "seen": first.pk})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "二つめ" in html
    assert "三つめ</textarea>" in html
    now = contacts()
    assert now is not None
    assert now.text == "二つめ"
    # What is shown now has been seen: the same form can be sent again.
    again = client_of(people.admin).post(URL, {"text": "三つめ", "seen": now.pk})
    assert again.status_code == 302
    assert ContactNote.objects.count() == 3


def test_two_first_notes_cannot_both_stand(people: People) -> None:
    write_contacts(actor=people.chair, text="一つめ", seen=0)
    with pytest.raises(Overtaken):
        write_contacts(actor=people.admin, text="別の一つめ", seen=0)
    assert ContactNote.objects.count() == 1


def test_too_long_is_refused_and_kept(people: People) -> None:
    answer = client_of(people.admin).post(URL, {"text": "あ" * 2001, "seen": 0})
    assert answer.status_code == 422
    assert "あ" * 2001 in answer.content.decode()
    assert not ContactNote.objects.exists()


def test_a_note_that_was_never_there_is_refused(people: People) -> None:
    answer = client_of(people.admin).post(URL, {"text": "x", "seen": 999})
    assert answer.status_code == 409

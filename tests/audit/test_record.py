"""Writing events."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.audit.chain import GENESIS, personal_digest
from jspm_social.audit.models import AuditEvent, AuditPersonal
from jspm_social.audit.services import OutsideTransaction, erase_personal, one_write, record
from jspm_social.audit.verify import Broken, Verified, verify
from tests.audit.test_chain import values
from tests.people import People


def tell(people: People, verb: str = "case.decided", **words: Any) -> AuditEvent:
    return record(actor=people.moderator, verb=verb, target=people.member, **words)


@one_write()
def tell_and_fail(people: People) -> None:
    tell(people, "case.confirmed")
    raise ZeroDivisionError


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


@time_machine.travel(datetime(2026, 4, 1, 1, 20, tzinfo=UTC), tick=False)
def test_record_stores_who_when_what_why_and_under_which_clause(people: People) -> None:
    with transaction.atomic():
        tell(
            people,
            clause="4(2)エ",
            policy_version="1",
            channel=4,
            details={"outcome": "hide"},
            personal={"note": "誹謗中傷のため"},
        )
    event = AuditEvent.objects.get()
    assert event.id == 1
    assert event.at == datetime(2026, 4, 1, 1, 20, tzinfo=UTC)
    assert event.actor_id == people.moderator.pk
    assert event.actor_name == "moderator さん"
    assert event.verb == "case.decided"
    assert (event.target_type, event.target_id) == ("accounts.user", str(people.member.pk))
    assert (event.channel, event.clause, event.policy_version) == (4, "4(2)エ", "1")
    assert event.details == {"outcome": "hide"}
    assert event.previous_hash == GENESIS
    assert event.hash == event.computed_hash()
    assert event.personal.data == {"note": "誹謗中傷のため"}
    assert event.personal_digest == personal_digest(event.personal.salt, event.personal.data)


def test_record_keeps_personal_details_out_of_the_event(people: People) -> None:
    with transaction.atomic():
        tell(people, personal={"note": "秘密の事情"})
    row = AuditEvent.objects.values().get()
    assert "秘密" not in str(row)


def test_record_without_a_person_names_the_system(people: People) -> None:
    with transaction.atomic():
        event = record(actor=None, verb="approval.expired", target=people.member)
    assert (event.actor_id, event.actor_name, event.personal_digest) == (None, "システム", "")


def test_record_links_each_event_to_the_one_before(people: People) -> None:
    with transaction.atomic():
        first, second = tell(people), tell(people)
    assert (first.id, second.id) == (1, 2)
    assert second.previous_hash == first.hash


@pytest.mark.django_db(transaction=True)
def test_record_refuses_outside_a_transaction() -> None:
    with pytest.raises(OutsideTransaction):
        record(actor=None, verb="case.opened", target=AuditEvent())
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_record_disappears_with_the_write_that_failed() -> None:
    @transaction.atomic
    def write_and_fail() -> None:
        record(actor=None, verb="case.opened", target=AuditEvent())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with transaction.atomic():
        record(actor=None, verb="case.decided", target=AuditEvent())
        assert verbs() == ["case.decided"]
        assert isinstance(verify(), Verified)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(details=st.dictionaries(st.text(), values, max_size=4), note=st.text(min_size=1))
def test_record_verifies_whatever_text_it_holds(
    people: People, details: dict[str, Any], note: str
) -> None:
    with transaction.atomic():
        tell(people, details=details, personal={"note": note})
    assert isinstance(verify(), Verified)


def test_one_write_appends_its_events_at_the_end_in_their_order(people: People) -> None:
    with one_write():
        event = tell(people, "approval.voted", personal={"note": "可"})
        with one_write():
            tell(people, "case.confirmed")
        assert AuditEvent.objects.count() == 0
        assert event.id is None
    assert verbs() == ["approval.voted", "case.confirmed"]
    assert event.id == 1
    assert isinstance(verify(), Verified)


def test_one_write_forgets_what_an_inner_write_told_before_it_failed(people: People) -> None:
    with one_write():
        tell(people, "approval.voted")
        with pytest.raises(ZeroDivisionError):
            tell_and_fail(people)
    assert verbs() == ["approval.voted"]


def test_one_write_that_fails_leaves_nothing_for_the_next(people: People) -> None:
    with pytest.raises(ZeroDivisionError):
        tell_and_fail(people)
    with one_write():
        tell(people, "case.decided")
    assert verbs() == ["case.decided"]


def test_erase_personal_removes_text_and_salt_and_keeps_the_chain_valid(people: People) -> None:
    with transaction.atomic():
        kept, erased = (tell(people, personal={"note": text}) for text in ("残す", "消す"))
    told = erase_personal(actor=people.admin, events=[erased], reason="本人の請求")
    assert told is not None
    assert told.verb == "audit.personal_erased"
    assert told.details == {"events": [erased.id]}
    assert told.personal.data == {"reason": "本人の請求"}
    left = AuditPersonal.objects.order_by("event_id").values_list("event_id", flat=True)
    assert list(left) == [kept.id, told.id]
    assert verify() == Verified(3, told.hash)


def test_erase_personal_of_nothing_tells_nothing(people: People) -> None:
    with transaction.atomic():
        event = tell(people)
    assert erase_personal(actor=people.admin, events=[event], reason="請求") is None
    assert AuditEvent.objects.count() == 1


def test_personal_details_that_vanish_without_an_erasure_are_noticed(people: People) -> None:
    with transaction.atomic():
        tell(people)
        event = tell(people, personal={"note": "消された"})
    AuditPersonal.objects.filter(event=event).delete()
    assert verify() == Broken(
        event.id, "personal details are gone, and no event tells of an erasure"
    )

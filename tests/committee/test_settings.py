"""What the committee sets in the browser: bounds, reasons, and the second person."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import deactivate
from jspm_social.approvals.seats import Slot
from jspm_social.audit.models import AuditEvent
from jspm_social.committee import catalogue
from jspm_social.committee.catalogue import (
    ALL,
    LINE_CHAT_DAYS,
    POLICY_CHAIRS,
    POLICY_MEMBERS,
    SAMPLE_SIZE,
    SECOND_MODERATOR,
    UNDO_SECONDS,
    Definition,
)
from jspm_social.committee.models import SettingChange
from jspm_social.committee.queries import flag, number, remembered
from jspm_social.committee.services import answer, change
from jspm_social.committee.states import ChangeState
from policy.services import approving
from tests.audit.test_concurrency import at_once
from tests.people import People, client_of, make_people

WHY = "委員会で決定"


def page(definition: Definition) -> str:
    return reverse("committee:setting", args=[definition.name])


@pytest.mark.parametrize("definition", ALL.values(), ids=ALL)
def test_every_usual_value_is_within_the_bounds(definition: Definition) -> None:
    assert definition.low <= definition.default() <= definition.high
    assert definition.means


def test_the_latest_change_outranks_the_environment(people: People, settings: LazySettings) -> None:
    settings.LINE_CHAT_DAYS = 7
    assert number(LINE_CHAT_DAYS) == 7
    change(actor=people.chair, definition=LINE_CHAT_DAYS, value=60, reason=WHY)
    change(actor=people.admin, definition=LINE_CHAT_DAYS, value=90, reason="照会への対応のため")
    assert number(LINE_CHAT_DAYS) == 90
    rows = SettingChange.objects.values_list("value", "by", "reason")
    assert list(rows) == [
        (90, people.admin.pk, "照会への対応のため"),
        (60, people.chair.pk, WHY),
    ]
    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.verb, event.details) == (
        "setting.changed",
        {"setting": "line_chat_days", "before": 60, "after": 90},
    )
    assert event.personal.data == {"reason": "照会への対応のため"}


@pytest.mark.parametrize(
    ("value", "reason", "told"),
    [
        (4, WHY, "5から300まで"),
        (301, WHY, "5から300まで"),
        (30, " ", "変える理由"),
        (15, WHY, "今の値と同じ"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    people: People, value: int, reason: str, told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        change(actor=people.chair, definition=UNDO_SECONDS, value=value, reason=reason)
    assert not SettingChange.objects.exists()
    assert not AuditEvent.objects.exists()


def test_one_person_does_not_turn_the_second_moderator_off(people: People) -> None:
    made = change(actor=people.admin, definition=SECOND_MODERATOR, value=0, reason=WHY)
    assert made.state == ChangeState.PROPOSED
    assert flag(SECOND_MODERATOR)
    with pytest.raises(ValidationError, match="ほかの人の同意"):
        answer(actor=people.admin, proposal=made, agree=True)
    with pytest.raises(ValidationError, match="同意を待っている"):
        change(actor=people.chair, definition=SECOND_MODERATOR, value=0, reason=WHY)
    answer(actor=people.chair, proposal=made, agree=True)
    assert not flag(SECOND_MODERATOR)
    with pytest.raises(ValidationError, match="ほかの人が先に"):
        answer(actor=people.chair, proposal=SettingChange.objects.get(), agree=False)
    change(actor=people.chair, definition=SECOND_MODERATOR, value=1, reason="元に戻す")
    assert flag(SECOND_MODERATOR)  # a safeguard is raised by one person


def test_a_proposal_that_is_refused_changes_nothing(people: People) -> None:
    made = change(actor=people.admin, definition=POLICY_CHAIRS, value=0, reason=WHY)
    answer(actor=people.admin, proposal=made, agree=False)
    assert number(POLICY_CHAIRS) == 1
    again = change(actor=people.admin, definition=POLICY_CHAIRS, value=0, reason=WHY)
    answer(actor=people.chair, proposal=again, agree=True)
    assert number(POLICY_CHAIRS) == 0


def test_a_committee_with_one_moderator_turns_it_off_alone(people: People) -> None:
    deactivate(actor=people.admin, user=people.moderator2, reason="退任")
    made = change(actor=people.admin, definition=SECOND_MODERATOR, value=0, reason=WHY)
    assert made.state == ChangeState.IN_FORCE
    assert not flag(SECOND_MODERATOR)


def test_the_database_refuses_an_agreement_with_oneself(people: People) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError, match="setting_agreed_by_another"), transaction.atomic():
        SettingChange.objects.create(
            name="second_moderator",
            value=0,
            reason=WHY,
            by=people.admin,
            answered_by=people.admin,
            state=ChangeState.IN_FORCE,
            in_force_at=now,
        )


def test_a_proposal_counts_from_the_agreement_on(people: People) -> None:
    change(actor=people.chair, definition=POLICY_MEMBERS, value=3, reason=WHY)
    made = change(actor=people.admin, definition=POLICY_MEMBERS, value=2, reason=WHY)
    SettingChange.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=9))
    answer(actor=people.chair, proposal=SettingChange.objects.get(pk=made.pk), agree=True)
    assert number(POLICY_MEMBERS) == 2


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_leave_one() -> None:
    people = make_people()

    def propose(actor: str) -> None:
        person = people.named(actor)
        assert person is not None
        change(actor=person, definition=SECOND_MODERATOR, value=0, reason=WHY)

    refused = at_once(lambda: propose("admin"), lambda: propose("chair"))
    assert [type(error) for error in refused] == [ValidationError]
    assert SettingChange.objects.count() == 1


def test_the_policys_slots_follow_the_settings(people: People) -> None:
    assert approving.slots() == [Slot(Role.CHAIR, 1), Slot(Role.MEMBER, 1)]
    change(actor=people.chair, definition=POLICY_MEMBERS, value=2, reason=WHY)
    change(actor=people.chair, definition=catalogue.POLICY_REVIEWERS, value=1, reason=WHY)
    assert approving.slots() == [
        Slot(Role.CHAIR, 1),
        Slot(Role.MEMBER, 2),
        Slot(Role.REVIEWER, 1),
    ]


def test_one_request_reads_the_settings_once(people: People) -> None:
    change(actor=people.chair, definition=SAMPLE_SIZE, value=5, reason=WHY)
    with remembered(), CaptureQueriesContext(connection) as asked:
        assert (number(SAMPLE_SIZE), number(UNDO_SECONDS), flag(SECOND_MODERATOR)) == (5, 15, True)
        assert len(asked) == 1
        change(actor=people.chair, definition=SAMPLE_SIZE, value=6, reason=WHY)
        assert number(SAMPLE_SIZE) == 6  # what was remembered is forgotten by a change


def test_the_page_changes_a_setting_and_shows_its_history(people: People) -> None:
    chair, member = client_of(people.chair), client_of(people.member)
    refused = chair.post(page(UNDO_SECONDS), {"value": "900", "reason": "押し間違いが多い"})
    assert refused.status_code == 422
    assert 'value="900"' in refused.content.decode()
    assert "押し間違いが多い" in refused.content.decode()
    chair.post(page(UNDO_SECONDS), {"value": "30", "reason": "押し間違いが多い"})
    told = member.get(page(UNDO_SECONDS)).content.decode()
    assert "<strong>30秒</strong>" in told
    assert "押し間違いが多い" in told
    assert "chair さん" in told
    assert '<button class="button button--primary">' not in told  # to read, not to change
    assert "30秒" in member.get(reverse("committee:settings")).content.decode()


def test_the_second_person_agrees_on_the_page(people: People) -> None:
    admin, chair = client_of(people.admin), client_of(people.chair)
    admin.post(page(SECOND_MODERATOR), {"value": "0", "reason": "当番が1人の期間のため"})
    assert "提案を取り下げる" in admin.get(page(SECOND_MODERATOR)).content.decode()
    assert "同意して適用する" in chair.get(page(SECOND_MODERATOR)).content.decode()
    proposal = SettingChange.objects.get()
    where = reverse("committee:answer", args=[proposal.pk])
    admin.post(where, {"answer": "agree"})
    assert flag(SECOND_MODERATOR)
    chair.post(where, {"answer": "agree"})
    assert not flag(SECOND_MODERATOR)


def test_the_page_of_settings_asks_the_database_a_fixed_number_of_times(people: People) -> None:
    chair, counts = client_of(people.chair), []
    for value in (30, 40, 50):
        change(actor=people.chair, definition=UNDO_SECONDS, value=value, reason=WHY)
        with CaptureQueriesContext(connection) as asked:
            chair.get(reverse("committee:settings"))
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_no_secret_is_a_setting() -> None:
    words = ("secret", "key", "password", "token", "url", "host")
    assert not [name for name in ALL if any(word in name for word in words)]

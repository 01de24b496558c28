"""An approval that cannot be had is told before it is asked for, with the ways on."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import Leave, User
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import appoint_deputy
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.seats import Slot
from jspm_social.committee.catalogue import POLICY_MEMBERS
from jspm_social.committee.services import change
from policy import carried
from policy.models import PolicyVersion
from policy.presenters.gate import DeadEnd, before_asking, while_asked
from policy.services import approving
from policy.services.approving import slots
from policy.services.load import load_version_1
from policy.states import VersionState
from tests.people import People, client_of, make_person
from tests.policy import versions as made

WROTE_IT = "この改定案の作成に関わっています"
COULD = "adminさん、moderatorさん、moderator2さん、reviewerさん"
TITLE = "このままでは、承認がそろいません"


@pytest.fixture(autouse=True)
def loaded(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [r for r in carried.carried_rules() if not (r.requires or r.unless)][:3]
    monkeypatch.setattr(carried, "carried_rules", lambda: few)
    load_version_1()
    User.objects.update(display_name=F("username"))


def page_of(person: User, version: PolicyVersion) -> str:
    answer = client_of(person).get(reverse("versions:version", args=[version.pk]))
    return str(answer.content.decode())


def stand_in(people: People, deputy: User) -> None:
    """For the chair, today."""
    today = timezone.localdate()
    appoint_deputy(
        actor=people.admin,
        absent=people.chair,
        deputy=deputy,
        role=Role.CHAIR,
        first_day=today,
        last_day=today,
    )


def test_the_only_chair_who_wrote_a_draft_is_told_who_could_stand_in(people: People) -> None:
    version = made.draft(people.chair)
    page = page_of(people.chair, version)
    assert TITLE in page
    assert before_asking(version, people.chair, slots()) == DeadEnd(
        reasons=(f"委員長の承認ができる人が足りません（chairさんは{WROTE_IT}）。",),
        # Neither the member, whose own seat would be empty then, nor the auditor, who may not vote.
        ways_on=(f"{COULD}のどなたかをchairさんの代理に決めると、承認できます。",),
    )
    assert page.index(TITLE) < page.index(">承認を依頼する</button>")
    assert reverse("posts:deputies") in page


def test_with_a_deputy_it_can_be_approved_and_nothing_is_said(people: People) -> None:
    version = made.draft(people.chair)
    stand_in(people, people.moderator)
    assert TITLE not in page_of(people.chair, version)
    version = made.submitted(people.chair, version)
    assert TITLE not in page_of(people.chair, version)
    made.approve(people.member, version)
    assert made.approve(people.moderator, version).state == VersionState.APPROVED


def test_the_chair_who_only_asks_is_told_who_should_ask_instead(people: People) -> None:
    version = made.draft(people.admin)
    assert before_asking(version, people.admin, slots()) is None
    found = before_asking(version, people.chair, slots())
    assert found is not None
    assert found.reasons == (
        "委員長の承認ができる人が足りません（chairさんは依頼すると承認に加われません）。",
    )
    assert found.ways_on[0] == "adminさんが依頼すれば、承認がそろいます。"


def test_a_deputy_who_wrote_it_does_not_help(people: People) -> None:
    version = made.draft(people.admin)
    made.write(people.chair, version, "c8", "委員長の文")
    stand_in(people, people.admin)
    found = before_asking(version, people.chair, slots())
    assert found is not None
    assert "admin" not in found.ways_on[0]


def test_a_seat_that_becomes_empty_afterwards_is_told_on_the_approval(people: People) -> None:
    version = made.submitted(people.admin, made.draft(people.admin))
    assert TITLE not in page_of(people.admin, version)
    approving.recuse(actor=people.chair, version=version, reason="関わりがあるため")
    page = page_of(people.admin, version)
    assert TITLE in page
    assert "chairさんは辞退されています" in page


def test_an_approval_that_was_given_is_not_missing(people: People) -> None:
    version = made.submitted(people.admin, made.draft(people.admin))
    made.approve(people.chair, version)
    today = timezone.localdate()
    Leave.objects.create(person=people.chair, first_day=today, last_day=today + timedelta(days=3))
    request = latest_for(version)
    assert request is not None
    assert while_asked(request) is None
    Leave.objects.create(person=people.member, first_day=today, last_day=today)
    found = while_asked(request)
    assert found is not None
    assert found.reasons == ("委員の承認ができる人が足りません（memberさんは不在の期間中です）。",)


TWO_MEMBERS = [Slot(Role.MEMBER, 2), Slot(Role.CHAIR, 1)]
NOBODY_LEFT = (
    "承認に加われる人が足りません。委員を増やすか、「設定」で必要な承認を見直してください。"
)


def test_who_takes_one_of_two_seats_is_counted_once_and_needs_no_deputy(people: People) -> None:
    found = before_asking(made.draft(people.admin), people.admin, TWO_MEMBERS)
    assert found == DeadEnd(
        reasons=("委員の承認ができる人が足りません（memberさんはすでに1人分に数えています）。",),
        ways_on=(NOBODY_LEFT,),
    )


def test_a_deputy_is_for_whoever_cannot_not_for_whoever_does(people: People) -> None:
    wrote = make_person("writer", Role.MEMBER, Role.ADMIN)
    User.objects.filter(pk=wrote.pk).update(display_name="writer")
    version = made.draft(wrote)
    found = before_asking(version, wrote, TWO_MEMBERS)
    each = f"memberさんはすでに1人分に数えています、writerさんは{WROTE_IT}"
    assert found == DeadEnd(
        reasons=(f"委員の承認ができる人が足りません（{each}）。",),
        ways_on=(f"{COULD}のどなたかをwriterさんの代理に決めると、承認できます。",),
    )


def test_who_is_needed_in_another_role_is_said_to_be(people: People) -> None:
    User.objects.filter(pk=people.chair.pk).update(is_active=False)
    User.objects.filter(pk=people.member.pk).update(roles=[Role.MEMBER, Role.CHAIR])
    found = before_asking(made.draft(people.admin), people.admin, slots())
    assert found is not None
    assert found.reasons == (
        "委員の承認ができる人が足りません（memberさんはほかの役割での承認に必要です）。",
    )


@pytest.mark.parametrize("away", [False, True])
def test_who_has_approved_is_said_to_have(people: People, away: bool) -> None:
    change(actor=people.chair, definition=POLICY_MEMBERS, value=2, reason="試験")
    version = made.submitted(people.admin, made.draft(people.admin))
    made.approve(people.member, version)
    if away:
        today = timezone.localdate()
        Leave.objects.create(person=people.member, first_day=today, last_day=today)
    request = latest_for(version)
    assert request is not None
    assert while_asked(request) == DeadEnd(
        reasons=("委員の承認ができる人が足りません（memberさんはすでに承認しています）。",),
        ways_on=(NOBODY_LEFT,),
    )


def test_without_anybody_of_the_role_no_deputy_is_named(people: People) -> None:
    User.objects.filter(pk=people.chair.pk).update(is_active=False)
    found = before_asking(made.draft(people.admin), people.admin, slots())
    assert found is not None
    assert found.reasons == ("委員長の役割を持つ人がいません。",)
    assert found.ways_on == (NOBODY_LEFT,)


def test_readers_of_a_draft_are_told_nothing(people: People) -> None:
    assert TITLE not in page_of(people.auditor, made.draft(people.chair))

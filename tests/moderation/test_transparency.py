"""The numbers for the public page, counted from what was really done."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import Achieved
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Decision, ManualTask
from moderation.states import DecisionState, TaskState
from moderation.transparency import count
from policy.criteria import Criterion
from policy.transparency import Month, months
from tests.moderation.making import decide_case, open_case, store, told
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 1)
OCTOBER = datetime(2026, 10, 10, 3, 0, tzinfo=UTC)


class Cases:
    """Decides one comment after the other, at times of its choosing."""

    def __init__(self, channel: Channel, people: People) -> None:
        self.channel, self.people, self.number = channel, people, 0

    def decide(
        self,
        at: datetime = OCTOBER,
        *criteria: Criterion,
        outcome: Outcome = Outcome.HIDE,
        waited: timedelta = timedelta(hours=2),
    ) -> Decision:
        self.number += 1
        (comment,) = store(self.channel, told(self.number))
        case = open_case(comment, opened_at=at - waited)
        grounds = criteria or (Criterion.DEFAMATION,)
        decision = decide_case(case, self.people.moderator, outcome, grounds, note="理由")
        Decision.objects.filter(pk=decision.pk).update(decided_at=at)
        return decision

    def done(self, decision: Decision, effect: Effect, achieved: str = "applied") -> None:
        decision.actions.filter(effect=effect).delete()
        Action.objects.create(
            case=decision.case,
            decision=decision,
            channel=self.channel,
            effect=effect,
            wanted=decision.outcome,
            due_at=OCTOBER,
            state=OperationState.DONE,
            achieved=achieved,
        )


@pytest.fixture
def cases(channel: Channel, people: People) -> Cases:
    return Cases(channel, people)


def test_nothing_decided_is_no_month(db: None) -> None:
    assert count(FIRST, LAST) == []


def test_what_was_decided_but_not_done_is_no_removal(cases: Cases) -> None:
    cases.decide()
    (month,) = count(FIRST, LAST)
    assert month == Month(date(2026, 10, 1), {}, {}, 0, 1, 2.0)


def test_the_strongest_effect_counts_once(cases: Cases) -> None:
    decision = cases.decide()
    cases.done(decision, Effect.HIDE)
    cases.done(decision, Effect.DELETE)
    (month,) = count(FIRST, LAST)
    assert month.effects == {"delete": 1}
    assert month.removals == {"エ": {"delete": 1}}


def test_two_grounds_count_under_both_and_once_in_all(cases: Cases) -> None:
    cases.done(cases.decide(OCTOBER, Criterion.DEFAMATION, Criterion.PRIVACY), Effect.HIDE)
    cases.done(cases.decide(), Effect.HIDE)
    (month,) = count(FIRST, LAST)
    assert month.removals == {"エ": {"hide": 2}, "オ": {"hide": 1}}
    assert month.effects == {"hide": 2}


def test_what_had_gone_already_is_not_our_removal(cases: Cases) -> None:
    cases.done(cases.decide(), Effect.HIDE, achieved=Achieved.GONE.value)
    (month,) = count(FIRST, LAST)
    assert (month.effects, month.decided) == ({}, 1)


def test_what_a_person_did_by_hand_counts(cases: Cases) -> None:
    decision = cases.decide()
    ManualTask.objects.create(decision=decision, effect=Effect.BLOCK, state=TaskState.DONE)
    ManualTask.objects.create(decision=decision, effect=Effect.DELETE, state=TaskState.NOT_POSSIBLE)
    (month,) = count(FIRST, LAST)
    assert month.effects == {"block": 1}


def test_what_was_taken_back_does_not_count(cases: Cases) -> None:
    decision = cases.decide()
    cases.done(decision, Effect.HIDE)
    Decision.objects.update(state=DecisionState.UNDONE)
    assert count(FIRST, LAST) == []


def test_months_are_those_of_tokyo(cases: Cases) -> None:
    cases.decide(datetime(2026, 8, 31, 15, 0, tzinfo=UTC))  # 1 September, 0:00
    cases.decide(datetime(2026, 9, 30, 14, 59, tzinfo=UTC))  # 30 September, 23:59
    cases.decide(datetime(2026, 9, 30, 15, 0, tzinfo=UTC))  # 1 October, 0:00
    cases.decide(datetime(2026, 8, 31, 14, 59, tzinfo=UTC))  # August: outside
    cases.decide(datetime(2026, 10, 31, 15, 0, tzinfo=UTC))  # November: outside
    told = [(month.first_day.month, month.decided) for month in count(FIRST, LAST)]
    assert told == [(10, 1), (9, 2)]


def test_the_median_and_the_reversals(cases: Cases) -> None:
    for hours in (1, 2, 9):
        cases.decide(waited=timedelta(hours=hours))
    Decision.objects.filter(pk=Decision.objects.latest("pk").pk).update(outcome=Outcome.RESTORE)
    (month,) = count(FIRST, LAST)
    assert (month.decided, month.median_hours, month.reversals) == (3, 2.0, 1)


def test_the_policy_counts_through_what_moderation_registered(cases: Cases) -> None:
    cases.decide()
    assert months(FIRST, LAST) == count(FIRST, LAST)

"""What people decided, in the end, and what is counted of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Case, Comment, CriterionCount, Decision, MonthCount
from moderation.queries import double_looks
from moderation.services import labelling, measure, specimens
from moderation.services.decide import undo
from moderation.services.second_look import reconsider
from moderation.settled import Settled, settled
from moderation.states import Answer, CaseOrigin, CommentStanding, DecisionState
from policy.criteria import Criterion, Route
from tests.moderation.making import (
    after_undo,
    decide_case,
    judgement_of,
    make_channel,
    open_case,
    store,
    told,
)
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")
E, A = Criterion.DEFAMATION, Criterion.UNLAWFUL


def judged_case(
    channel: Channel,
    number: int,
    *labels: str,
    origin: CaseOrigin = CaseOrigin.JUDGED,
    route: Route = Route.QUEUE,
) -> Case:
    comment = store(channel, told(number))[0]
    Comment.objects.filter(pk=comment.pk).update(route=route, judged_at=timezone.now())
    judgement = judgement_of(comment, labels=list(labels), route=route)
    return open_case(comment, judgement=judgement, labels=list(labels), origin=origin)


def say(case: Case, actor: User, outcome: Outcome, *criteria: Criterion) -> Decision:
    return after_undo(decide_case(case, actor, outcome, criteria))


def stands() -> list[tuple[int, set[str]]]:
    return [(one.comment, set(one.grounds)) for one in settled()]


def test_ticked_grounds_of_a_comment_that_is_kept_are_none(
    channel: Channel, people: People
) -> None:
    case = judged_case(channel, 1, E)
    say(case, people.moderator, Outcome.KEEP, E)
    assert stands() == [(case.comment_id, set())]


def test_what_was_undone_or_can_still_be_undone_does_not_count(
    channel: Channel, people: People
) -> None:
    first, second = judged_case(channel, 1, E), judged_case(channel, 2, E)
    undo(actor=people.moderator, decision=decide_case(first, people.moderator))
    decide_case(second, people.moderator)
    assert stands() == []


def test_what_waits_for_or_was_refused_by_a_second_moderator_does_not_count(
    facebook: Channel, people: People
) -> None:
    decision = say(judged_case(facebook, 1, E), people.moderator, Outcome.DELETE, E)
    assert decision.state == DecisionState.AWAITING_SECOND
    assert stands() == []
    Decision.objects.update(state=DecisionState.REFUSED)
    assert stands() == []
    Decision.objects.update(state=DecisionState.CONFIRMED)
    assert stands() == [(decision.case.comment_id, {"エ"})]


def test_showing_again_says_that_there_was_no_ground_and_keeping_hidden_says_nothing(
    channel: Channel, people: People
) -> None:
    case = judged_case(channel, 1, E)
    say(case, people.moderator, Outcome.HIDE, E)
    Case.objects.update(state="closed")
    Comment.objects.update(standing=CommentStanding.HIDDEN)
    again = reconsider(actor=people.moderator, comment=Comment.objects.get())
    say(again, people.moderator, Outcome.KEEP)
    assert stands() == [(case.comment_id, {"エ"})]
    Case.objects.update(state="closed")
    more = reconsider(actor=people.moderator, comment=Comment.objects.get())
    say(more, people.moderator, Outcome.RESTORE)
    assert stands() == [(case.comment_id, set())]


def test_chats_do_not_count(people: People) -> None:
    case = judged_case(make_channel(Platform.LINE), 1, E)
    say(case, people.moderator, Outcome.KEEP)
    assert stands() == []


def one(
    number: int, grounds: str, labels: str, route: Route = Route.QUEUE, **changes: object
) -> Settled:
    given: dict[str, object] = {
        "comment": number,
        "channel": 1,
        "revision": number,
        "decision": number,
        "decided_at": datetime(2026, 4, 3, tzinfo=UTC),
        "grounds": frozenset(grounds),
        "origin": CaseOrigin.JUDGED,
        "judged": True,
        "labels": frozenset(labels),
        "signals": frozenset(),
        "route": route,
    }
    return Settled(**given | changes)  # type: ignore[arg-type]


def test_each_miss_counts_where_it_was_met() -> None:
    tally = measure.tally_of(
        [
            one(1, "エ", "エ"),
            one(2, "", "エ"),
            one(3, "ア", "エ"),
            one(4, "ア", "", Route.PASS, origin=CaseOrigin.FLAGGED),
            one(5, "ア", "", Route.PASS, origin=CaseOrigin.SAMPLED),
            one(6, "", "", Route.PASS, origin=CaseOrigin.SAMPLED),
            one(7, "ア", "ア", judged=False),
        ]
    )
    assert tally.said == {"エ": 3}
    assert tally.right == {"エ": 1}
    assert tally.elsewhere == {"ア": 1}
    assert tally.noticed == {"ア": 1}
    assert tally.drawn == {"ア": 1}
    assert tally.sampled == 2


def test_a_month_begins_in_japan(channel: Channel, people: People) -> None:
    say(judged_case(channel, 1, E), people.moderator, Outcome.HIDE, E)
    say(judged_case(channel, 2, E), people.moderator, Outcome.KEEP)
    first, second = Decision.objects.order_by("pk")
    Decision.objects.filter(pk=first.pk).update(
        decided_at=datetime(2026, 3, 31, 15, 0, tzinfo=UTC)  # 1 April, 0:00 in Japan
    )
    Decision.objects.filter(pk=second.pk).update(
        decided_at=datetime(2026, 3, 31, 14, 59, tzinfo=UTC)
    )
    Comment.objects.update(route=Route.PASS, received_at=datetime(2026, 4, 5, tzinfo=UTC))
    april = measure.count_month(date(2026, 4, 1))
    march = measure.count_month(date(2026, 3, 1))
    assert (april.passed, march.passed) == (2, 0)
    counts = {
        row.month.month: (row.said, row.right) for row in CriterionCount.objects.filter(criterion=E)
    }
    assert counts == {date(2026, 4, 1): (1, 1), date(2026, 3, 1): (1, 0)}


def test_counting_again_replaces(channel: Channel, people: People) -> None:
    say(judged_case(channel, 1, E), people.moderator, Outcome.HIDE, E)
    measure.count_lately()
    measure.count_lately()
    assert MonthCount.objects.count() == 2
    assert CriterionCount.objects.count() == 2 * len(Criterion)
    assert CriterionCount.objects.get(criterion=E, right=1).month.month == measure.month_of(
        timezone.now()
    )


@pytest.mark.parametrize(
    ("month", "before", "after"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1)),
        (date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1)),
    ],
)
def test_months_follow_one_another(month: date, before: date, after: date) -> None:
    assert (measure._before(month), measure._after(month)) == (before, after)


def test_two_people_are_compared_by_grounds(channel: Channel, people: People) -> None:
    decision = say(judged_case(channel, 1, E), people.moderator, Outcome.HIDE, E)
    (specimen,) = specimens.draw_double()
    labelling.give(
        actor=people.moderator2, specimen=specimen, answer=Answer.GROUNDS, criteria=[A, E]
    )
    (look,) = double_looks(timezone.now() - timedelta(days=1))
    assert (look.first, look.second) == (frozenset("エ"), frozenset("アエ"))
    assert look.decided_at == decision.decided_at

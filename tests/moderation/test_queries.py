"""The queue's pages against a plain sorted list; counts, neighbours, strikes, what is offered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation import queries
from moderation.models import Case, Comment, Commenter, Decision
from moderation.queries import (
    QueueKey,
    QueuePage,
    awaiting_second,
    count_text,
    neighbours,
    offered_outcomes,
    opened_since,
    pending_undo,
    queue_page,
    strikes,
    tag_counts,
    waiting_counts,
)
from moderation.services import queue
from moderation.states import CaseOrigin, CaseState, CommentStanding, DecisionState, Lane
from policy.models import RuleSet
from tests.moderation.making import (
    START,
    decide_case,
    make_channel,
    open_case,
    store,
    told,
)
from tests.people import People

SIZE = 3


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


CASES = st.lists(
    st.fixed_dictionaries(
        {
            "lane": st.sampled_from(list(Lane)),
            "urgency": st.integers(0, 2),
            "minute": st.integers(0, 3),
            "labels": st.sets(st.sampled_from(["ア", "エ"])),
            "signals": st.sets(st.sampled_from(["distress", "criticism"])),
            "platform": st.sampled_from([Platform.X, Platform.FACEBOOK]),
        }
    ),
    max_size=14,
)
CHOICES = {
    "lane": ["lane:all", *(f"lane:{lane}" for lane in Lane)],
    "criterion": ["", "criterion:ア", "criterion:エ"],
    "signal": ["", "signal:distress"],
    "platform": ["", "platform:x"],
}
TAGS = st.tuples(*(st.sampled_from(values) for values in CHOICES.values())).map(
    lambda chosen: [tag for tag in chosen if tag]
)


def make_cases(described: list[dict[str, Any]]) -> list[Case]:
    channels = {p: make_channel(p) for p in (Platform.X, Platform.FACEBOOK)}
    cases = []
    for number, one in enumerate(described):
        comment = store(channels[one["platform"]], told(number))[0]
        cases.append(
            Case.objects.create(
                comment=comment,
                origin=CaseOrigin.JUDGED,
                lane=one["lane"],
                urgency=one["urgency"],
                labels=sorted(one["labels"]),
                signals=sorted(one["signals"]),
                opened_at=START + timedelta(minutes=one["minute"]),
            )
        )
    queue.enter(cases)
    return cases


def answers_to(case: Case, tags: list[str]) -> bool:
    values = {
        f"lane:{case.lane}",
        f"platform:{case.comment.channel.platform}",
        *(f"criterion:{label}" for label in case.labels),
        *(f"signal:{signal}" for signal in case.signals),
    }
    if case.lane != Lane.CONSULTATION:
        values.add("lane:all")
    return set(tags) <= values


def expected(cases: list[Case], tags: list[str]) -> list[int]:
    found = [case for case in cases if answers_to(case, tags)]
    found.sort(key=lambda case: (case.urgency, case.opened_at, case.pk))
    return [case.pk for case in found]


def pages(tags: list[str], step: Callable[[QueuePage], dict[str, Any] | None]) -> list[list[int]]:
    seen, where = [], dict[str, Any]()
    while True:
        page = queue_page(tags, size=SIZE, **where)
        seen.append([case.pk for case in page.cases])
        following = step(page)
        if following is None:
            return seen
        where = following


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(described=CASES, tags=TAGS)
def test_pages_of_any_filter_are_the_sorted_list(
    described: list[dict[str, Any]], tags: list[str]
) -> None:
    with rolled_back():
        whole = expected(make_cases(described), tags)
        cut = [whole[at : at + SIZE] for at in range(0, len(whole), SIZE)] or [[]]
        forward = pages(tags, lambda page: {"after": page.next} if page.next else None)
        assert forward == cut
        if whole:
            last = Case.objects.get(pk=whole[-1])
            end = QueueKey(last.urgency, last.opened_at, last.pk)
            back = queue_page(tags, before=end, size=SIZE)
            seen = [case.pk for case in back.cases]
            while back.previous:
                back = queue_page(tags, before=back.previous, size=SIZE)
                seen = [*(case.pk for case in back.cases), *seen]
            assert seen == whole[:-1]
        counted = tag_counts(["lane:all", "lane:care", "lane:consultation"])
        cases = list(Case.objects.select_related("comment__channel"))
        assert counted == {tag: len(expected(cases, [tag])) for tag in counted}


@pytest.mark.django_db
def test_page_in_the_middle_leads_both_ways() -> None:
    described = [
        {
            "lane": Lane.QUEUE,
            "urgency": 1,
            "minute": n,
            "labels": set(),
            "signals": set(),
            "platform": Platform.X,
        }
        for n in range(8)
    ]
    ids = [case.pk for case in make_cases(described)]
    first = queue_page(["lane:all"], size=SIZE)
    second = queue_page(["lane:all"], after=first.next, size=SIZE)
    third = queue_page(["lane:all"], after=second.next, size=SIZE)
    assert [[c.pk for c in p.cases] for p in (first, second, third)] == [
        ids[:3],
        ids[3:6],
        ids[6:],
    ]
    assert (first.previous, third.next) == (None, None)
    again = queue_page(["lane:all"], before=third.previous, size=SIZE)
    assert again.cases == second.cases
    assert again.next is not None
    assert queue_page(["lane:all"], before=again.previous, size=SIZE).cases == first.cases


@given(
    st.integers(0, 32_767),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 2**63 - 1),
)
def test_key_comes_back_from_its_own_text(urgency: int, opened_at: datetime, case_id: int) -> None:
    key = QueueKey(urgency, opened_at, case_id)
    assert QueueKey.parse(str(key)) == key


@given(st.text() | st.lists(st.integers().map(str), max_size=4).map(".".join))
def test_key_from_garbage_is_none_or_can_be_asked_for(text: str) -> None:
    key = QueueKey.parse(text)
    assert key is None or (0 <= key.urgency <= 32_767 and 0 <= key.case_id < 2**63)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "1.2", "1.2.3.4", "a.b.c", "１.2.٣x", "1" * 5000 + ".1.1"),
        *("-1.0.1", "32768.0.1", "1.0.-1", f"1.0.{2**63}", f"1.{10**30}.1", f"1.{-(10**30)}.1"),
    ],
)
def test_key_that_is_none(text: str) -> None:
    assert QueueKey.parse(text) is None


def test_neighbours_follow_the_order_of_the_whole_queue(channel: Channel) -> None:
    rows = store(channel, *(told(n) for n in range(4)))
    late = open_case(rows[0], urgency=30)
    first = open_case(rows[1], urgency=10)
    middle = open_case(rows[2], urgency=20)
    aside = open_case(rows[3], urgency=15, lane=Lane.CONSULTATION)
    assert neighbours(first) == (None, middle.pk)
    assert neighbours(middle) == (first.pk, late.pk)
    assert neighbours(late) == (middle.pk, None)
    assert neighbours(aside) == (first.pk, middle.pk)


def test_counts_stop_where_nobody_reads_the_digits(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNT_TO", 2)
    for row in store(channel, *(told(n) for n in range(5))):
        open_case(row)
    assert tag_counts(["lane:all", "lane:care"]) == {"lane:all": 3, "lane:care": 0}
    assert (count_text(0), count_text(2), count_text(3)) == ("", "2", "2+")
    assert opened_since("lane:all", START) == 3
    assert waiting_counts()["queue"] == "2+"


def test_counts_of_nothing_ask_nothing(
    db: None, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(0):
        assert tag_counts([]) == {}


def test_opened_since_counts_only_newer_ones(channel: Channel) -> None:
    old, new = store(channel, told(1), told(2))
    open_case(old, opened_at=START)
    open_case(new, opened_at=START + timedelta(minutes=2))
    assert opened_since("lane:all", START) == 1
    assert opened_since("lane:care", START) == 0


def test_waiting_counts_by_list(
    policy: RuleSet, channel: Channel, facebook: Channel, people: People
) -> None:
    one, two, three = store(channel, told(1), told(2), told(3))
    open_case(one)
    open_case(two, lane=Lane.CONSULTATION)
    decide_case(open_case(three), people.moderator, Outcome.BLOCK)
    four = store(facebook, told(4))[0]
    decision = decide_case(open_case(four), people.moderator)
    decision.actions.update(state="failed")
    assert waiting_counts() == {
        "queue": "1",
        "consultation": "1",
        "second": "1",
        "attention": "1",
    }


def test_awaiting_second_is_most_urgent_first(
    policy: RuleSet, facebook: Channel, people: People
) -> None:
    rows = store(facebook, told(1), told(2), told(3))
    cases = [open_case(row, urgency=u) for row, u in zip(rows, (30, 10, 20), strict=True)]
    for case in cases[:2]:
        decide_case(case, people.moderator, Outcome.DELETE)
    assert [case.pk for case in awaiting_second()] == [cases[1].pk, cases[0].pk]


def test_pending_undo_is_ones_own_last_decision_within_its_window(
    policy: RuleSet, channel: Channel, people: People
) -> None:
    one, two = (open_case(row) for row in store(channel, told(1), told(2)))
    assert pending_undo(people.moderator) is None
    decide_case(one, people.moderator)
    last = decide_case(two, people.moderator, Outcome.KEEP, ())
    assert pending_undo(people.moderator) == last
    assert pending_undo(people.moderator2) is None
    Decision.objects.update(undo_until=timezone.now())
    assert pending_undo(people.moderator) is None


def test_strikes_are_standing_removals_only(
    policy: RuleSet, channel: Channel, people: People
) -> None:
    same = told(1).author
    rows = store(channel, *(told(n, author=same) for n in range(5)), told(9))
    wishes = [Outcome.HIDE, Outcome.KEEP, Outcome.BLOCK, Outcome.DELETE, Outcome.HIDE, Outcome.HIDE]
    decisions = [
        decide_case(open_case(row), people.moderator, wish)
        for row, wish in zip(rows, wishes, strict=True)
    ]
    Decision.objects.filter(pk=decisions[4].pk).update(state=DecisionState.UNDONE)
    person = rows[0].commenter_id
    assert [d.pk for d in strikes(person)] == [decisions[n].pk for n in (3, 2, 0)]


@pytest.mark.parametrize(
    ("wishes", "counted"),
    [
        ([Outcome.HIDE, Outcome.RESTORE], []),
        ([Outcome.HIDE, Outcome.DELETE], [1]),
        ([Outcome.HIDE, Outcome.KEEP], [0]),
        ([Outcome.HIDE, Outcome.RESTORE, Outcome.HIDE], [2]),
        ([Outcome.BLOCK, Outcome.UNBLOCK], []),
    ],
)
def test_strikes_are_the_latest_word_on_each_comment(
    policy: RuleSet,
    facebook: Channel,
    people: People,
    wishes: list[Outcome],
    counted: list[int],
) -> None:
    comment = store(facebook, told(1))[0]
    decisions = []
    for wish in wishes:
        case = open_case(comment)
        decision = decide_case(case, people.moderator)
        decisions.append(decision)
        Decision.objects.filter(pk=decision.pk).update(outcome=wish)
        Case.objects.filter(pk=case.pk).update(state=CaseState.CLOSED)
    against = strikes(comment.commenter_id)
    assert [d.pk for d in against] == [decisions[n].pk for n in counted]


OFFERED = {
    CommentStanding.VISIBLE: ["keep", "hide", "delete"],
    CommentStanding.HIDDEN: ["keep", "restore", "delete"],
    CommentStanding.REMOVED: ["keep"],
    CommentStanding.GONE: ["keep"],
}


@pytest.mark.parametrize(("standing", "blocked"), list(product(CommentStanding, [False, True])))
def test_offered_is_what_can_still_be_done(standing: CommentStanding, blocked: bool) -> None:
    channel = Channel(platform=Platform.FACEBOOK)
    commenter = Commenter(key="a1", blocked=blocked)
    comment = Comment(standing=standing, commenter=commenter, channel=channel)
    wanted = [*OFFERED[standing], "unblock" if blocked else "block"]
    assert offered_outcomes(comment) == wanted


def test_nobody_is_offered_for_blocking_whom_the_platform_does_not_name(
    facebook: Channel,
) -> None:
    comment = store(facebook, told(1, author=RemoteAuthor("")))[0]
    assert comment.commenter.platform_key == ""
    assert offered_outcomes(comment) == OFFERED[CommentStanding.VISIBLE]


def test_closed_and_acting_cases_are_not_in_the_queue(
    policy: RuleSet, channel: Channel, people: People
) -> None:
    case = open_case(store(channel, told(1))[0])
    assert [c.pk for c in queue_page(["lane:all"]).cases] == [case.pk]
    decide_case(case, people.moderator)
    assert queue_page(["lane:all"]).cases == []
    assert case.state == CaseState.ACTING

"""Judging, and opening cases: doubt goes to a person, care comes first, what is decided stays."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from moderation.models import Case, Comment, Judgement, QueueEntry
from moderation.services.triage import (
    URGENCY_CARE,
    URGENCY_CONSULTATION,
    judge_comments,
    judge_pending,
)
from moderation.states import CaseOrigin, CaseState, Lane
from policy.carried import carried_model
from policy.criteria import Criterion, Route
from policy.engine import evaluate_many
from policy.models import RuleSet
from policy.queries import NoPolicy
from policy.verdict import Verdict
from tests.moderation.making import (
    decide_case,
    judgement_of,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import CONSULTATION, CRITICISM, DISTRESS, MILD, SEVERE
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


def judge_edited(channel: Channel, number: int, text: str) -> Comment:
    return store_and_judge(channel, told(number, text))[0]


@pytest.mark.parametrize(
    ("words", "route", "lane", "urgency"),
    [
        (SEVERE, Route.QUEUE, Lane.QUEUE, 10),
        (MILD, Route.QUEUE, Lane.QUEUE, 30),
        (f"{MILD}と{SEVERE}", Route.QUEUE, Lane.QUEUE, 10),
        (f"{MILD}と{CRITICISM}", Route.QUEUE, Lane.QUEUE, 30),
        (f"{MILD}と{CONSULTATION}", Route.QUEUE, Lane.QUEUE, 30),
        (CONSULTATION, Route.CONSULTATION, Lane.CONSULTATION, URGENCY_CONSULTATION),
        (DISTRESS, Route.CARE, Lane.CARE, URGENCY_CARE),
        (f"{DISTRESS}と{SEVERE}", Route.CARE, Lane.CARE, URGENCY_CARE),
        (f"{DISTRESS}と{CONSULTATION}", Route.CARE, Lane.CARE, URGENCY_CARE),
    ],
)
def test_judged_comment_comes_to_the_list_of_its_route(
    channel: Channel, words: str, route: Route, lane: Lane, urgency: int
) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{words}について"))[0]
    case = Case.objects.get()
    assert (comment.route, case.lane, case.urgency) == (route, lane, urgency)
    assert (case.comment_id, case.origin, case.state) == (
        comment.pk,
        CaseOrigin.JUDGED,
        CaseState.OPEN,
    )


@pytest.mark.parametrize("words", ["お知らせ", CRITICISM])
def test_what_nothing_speaks_against_passes(channel: Channel, words: str) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{words}について"))[0]
    assert comment.route == Route.PASS
    assert comment.judged_at is not None
    assert not Case.objects.exists()
    assert not QueueEntry.objects.exists()


def test_verdict_is_stored_as_it_was(channel: Channel, policy: RuleSet) -> None:
    text = f"大会の{SEVERE}と{CRITICISM}について"
    comment = store_and_judge(channel, told(1, text))[0]
    judgement = Judgement.objects.get()
    assert judgement.revision == comment.revisions.get()
    assert (judgement.ruleset, judgement.route) == (policy, Route.QUEUE)
    assert (judgement.labels, judgement.signals) == (["ア"], ["criticism"])
    assert (judgement.scores["ア"], judgement.problems) == (1.0, [])
    spans = {(text[e["start"] : e["end"]], e["criterion"]) for e in judgement.evidence}
    assert {(SEVERE, "ア"), (CRITICISM, "criticism")} <= spans
    case = Case.objects.get()
    assert (case.judgement, case.labels, case.signals) == (judgement, ["ア"], ["criticism"])


def test_what_could_not_be_judged_goes_to_a_person(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_args: object, **_kwargs: object) -> list[Verdict]:
        problems = ("「語句」の判定でエラーが起きました",)
        return [Verdict((), (), {}, (), Route.QUEUE, problems, "1", "")]

    monkeypatch.setattr("moderation.services.triage.evaluate_many", failing)
    store_and_judge(channel, told(1))
    case = Case.objects.get()
    assert (case.lane, case.urgency) == (Lane.QUEUE, 25)
    assert case.problems == ["「語句」の判定でエラーが起きました"]


def test_judging_again_opens_no_second_case(channel: Channel) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{MILD}について"))[0]
    case = Case.objects.get()
    judge_comments(comment_ids=[comment.pk])
    assert Case.objects.get() == case
    assert Judgement.objects.count() == 1
    combinations = QueueEntry.objects.values_list("filters", flat=True)
    assert len(combinations) == len(set(combinations)) > 0


def test_edited_while_open_refreshes_the_same_case(channel: Channel) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    before = Case.objects.get()
    judge_edited(channel, 1, f"大会の{SEVERE}について")
    after = Case.objects.get()
    assert (after.pk, after.opened_at) == (before.pk, before.opened_at)
    assert (before.labels, after.labels) == (["エ"], ["ア"])
    assert (after.urgency, after.judgement_id) != (before.urgency, before.judgement_id)
    assert set(QueueEntry.objects.values_list("urgency", flat=True)) == {after.urgency}


def test_edited_to_something_harmless_still_waits_for_a_person(channel: Channel) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    comment = judge_edited(channel, 1, "大会のお知らせについて")
    case = Case.objects.get()
    assert (comment.route, case.state, case.labels) == (Route.PASS, CaseState.OPEN, [])
    assert case.lane == Lane.QUEUE


def test_care_is_never_lowered(channel: Channel) -> None:
    store_and_judge(channel, told(1, f"大会の{DISTRESS}について"))
    for text in (f"大会の{MILD}について", f"大会の{CONSULTATION}について", "大会のお知らせ"):
        judge_edited(channel, 1, text)
        case = Case.objects.get()
        assert (case.lane, case.urgency) == (Lane.CARE, URGENCY_CARE)


def test_distress_lifts_an_open_case_to_care(channel: Channel) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    judge_edited(channel, 1, f"大会の{DISTRESS}について")
    case = Case.objects.get()
    assert (case.lane, case.urgency) == (Lane.CARE, URGENCY_CARE)


def test_distress_edited_into_a_decided_comment_calls_a_person(
    channel: Channel, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []
    monkeypatch.setattr(
        "moderation.services.triage.enqueue", lambda _name, pk, *, queue: called.append(pk)
    )
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    case = Case.objects.get()
    decide_case(case, people.moderator, Outcome.HIDE)
    judge_edited(channel, 1, f"大会の{DISTRESS}について")
    case.refresh_from_db()
    assert (case.state, case.lane, case.urgency) == (CaseState.ACTING, Lane.CARE, URGENCY_CARE)
    assert (called, case.labels, QueueEntry.objects.count()) == ([case.pk], ["エ"], 0)


def test_care_calls_a_person_and_nothing_else_does(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "moderation.services.triage.enqueue",
        lambda name, pk, *, queue: called.append((name, pk)),
    )
    store_and_judge(channel, told(1, f"大会の{SEVERE}"), told(2, f"大会の{DISTRESS}"), told(3))
    care = Case.objects.get(lane=Lane.CARE)
    assert called == [("moderation.jobs.send_care_notice", care.pk)]


def test_decided_case_is_not_reopened_by_another_look(channel: Channel, people: People) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{MILD}について"))[0]
    decide_case(Case.objects.get(), people.moderator, Outcome.KEEP, ())
    # The author's earlier comment arrives late: another context, so another verdict.
    store(channel, told(0, author=told(1).author))
    judge_comments(comment_ids=[comment.pk])
    assert Judgement.objects.count() == 2
    case = Case.objects.get()
    assert (case.state, QueueEntry.objects.count()) == (CaseState.CLOSED, 0)


def test_edited_after_the_decision_opens_a_new_case(channel: Channel, people: People) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{MILD}について"))[0]
    decide_case(Case.objects.get(), people.moderator, Outcome.KEEP, ())
    judge_edited(channel, 1, f"大会の{SEVERE}について")
    old, new = Case.objects.order_by("pk")
    assert (old.state, new.state) == (CaseState.CLOSED, CaseState.OPEN)
    assert (new.comment_id, new.origin, new.labels) == (comment.pk, CaseOrigin.EDITED, ["ア"])


def test_edited_to_something_harmless_after_the_decision_opens_nothing(
    channel: Channel, people: People
) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    decide_case(Case.objects.get(), people.moderator, Outcome.KEEP, ())
    judge_edited(channel, 1, "大会のお知らせについて")
    assert Case.objects.get().state == CaseState.CLOSED


def test_edited_while_somebody_is_at_it_opens_nothing_yet(channel: Channel, people: People) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    decide_case(Case.objects.get(), people.moderator, Outcome.HIDE)
    judge_edited(channel, 1, f"大会の{SEVERE}について")
    case = Case.objects.get()
    assert (case.state, case.labels) == (CaseState.ACTING, ["エ"])


@pytest.mark.parametrize("origin", [CaseOrigin.FLAGGED, CaseOrigin.SAMPLED, CaseOrigin.REVERSAL])
def test_case_that_a_person_asked_for_keeps_its_place_while_nothing_is_found(
    channel: Channel, origin: CaseOrigin
) -> None:
    comment = store(channel, told(1))[0]
    open_case(comment, origin=origin, lane=Lane.SAMPLE, urgency=77)
    judge_comments(comment_ids=[comment.pk])
    case = Case.objects.get()
    assert (case.lane, case.urgency, case.origin) == (Lane.SAMPLE, 77, origin)


def test_history_is_what_the_author_wrote_before(channel: Channel) -> None:
    same = told(1).author
    first, second, other = store_and_judge(
        channel, told(1, author=same), told(2, author=same), told(3)
    )

    def hash_of(comment: Comment) -> str:
        return str(comment.revisions.get().judgements.latest("pk").context_hash)

    before = {row.pk: hash_of(row) for row in (first, second, other)}
    store(channel, told(0, author=same))
    judge_pending()
    assert {row.pk for row in (first, second, other) if hash_of(row) != before[row.pk]} == {
        first.pk,
        second.pk,
    }


def test_one_event_per_batch(channel: Channel, policy: RuleSet) -> None:
    store_and_judge(channel, told(1, f"大会の{MILD}について"), told(2), told(3))
    event = AuditEvent.objects.get(verb="comments.judged")
    assert (event.actor_id, event.policy_version) == (None, str(policy.policy_version))
    assert event.details == {"judged": 3, "cases": 1}


def test_judging_nothing_writes_nothing() -> None:
    assert judge_comments(comment_ids=[]) == []
    assert judge_comments(comment_ids=[404]) == []
    assert judge_pending() == 0
    assert not AuditEvent.objects.exists()


def test_pending_comments_are_judged_up_to_the_limit(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.services.triage.BATCH", 2)
    store(channel, *(told(n) for n in range(5)))
    assert judge_pending(limit=3) == 4
    assert judge_pending() == 1
    assert not Comment.objects.filter(judged_at__isnull=True).exists()


def refuse(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the judgement of this text fail as nothing is expected to."""

    def evaluate_or_fail(cases: list[tuple[str, Any]], *rest: Any, **named: Any) -> list[Verdict]:
        if any(given == text for given, _ in cases):
            raise DataError(text)
        return evaluate_many(cases, *rest, **named)

    monkeypatch.setattr("moderation.services.triage.evaluate_many", evaluate_or_fail)


def test_comment_that_cannot_be_judged_holds_up_no_other(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(monkeypatch, "毒")
    poison, fine = store(channel, told(1, "毒"), told(2, f"大会の{MILD}について"))
    assert judge_pending() == 2
    assert not Comment.objects.filter(judged_at__isnull=True).exists()
    case = Case.objects.get(comment=poison)
    assert (case.lane, case.urgency, case.state) == (Lane.QUEUE, 25, CaseState.OPEN)
    assert (case.problems, case.judgement) == (["判定できませんでした（DataError）"], None)
    assert QueueEntry.objects.filter(case=case).exists()
    assert Case.objects.get(comment=fine).labels == ["エ"]
    assert "毒" not in caplog.text
    assert judge_pending() == 0


def test_problem_of_a_later_text_joins_the_active_case(
    channel: Channel, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_and_judge(channel, *(told(n, f"大会の{MILD}について") for n in (1, 2)))
    opened, acting = Case.objects.order_by("pk")
    decide_case(acting, people.moderator, Outcome.HIDE)
    refuse(monkeypatch, "毒")
    store(channel, told(1, "毒"), told(2, "毒"))
    judge_pending()
    assert [case.pk for case in Case.objects.order_by("pk")] == [opened.pk, acting.pk]
    for case in (opened, acting):
        case.refresh_from_db()
        assert case.problems == ["判定できませんでした（DataError）"]
        assert QueueEntry.objects.filter(case=case).exists() == (case == opened)


def test_without_a_rule_set_every_comment_waits(channel: Channel) -> None:
    store(channel, told(1))
    RuleSet.objects.update(state="retired")
    with pytest.raises(NoPolicy):
        judge_pending()
    assert Comment.objects.get().judged_at is None
    assert not Case.objects.exists()


def test_another_rule_set_stores_another_verdict(channel: Channel) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{MILD}について"))[0]
    Judgement.objects.update(engine_version="0")
    judge_comments(comment_ids=[comment.pk])
    assert Judgement.objects.count() == 2
    assert Case.objects.get().judgement == Judgement.objects.latest("pk")


def queries_to_judge(channel: Channel, numbers: range, text: str) -> int:
    rows = store(channel, *(told(n, f"大会の{text}について その{n}") for n in numbers))
    judge_comments(comment_ids=[])  # compiles the rules, which is done once per process
    with CaptureQueriesContext(connection) as queries:
        judge_comments(comment_ids=[row.pk for row in rows])
    return len(queries)


@pytest.mark.parametrize("text", ["お知らせ", MILD, CONSULTATION])
def test_judging_asks_as_often_for_three_comments_as_for_thirty(
    channel: Channel, text: str
) -> None:
    small, large = range(3), range(100, 130)
    first = queries_to_judge(channel, small, text)
    assert queries_to_judge(channel, large, text) == first
    again = queries_to_judge(channel, small, f"{text}と{MILD}")
    assert queries_to_judge(channel, large, f"{text}と{MILD}") == again


def test_judging_decided_comments_asks_as_often_for_one_as_for_five(
    channel: Channel, people: People
) -> None:
    counts = []
    for numbers in (range(1), range(10, 15)):
        store_and_judge(channel, *(told(n, f"大会の{MILD}について") for n in numbers))
        for case in Case.objects.filter(state=CaseState.OPEN):
            decide_case(case, people.moderator, Outcome.KEEP, ())
        counts.append(queries_to_judge(channel, numbers, SEVERE))
    assert counts[0] == counts[1]


def test_case_of_a_verdict_given_by_hand_can_be_decided(channel: Channel, people: People) -> None:
    """What the other tests of this folder build on stays possible."""
    comment = store(channel, replace(told(1), text="大会で"))[0]
    judgement = judgement_of(comment, labels=["エ"])
    case = open_case(comment, judgement=judgement, labels=["エ"])
    decision = decide_case(case, people.moderator, Outcome.HIDE, [Criterion.DEFAMATION])
    assert decision.clauses == [{"code": "4(2)エ", "text": "誹謗中傷"}]


@pytest.mark.learned
def test_the_model_judges_what_comes_in_and_is_named(channel: Channel) -> None:
    text = "処方箋がなくても痛み止めをお譲りします。値段はDMで"
    store_and_judge(channel, told(1, text))
    judgement = Judgement.objects.get()
    assert judgement.scores["ア"] > 0.9
    model = carried_model()
    assert model is not None
    assert judgement.model_version == model.version

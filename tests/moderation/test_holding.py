"""What a rule may hide: never in doubt, never where it cannot be undone, no more than the cap."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.capabilities import MATRIX, Offer, Outcome, can_hide_for_a_while
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.states import ChannelState
from moderation.models import Action, Case, Comment, EvidenceRecord, Hold
from moderation.services import triage
from moderation.services.evidence import verify
from moderation.services.holds import show_expired
from policy.criteria import Criterion, Route, Signal
from policy.models import RuleSet
from policy.verdict import Evidence, Verdict
from tests.moderation.making import decide_case, make_channel, store, store_and_judge, told
from tests.moderation.small_policy import (
    CONSULTATION,
    CRITICISM,
    DISTRESS,
    MILD,
    SEVERE,
    let_hold,
    load_small_policy,
)
from tests.people import People

CAP = 3


@pytest.fixture
def holding(db: None) -> RuleSet:
    """A rule set that holds for ア, three a day."""
    return let_hold(load_small_policy(), {Criterion.UNLAWFUL: CAP})


def routes() -> list[str]:
    return list(Comment.objects.order_by("posted_at").values_list("route", flat=True))


def held() -> set[str]:
    return set(Hold.objects.values_list("case__comment__remote_id", flat=True))


def test_beyond_the_cap_comments_wait_for_a_person(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(1, 3)))
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(3, 6)))
    assert routes() == ["hold", "hold", "hold", "queue", "queue"]
    assert held() == {"c1", "c2", "c3"}
    assert Case.objects.filter(state="open").count() == 5


def test_other_grounds_use_up_nothing(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{MILD}の話 その{n}") for n in range(1, 5)))
    store_and_judge(channel, told(9, f"{SEVERE}の話"))
    assert routes() == ["queue"] * 4 + ["hold"]


def test_each_ground_has_a_cap_of_its_own(db: None) -> None:
    """A comment held for one ground takes no place of another that has none left."""
    let_hold(load_small_policy(), {Criterion.UNLAWFUL: 1, Criterion.DEFAMATION: 2})
    both = [told(n, f"{SEVERE}と{MILD}の話 その{n}") for n in range(1, 4)]
    store_and_judge(make_channel(), *both)
    grounds = Hold.objects.order_by("pk").values_list("criteria", flat=True)
    assert [set(one) for one in grounds] == [{"ア", "エ"}, {"エ"}]
    assert routes() == ["hold", "hold", "queue"]


def test_a_new_day_has_room_again(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(1, 5)))
    Hold.objects.update(held_at=timezone.now() - timedelta(days=1))
    store_and_judge(channel, told(9, f"{SEVERE}の話 その9"))
    assert routes() == ["hold", "hold", "hold", "queue", "hold"]


def test_judging_again_needs_no_second_place(holding: RuleSet) -> None:
    channel = make_channel()
    rows = store_and_judge(channel, *(told(n, f"{SEVERE}の話 その{n}") for n in range(1, 4)))
    triage.judge_comments(comment_ids=[row.pk for row in rows])
    assert Hold.objects.filter(state="standing").count() == Action.objects.count() == CAP


@pytest.mark.parametrize("word", [DISTRESS, CONSULTATION, CRITICISM])
def test_what_a_person_must_read_first_is_never_held(holding: RuleSet, word: str) -> None:
    store_and_judge(make_channel(), told(1, f"{SEVERE}、{word}"))
    assert not held()
    assert Case.objects.count() == 1


def test_what_people_decided_before_is_never_held(holding: RuleSet, people: People) -> None:
    """Kept once, then edited: the newer text waits for a person, visible."""
    channel = make_channel()
    store_and_judge(channel, told(1, f"{MILD}の話"))
    decide_case(Case.objects.get(), people.moderator, outcome=Outcome.KEEP, criteria=())
    store_and_judge(channel, told(1, f"{SEVERE}の話"))
    assert not held()
    assert Case.objects.filter(state="open").count() == 1


def test_evidence_is_frozen_and_one_hide_waits(holding: RuleSet) -> None:
    store_and_judge(make_channel(), told(1, f"{SEVERE}の話"))
    hold, action = Hold.objects.get(), Action.objects.get()
    assert (hold.criteria, hold.ruleset, hold.judgement.scores["ア"]) == (["ア"], holding, 1.0)
    assert (action.effect, action.hold, action.decision) == ("hide", hold, None)
    frozen = EvidenceRecord.objects.get()
    assert (frozen.hold, frozen.decision) == (hold, None)
    assert frozen.content["comment"]["text"] == f"{SEVERE}の話"
    assert frozen.content["clauses"][0]["text"] == Criterion.UNLAWFUL.label


@pytest.mark.parametrize(
    ("platform", "allowed"),
    [(p, MATRIX[p][Effect.HIDE].offer is Offer.API) for p in Platform],
)
def test_only_where_the_platform_takes_it_back(
    holding: RuleSet, platform: Platform, *, allowed: bool
) -> None:
    store_and_judge(make_channel(platform), told(1, f"{SEVERE}の話"))
    assert held() == ({"c1"} if allowed else set())
    assert not Action.objects.exclude(effect=Effect.HIDE).exists()


def test_only_where_the_account_may(holding: RuleSet) -> None:
    cut = make_channel(Platform.FACEBOOK)
    Channel.objects.filter(pk=cut.pk).update(state=ChannelState.DISCONNECTED)
    store_and_judge(cut, told(1, f"{SEVERE}の話"))
    unable = make_channel(Platform.YOUTUBE)
    Channel.objects.filter(pk=unable.pk).update(granted=["none"])
    store_and_judge(unable, told(2, f"{SEVERE}の話"))
    assert not held()


def test_no_irreversible_hide_counts() -> None:
    """Whatever the matrix will say one day: without the way back there is no way there."""
    can = [platform for platform in Platform if can_hide_for_a_while(platform)]
    assert set(can) == set(Platform) - {Platform.LINE, Platform.MASTODON}
    assert not any(can_hide_for_a_while(platform, connected=False) for platform in Platform)


@pytest.mark.parametrize("standing", ["gone", "removed", "hidden"])
def test_what_is_not_shown_is_not_held(holding: RuleSet, standing: str) -> None:
    (row,) = store(make_channel(), told(1, f"{SEVERE}の話"))
    Comment.objects.update(standing=standing)
    triage.judge_comments(comment_ids=[row.pk])
    assert not held()
    assert routes() == ["queue"]


_BY = st.sampled_from(["term:赤錆", "model"])
VERDICTS = st.builds(
    lambda labels, signals, problems, by: Verdict(
        labels=tuple(labels),
        signals=tuple(signals),
        scores=dict.fromkeys([*Criterion.values, *Signal.values], 0.9),
        evidence=tuple(Evidence(label, 0, 1, "理由", by) for label in labels),
        route=Route.HOLD,  # as if the engine had forgotten everything that speaks against it
        problems=tuple(problems),
        engine_version="x",
        model_version="m",
    ),
    labels=st.lists(st.sampled_from(list(Criterion)), min_size=1, max_size=3, unique=True),
    signals=st.lists(st.sampled_from(list(Signal)), max_size=2, unique=True),
    problems=st.lists(st.just("判定できませんでした"), max_size=1),
    by=_BY,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(verdicts=st.lists(VERDICTS, min_size=1, max_size=12))
def test_for_any_verdict_nothing_in_doubt_is_held_and_the_cap_holds(
    holding: RuleSet, monkeypatch: pytest.MonkeyPatch, verdicts: list[Verdict]
) -> None:
    def judged(cases: Any, *_args: Any, **_more: Any) -> list[Verdict]:
        return verdicts[: len(cases)]

    monkeypatch.setattr(triage, "evaluate_many", judged)
    with transaction.atomic():
        rows = store_and_judge(
            make_channel(), *(told(n, f"その{n}") for n in range(1, len(verdicts) + 1))
        )
        caught = held()
        for row, verdict in zip(rows, verdicts, strict=True):
            alone = verdict.evidence[0].rule == "model"
            other = Criterion.UNLAWFUL not in verdict.labels
            if verdict.signals or verdict.problems or alone or other:
                assert row.remote_id not in caught
        may = [v for v in verdicts if Criterion.UNLAWFUL in v.labels]
        sure = [
            v for v in may if not v.signals and not v.problems and v.evidence[0].rule != "model"
        ]
        assert len(caught) == min(len(sure), CAP)
        assert Action.objects.filter(effect="hide").count() == Action.objects.count() == len(caught)
        transaction.set_rollback(True)  # the next example begins anew


# --- a newer text, a newer verdict


def sent() -> list[tuple[str, str]]:
    return list(Action.objects.order_by("pk").values_list("effect", "wanted"))


def test_an_edit_that_is_judged_the_same_stays_held(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, told(1, f"{SEVERE}の話"))
    store_and_judge(channel, told(1, f"{SEVERE}の、もっと長い話"))
    hold = Hold.objects.get()
    assert (hold.state, hold.revision.number) == ("standing", 2)
    frozen = EvidenceRecord.objects.order_by("pk")
    assert [one.content["comment"]["revision"] for one in frozen] == [1, 2]
    assert all(verify(one) for one in frozen)
    assert sent() == [("hide", "hide")]


@pytest.mark.parametrize("word", [DISTRESS, CONSULTATION, CRITICISM])
def test_what_must_be_read_first_after_all_is_shown_again(holding: RuleSet, word: str) -> None:
    channel = make_channel()
    store_and_judge(channel, told(1, f"{SEVERE}の話"))
    store_and_judge(channel, told(1, f"{SEVERE}の話、{word}"))
    assert Hold.objects.get().state == "called_off"
    assert sent() == [("hide", "hide"), ("unhide", "restore")]
    assert Case.objects.get().state == "open"


def test_what_cannot_be_judged_any_more_is_shown_again(holding: RuleSet) -> None:
    (row,) = store_and_judge(make_channel(), told(1, f"{SEVERE}の話"))
    triage.leave_to_a_person(comment_id=row.pk, problem="判定できませんでした")
    assert Hold.objects.get().state == "called_off"
    assert sent() == [("hide", "hide"), ("unhide", "restore")]


def test_once_shown_again_no_rule_hides_it(holding: RuleSet) -> None:
    channel = make_channel()
    store_and_judge(channel, told(1, f"{SEVERE}の話"))
    Hold.objects.update(until=timezone.now())
    assert show_expired() == 1
    store_and_judge(channel, told(1, f"{SEVERE}の別の話"))
    assert Hold.objects.get().state == "expired"
    assert sent() == [("hide", "hide"), ("unhide", "restore")]


def test_most_verdicts_cost_one_query_more(holding: RuleSet) -> None:
    """Where nothing is to be held, the only question is what is held already."""
    rows = store(make_channel(), *(told(n, "よい話") for n in range(1, 30)))
    with CaptureQueriesContext(connection) as asked:
        triage.judge_comments(comment_ids=[row.pk for row in rows])
    assert sum("moderation_hold" in query["sql"] for query in asked) == 1

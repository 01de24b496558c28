"""Labels teach and measure; nothing happens on a platform, but a cry for help is heard."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel, Heartbeat
from jspm_social.platforms.names import Platform
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Case, Comment, Decision, Label, ManualTask, Specimen
from moderation.queries import waiting_specimens
from moderation.services import labelling, specimens
from moderation.states import Answer, CaseOrigin, CaseState, Lane, Purpose
from policy.criteria import Criterion, Route, Signal
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
E = Criterion.DEFAMATION


def scored(channel: Channel, number: int, text: str = "", **scores: float) -> Comment:
    """A comment that passed with these scores."""
    comment = store(channel, told(number, text))[0]
    everything = dict.fromkeys([*Criterion.values, *Signal.values], 0.01)
    judgement_of(comment, scores=everything | scores, route=Route.PASS, model_version="m")
    return comment


@pytest.fixture
def specimen(channel: Channel) -> Specimen:
    scored(channel, 1, エ=0.48)
    (found,) = specimens.fill_list()
    return found


def decided(channel: Channel, number: int, people: People) -> Decision:
    case = open_case(store(channel, told(number))[0])
    return after_undo(decide_case(case, people.moderator))


def test_the_most_doubtful_come_first_and_each_text_once(channel: Channel) -> None:
    sure = scored(channel, 1, エ=0.9)
    near = scored(channel, 2, エ=0.47, ア=0.99)
    nearest = scored(channel, 3, "同じ  ことば", distress=0.51)
    scored(channel, 4, "同じ ことば", エ=0.4)
    found = specimens.fill_list()
    assert [s.revision.comment_id for s in found] == [nearest.pk, near.pk, sure.pk]
    assert [round(s.rank, 2) for s in found] == [0.01, 0.03, 0.4]


def test_criticism_alone_is_no_doubt(channel: Channel) -> None:
    scored(channel, 1, criticism=0.5)
    (found,) = specimens.fill_list()
    assert round(found.rank, 2) == 0.49


def test_half_of_the_list_is_where_rules_and_model_differ(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(specimens, "LIST_LENGTH", 4)
    for number in range(1, 6):
        comment = store(channel, told(number))[0]
        judgement_of(comment, scores={"エ": 0.2}, problems=["違います"], model_version="m")
    for number in range(6, 11):
        scored(channel, number, エ=0.45)
    ranks = [round(s.rank, 2) for s in specimens.fill_list()]
    assert ranks == [0, 0, 0.05, 0.05]


def test_the_list_is_filled_up_and_never_asks_twice(
    channel: Channel, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(specimens, "LIST_LENGTH", 2)
    for number in (1, 2, 3):
        scored(channel, number, エ=0.5 - number / 100)
    first, _ = specimens.fill_list()
    assert specimens.fill_list() == []
    labelling.give(actor=people.moderator, specimen=first, answer=Answer.NONE)
    (third,) = specimens.fill_list()
    assert third.revision.comment.remote_id == "c3"


def test_chats_decided_comments_and_old_words_are_not_asked_about(
    channel: Channel, people: People
) -> None:
    scored(make_channel(Platform.LINE), 1, エ=0.5)
    case = open_case(scored(channel, 2, エ=0.5))
    decide_case(case, people.moderator)
    edited = scored(channel, 3, エ=0.5)
    store(channel, told(3, "書き直しました"))
    assert edited.revisions.count() == 2
    assert specimens.fill_list() == []


def test_a_label_is_recorded_and_changes_nothing_else(specimen: Specimen, people: People) -> None:
    label = labelling.give(
        actor=people.moderator,
        specimen=specimen,
        answer=Answer.GROUNDS,
        criteria=[E],
        signals=[Signal.CRITICISM],
    )
    assert (label.criteria, label.signals) == (["エ"], ["criticism"])
    for untouched in (Case, Decision, Action, ManualTask):
        assert untouched.objects.count() == 0
    event = AuditEvent.objects.get(verb=Verb.LABEL_GIVEN)
    assert (event.actor_id, event.clause) == (people.moderator.pk, "エ")
    assert event.details["answer"] == "grounds"


@pytest.mark.parametrize(
    ("answer", "criteria", "reason"),
    [(Answer.GROUNDS, [], "1つ以上"), (Answer.NONE, [E], "基準が選ばれています")],
)
def test_an_answer_that_contradicts_itself_is_refused(
    specimen: Specimen, people: People, answer: Answer, criteria: list[Criterion], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        labelling.give(actor=people.moderator, specimen=specimen, answer=answer, criteria=criteria)
    assert Label.objects.count() == 0


def test_an_unsure_answer_keeps_no_grounds(specimen: Specimen, people: People) -> None:
    label = labelling.give(
        actor=people.moderator, specimen=specimen, answer=Answer.UNSURE, criteria=[E]
    )
    assert label.criteria == []


def test_the_first_answer_counts(specimen: Specimen, people: People) -> None:
    labelling.give(actor=people.moderator, specimen=specimen, answer=Answer.NONE)
    with pytest.raises(Overtaken):
        labelling.give(actor=people.moderator2, specimen=specimen, answer=Answer.UNSURE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(specimen=specimen, actor=people.moderator2, answer=Answer.NONE)


def test_a_label_is_taken_back_by_its_giver_alone(specimen: Specimen, people: People) -> None:
    label = labelling.give(actor=people.moderator, specimen=specimen, answer=Answer.NONE)
    with pytest.raises(Refused):
        labelling.withdraw(actor=people.moderator2, label=label)
    labelling.withdraw(actor=people.moderator, label=label)
    assert waiting_specimens(Purpose.INSTRUCTIVE, people.moderator).get() == specimen
    assert AuditEvent.objects.filter(verb=Verb.LABEL_WITHDRAWN).count() == 1


def test_a_cry_for_help_that_a_labeller_hears_goes_to_the_care_lane(
    specimen: Specimen, people: People
) -> None:
    labelling.give(
        actor=people.moderator, specimen=specimen, answer=Answer.NONE, signals=[Signal.DISTRESS]
    )
    case = Case.objects.get()
    assert (case.lane, case.urgency, case.state) == (Lane.CARE, 0, CaseState.OPEN)
    assert case.origin == CaseOrigin.FLAGGED
    assert case.entries.filter(filters="lane:care").exists()
    assert AuditEvent.objects.filter(verb=Verb.CASE_TO_CARE).count() == 1


def test_a_case_that_waits_elsewhere_is_moved_to_the_care_lane(
    specimen: Specimen, people: People
) -> None:
    waiting = open_case(specimen.revision.comment)
    labelling.give(
        actor=people.moderator, specimen=specimen, answer=Answer.NONE, signals=[Signal.DISTRESS]
    )
    waiting.refresh_from_db()
    assert (Case.objects.count(), waiting.lane, waiting.urgency) == (1, Lane.CARE, 0)
    assert waiting.entries.filter(filters="lane:care").exists()


def test_nobody_is_a_second_pair_of_eyes_on_their_own_decision(
    channel: Channel, people: People
) -> None:
    decided(channel, 1, people)
    (specimen,) = specimens.draw_double()
    assert not waiting_specimens(Purpose.DOUBLE, people.moderator).exists()
    with pytest.raises(Refused, match="ご自身"):
        labelling.give(actor=people.moderator, specimen=specimen, answer=Answer.NONE)
    assert waiting_specimens(Purpose.DOUBLE, people.moderator2).get() == specimen


def test_who_confirmed_a_decision_is_not_asked_about_it_either(
    facebook: Channel, people: People
) -> None:
    from moderation.services.second import confirm

    case = open_case(store(facebook, told(1))[0])
    decision = decide_case(case, people.moderator, Outcome.DELETE)
    confirm(actor=people.moderator2, decision=decision, agree=True)
    after_undo(decision)
    (specimen,) = specimens.draw_double()
    assert not waiting_specimens(Purpose.DOUBLE, people.moderator2).exists()
    assert waiting_specimens(Purpose.DOUBLE, people.chair).get() == specimen


def test_a_lot_of_ten_is_drawn_once_a_week(channel: Channel, people: People) -> None:
    for number in range(1, 13):
        decided(channel, number, people)
    assert specimens.draw_weekly_double() == []  # begins to count
    Heartbeat.objects.update(at=timezone.now() - timedelta(days=8))
    assert len(specimens.draw_weekly_double()) == 10
    assert specimens.draw_weekly_double() == []


def test_what_was_decided_long_ago_is_not_drawn(channel: Channel, people: People) -> None:
    decided(channel, 1, people)
    Decision.objects.update(decided_at=timezone.now() - timedelta(days=8))
    assert specimens.draw_double() == []


def test_double_looks_that_nobody_took_are_forgotten_after_a_month(
    channel: Channel, people: People
) -> None:
    decided(channel, 1, people)
    specimens.draw_double()
    assert specimens.forget_old_doubles() == 0
    Specimen.objects.update(drawn_at=timezone.now() - timedelta(days=31))
    assert specimens.forget_old_doubles() == 1

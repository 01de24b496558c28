"""What training is told of the committee's decisions, and what it is not."""

import pytest

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Comment, Specimen
from moderation.services import labelling, specimens
from moderation.states import Answer
from policy.criteria import Criterion, Route, Signal
from policy.learning import decided
from policy.records import Record, in_context
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


def ruled(
    channel: Channel,
    number: int,
    actor: User,
    outcome: Outcome = Outcome.HIDE,
    *,
    signals: tuple[str, ...] = (),
    judged: bool = True,
) -> Comment:
    comment = store(channel, told(number))[0]
    judgement = judgement_of(comment, labels=["エ"], signals=list(signals)) if judged else None
    case = open_case(comment, judgement=judgement)
    after_undo(decide_case(case, actor, outcome, [E]))
    return comment


def looked_at_twice(people: People, criteria: list[Criterion], *signals: Signal) -> None:
    (specimen,) = specimens.draw_double()
    labelling.give(
        actor=people.moderator2,
        specimen=specimen,
        answer=Answer.GROUNDS if criteria else Answer.NONE,
        criteria=criteria,
        signals=signals,
    )


def records() -> list[Record]:
    return [record for _, part in decided().by_channel() for record in part]


def test_each_channel_is_a_group_with_grounds_as_decided(
    channel: Channel, facebook: Channel, people: People
) -> None:
    ruled(channel, 1, people.moderator)
    ruled(channel, 2, people.moderator, Outcome.KEEP)
    ruled(facebook, 3, people.moderator)
    groups = decided().by_channel()
    assert [name for name, _ in groups] == [f"channel:{channel.pk}", f"channel:{facebook.pk}"]
    found = [[(r.text, r.labels) for r in part] for _, part in groups]
    assert found == [
        [("大会で会いましょう その1", frozenset("エ")), ("大会で会いましょう その2", frozenset())],
        [("大会で会いましょう その3", frozenset("エ"))],
    ]


def test_a_record_has_its_post_its_author_and_what_they_wrote_before(
    channel: Channel, people: People
) -> None:
    author = RemoteAuthor("a9", "同じ人", "same")
    store(channel, told(1, "前の言葉", author=author))
    comment = store(channel, told(2, "今の言葉", author=author))[0]
    case = open_case(comment, judgement=judgement_of(comment))
    after_undo(decide_case(case, people.moderator))
    (record,) = records()
    assert record.post_text == "学術大会のお知らせです"
    assert (record.author.key, record.author.name) == ("a9", "同じ人")
    (context,) = in_context([record])
    assert context.history == ("前の言葉",)


@pytest.mark.parametrize("signal", [Signal.DISTRESS, Signal.CONSULTATION])
def test_an_unanswered_cry_for_help_is_not_taught_as_none(
    channel: Channel, people: People, signal: Signal
) -> None:
    ruled(channel, 1, people.moderator, Outcome.KEEP, signals=(signal,))
    assert records() == []
    looked_at_twice(people, [], signal)
    (record,) = records()
    assert (record.labels, record.signals) == (frozenset(), frozenset([signal.value]))


def test_criticism_stands_as_it_was_judged(channel: Channel, people: People) -> None:
    ruled(channel, 1, people.moderator, Outcome.KEEP, signals=("criticism",))
    (record,) = records()
    assert record.signals == frozenset(["criticism"])


def test_what_was_never_judged_says_nothing_about_signals(channel: Channel, people: People) -> None:
    ruled(channel, 1, people.moderator, judged=False)
    assert records() == []


def test_where_two_people_differ_nothing_is_taught(channel: Channel, people: People) -> None:
    ruled(channel, 1, people.moderator)
    assert len(records()) == 1
    looked_at_twice(people, [A])
    assert records() == []


def test_an_unsure_label_leaves_the_comment_out(channel: Channel, people: People) -> None:
    comment = store(channel, told(1))[0]
    judgement_of(comment, scores={"エ": 0.5}, route=Route.PASS)
    specimens.fill_list()
    labelling.give(actor=people.moderator, specimen=Specimen.objects.get(), answer=Answer.UNSURE)
    assert records() == []


def test_a_label_teaches_without_any_decision(channel: Channel, people: People) -> None:
    comment = store(channel, told(1))[0]
    judgement_of(comment, scores={"エ": 0.5}, route=Route.PASS)
    specimens.fill_list()
    labelling.give(
        actor=people.moderator,
        specimen=Specimen.objects.get(),
        answer=Answer.GROUNDS,
        criteria=[A, E],
        signals=[Signal.CRITICISM],
    )
    (record,) = records()
    assert (record.labels, record.signals) == (frozenset("アエ"), frozenset(["criticism"]))


def test_chats_are_never_taught(people: People) -> None:
    ruled(make_channel(Platform.LINE), 1, people.moderator, Outcome.KEEP)
    assert records() == []


def test_many_records_are_read_in_few_queries(
    channel: Channel, people: People, django_assert_num_queries: object
) -> None:
    for number in range(1, 8):
        ruled(channel, number, people.moderator)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(records()) == 7

"""Second looks, the second moderator, manual tasks, evidence and the care lane's mail."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core.mail.message import EmailMessage
from django.utils import timezone
from pytest_django.fixtures import Settings

from jspm_social.accounts.models import User
from jspm_social.approvals.services import expire_due
from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel
from moderation.errors import Overtaken, Refused
from moderation.models import Action, Case, Comment, Decision, EvidenceRecord, ManualTask
from moderation.queries import queue_page
from moderation.services import act, evidence, second_look, tasks
from moderation.services.decide import decide, undo
from moderation.services.notice import NobodyReached, send_care_notice, untold
from moderation.services.second import confirm, content_hash, put_back_expired
from moderation.states import CaseOrigin, CaseState, DecisionState, Lane, TaskState
from policy.criteria import Criterion, Route
from tests.moderation.making import (
    after_undo,
    decide_case,
    judgement_of,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import CONSULTATION, DISTRESS, MILD, SEVERE
from tests.people import People

pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture
def case(channel: Channel) -> Case:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    return Case.objects.select_related("comment__channel", "judgement").get()


@pytest.fixture
def waiting(facebook: Channel, people: People) -> Decision:
    """A deletion that waits for a second moderator."""
    case = open_case(store(facebook, told(1))[0])
    return decide_case(case, people.moderator, Outcome.DELETE)


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-pk")[0]


# --- Second looks


def test_sample_takes_passed_comments_of_the_week_without_a_case(channel: Channel) -> None:
    rows = store_and_judge(channel, *(told(n) for n in range(6)), told(9, f"大会の{MILD}"))
    Comment.objects.filter(pk=rows[0].pk).update(
        received_at=timezone.now() - second_look.SAMPLE_PERIOD
    )
    drawn = second_look.draw_sample(size=3)
    assert len(drawn) == len({case.comment_id for case in drawn}) == 3
    assert {case.comment_id for case in drawn} <= {row.pk for row in rows[1:6]}
    assert {(c.origin, c.lane, c.state) for c in drawn} == {
        (CaseOrigin.SAMPLED, Lane.SAMPLE, CaseState.OPEN)
    }
    assert len(queue_page(["lane:sample"]).cases) == 3
    assert last_event().details == {"cases": [case.pk for case in drawn]}
    assert len(second_look.draw_sample(size=3)) == 2
    assert second_look.draw_sample() == []


def test_sample_of_nothing_leaves_no_event() -> None:
    assert second_look.draw_sample() == []
    assert not AuditEvent.objects.exists()


def test_flagged_comment_shows_how_it_was_judged(channel: Channel, people: People) -> None:
    row = store(channel, told(1))[0]
    judgement = judgement_of(row, labels=["エ"], signals=["criticism"], route=Route.PASS)
    case = second_look.flag(actor=people.member, comment=row, note="")
    assert (case.judgement, case.labels, case.signals) == (judgement, ["エ"], ["criticism"])
    assert second_look.flag(actor=people.chair, comment=row, note="私も") == case


@pytest.mark.parametrize(
    ("words", "lane", "urgency"),
    [
        (DISTRESS, Lane.CARE, 0),
        (SEVERE, Lane.QUEUE, 10),
        (MILD, Lane.QUEUE, second_look.FLAG_URGENCY),
        (CONSULTATION, Lane.QUEUE, second_look.FLAG_URGENCY),
        ("お知らせ", Lane.QUEUE, second_look.FLAG_URGENCY),
    ],
)
def test_second_look_stands_where_the_verdict_puts_it_if_that_is_more_urgent(
    channel: Channel, people: People, words: str, lane: Lane, urgency: int
) -> None:
    comment = store_and_judge(channel, told(1, f"大会の{words}について"))[0]
    Case.objects.update(state=CaseState.CLOSED)
    flagged = second_look.flag(actor=people.member, comment=comment, note="")
    assert (flagged.lane, flagged.urgency) == (lane, urgency)
    Case.objects.update(state=CaseState.CLOSED)
    anew = second_look.reconsider(actor=people.moderator, comment=comment)
    assert (anew.lane, anew.urgency) == (lane, urgency)


def test_flag_joins_the_case_that_is_under_way(case: Case, people: People) -> None:
    decide_case(case, people.moderator)
    assert second_look.flag(actor=people.member, comment=case.comment, note="") == case


# --- Decisions


def test_decision_stores_clauses_evidence_and_what_was_shown(case: Case, people: People) -> None:
    decision = decide_case(case, people.moderator, Outcome.DELETE, note="理由")
    assert decision.clauses == [{"code": "4(2)エ", "text": "誹謗中傷"}]
    assert (
        decision.shown_notes[0] == "Xでは他の人のコメントを削除できないため、非表示にとどめます。"
    )
    frozen = EvidenceRecord.objects.get(decision=decision)
    assert evidence.verify(frozen)
    assert frozen.content["comment"]["text"] == case.comment.text
    assert frozen.content["verdict"]["labels"] == ["エ"]
    assert frozen.content["policy_version"] == "第1版"
    assert bytes(frozen.raw) == b'{"id": "c1"}'
    action = Action.objects.get()
    assert (action.wanted, action.effect, action.due_at) == ("delete", "hide", decision.undo_until)


def test_evidence_shows_when_it_was_touched(case: Case, people: People) -> None:
    decide_case(case, people.moderator)
    frozen = EvidenceRecord.objects.get()
    frozen.content["comment"]["text"] = "別の文"
    assert not evidence.verify(frozen)
    frozen.refresh_from_db()
    frozen.raw = b"other"
    assert not evidence.verify(frozen)


def test_evidence_keeps_what_the_comment_answers(channel: Channel, people: People) -> None:
    _, row = store(channel, told(1, "もとの文"), told(2, parent_id="c1"))
    decide_case(open_case(row), people.moderator)
    content = EvidenceRecord.objects.get().content
    assert content["thread"] == [{"remote_id": "c1", "text": "もとの文", "author": "名前1"}]
    assert content["verdict"] is None


def test_keeping_freezes_and_sends_nothing(case: Case, people: People) -> None:
    decision = decide_case(case, people.moderator, Outcome.KEEP, ())
    assert not EvidenceRecord.objects.exists()
    assert not Action.objects.exists()
    assert (case.state, decision.state) == (CaseState.CLOSED, DecisionState.TAKEN)
    undo(actor=people.moderator, decision=decision)
    case.refresh_from_db()
    assert (case.state, case.closed_at) == (CaseState.OPEN, None)
    assert [c.pk for c in queue_page(["lane:all"]).cases] == [case.pk]


def test_block_on_x_hides_at_once_and_leaves_the_rest_to_people(case: Case, people: People) -> None:
    decision = decide_case(case, people.moderator, Outcome.BLOCK)
    assert decision.state == DecisionState.AWAITING_SECOND
    assert list(Action.objects.values_list("effect", flat=True)) == ["hide"]
    assert not ManualTask.objects.exists()
    confirm(actor=people.moderator2, decision=decision, agree=True)
    assert ManualTask.objects.get().effect == "block"


def test_committee_of_one_needs_no_second_moderator(
    facebook: Channel, people: People, settings: Settings
) -> None:
    settings.SECOND_MODERATOR = False
    case = open_case(store(facebook, told(1))[0])
    decision = decide_case(case, people.moderator, Outcome.DELETE)
    assert (decision.state, decision.approval) == (DecisionState.TAKEN, None)
    assert set(Action.objects.values_list("effect", flat=True)) == {"hide", "delete"}


def test_decision_on_an_older_text_is_refused(case: Case, channel: Channel, people: People) -> None:
    old = case.comment.revisions.get()
    store(channel, told(1, "直した文"))
    with pytest.raises(Overtaken, match="編集されました"):
        decide(
            actor=people.moderator,
            case=Case.objects.get(),
            revision_id=old.pk,
            outcome=Outcome.HIDE,
            criteria=[Criterion.DEFAMATION],
        )
    assert not Decision.objects.exists()


def test_undo_of_what_is_being_sent_is_refused(case: Case, people: People) -> None:
    decision = decide_case(case, people.moderator)
    Action.objects.update(state="sending")
    with pytest.raises(Overtaken, match="先に進んだ"):
        undo(actor=people.moderator, decision=decision)
    assert Decision.objects.get().state == DecisionState.TAKEN
    assert Case.objects.get().state == CaseState.ACTING


def test_undo_of_a_waiting_deletion_voids_the_request(waiting: Decision, people: People) -> None:
    undo(actor=people.moderator, decision=waiting)
    waiting.refresh_from_db()
    assert waiting.approval is not None
    assert (waiting.state, waiting.approval.state) == (DecisionState.UNDONE, "void")
    with pytest.raises(Refused):
        confirm(actor=people.moderator2, decision=waiting, agree=True)


# --- The second moderator


def test_vote_is_bound_to_text_outcome_and_criteria(waiting: Decision) -> None:
    before = content_hash(waiting)
    assert waiting.approval is not None
    assert waiting.approval.content_hash == before
    waiting.criteria = ["ア"]
    assert content_hash(waiting) != before


@pytest.mark.parametrize("name", ["moderator", "member", "admin", "outsider"])
def test_confirm_is_refused_to_everybody_else(waiting: Decision, people: People, name: str) -> None:
    person: User = getattr(people, name)
    with pytest.raises(Refused):
        confirm(actor=person, decision=waiting, agree=True)
    assert set(Action.objects.values_list("effect", flat=True)) == {"hide"}


def test_confirm_that_nobody_gave_puts_the_case_back(waiting: Decision) -> None:
    assert put_back_expired() == 0
    approval = waiting.approval
    assert approval is not None
    approval.expires_at = timezone.now() - timedelta(seconds=1)
    approval.save(update_fields=["expires_at"])
    expire_due()
    assert put_back_expired() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.case.state) == (DecisionState.REFUSED, CaseState.OPEN)
    assert [c.pk for c in queue_page(["lane:all"]).cases] == [waiting.case_id]
    assert put_back_expired() == 0


def test_target_of_an_unnamed_author_names_nobody(facebook: Channel, people: People) -> None:
    named, unnamed = store(facebook, told(1), told(2, author=RemoteAuthor("")))
    decisions = [decide_case(open_case(row), people.moderator) for row in (named, unnamed)]
    targets = [act.target_of(decision.actions.get()) for decision in decisions]
    assert [target.author_key for target in targets] == ["a1", ""]


# --- Tasks


def test_task_is_not_begun_while_it_can_be_undone(case: Case, people: People) -> None:
    decision = decide_case(case, people.moderator)
    task = ManualTask.objects.create(decision=decision, effect="block")
    with pytest.raises(Refused, match="取り消せる時間が過ぎてから"):
        tasks.claim(actor=people.moderator, task=task)
    task = ManualTask.objects.get(pk=task.pk, decision=after_undo(decision))
    tasks.claim(actor=people.moderator, task=task)
    assert task.state == TaskState.CLAIMED


def test_unblocking_by_hand_is_remembered(case: Case, people: People) -> None:
    decision = after_undo(decide_case(case, people.moderator))
    case.comment.commenter.blocked = True
    case.comment.commenter.save()
    task = ManualTask.objects.create(
        decision=decision, effect="unblock", state=TaskState.CLAIMED, claimed_by=people.moderator
    )
    tasks.close(actor=people.moderator, task=task, done=True, note="解除しました")
    case.comment.commenter.refresh_from_db()
    assert not case.comment.commenter.blocked
    event = last_event()
    assert (event.verb, event.clause, event.personal.data) == (
        "task.done",
        "エ",
        {"note": "解除しました"},
    )


# --- The care lane's mail


@pytest.fixture
def care(channel: Channel) -> Case:
    store_and_judge(channel, told(1, f"大会の{DISTRESS}について"))
    return Case.objects.get()


def test_care_notice_is_a_link_without_a_word_of_the_comment(
    care: Case, people: People, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    settings.SITE_URL = "https://console.example.jp/"
    for person in (people.moderator, people.chair, people.member):
        person.email = f"{person.username}@example.jp"
        person.save()
    assert send_care_notice(case=care)
    assert sorted(mail.to[0] for mail in mailoutbox) == [
        "chair@example.jp",
        "moderator@example.jp",
    ]
    for mail in mailoutbox:
        assert len(mail.to) == 1
        assert f"https://console.example.jp/cases/{care.pk}/" in mail.body
        assert DISTRESS not in mail.subject + str(mail.body)
        assert "名前1" not in mail.subject + str(mail.body)
    assert (last_event().verb, last_event().details) == ("case.care_notified", {"recipients": 2})


def test_care_notice_is_sent_once(
    care: Case, people: People, mailoutbox: list[EmailMessage]
) -> None:
    people.moderator.email = "moderator@example.jp"
    people.moderator.save()
    assert send_care_notice(case=care)
    care.refresh_from_db()
    assert not send_care_notice(case=care)
    assert len(mailoutbox) == 1


def test_care_notice_that_reaches_nobody_stays_due(
    care: Case, caplog: pytest.LogCaptureFixture, mailoutbox: list[EmailMessage]
) -> None:
    with pytest.raises(NobodyReached):
        send_care_notice(case=care)
    assert (mailoutbox, list(untold())) == ([], [care])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert not AuditEvent.objects.filter(verb="case.care_notified").exists()


def test_refused_address_keeps_the_care_notice_from_nobody_else(
    care: Case,
    people: People,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for person in (people.moderator, people.moderator2, people.chair):
        person.email = f"{person.username}@example.jp"
        person.save()
    taken: list[str] = []

    def server(_subject: str, _body: str, _sender: None, recipients: list[str]) -> None:
        if recipients == [people.moderator.email]:
            raise SMTPRecipientsRefused({recipients[0]: (550, b"unknown")})
        taken.extend(recipients)

    monkeypatch.setattr("moderation.services.notice.send_mail", server)
    assert send_care_notice(case=care)
    assert sorted(taken) == [people.chair.email, people.moderator2.email]
    assert not untold().exists()
    assert last_event().details == {"recipients": 2}
    assert "example.jp" not in caplog.text


def test_other_lanes_send_no_mail(case: Case, mailoutbox: list[EmailMessage]) -> None:
    assert not send_care_notice(case=case)
    assert mailoutbox == []

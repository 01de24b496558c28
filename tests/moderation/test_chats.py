"""LINE: a chat is judged for its author's sake, kept for a while, and erased wherever it stands."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

import moderation.jobs
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb
from jspm_social.audit.verify import Verified, verify
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)
from jspm_social.platforms.models import Channel, WebhookDelivery
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies
from jspm_social.platforms.webhooks import inbox
from jspm_social.platforms.webhooks.news import Account
from jspm_social.platforms.webhooks.wires import WIRES
from moderation.errors import Refused
from moderation.models import (
    Case,
    Comment,
    Decision,
    EvidenceRecord,
    Judgement,
    QueueEntry,
    Tombstone,
)
from moderation.queries import offered_outcomes
from moderation.search import search_comments
from moderation.services import deliveries, evidence, notice, second_look
from moderation.services.decide import decide
from moderation.services.erase import erase, erase_expired
from moderation.services.told import store_chats
from moderation.services.triage import judge_comments, judge_pending
from moderation.states import CaseState, CommentStanding, Erasure, Lane
from policy.criteria import Criterion, Route
from policy.models import RuleSet
from tests.moderation.making import make_channel, store
from tests.moderation.small_policy import CONSULTATION, DISTRESS, MILD
from tests.people import People, client_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 4, 12, 30, tzinfo=UTC)
SECRET = "とても個人的なひみつの話"


@pytest.fixture
def line(policy: RuleSet) -> Channel:
    return make_channel(Platform.LINE)


def message(number: int = 1, text: str = "", **changes: Any) -> RemoteComment:
    given: dict[str, Any] = {
        "remote_id": f"m{number}",
        "post": RemotePostRef("chat:userId:U1"),
        "author": RemoteAuthor("U1"),
        "text": text or f"こんにちは その{number}",
        "created_at": AT + timedelta(minutes=number),
        "raw": json.dumps({"text": text}).encode(),
    }
    return RemoteComment(**given | changes)


def arrive(line: Channel, *messages: RemoteComment, unsent: tuple[str, ...] = ()) -> list[Comment]:
    """Take messages in and judge them; return their rows in the order given."""
    told = store_chats(channel=line, messages=messages, unsent=unsent)
    judge_comments(comment_ids=told.stored.to_judge)
    found = {row.remote_id: row for row in Comment.objects.filter(channel=line)}
    return [found[m.remote_id] for m in messages]


def everything_stored() -> str:
    """Every text and every byte of every table but the audit trail's own words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            found += [text for (text,) in cursor.fetchall()]
    return "\n".join(found)


def holds(words: str) -> bool:
    """Whether the words stand anywhere in the database, as text or within bytes."""
    stored = everything_stored()
    escaped = json.dumps(words)[1:-1]
    forms = [words, escaped, escaped.replace("\\", "\\\\"), words.encode().hex()]
    forms += [escaped.encode().hex()]
    return any(form in stored for form in forms)


# --- routes


@pytest.mark.parametrize(
    ("text", "route", "lane"),
    [
        (DISTRESS, Route.CARE, Lane.CARE),
        (CONSULTATION, Route.CONSULTATION, Lane.CONSULTATION),
        (f"{CONSULTATION} {MILD}", Route.CONSULTATION, Lane.CONSULTATION),
        (f"{DISTRESS} {MILD}", Route.CARE, Lane.CARE),
        (MILD, Route.PASS, None),
        ("こんにちは", Route.PASS, None),
        ("", Route.PASS, None),
    ],
)
def test_only_care_and_consultations_become_cases(
    line: Channel, text: str, route: Route, lane: Lane | None
) -> None:
    (row,) = arrive(line, replace(message(), text=text))
    assert (row.route, Judgement.objects.get().route) == (route, route)
    assert [case.lane for case in Case.objects.all()] == ([lane] if lane else [])


def test_the_same_words_in_public_are_a_case(channel: Channel, policy: RuleSet) -> None:
    from tests.moderation.making import store_and_judge, told

    (row,) = store_and_judge(channel, told(1, text=MILD))
    assert row.route == Route.QUEUE


def test_what_could_not_be_judged_goes_to_a_person(line: Channel) -> None:
    (row,) = arrive(line, message(text="あ" * 20_001))
    assert row.route == Route.QUEUE
    assert Case.objects.get().problems != []


def test_distress_leads_to_the_mail_without_a_word_of_it(
    line: Channel, people: People, mailoutbox: list[Any]
) -> None:
    people.moderator.email = "m@example.org"
    people.moderator.save()
    arrive(line, message(text=f"{DISTRESS} {SECRET}"))
    notice.send_care_notice(case=Case.objects.get())
    (mail,) = mailoutbox
    assert reverse("moderation:case", args=[Case.objects.get().pk]) in mail.body
    assert SECRET not in mail.body + mail.subject
    assert DISTRESS not in mail.body + mail.subject


def test_a_chat_can_only_be_read(line: Channel, people: People) -> None:
    (row,) = arrive(line, message(text=DISTRESS))
    assert offered_outcomes(row) == [Outcome.KEEP]
    revision = row.revisions.get()
    for outcome in set(Outcome) - {Outcome.KEEP}:
        with pytest.raises(Refused):
            decide(
                actor=people.moderator,
                case=Case.objects.get(),
                revision_id=revision.pk,
                outcome=outcome,
                criteria=[Criterion.DEFAMATION],
                note="理由",
            )
    decide(
        actor=people.moderator,
        case=Case.objects.get(),
        revision_id=revision.pk,
        outcome=Outcome.KEEP,
        criteria=[],
    )
    assert Case.objects.get().state == CaseState.CLOSED


def test_chats_are_in_no_random_sample(line: Channel, channel: Channel) -> None:
    from tests.moderation.making import store_and_judge, told

    arrive(line, message())
    (public,) = store_and_judge(channel, told(1))
    assert [case.comment for case in second_look.draw_sample()] == [public]


def test_the_conversations_of_two_people_are_apart(line: Channel, people: People) -> None:
    arrive(line, message(1, text=DISTRESS))
    other = {"post": RemotePostRef("chat:userId:U2"), "author": RemoteAuthor("U2")}
    arrive(line, message(2, text=SECRET, **other))
    page = client_of(people.moderator).get(reverse("moderation:case", args=[Case.objects.get().pk]))
    assert SECRET not in page.content.decode()


# --- again, and in any order


def test_a_message_comes_twice_and_is_there_once(line: Channel) -> None:
    arrive(line, message(), message())
    arrive(line, message())
    assert Comment.objects.get().revisions.count() == 1


def test_an_erased_message_that_comes_again_stays_erased(line: Channel) -> None:
    arrive(line, message(text=SECRET))
    arrive(line, unsent=("m1",))
    arrive(line, message(text=SECRET))
    row = Comment.objects.get()
    assert (row.text, row.erasure, row.revision_number) == ("", Erasure.UNSENT, 1)
    assert not holds(SECRET)


# --- unsend


def unsent_event() -> AuditEvent:
    return AuditEvent.objects.get(verb=Verb.COMMENT_ERASED)


def test_unsend_erases_everywhere_and_keeps_what_was_found(line: Channel, people: People) -> None:
    (row,) = arrive(line, message(text=f"{DISTRESS} {SECRET}"))
    assert holds(SECRET)
    judgement = Judgement.objects.get()
    before = (judgement.signals, judgement.scores, judgement.route)
    arrive(line, unsent=("m1",))
    assert not holds(SECRET)
    row.refresh_from_db()
    assert (row.text, row.bigrams, row.attachments) == ("", [], [])
    assert (row.erasure, row.standing) == (Erasure.UNSENT, CommentStanding.GONE)
    assert (row.route, row.remote_id) == (Route.CARE, "m1")
    revision = row.revisions.get()
    assert (revision.text, bytes(revision.raw), revision.author_name) == ("", b"", "")
    judgement.refresh_from_db()
    assert (judgement.signals, judgement.scores, judgement.route) == before
    assert judgement.evidence == []
    assert judgement.context_hash == f"erased:{judgement.pk}"
    assert Case.objects.get().state == CaseState.OPEN
    event = unsent_event()
    assert (event.target_id, event.details) == (str(row.pk), {"because": "送信取消"})
    assert not event.personal_digest
    with transaction.atomic():
        assert isinstance(verify(), Verified)


def test_unsend_before_the_message_leaves_no_word(line: Channel) -> None:
    arrive(line, unsent=("m1",))
    assert not Comment.objects.exists()
    (row,) = arrive(line, message(text=f"{DISTRESS} {SECRET}"))
    assert not holds(SECRET)
    assert (row.text, row.erasure, row.standing) == ("", Erasure.UNSENT, CommentStanding.GONE)
    assert not Judgement.objects.exists()
    assert not Case.objects.exists()
    assert unsent_event().target_id == str(row.pk)
    judge_pending()
    assert not Judgement.objects.exists()


def test_unsend_in_the_same_delivery(line: Channel) -> None:
    arrive(line, message(text=SECRET), unsent=("m1",))
    assert not holds(SECRET)
    assert unsent_event()


def test_unsend_twice_is_one_event(line: Channel) -> None:
    arrive(line, message(), unsent=("m1",))
    arrive(line, unsent=("m1",))
    assert unsent_event()
    assert Tombstone.objects.count() == 1


def test_unsend_reaches_the_deliveries_that_still_wait(line: Channel) -> None:
    """Two copies of the message wait, one beside another message; the unsend is taken first."""
    own = line.account_id
    one = hook_bodies.line_message("m1", user="U1", text=SECRET, at=AT)
    two = hook_bodies.line_message("m2", user="U1", text="ほかの話", at=AT)
    gone = hook_bodies.line_unsend("m1", user="U1", at=AT)
    rows = []
    for events in ((one,), (one, two), (gone,)):
        body = hook_bodies.line_events(own, *events)
        raw = json.dumps(body).encode()
        kept = inbox.keep(channel=line, sifted=WIRES[Platform.LINE].sift(body, raw, Account(own)))
        assert kept is not None
        rows.append(kept)
    assert holds(SECRET)
    deliveries.take(delivery_id=rows[2].pk)
    assert not holds(SECRET)
    for row in rows:
        deliveries.take(delivery_id=row.pk)
    assert not holds(SECRET)
    assert {c.remote_id: c.text for c in Comment.objects.all()} == {"m1": "", "m2": "ほかの話"}
    assert not WebhookDelivery.objects.exclude(state="taken").exists()


def test_unsend_of_another_channels_message_does_nothing(line: Channel) -> None:
    arrive(line, message())
    other = make_channel(Platform.LINE, "other")
    store_chats(channel=other, messages=[], unsent=["m1"])
    assert Comment.objects.get().erasure == ""


def test_evidence_that_was_frozen_loses_its_words_and_still_verifies(
    line: Channel, people: People
) -> None:
    """No decision on a chat freezes evidence today; what was frozen before is erased too."""
    (row,) = arrive(line, message(text=f"{DISTRESS} {SECRET}"))
    decision = decide(
        actor=people.moderator,
        case=Case.objects.get(),
        revision_id=row.revisions.get().pk,
        outcome=Outcome.KEEP,
        criteria=[],
    )
    frozen = evidence.freeze(Decision.objects.get(pk=decision.pk))
    before = frozen.sha256
    assert holds(SECRET)
    arrive(line, unsent=("m1",))
    assert not holds(SECRET)
    frozen = EvidenceRecord.objects.get()
    assert evidence.verify(frozen)
    assert (frozen.sha256, bytes(frozen.raw)) == (before, b"")
    assert frozen.content["comment"]["remote_id"] == "m1"
    assert frozen.content["verdict"]["signals"] == ["distress"]
    EvidenceRecord.objects.update(content=frozen.content | {"clauses": ["something else"]})
    assert not evidence.verify(EvidenceRecord.objects.get())


def test_later_messages_do_not_bring_the_judgement_back(line: Channel) -> None:
    """An earlier message that arrives late re-judges later ones, but not those erased."""
    (row,) = arrive(line, message(5, text=DISTRESS), unsent=("m5",))
    arrive(line, message(1))
    row.refresh_from_db()
    assert row.judged_at is not None
    judge_pending()
    assert not Judgement.objects.filter(revision__comment=row).exists()


# --- the end of their time


def test_chats_are_erased_after_their_days_and_comments_never(
    line: Channel, channel: Channel, settings: Settings
) -> None:
    from tests.moderation.making import told

    settings.LINE_CHAT_DAYS = 7
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        arrive(line, message(1, text=f"{DISTRESS} {SECRET}"))
        store(channel, told(1, text="公開のコメントです"))
        clock.shift(timedelta(days=6, hours=23))
        arrive(line, message(2, text="あとから"))
        moderation.jobs.forget()
        assert holds(SECRET)
        clock.shift(timedelta(hours=2))
        moderation.jobs.forget()
        assert not holds(SECRET)
        moderation.jobs.forget()
    first = Comment.objects.get(remote_id="m1")
    assert (first.erasure, first.standing) == (Erasure.EXPIRED, CommentStanding.VISIBLE)
    assert Comment.objects.get(remote_id="m2").text == "あとから"
    assert Comment.objects.get(remote_id="c1").text == "公開のコメントです"
    event = AuditEvent.objects.get(verb=Verb.COMMENTS_ERASED)
    assert (event.channel, event.details) == (line.pk, {"comments": [first.pk]})


def test_many_are_erased_in_portions(line: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.services.erase.AT_ONCE", 3)
    arrive(line, *(message(n) for n in range(8)))
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert erase_expired() == 8
    assert AuditEvent.objects.filter(verb=Verb.COMMENTS_ERASED).count() == 3


def test_names_go_with_the_last_message(line: Channel) -> None:
    named = RemoteAuthor("U1", "山田", "yamada", "https://e.example/yamada")
    one, two = arrive(line, message(1, author=named), message(2, author=named))
    erase(comment_ids=[one.pk], because=Erasure.EXPIRED)
    assert holds("山田")
    erase(comment_ids=[two.pk], because=Erasure.EXPIRED)
    assert not holds("山田")
    assert not holds("yamada")
    assert one.commenter.key == "U1"


# --- pages


def page(people: People, name: str, *args: int, person: str = "moderator") -> str:
    answer = client_of(people.named(person)).get(reverse(f"moderation:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_chat_is_shown_as_one(line: Channel, people: People) -> None:
    (row,) = arrive(line, message(text=f"{DISTRESS} {SECRET}"))
    case = Case.objects.get()
    for content in (
        page(people, "queue"),
        page(people, "case", case.pk),
        page(people, "comments"),
        page(people, "comment", row.pk),
    ):
        assert "LINEのメッセージ" in content
        assert "LINEの利用者" in content
        assert SECRET in content
    shown = page(people, "case", case.pk)
    assert "30日で消去されます" in shown
    assert "確認済みにする" in shown
    assert "本学会の投稿" not in shown
    assert "根拠となる基準" not in shown


@pytest.mark.parametrize("because", list(Erasure))
def test_pages_say_why_there_is_nothing_to_read(
    line: Channel, people: People, because: Erasure
) -> None:
    (row, _) = arrive(line, message(1, text=f"{DISTRESS} {SECRET}"), message(2, text="ほかの話"))
    case = Case.objects.get()
    erase(comment_ids=[row.pk], because=because)
    for content in (
        page(people, "queue"),
        page(people, "case", case.pk),
        page(people, "comments"),
        page(people, "comment", row.pk),
        page(people, "comment", Comment.objects.get(remote_id="m2").pk),
    ):
        assert SECRET not in content
        assert DISTRESS not in content
    for content in (page(people, "queue"), page(people, "case", case.pk), page(people, "comments")):
        assert because.label in content


def test_who_has_the_page_open_is_told(line: Channel, people: People) -> None:
    arrive(line, message(text=DISTRESS))
    client = client_of(people.moderator)
    case = Case.objects.get()
    shown = client.get(reverse("moderation:case", args=[case.pk]))
    status_url = shown.context["status_url"]
    assert "消去" not in client.get(status_url).content.decode()
    arrive(line, unsent=("m1",))
    assert Erasure.UNSENT.label in client.get(status_url).content.decode()
    again = client.get(reverse("moderation:case", args=[case.pk])).context["status_url"]
    assert "消去" not in client.get(again).content.decode()


def test_an_erased_chat_is_found_by_no_word_and_breaks_no_search(
    line: Channel, people: People
) -> None:
    (row,) = arrive(line, message(text=SECRET))
    assert search_comments(text="ひみつ") == [row]
    arrive(line, unsent=("m1",))
    assert search_comments(text="ひみつ") == []
    assert search_comments(channel=line.pk) == [row]
    client = client_of(people.moderator)
    answer = client.get(reverse("moderation:comments"), {"q": "ひみつ", "channel": str(line.pk)})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["outsider", "anonymous"])
def test_nobody_else_sees_chats(line: Channel, people: People, name: str) -> None:
    (row,) = arrive(line, message(text=DISTRESS))
    client = client_of(people.named(name))
    for url in (
        reverse("moderation:queue"),
        reverse("moderation:case", args=[Case.objects.get().pk]),
        reverse("moderation:comment", args=[row.pk]),
    ):
        answer = client.get(url)
        assert answer.status_code in {302, 403}
        assert DISTRESS not in answer.content.decode()


def test_an_erased_case_can_be_closed(line: Channel, people: People) -> None:
    (row,) = arrive(line, message(text=DISTRESS))
    arrive(line, unsent=("m1",))
    data = {"revision": row.revisions.get().pk, "outcome": "keep"}
    case = Case.objects.get()
    answer = client_of(people.moderator).post(reverse("moderation:decide", args=[case.pk]), data)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert not QueueEntry.objects.exists()


def test_what_came_instead_of_words_is_named(line: Channel, people: People) -> None:
    sticker = message(2, attachments=(RemoteAttachment("other", "", "スタンプ"),))
    (row, _) = arrive(line, replace(sticker, text=""), message(3, text=DISTRESS))
    for content in (page(people, "comment", row.pk), page(people, "case", Case.objects.get().pk)):
        assert "（スタンプ）" in content

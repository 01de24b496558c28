"""What was removed loses its words in time, wherever they stand, and nothing else is lost."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

import moderation.jobs
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verify import Verified, verify
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.contract import RemoteAuthor
from jspm_social.platforms.models import Channel, Heartbeat
from jspm_social.platforms.names import Platform
from moderation.models import (
    Case,
    Comment,
    Commenter,
    Decision,
    EvidenceRecord,
    Judgement,
    RemoteLook,
    RemoteOpinion,
)
from moderation.past import StoredComments
from moderation.queries import strikes
from moderation.services import evidence, retention, second_look
from moderation.states import CommentStanding, Erasure
from policy.criteria import Criterion
from policy.models import RuleSet
from tests.moderation.making import (
    decide_case,
    make_channel,
    open_case,
    store,
    store_and_judge,
    told,
)
from tests.moderation.small_policy import MILD, changed, load_small_policy
from tests.people import People

WORD = "消えるはずの言葉"
NAME = "消えるはずの名前"
DAYS = {Criterion.DEFAMATION: 60, Criterion.UNLAWFUL: 200}


@pytest.fixture
def kept_for_a_time(db: None) -> RuleSet:
    """エ for 60 days, ア for 200, and everything else without an end."""
    return changed(
        load_small_policy(), {key: {"retention_days": days} for key, days in DAYS.items()}
    )


@pytest.fixture
def facebook(db: None) -> Channel:
    return make_channel(Platform.FACEBOOK)


def removed(
    channel: Channel,
    people: People,
    number: int = 1,
    *,
    days: int = 61,
    criteria: tuple[Criterion, ...] = (Criterion.DEFAMATION,),
    outcome: Outcome = Outcome.HIDE,
    standing: CommentStanding = CommentStanding.HIDDEN,
    **changes: bytes,
) -> Comment:
    """A comment that was decided so many days ago, and carried out."""
    author = RemoteAuthor(f"a{number}", f"{NAME}{number}", f"handle{number}", "https://who.example")
    said = told(number, f"{MILD}の話。{WORD}", author=author, **changes)
    (row,) = store_and_judge(channel, said)
    decision = decide_case(Case.objects.get(comment=row), people.moderator, outcome, criteria)
    at = timezone.now() - timedelta(days=days)
    Decision.objects.filter(pk=decision.pk).update(decided_at=at)
    Case.objects.filter(comment=row).update(state="closed", closed_at=at)
    Comment.objects.filter(pk=row.pk).update(standing=standing)
    return Comment.objects.get(pk=row.pk)


def places(words: str) -> list[str]:
    """Every table and column of the database where these words stand."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" WHERE position(%s IN "{column}"::text) > 0'
                f' OR position(%s IN "{column}"::text) > 0',
                [words, words.encode().hex()],
            )
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return sorted(found)


def test_the_words_are_nowhere_any_more(
    kept_for_a_time: RuleSet, facebook: Channel, people: People
) -> None:
    row = removed(facebook, people, raw=f'{{"m": "{WORD}"}}'.encode())
    answer = told(2, f"{MILD}の話", parent_id=row.remote_id)
    (reply,) = store_and_judge(facebook, answer)
    decide_case(Case.objects.get(comment=reply), people.moderator)  # freezes what it answers
    opinion = RemoteOpinion.objects.create(
        request_hash="0" * 64,
        ruleset=kept_for_a_time,
        model="m",
        findings=[{"criterion": "エ", "confidence": 0.5, "reason": f"「{WORD}」とあるため"}],
    )
    judgement = Judgement.objects.get(revision__comment=row)
    RemoteLook.objects.create(judgement=judgement, opinion=opinion)
    assert len(places(WORD)) >= 5  # comment, revision, its bytes, two records of evidence
    assert places(NAME)
    tally = StoredComments().tally()
    assert retention.erase_batch() == 1
    assert places(WORD) == []
    assert places(NAME) == []
    row.refresh_from_db()
    assert (row.erasure, row.permalink, row.bigrams) == (Erasure.EXPIRED, "", [])
    assert all(evidence.verify(frozen) for frozen in EvidenceRecord.objects.all())
    assert all(len(frozen.sha256) == 64 for frozen in EvidenceRecord.objects.all())
    assert strikes(row.commenter_id).count() == 1
    assert StoredComments().tally() == tally
    event = AuditEvent.objects.get(verb="comments.removed_erased")
    assert event.details == {"comments": [row.pk], "ruleset": kept_for_a_time.number}
    assert event.actor_id is None
    with transaction.atomic():
        assert isinstance(verify(), Verified)
    assert retention.erase_batch() == 0
    assert AuditEvent.objects.filter(verb="comments.removed_erased").count() == 1


@pytest.mark.parametrize(
    ("criteria", "days", "erased"),
    [
        ((Criterion.DEFAMATION,), 59, False),
        ((Criterion.DEFAMATION,), 61, True),
        ((Criterion.DEFAMATION, Criterion.UNLAWFUL), 199, False),  # the longest counts
        ((Criterion.DEFAMATION, Criterion.UNLAWFUL), 201, True),
        ((Criterion.DEFAMATION, Criterion.INDECENT), 4_000, False),  # one without an end
    ],
)
def test_how_long_it_is_kept(
    kept_for_a_time: RuleSet,
    facebook: Channel,
    people: People,
    criteria: tuple[Criterion, ...],
    days: int,
    *,
    erased: bool,
) -> None:
    row = removed(facebook, people, criteria=criteria, days=days)
    retention.erase_batch()
    row.refresh_from_db()
    assert bool(row.erasure) is erased
    assert (WORD in row.text) is not erased


def test_nothing_goes_before_thirty_days(
    kept_for_a_time: RuleSet, facebook: Channel, people: People
) -> None:
    """Not even if a setting that no form lets through said so."""
    changed(kept_for_a_time, {Criterion.DEFAMATION: {"retention_days": 1}})
    removed(facebook, people, days=29)
    assert retention.erase_batch() == 0


def test_what_is_open_kept_or_visible_is_left_alone(
    kept_for_a_time: RuleSet, facebook: Channel, people: People
) -> None:
    reopened = removed(facebook, people, 1)
    second_look.reconsider(actor=people.moderator, comment=reopened)
    removed(facebook, people, 2, standing=CommentStanding.VISIBLE)
    restored = removed(facebook, people, 3)
    again = open_case(restored)
    decision = decide_case(again, people.moderator, Outcome.RESTORE, ())
    Decision.objects.filter(pk=decision.pk).update(
        decided_at=timezone.now() - timedelta(days=60, hours=12)
    )
    Case.objects.filter(pk=again.pk).update(state="closed")
    assert retention.erase_batch() == 0


def test_the_platform_tells_it_again_and_it_stays_erased(
    kept_for_a_time: RuleSet, facebook: Channel, people: People
) -> None:
    row = removed(facebook, people)
    retention.erase_batch()
    author = RemoteAuthor("a1", f"{NAME}1", "handle1")
    store(facebook, told(1, f"{MILD}の話。{WORD}", author=author, hidden=True))
    assert places(WORD) == places(NAME) == []
    row.refresh_from_db()
    assert (row.revision_number, row.judged_at is None) == (1, False)


def test_a_name_stays_where_its_bearer_still_speaks(
    kept_for_a_time: RuleSet, facebook: Channel, people: People
) -> None:
    row = removed(facebook, people)
    author = RemoteAuthor("a1", f"{NAME}1", "handle1")
    store(facebook, told(8, "よい話", author=author))
    retention.erase_batch()
    assert Commenter.objects.get(pk=row.commenter_id).name == f"{NAME}1"


def test_once_a_night_and_on_from_where_it_stopped(
    kept_for_a_time: RuleSet,
    facebook: Channel,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(1, 6):
        removed(facebook, people, number)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "BATCHES", 1)
    counts = []
    for _ in range(4):
        moderation.jobs.forget()
        counts.append(Comment.objects.filter(erasure=Erasure.EXPIRED).count())
    assert counts == [2, 4, 5, 5]
    assert AuditEvent.objects.filter(verb="comments.removed_erased").count() == 3
    removed(facebook, people, 9)
    moderation.jobs.forget()  # tonight is done
    assert Comment.objects.filter(erasure="").count() == 1
    Heartbeat.objects.filter(name=retention.BEAT).update(at=timezone.now() - timedelta(days=1))
    moderation.jobs.forget()
    assert not Comment.objects.filter(erasure="").exists()

"""Choosing which comments people are asked to label. By lot, or by how much they would teach."""

import random
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Heartbeat
from jspm_social.platforms.names import Platform
from moderation.models import CommentRevision, Specimen
from moderation.services.second_look import SAMPLE_PERIOD, week_began
from moderation.settled import settled
from moderation.states import Purpose
from policy.criteria import Criterion, Signal
from policy.learning import text_key

LIST_LENGTH = 30  # instructive comments that wait at once
NEWEST = 3_000  # verdicts that are looked through for them
CANDIDATES = 200
_Found = tuple[int, str, float]  # revision, key of its text, rank
DOUBLE_SIZE = 10  # decisions a week that another moderator looks at
DOUBLE_BEAT = "double"  # the Heartbeat that tells when the last ones were drawn
# Grounds, and the signals by which a comment gets to people.
_KEYS = [*Criterion.values, Signal.DISTRESS.value, Signal.CONSULTATION.value]

# How far the nearest score is from 0.5, where a label begins to apply; 0 where the rules found a
# ground and the model none (a verdict with a problem and without a label).
_NEAREST = """
    SELECT r.id, r.text,
           CASE WHEN j.model_version <> '' AND cardinality(j.problems) > 0
                     AND cardinality(j.labels) = 0 THEN 0 ELSE near.distance END AS distance
    FROM (SELECT * FROM moderation_judgement ORDER BY id DESC LIMIT %s) j
    JOIN moderation_commentrevision r ON r.id = j.revision_id
    JOIN moderation_comment c ON c.id = r.comment_id AND c.revision_number = r.number
    JOIN platforms_channel h ON h.id = c.channel_id AND h.platform <> %s
    CROSS JOIN LATERAL (
      SELECT min(abs(value::float - 0.5)) AS distance
      FROM jsonb_each_text(j.scores) WHERE key = ANY(%s)
    ) near
    WHERE c.erasure = '' AND near.distance IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM moderation_decision d JOIN moderation_case k ON k.id = d.case_id
      WHERE k.comment_id = c.id
    )
    ORDER BY distance, j.id DESC LIMIT %s
"""


@one_write()
def fill_list() -> list[Specimen]:
    """Bring the list of instructive comments up to its length: texts that nobody was asked about
    and nobody decided on, the most doubtful first, half of them where rules and model differ.
    """
    asked = Specimen.objects.filter(purpose=Purpose.INSTRUCTIVE)
    missing = LIST_LENGTH - asked.filter(label=None).count()
    if missing <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, [NEWEST, Platform.LINE, _KEYS, CANDIDATES])
        found = [(pk, text_key(text), distance) for pk, text, distance in cursor.fetchall() if text]
    fresh = _new(found, Purpose.INSTRUCTIVE)
    differing = [one for one in fresh if one[2] == 0][: (missing + 1) // 2]
    others = [one for one in fresh if one[2] > 0][: missing - len(differing)]
    return _put(
        [
            Specimen(purpose=Purpose.INSTRUCTIVE, revision_id=pk, text_key=key, rank=distance)
            for pk, key, distance in (*differing, *others)
        ]
    )


@one_write()
def draw_weekly_double() -> list[Specimen]:
    """Draw this week's decisions for a second pair of eyes, once a week, however late.

    Weeks begin as those of the random sample do. The first call ever only begins to count.
    """
    now = timezone.now()
    Heartbeat.objects.get_or_create(name=DOUBLE_BEAT, defaults={"at": now})
    beat = Heartbeat.objects.filter(name=DOUBLE_BEAT, at__lt=week_began(now))
    return draw_double() if beat.update(at=now) else []


@one_write()
def draw_double(*, size: int = DOUBLE_SIZE) -> list[Specimen]:
    """Draw by lot from what was decided in the last week, one of each text."""
    lately = list(settled(since=timezone.now() - SAMPLE_PERIOD))
    random.shuffle(lately)
    texts = dict(
        CommentRevision.objects.filter(pk__in=[one.revision for one in lately]).values_list(
            "pk", "text"
        )
    )
    decisions = {one.revision: one.decision for one in lately}
    found = [
        (one.revision, text_key(texts[one.revision]), float(place))
        for place, one in enumerate(lately)
        if texts[one.revision]
    ]
    return _put(
        [
            Specimen(
                purpose=Purpose.DOUBLE,
                decision_id=decisions[revision],
                revision_id=revision,
                text_key=key,
                rank=place,
            )
            for revision, key, place in _new(found, Purpose.DOUBLE)[:size]
        ]
    )


def forget_old_doubles() -> int:
    """Take back what nobody looked at for a month: an agreement is of its time."""
    old = timezone.now() - timedelta(days=30)
    stale = Specimen.objects.filter(purpose=Purpose.DOUBLE, label=None, drawn_at__lt=old)
    return stale.delete()[0]


def _new(rows: Iterable[_Found], purpose: Purpose) -> list[_Found]:
    """Keep the first of each text, and none that was asked about before."""
    first: dict[str, _Found] = {}
    for row in rows:
        first.setdefault(row[1], row)
    asked = Specimen.objects.filter(purpose=purpose, text_key__in=list(first))
    for key in asked.values_list("text_key", flat=True):
        del first[key]
    return list(first.values())


def _put(specimens: list[Specimen]) -> list[Specimen]:
    Specimen.objects.bulk_create(specimens)
    if specimens:
        record(
            actor=None,
            verb=Verb.SPECIMENS_DRAWN,
            target=specimens[0],
            details={
                "purpose": specimens[0].purpose,
                "specimens": [specimen.pk for specimen in specimens],
            },
        )
    return specimens

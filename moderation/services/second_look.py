"""Opening cases that no verdict asked for: flags, the weekly sample, and a change of mind."""

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import SAMPLE_SIZE
from jspm_social.committee.queries import number
from jspm_social.jobs import enqueue
from jspm_social.platforms.models import Heartbeat
from jspm_social.platforms.names import Platform
from moderation.errors import Refused
from moderation.models import Case, Comment, Flag, Judgement
from moderation.services import queue
from moderation.services.triage import (
    LANES,
    URGENCY_CARE,
    URGENCY_QUEUE,
    URGENCY_SAMPLE,
    urgency,
)
from moderation.states import ACTIVE_CASES, CaseOrigin, Lane
from policy.criteria import Route
from policy.queries import compiled_active_ruleset

SAMPLE_PERIOD = timedelta(days=7)
SAMPLE_BEAT = "sample"  # the Heartbeat that tells when the last one was drawn
FLAG_URGENCY = URGENCY_QUEUE + 5


@one_write()
def flag(*, actor: User, comment: Comment, note: str) -> Case:
    """A member asks for a second look. Joins the comment's active case, or opens one."""
    case = _active_case(comment)
    if case is None:
        case = _open(comment, CaseOrigin.FLAGGED, Lane.QUEUE, FLAG_URGENCY)
    Flag.objects.create(comment=comment, case=case, by=actor, note=note)
    record(
        actor=actor,
        verb=Verb.COMMENT_FLAGGED,
        target=comment,
        channel=comment.channel_id,
        details={"case": case.pk},
        personal={"note": note} if note else None,
    )
    return case


@one_write()
def reconsider(*, actor: User, comment: Comment) -> Case:
    """Open a case to decide anew on a comment, for example to show it again."""
    if _active_case(comment) is not None:
        raise Refused("このコメントには、対応中の案件があります。")
    case = _open(comment, CaseOrigin.REVERSAL, Lane.QUEUE, FLAG_URGENCY)
    record(actor=actor, verb=Verb.CASE_REOPENED, target=case, channel=comment.channel_id)
    return case


@one_write()
def bring_to_care(*, actor: User, comment: Comment) -> Case:
    """Put a comment in which a person heard a cry for help first in the queue, wherever it was.

    Moderators are told by mail, as of every case of the care lane.
    """
    case = _active_case(comment)
    if case is None:
        case = _open(comment, CaseOrigin.FLAGGED, Lane.CARE, URGENCY_CARE)
    else:
        case.lane, case.urgency = Lane.CARE, URGENCY_CARE
        case.save(update_fields=["lane", "urgency"])
        queue.enter([case])
    if case.care_notice_at is None:
        enqueue("moderation.jobs.send_care_notice", case.pk, queue="act")
    record(actor=actor, verb=Verb.CASE_TO_CARE, target=case, channel=comment.channel_id)
    return case


@one_write()
def draw_weekly_sample() -> list[Case]:
    """Draw the sample if this week's is still to be drawn, however late; otherwise nothing.

    Weeks begin on Mondays at 8:00 in Tokyo. The first call ever only begins to count.
    """
    now = timezone.now()
    Heartbeat.objects.get_or_create(name=SAMPLE_BEAT, defaults={"at": now})
    beat = Heartbeat.objects.filter(name=SAMPLE_BEAT, at__lt=week_began(now))
    return draw_sample() if beat.update(at=now) else []


def week_began(now: datetime) -> datetime:
    """Return the last Monday at 8:00 in Tokyo that is not after `now`."""
    since_eight = timezone.localtime(now) - timedelta(hours=8)  # Japan has no summer time
    monday = since_eight.date() - timedelta(days=since_eight.weekday())
    return datetime.combine(monday, time(8), since_eight.tzinfo)


@one_write()
def draw_sample(*, size: int | None = None) -> list[Case]:
    """Queue a random few of the week's passed comments, so that misses are found: as many as the
    committee set, unless told.
    """
    size = number(SAMPLE_SIZE) if size is None else size
    drawn = list(_passed_lately().order_by("?").values_list("pk", flat=True)[:size])
    cases = [
        _open(comment, CaseOrigin.SAMPLED, Lane.SAMPLE, URGENCY_SAMPLE)
        for comment in Comment.objects.filter(pk__in=drawn).select_related("channel")
    ]
    if cases:
        record(
            actor=None,
            verb=Verb.COMMENTS_SAMPLED,
            target=cases[0],
            details={"cases": [case.pk for case in cases]},
        )
    return cases


def _passed_lately() -> QuerySet[Comment]:
    """Return the passed comments of the last week, no chats. Ids grow as comments come in, so the
    walk ends at the first older one, however many those are.
    """
    since = timezone.now() - SAMPLE_PERIOD
    older = Comment.objects.filter(received_at__lt=since).order_by("-pk")
    last = older.values_list("pk", flat=True).first() or 0
    passed = Comment.objects.filter(pk__gt=last, route=Route.PASS, cases__isnull=True)
    return passed.exclude(channel__platform=Platform.LINE)


def _active_case(comment: Comment) -> Case | None:
    return Case.objects.filter(comment=comment, state__in=ACTIVE_CASES).first()


def _open(comment: Comment, origin: CaseOrigin, lane: Lane, default: int) -> Case:
    """Open a case in this lane, or where the latest verdict puts it if that is more urgent."""
    judgement = (
        Judgement.objects.filter(
            revision__comment=comment, revision__number=comment.revision_number
        )
        .order_by("-judged_at", "-pk")
        .first()
    )
    place = (default, lane)
    if judgement is not None and judgement.route in LANES:
        judged = LANES[Route(judgement.route)]
        place = min(place, (urgency(judged, judgement, compiled_active_ruleset()), judged))
    try:
        with transaction.atomic():
            case = Case.objects.create(
                comment=comment,
                judgement=judgement,
                origin=origin,
                urgency=place[0],
                lane=place[1],
                labels=judgement.labels if judgement else [],
                signals=judgement.signals if judgement else [],
                problems=judgement.problems if judgement else [],
                opened_at=timezone.now(),
            )
    except IntegrityError as error:  # somebody opened one at this very moment
        raise Refused("このコメントには、対応中の案件があります。") from error
    queue.enter([case])
    return case

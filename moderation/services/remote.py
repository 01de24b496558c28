"""The optional judge outside the house: asked after the verdict is stored, never while it is made.

All that its answer can do is `_raise`: put a comment that passed into the queue, or one that
waits there further to the front. Nothing here decides, hides, removes, closes, or touches what
stands in the care lane or among the consultations; no module that could is imported.

A question whose answer never came is not asked again: it may have been paid for. A run ends at the
first question without an answer, so an outage costs one question a minute.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.http import post_json
from jspm_social.platforms.names import Platform
from jspm_social.transitions import StaleState, move
from moderation.models import (
    Case,
    Comment,
    Judgement,
    RemoteCriterion,
    RemoteDay,
    RemoteLook,
    RemoteOpinion,
)
from moderation.services import queue
from moderation.services.triage import urgency_of_severity
from moderation.states import REMOTE_MOVES, CaseOrigin, CaseState, Lane, RemoteState
from policy.criteria import Criterion, Route, Signal
from policy.models import RuleSet
from policy.phases.subject import Author
from policy.queries import active_ruleset, clauses_for, settings_for
from policy.remote.answer import BadAnswer, Usage, read_completion, usage
from policy.remote.masking import mask
from policy.remote.prompt import MOST_TOKENS, NOT_ASKED, Ground, fingerprint, request_body

SURE = 0.7  # how sure it must say it is before a comment is raised for it
LATELY = timedelta(days=1)
NEWEST = 2_000  # verdicts among which those not yet asked about are looked for
AT_ONCE = 50
LOST = timedelta(minutes=10)  # no answer takes longer
RUN_SECONDS = 40.0  # a run of the job starts no further question after this
LEFT_ALONE = frozenset({Signal.DISTRESS, Signal.CONSULTATION})


def configured() -> bool:
    """True where the environment names a judge."""
    return bool(settings.JUDGE_URL and settings.JUDGE_MODEL)


@one_write()
def switch(*, actor: User, criteria: Sequence[Criterion]) -> None:
    """Ask the remote judge about exactly these criteria from now on.

    What it cannot know, since names and histories are not sent, is left out.
    """
    wanted = {str(criterion) for criterion in criteria} - {str(one) for one in NOT_ASKED}
    before = set(RemoteCriterion.objects.select_for_update().values_list("criterion", flat=True))
    if wanted == before:
        return
    RemoteCriterion.objects.exclude(criterion__in=wanted).delete()
    RemoteCriterion.objects.bulk_create(
        RemoteCriterion(criterion=criterion, by=actor) for criterion in sorted(wanted - before)
    )
    record(
        actor=actor,
        verb=Verb.REMOTE_SWITCHED,
        target=RemoteCriterion(),
        details={"before": sorted(before), "after": sorted(wanted)},
    )


def consult_waiting() -> int:
    """Ask about the newest verdicts that it was not asked about yet. Returns how many.

    Ends at the first question that gets no answer, so that an outage costs one question a run.
    """
    grounds = _grounds() if configured() else []
    if not grounds:
        return 0
    ruleset = active_ruleset()
    until = time.monotonic() + RUN_SECONDS
    done = 0
    for judgement in _waiting():
        if time.monotonic() > until:
            break
        opinion = opinion_on(judgement, grounds, ruleset)
        if opinion is None:
            break
        if opinion.state != RemoteState.ASKED:
            use(judgement=judgement, opinion=opinion)
            done += 1
        if opinion.state == RemoteState.NO_ANSWER:
            break
    return done


def opinion_on(
    judgement: Judgement, grounds: Sequence[Ground], ruleset: RuleSet
) -> RemoteOpinion | None:
    """What the remote judge says about a verdict's words, asked now or before.

    None when the day's questions are used up. Still 'asked' while another worker waits for the
    answer; an answer that never came back is never asked for again, since it was paid for.
    """
    author = Author("", judgement.revision.author_name, judgement.revision.author_handle)
    body = request_body(
        settings.JUDGE_MODEL,
        grounds,
        comment=mask(judgement.revision.text, author),
        post=judgement.revision.comment.post.text,
    )
    key: dict[str, Any] = {
        "request_hash": fingerprint(body),
        "ruleset": ruleset,
        "model": settings.JUDGE_MODEL[:200],
    }
    opinion = RemoteOpinion.objects.filter(**key).first()
    if opinion is not None:
        return _settled(opinion)
    if not _reserve():
        return None
    opinion, created = RemoteOpinion.objects.get_or_create(**key)
    if created:
        _ask(opinion, body, [ground.criterion for ground in grounds])
    return opinion


def _settled(opinion: RemoteOpinion) -> RemoteOpinion:
    """Give up on a question whose worker was killed while it waited."""
    if opinion.state == RemoteState.ASKED and opinion.asked_at < timezone.now() - LOST:
        with suppress(StaleState):
            move(opinion, table=REMOTE_MOVES, to=RemoteState.NO_ANSWER, trouble="lost")
    return opinion


@one_write()
def use(*, judgement: Judgement, opinion: RemoteOpinion) -> None:
    """Keep what was said beside the verdict, and raise the comment where it is sure enough."""
    comment = Comment.objects.select_for_update(of=("self",)).get(pk=judgement.revision.comment_id)
    _, created = RemoteLook.objects.get_or_create(
        judgement=judgement, defaults={"opinion": opinion}
    )
    if not created or comment.revision_number != judgement.revision.number or comment.erasure:
        return
    sure = [one["criterion"] for one in opinion.findings if one["confidence"] >= SURE]
    if not sure or LEFT_ALONE & set(judgement.signals):
        return
    _raise(comment, judgement, sure)


def _raise(comment: Comment, judgement: Judgement, criteria: Sequence[str]) -> None:
    """Open a case for what passed, or move an open one to the front; labels stay as they were."""
    severity = max(one.severity for one in settings_for(criteria).values())
    urgency = urgency_of_severity(severity)
    case = Case.objects.filter(comment=comment).order_by("-opened_at", "-pk").first()
    if case is None and judgement.route == Route.PASS:
        try:
            with transaction.atomic():
                case = Case.objects.create(
                    comment=comment,
                    judgement=judgement,
                    origin=CaseOrigin.REMOTE,
                    lane=Lane.QUEUE,
                    urgency=urgency,
                    labels=judgement.labels,
                    signals=judgement.signals,
                    problems=judgement.problems,
                    opened_at=timezone.now(),
                )
        except IntegrityError:  # somebody opened one at this very moment: a person sees it anyway
            return
    elif case is None or not _moves_to_the_front(case, urgency):
        return
    queue.enter([case])
    record(
        actor=None,
        verb=Verb.COMMENT_RAISED,
        target=case,
        channel=comment.channel_id,
        clause="・".join(criteria),
        details={"comment": comment.pk, "urgency": urgency, "judgement": judgement.pk},
    )


def _moves_to_the_front(case: Case, urgency: int) -> bool:
    """A single conditional update: only an open case of the queue, and only to the front."""
    waiting = Case.objects.filter(
        pk=case.pk, state=CaseState.OPEN, lane=Lane.QUEUE, urgency__gt=urgency
    )
    return bool(waiting.update(urgency=urgency))


def _ask(opinion: RemoteOpinion, body: dict[str, Any], allowed: Sequence[str]) -> None:
    """Send the question, outside any transaction, and store what came of it."""
    headers = {"Authorization": f"Bearer {settings.JUDGE_KEY}"} if settings.JUDGE_KEY else {}
    spent = Usage(None, None)
    try:
        answer = post_json(
            settings.JUDGE_URL, json=body, headers=headers, seconds=settings.JUDGE_SECONDS
        )
        spent = usage(answer)
        found = read_completion(answer, allowed)
    except (PlatformError, BadAnswer) as error:
        trouble = f"{type(error).__name__}: {error}"[:100]
        move(opinion, table=REMOTE_MOVES, to=RemoteState.NO_ANSWER, trouble=trouble)
    else:
        told = [asdict(one) for one in found]
        move(opinion, table=REMOTE_MOVES, to=RemoteState.ANSWERED, findings=told)
    _charge(spent, body)


def _reserve() -> bool:
    """Count a question before it is sent. False when the day's questions or money are used up."""
    today = timezone.localdate()
    with transaction.atomic():
        RemoteDay.objects.get_or_create(day=today)
        day = RemoteDay.objects.filter(day=today, calls__lt=settings.JUDGE_CALLS_A_DAY)
        if settings.JUDGE_COST_A_DAY:
            day = day.filter(cost__lt=Decimal(str(settings.JUDGE_COST_A_DAY)))
        return bool(day.update(calls=F("calls") + 1))


def _charge(spent: Usage, body: dict[str, Any]) -> None:
    """Add what a question cost; where nobody says, more than it can have cost."""
    prompt = 2 * len(str(body)) if spent.prompt is None else spent.prompt
    completion = MOST_TOKENS if spent.completion is None else spent.completion
    price_in, price_out = settings.JUDGE_PRICES
    cost = Decimal(f"{(prompt * price_in + completion * price_out) / 1_000_000:.6f}")
    RemoteDay.objects.filter(day=timezone.localdate()).update(cost=F("cost") + cost)


def _waiting() -> Iterable[Judgement]:
    """The newest verdicts on words that still stand, that passed or wait in the queue."""
    newest = Judgement.objects.aggregate(last=Max("pk"))["last"] or 0
    return (
        Judgement.objects.filter(
            pk__gt=newest - NEWEST,
            judged_at__gt=timezone.now() - LATELY,
            route__in=[Route.PASS, Route.QUEUE],
            remote_look=None,
            revision__number=F("revision__comment__revision_number"),
            revision__comment__erasure="",
        )
        .exclude(revision__comment__channel__platform=Platform.LINE)
        .exclude(revision__text="")
        .select_related("revision__comment__post")
        .defer("revision__raw", "revision__comment__bigrams")
        .order_by("-pk")[:AT_ONCE]
    )


def _grounds() -> list[Ground]:
    chosen = sorted(
        RemoteCriterion.objects.values_list("criterion", flat=True), key=Criterion.values.index
    )
    if not chosen:
        return []
    clauses, guides = clauses_for(chosen), settings_for(chosen)
    return [
        Ground(
            criterion,
            clauses[criterion].text,
            guides[criterion].guidance,
            tuple(guides[criterion].examples_yes),
            tuple(guides[criterion].examples_no),
        )
        for criterion in chosen
        if criterion in clauses and criterion in guides
    ]

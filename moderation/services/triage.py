"""Judging what came in, and opening a case wherever a person has to look (§4(2))."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from moderation.models import Case, Comment, CommentRevision, Decision, Judgement
from moderation.past import earlier_texts
from moderation.services import queue
from moderation.services.holding import within_caps
from moderation.states import ACTIVE_CASES, CaseOrigin, CaseState, Lane
from policy.criteria import Route, Signal
from policy.engine import Author, Context, context_hash, evaluate_many
from policy.learned import model_in_use
from policy.models import RuleSet
from policy.queries import NoPolicy, active_ruleset, compiled_ruleset
from policy.ruleset import CompiledRuleSet
from policy.verdict import Verdict

log = logging.getLogger(__name__)

BATCH = 200
LANES = {
    Route.CARE: Lane.CARE,
    Route.QUEUE: Lane.QUEUE,
    Route.HOLD: Lane.QUEUE,
    Route.CONSULTATION: Lane.CONSULTATION,
}
# Urgency 0 is looked at first. Care comes before every criterion; within the queue the most
# severe criterion counts; what could not be judged stands between severe and mild.
URGENCY_CARE, URGENCY_QUEUE, URGENCY_CONSULTATION, URGENCY_SAMPLE = 0, 10, 60, 90
SEVERITY_OF_DOUBT = 2


def judge_pending(*, limit: int = 1000) -> int:
    """Judge comments that wait for it, oldest first, in batches. Returns how many.

    One that cannot be judged holds up nobody else's: it goes to a person.

    Raises:
        NoPolicy: there is nothing to judge by, which is no comment's fault.
    """
    done = 0
    while done < limit:
        ids = list(
            Comment.objects.filter(judged_at__isnull=True)
            .order_by("id")
            .values_list("id", flat=True)[:BATCH]
        )
        if not ids:
            break
        try:
            judge_comments(comment_ids=ids)
        except NoPolicy:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others must be judged
            log.warning("a batch could not be judged: %s", type(error).__name__)
            _judge_one_by_one(ids)
        done += len(ids)
    return done


def _judge_one_by_one(ids: Iterable[int]) -> None:
    for pk in ids:
        try:
            judge_comments(comment_ids=[pk])
        except Exception as error:  # noqa: BLE001 -- doubt goes to a person
            # The kind of error only: its text could carry words of the comment.
            kind = type(error).__name__
            log.error("comment %s could not be judged: %s", pk, kind)  # noqa: TRY400
            leave_to_a_person(comment_id=pk, problem=f"判定できませんでした（{kind}）")


@one_write()
def leave_to_a_person(*, comment_id: int, problem: str) -> Case:
    """Put a comment without a verdict into the queue, or the problem on its active case."""
    comment = Comment.objects.select_for_update().get(pk=comment_id)
    case, _ = Case.objects.get_or_create(
        comment=comment,
        state__in=ACTIVE_CASES,
        defaults={
            "origin": CaseOrigin.JUDGED,
            "lane": Lane.QUEUE,
            "urgency": urgency_of_severity(SEVERITY_OF_DOUBT),
            "opened_at": timezone.now(),
        },
    )
    case.problems = [*case.problems, problem]
    case.save(update_fields=["problems"])
    Comment.objects.filter(pk=comment_id).update(judged_at=timezone.now(), route=Route.QUEUE)
    queue.enter([case])
    record(
        actor=None,
        verb=Verb.COMMENT_NOT_JUDGED,
        target=comment,
        channel=comment.channel_id,
        details={"case": case.pk, "problem": problem},
    )
    return case


@one_write()
def judge_comments(*, comment_ids: Sequence[int]) -> list[Judgement]:
    """Judge the latest revision of each comment, store the verdicts, open or update cases.

    Repeating with nothing changed stores nothing: a verdict is unique by revision, rule set,
    engine, model and context. A case that people have decided is never reopened by this, except
    where the text itself was edited afterwards.
    """
    ruleset = active_ruleset()
    compiled = compiled_ruleset(ruleset)  # of this very set, also while another takes its place
    comments = list(
        Comment.objects.select_for_update(of=("self",))
        .filter(pk__in=comment_ids, erasure="")
        .select_related("post", "commenter", "channel")
        .defer("bigrams")
        .order_by("pk")
    )
    if not comments:
        return []
    revisions = _latest_revisions(comments)
    histories = earlier_texts([comment.pk for comment in comments])
    texts = [revisions[comment.pk] for comment in comments]
    contexts = [
        _context(comment, revisions[comment.pk], histories.get(comment.pk, ()))
        for comment in comments
    ]
    verdicts = evaluate_many(
        [(revision.text, context) for revision, context in zip(texts, contexts, strict=True)],
        compiled,
        model=model_in_use(),
    )
    verdicts = within_caps(verdicts, ruleset)
    judgements = _store(
        [
            _judgement(comment, revision, context, verdict, ruleset)
            for comment, revision, context, verdict in zip(
                comments, texts, contexts, verdicts, strict=True
            )
        ]
    )
    pairs = [(comment, judgements[revisions[comment.pk].pk]) for comment in comments]
    _mark_judged(pairs)
    opened = _open_cases(pairs, compiled)
    record(
        actor=None,
        verb=Verb.COMMENTS_JUDGED,
        target=ruleset,
        policy_version=str(ruleset.policy_version),
        details={"judged": len(comments), "cases": len(opened)},
    )
    return [judgement for _, judgement in pairs]


def _latest_revisions(comments: Sequence[Comment]) -> dict[int, CommentRevision]:
    numbers = {comment.pk: comment.revision_number for comment in comments}
    rows = CommentRevision.objects.filter(comment__in=list(numbers)).defer("raw")
    return {row.comment_id: row for row in rows if row.number == numbers[row.comment_id]}


def _context(comment: Comment, revision: CommentRevision, history: tuple[str, ...]) -> Context:
    author = Author(comment.commenter.key, revision.author_name, revision.author_handle)
    return Context(post_text=comment.post.text, author=author, history=history)


def _judgement(
    comment: Comment,
    revision: CommentRevision,
    context: Context,
    verdict: Verdict,
    ruleset: RuleSet,
) -> Judgement:
    return Judgement(
        revision=revision,
        ruleset=ruleset,
        engine_version=verdict.engine_version,
        model_version=verdict.model_version,
        context_hash=context_hash(revision.text, context),
        labels=list(verdict.labels),
        signals=list(verdict.signals),
        scores=dict(verdict.scores),
        evidence=[asdict(evidence) for evidence in verdict.evidence],
        problems=list(verdict.problems),
        route=_chat_route(verdict) if comment.is_chat else verdict.route,
    )


def _chat_route(verdict: Verdict) -> Route:
    """Return where a chat goes: nothing in it can be hidden or answered, so a person sees it only
    for its author's sake, or where the judgement could not be finished.
    """
    if verdict.route == Route.CARE:
        return Route.CARE
    if Signal.CONSULTATION in verdict.signals:
        return Route.CONSULTATION
    return Route.QUEUE if verdict.problems else Route.PASS


def _store(judgements: list[Judgement]) -> dict[int, Judgement]:
    """Store new verdicts and return, by revision, the row that now stands for each."""
    wanted = {j.revision_id: j for j in judgements}
    known = {
        row.revision_id: row
        for row in Judgement.objects.filter(revision__in=list(wanted))
        if _identity(row) == _identity(wanted[row.revision_id])
    }
    fresh = [j for revision_id, j in wanted.items() if revision_id not in known]
    Judgement.objects.bulk_create(fresh)
    return known | {j.revision_id: j for j in fresh}


def _identity(judgement: Judgement) -> tuple[int, str, str, str]:
    return (
        judgement.ruleset_id,
        judgement.engine_version,
        judgement.model_version,
        judgement.context_hash,
    )


def _mark_judged(pairs: Iterable[tuple[Comment, Judgement]]) -> None:
    by_route = defaultdict(list)
    for comment, judgement in pairs:
        by_route[judgement.route].append(comment.pk)
    now = timezone.now()
    for route, ids in by_route.items():
        Comment.objects.filter(pk__in=ids).update(judged_at=now, route=route)


def _open_cases(
    pairs: Sequence[tuple[Comment, Judgement]], compiled: CompiledRuleSet
) -> list[Case]:
    """Open a case for each comment that needs a person, and refresh those still undecided."""
    latest = _latest_cases([comment.pk for comment, _ in pairs])
    decided = _decided_revisions(latest.values())
    fresh: list[Case] = []
    refreshed: list[Case] = []
    raised: list[Case] = []
    for comment, judgement in pairs:
        case = latest.get(comment.pk)
        if case is not None and case.state == CaseState.OPEN:
            if case.origin in {CaseOrigin.JUDGED, CaseOrigin.EDITED} or _needs_person(judgement):
                refreshed.append(_describe(case, judgement, compiled))
        elif case is not None and case.state in ACTIVE_CASES:
            # Somebody is at it, and the recheck at send sees an edit; but distress never waits.
            if judgement.route == Route.CARE:
                case.lane, case.urgency = Lane.CARE, URGENCY_CARE
                raised.append(case)
        elif _needs_person(judgement) and (
            case is None or comment.revision_number > decided.get(case.pk, 0)
        ):
            origin = CaseOrigin.JUDGED if case is None else CaseOrigin.EDITED
            new = Case(comment=comment, origin=origin, opened_at=timezone.now())
            fresh.append(_describe(new, judgement, compiled))
    Case.objects.bulk_create(fresh)
    Case.objects.bulk_update(
        refreshed, ["judgement", "lane", "urgency", "labels", "signals", "problems"]
    )
    Case.objects.bulk_update(raised, ["lane", "urgency"])
    queue.enter([*fresh, *refreshed])
    for case in (*fresh, *refreshed, *raised):
        if case.lane == Lane.CARE and case.care_notice_at is None:
            enqueue("moderation.jobs.send_care_notice", case.pk, queue="act")
    return fresh


def _latest_cases(comment_ids: list[int]) -> dict[int, Case]:
    rows = Case.objects.filter(comment__in=comment_ids).order_by("comment", "opened_at", "pk")
    return {case.comment_id: case for case in rows.select_related("comment__channel", "judgement")}


def _needs_person(judgement: Judgement) -> bool:
    return judgement.route != Route.PASS


def _decided_revisions(cases: Iterable[Case]) -> dict[int, int]:
    """Return, by case, the number of the revision that was last decided on."""
    rows = Decision.objects.filter(case__in=cases).order_by("decided_at")
    return dict(rows.values_list("case_id", "revision__number"))


def _describe(case: Case, judgement: Judgement, compiled: CompiledRuleSet) -> Case:
    """Write onto the case what the queue shows and sorts by. Care is never lowered again."""
    lane = LANES.get(Route(judgement.route), case.lane or Lane.QUEUE)
    if case.lane == Lane.CARE:
        lane = Lane.CARE
    case.judgement = judgement
    case.lane = lane
    case.labels, case.signals = judgement.labels, judgement.signals
    case.problems = judgement.problems
    case.urgency = urgency(lane, judgement, compiled)
    return case


def urgency(lane: str, judgement: Judgement, compiled: CompiledRuleSet) -> int:
    """Return the place in the queue: 0 first. Severity counts within the queue."""
    if lane == Lane.CARE:
        return URGENCY_CARE
    if lane == Lane.CONSULTATION:
        return URGENCY_CONSULTATION
    if lane == Lane.SAMPLE:
        return URGENCY_SAMPLE
    severities = [compiled.setting(label).severity for label in judgement.labels]
    if judgement.problems:
        severities.append(SEVERITY_OF_DOUBT)
    return urgency_of_severity(max(severities, default=0))


def urgency_of_severity(severity: int) -> int:
    """Return the place within the queue of what has this severity (0 to 5)."""
    return URGENCY_QUEUE + 10 * (5 - min(severity, 5)) // 2

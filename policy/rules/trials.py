"""Judging comments by a rule set beside the active one, without any effect.

A backtest walks over the comments that were judged, from the newest to the oldest, in batches:
each is one transaction that moves the cursor, so that a process that dies forgets at most one
batch and two processes never count the same one. A watch does the same with what comes in.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.transitions import IllegalMove, StaleState, move
from policy.criteria import Route
from policy.errors import Overtaken, Refused
from policy.models import RuleSet, Trial, TrialSample
from policy.past import PastComment, past
from policy.queries import active_ruleset, compiled_ruleset
from policy.rejudge import Difference, Outcome, rejudge
from policy.ruleset import CompiledRuleSet
from policy.states import TRIAL_MOVES, RuleSetState, TrialState

JOB = "policy.rules.jobs.backtest"
BATCH = 1_000
CHUNK = 30.0  # seconds of one job; each is well under a minute
MOST_SAMPLES = 100  # of each kind
_ALWAYS = 2  # comments of a batch that are judged in full, whatever changed: what it costs

Kind = TrialSample.Kind


@one_write()
def start_backtest(*, actor: User, ruleset: RuleSet) -> Trial:
    """Begin to judge the stored comments by a draft or a shadow; workers do the rest.

    Raises:
        Refused: it is neither, a backtest of it runs already, or nothing was judged yet.
    """
    row = RuleSet.objects.select_for_update().get(pk=ruleset.pk)
    if row.state not in {RuleSetState.DRAFT, RuleSetState.SHADOW}:
        raise Refused("過去のコメントで試せるのは、案か試行中の規則セットだけです。")
    if row.trials.filter(kind=Trial.Kind.PAST, state=TrialState.RUNNING).exists():
        raise Refused("この規則セットは、過去のコメントですでに試しています。")
    total = past().count()
    if not total:
        raise Refused("判定したコメントがまだないため、試せません。")
    trial = Trial.objects.create(
        ruleset=row,
        against=active_ruleset(),
        revision=row.revision,
        kind=Trial.Kind.PAST,
        started_by=actor,
        total=total,
    )
    enqueue(JOB, trial.pk, 0, queue="bulk")
    record(
        actor=actor,
        verb=Verb.TRIAL_STARTED,
        target=trial,
        details={"number": row.number, "revision": row.revision, "total": total},
    )
    return trial


@one_write()
def cancel(*, actor: User, trial: Trial) -> None:
    """Stop a backtest. What it found so far stays readable.

    Raises:
        Overtaken: it does not run any more.
    """
    try:
        move(trial, table=TRIAL_MOVES, to=TrialState.CANCELLED, ended_at=timezone.now())
    except (StaleState, IllegalMove) as error:
        raise Overtaken("この試験は、すでに終わっています。") from error
    _tell_end(trial, actor)


def run(*, trial_id: int, seconds: float = CHUNK) -> bool:
    """Go on with a trial for so long. True if there is more to do.

    Of a draft that was edited since, the trial ends: its figures would be of two contents.
    """
    trial = Trial.objects.select_related("ruleset", "against").filter(pk=trial_id).first()
    if trial is None or trial.state != TrialState.RUNNING:
        return False
    if trial.ruleset.revision != trial.revision:
        _end(trial, TrialState.STALE)
        return False
    judge = Judge(trial.against, trial.ruleset)
    until = time.monotonic() + seconds
    while True:
        comments = _next(trial)
        if not comments:
            if trial.kind == Trial.Kind.PAST:
                _end(trial, TrialState.DONE)
            return False
        if not _keep(trial, comments, judge.judge(comments)):
            return False
        if time.monotonic() >= until:
            return True


def _next(trial: Trial) -> Sequence[PastComment]:
    if trial.kind == Trial.Kind.PAST:
        return past().older_than(trial.cursor, BATCH)
    return past().judged_after(trial.cursor or 0, BATCH)


@dataclass(slots=True)
class Judged:
    """A comment under both sets."""

    comment: PastComment
    before: Outcome
    after: Outcome


@dataclass(slots=True)
class Batch:
    """What became of some comments. Costs in milliseconds of this thread's processor time."""

    judged: list[Judged] = field(default_factory=list)
    rejudged: int = 0
    cost_ms: float = 0.0
    cost_before_ms: float = 0.0


class Judge:
    """Judges comments by two rule sets; runs phases only where they can say something else."""

    def __init__(self, before: RuleSet, after: RuleSet) -> None:
        self._before, self._after = before, after
        self._differences: dict[int, tuple[Difference, Difference]] = {}

    @cached_property
    def _compiled(self) -> tuple[CompiledRuleSet, CompiledRuleSet]:
        return compiled_ruleset(self._before), compiled_ruleset(self._after)

    def judge(self, comments: Sequence[PastComment]) -> Batch:
        """The outcome of each comment under either set."""
        batch = Batch()
        open_ones: list[PastComment] = []
        for number, comment in enumerate(comments):
            told = None if number < _ALWAYS else self._by_what_is_stored(comment)
            if told is None:
                open_ones.append(comment)
            else:
                batch.judged.append(Judged(comment, *told))
        histories = past().histories([comment.id for comment in open_ones])
        before, after = self._compiled
        for comment in open_ones:
            history = histories.get(comment.id, ())
            began = time.thread_time()
            old = rejudge(comment, history, before)
            between = time.thread_time()
            new = rejudge(comment, history, after)
            batch.cost_before_ms += (between - began) * 1_000
            batch.cost_ms += (time.thread_time() - between) * 1_000
            batch.judged.append(Judged(comment, old, new))
        batch.rejudged = len(open_ones)
        return batch

    def _by_what_is_stored(self, comment: PastComment) -> tuple[Outcome, Outcome] | None:
        old, new = self._difference(comment.verdict.ruleset_id)
        if old.can_fire(comment) or new.can_fire(comment):
            return None
        before, after = old.without_phases(comment), new.without_phases(comment)
        return None if before is None or after is None else (before, after)

    def _difference(self, judged_by: int) -> tuple[Difference, Difference]:
        if judged_by not in self._differences:
            stored = compiled_ruleset(RuleSet.objects.get(pk=judged_by))
            before, after = self._compiled
            self._differences[judged_by] = Difference(stored, before), Difference(stored, after)
        return self._differences[judged_by]


def kinds_of(judged: Judged) -> Iterator[TrialSample.Kind]:
    """How the two sets differ on a comment, if they do."""
    before, after = judged.before, judged.after
    if (before.route == Route.PASS) != (after.route == Route.PASS):
        yield Kind.CAUGHT if before.route == Route.PASS else Kind.FREED
    elif (before.labels, before.signals) != (after.labels, after.signals):
        yield Kind.CHANGED
    if after.route == Route.HOLD:
        yield Kind.HIDDEN


@transaction.atomic
def _keep(trial: Trial, comments: Sequence[PastComment], batch: Batch) -> bool:
    """Count a batch and move the cursor. False if the trial was ended or overtaken meanwhile."""
    row = Trial.objects.select_for_update(of=("self",)).select_related("ruleset").get(pk=trial.pk)
    edited = row.ruleset.revision != row.revision
    if row.state != TrialState.RUNNING or row.cursor != trial.cursor or edited:
        return False
    counts: Counter[str] = Counter()
    samples: list[TrialSample] = []
    for judged in sorted(batch.judged, key=lambda one: -one.comment.id):
        for kind in kinds_of(judged):
            if getattr(row, kind) + counts[kind] < MOST_SAMPLES:
                samples.append(_sample(row, kind, judged))
            counts[kind] += 1
    last = comments[-1]
    past_run = row.kind == Trial.Kind.PAST
    row.cursor = last.id if past_run else last.verdict.id
    row.seen += len(comments)
    row.rejudged += batch.rejudged
    row.cost_ms += batch.cost_ms
    row.cost_before_ms += batch.cost_before_ms
    for kind in Kind:
        setattr(row, kind, getattr(row, kind) + counts[kind])
    row.figures = _added_up(row.figures, batch.judged)
    row.touched_at = timezone.now()
    row.save()
    TrialSample.objects.bulk_create(samples)
    trial.cursor = row.cursor
    return True


def _sample(trial: Trial, kind: TrialSample.Kind, judged: Judged) -> TrialSample:
    return TrialSample(
        trial=trial,
        kind=kind,
        comment_id=judged.comment.id,
        before=outcome_words(judged.before),
        after=outcome_words(judged.after),
    )


def outcome_words(outcome: Outcome) -> str:
    """Route and grounds, in words."""
    grounds = "・".join([*(c.value for c in outcome.labels), *(s.label for s in outcome.signals)])
    return f"{outcome.route.label}（{grounds}）" if grounds else outcome.route.label


def _added_up(figures: dict[str, Any], judged: Sequence[Judged]) -> dict[str, Any]:
    """Figures with what people decided about these comments: key → [decided, agreed]."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    sums.update({key: list(pair) for key, pair in figures.items()})
    for one in judged:
        if one.comment.decided is None:
            continue
        removed = one.comment.decided
        for name, outcome in (("before", one.before), ("after", one.after)):
            for label in outcome.labels:
                _count(sums[f"{name}:{label.value}"], right=label.value in removed)
        for kind in kinds_of(one):
            _count(sums[kind.value], right=bool(removed))
    return dict(sums)


def _count(pair: list[int], *, right: bool) -> None:
    pair[0] += 1
    pair[1] += right


@one_write()
def _end(trial: Trial, state: TrialState) -> None:
    try:
        move(trial, table=TRIAL_MOVES, to=state, ended_at=timezone.now())
    except StaleState:
        return  # cancelled in the meantime
    _tell_end(trial, None)


def _tell_end(trial: Trial, actor: User | None) -> None:
    record(
        actor=actor,
        verb=Verb.TRIAL_ENDED,
        target=trial,
        details={"state": trial.state, "seen": trial.seen},
    )


def left_alone(since: datetime) -> list[tuple[int, int]]:
    """Backtests that nobody went on with since then: (id, cursor)."""
    running = Trial.objects.filter(state=TrialState.RUNNING, kind=Trial.Kind.PAST)
    return [(row.pk, row.cursor or 0) for row in running.filter(touched_at__lt=since)]

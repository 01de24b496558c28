"""What the workers run for the rule sets: backtests, the watch over a shadow, counting."""

from datetime import timedelta

from django.utils import timezone

from jspm_social.jobs import wake
from policy.models import Trial
from policy.rules import hits, trials
from policy.states import TrialState

LEFT_ALONE = timedelta(seconds=90)  # a chunk takes 30; after that nobody is at it


def backtest(trial_id: int, cursor: int) -> None:
    """One chunk. `cursor` only makes the next chunk's name another than this one's."""
    del cursor
    if trials.run(trial_id=trial_id):
        row = Trial.objects.get(pk=trial_id)
        wake(trials.JOB, trial_id, row.cursor or 0, queue="bulk")


def watch() -> None:
    """Go on with the shadow on what came in, count hits, raise alarms, and find backtests that
    were left alone.
    """
    for pk, cursor in trials.left_alone(timezone.now() - LEFT_ALONE):
        wake(trials.JOB, pk, cursor, queue="bulk")
    live = Trial.objects.filter(state=TrialState.RUNNING, kind=Trial.Kind.LIVE)
    for pk in live.values_list("pk", flat=True):
        trials.run(trial_id=pk)
    hits.count_hits()
    hits.notice_jumps()
    hits.tell()

"""The emergency fast lane: a disaster, a safety notice. Fewer people decide, and everybody knows.

The chair and one member approve in place of the usual slots, whatever the kind of post; both must
not have written it. Nothing else of the gate is lighter. A third person looks at it afterwards.

The mark is part of what is voted on (it enters the hash), so that taking it away later takes the
approval away, too. The slots are fixed in the code: no setting makes them fewer.
"""

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.models import Recusal
from jspm_social.approvals.states import RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.platforms.states import OperationState
from posts.errors import Overtaken, Refused
from posts.models import FastLane, Submission


def mark(*, actor: User, submission: Submission, reason: str) -> FastLane:
    """Note that a submission takes the fast lane. Part of the caller's write."""
    lane = FastLane.objects.create(
        submission=submission,
        reason=reason.strip(),
        marked_by=actor,
        marked_at=submission.submitted_at,
    )
    enqueue("posts.jobs.send_urgent_notice", lane.pk, "marked", queue="act")
    record(
        actor=actor,
        verb=Verb.FAST_LANE_MARKED,
        target=submission.post,
        policy_version=str(submission.policy_version.number),
        details={"submission": submission.pk, "hash": submission.content_hash},
        personal={"reason": lane.reason},
    )
    return lane


def tell_sent(submission: Submission) -> None:
    """Tell everybody once that an urgent post has gone out. Part of the caller's write."""
    lane = FastLane.objects.filter(submission=submission).first()
    if lane is not None:
        enqueue("posts.jobs.send_urgent_notice", lane.pk, "sent", queue="act")


@one_write()
def review(*, actor: User, lane: FastLane, finding: str) -> None:
    """Look at a use of the fast lane afterwards, as somebody who had no part in it.

    Raises:
        Refused: no words, had a part in it, or nothing has come of it yet.
        Overtaken: somebody else has done it.
    """
    if not finding.strip():
        raise Refused("確認した内容を書いてください。")
    lane = FastLane.objects.select_for_update(of=("self",)).get(pk=lane.pk)
    if lane.reviewed_by_id is not None:
        raise Overtaken("ほかの人が先に事後確認をしました。")
    if actor.pk in involved(lane):
        raise Refused("緊急の扱いに関わった人は、事後確認ができません。")
    if not is_over(lane):
        raise Refused("まだ公開も終了もしていないため、事後確認はできません。")
    lane.reviewed_by, lane.reviewed_at, lane.finding = actor, timezone.now(), finding.strip()
    lane.save(update_fields=["reviewed_by", "reviewed_at", "finding"])
    record(
        actor=actor,
        verb=Verb.FAST_LANE_REVIEWED,
        target=lane.submission.post,
        details={"submission": lane.submission_id},
        personal={"finding": lane.finding},
    )


def involved(lane: FastLane) -> set[int]:
    """Who marked it, wrote it, or answered for it."""
    request = lane.submission.approval
    answered = request.votes.values_list("voter", flat=True)
    stepped_aside = Recusal.objects.filter(request=request).values_list("person", flat=True)
    return {lane.marked_by_id, *request.contributors, *answered, *stepped_aside}


def is_over(lane: FastLane) -> bool:
    """Tell whether something of it went out, or nothing will any more."""
    submission = lane.submission
    if submission.approval.state not in {RequestState.OPEN, RequestState.APPROVED}:
        return True
    return submission.deliveries.filter(state=OperationState.DONE).exists()

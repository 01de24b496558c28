"""Whether all that was planned for a post, or for a correction, is over."""

from django.utils import timezone

from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.states import SETTLED, OperationState
from jspm_social.transitions import move
from posts.models import Correction, Delivery, Post
from posts.states import CORRECTION_MOVES, POST_MOVES, CorrectionState, PostState


def conclude(post: Post) -> None:
    """Move a scheduled post on once every delivery is settled. Part of the caller's write, which
    has locked the post.

    Something went out: the post is sent. Nothing did, all was called back: approved, as before.
    A failed or unknown delivery waits for a person, and the post with it.
    """
    if post.state != PostState.SCHEDULED:
        return
    states = set(post.deliveries.filter(deed=Delivery.Deed.PUBLISH).values_list("state", flat=True))
    if not states <= SETTLED:
        return
    sent = OperationState.DONE in states
    move(post, table=POST_MOVES, to=PostState.SENT if sent else PostState.APPROVED)
    if sent:
        record(actor=None, verb=Verb.POST_SENT, target=post, details={"state": post.state})
        for answered in Correction.objects.filter(answer=post, state=CorrectionState.UNDER_WAY):
            close(answered)


def conclude_correction(correction: Correction) -> None:
    """Close a correction whose withdrawals are all settled."""
    states = set(correction.deliveries.values_list("state", flat=True))
    if correction.state == CorrectionState.UNDER_WAY and states and states <= SETTLED:
        close(correction)


def close(correction: Correction) -> None:
    """All that was decided is done: from now on the public list tells of it."""
    move(
        correction,
        table=CORRECTION_MOVES,
        to=CorrectionState.CLOSED,
        closed_at=timezone.now(),
    )
    record(
        actor=None,
        verb=Verb.ERROR_CLOSED,
        target=correction,
        details={"post": correction.post_id, "decision": correction.decision},
    )

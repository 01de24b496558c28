"""Whether all that was planned for a post is over, and what that makes of the post."""

from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.states import SETTLED, OperationState
from jspm_social.transitions import move
from posts.models import Delivery, Post
from posts.states import POST_MOVES, PostState


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

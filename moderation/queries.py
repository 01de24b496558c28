"""Reads that have a name: what is offered, what waits, what was found."""

from jspm_social.platforms.capabilities import Outcome
from moderation.models import Comment
from moderation.states import CommentStanding


def offered_outcomes(comment: Comment) -> list[Outcome]:
    """Return what can be decided on a comment as it stands now.

    Nothing can be hidden that is gone; what is hidden can be shown again.
    """
    removed = comment.standing in {CommentStanding.REMOVED, CommentStanding.GONE}
    outcomes = [Outcome.KEEP]
    if comment.standing == CommentStanding.VISIBLE:
        outcomes.append(Outcome.HIDE)
    if comment.standing == CommentStanding.HIDDEN:
        outcomes.append(Outcome.RESTORE)
    if not removed:
        outcomes.append(Outcome.DELETE)
    outcomes.append(Outcome.UNBLOCK if comment.commenter.blocked else Outcome.BLOCK)
    return outcomes

"""The one order in which rows are locked: the comment first, then what belongs to it."""

from moderation.models import Case, Comment, Hold


def lock(comment_id: int) -> Comment:
    """Lock a comment until the end of the caller's transaction, and return it as it is now.

    Whoever edits, judges or decides on it at the same time comes before or after, never between.
    """
    comments = Comment.objects.select_related("channel", "commenter", "post")
    return comments.select_for_update(of=("self",), no_key=True).get(pk=comment_id)


def lock_if_held(case: Case) -> None:
    """Lock the comment of a case that a rule had hidden: its hide may be settled at this moment."""
    if Hold.objects.filter(case=case).exists():
        lock(case.comment_id)

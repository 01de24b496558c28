"""What every verb on a post begins with: its row, taken for this write; and its revisions."""

from datetime import datetime

from posts.models import Post, Revision

OVERTAKEN = "ほかの人が先に保存しました。内容を見比べてから、もう一度お試しください。"


def lock(post: Post) -> Post:
    """Take the post for this write. Every service of a post begins here: one order of locks."""
    return Post.objects.select_for_update(of=("self",), no_key=True).get(pk=post.pk)


def cut_revision(post: Post, now: datetime) -> Revision:
    """Return the revision that holds the draft as it stands, made now unless there is one."""
    last = post.revisions.order_by("-number").first()
    if last is not None and last.content == post.content:
        return last
    return Revision.objects.create(
        post=post,
        number=last.number + 1 if last else 1,
        content=post.content,
        author=post.edited_by,
        created_at=now,
    )

"""Keeping what is known of our own posts as they stand on the platforms, one row each.

Two readers meet the same posts: whoever reads the comments under them, and whoever lists them.
"""

from collections.abc import Iterable

from .contract import RemotePostRef
from .models import Channel, RemotePost
from .storing import storable


def keep(channel: Channel, posts: Iterable[RemotePostRef]) -> dict[str, RemotePost]:
    """Return the posts' rows by remote id, created or brought up to date.

    Part of the caller's write. A row that another reader makes at this moment is taken as it is.
    What was not told before (address, time) is filled in.
    """
    wanted = {post.remote_id: post for post in posts}
    known = _rows(channel, wanted)
    changed = [row for row in known.values() if _follow(row, wanted[row.remote_id])]
    RemotePost.objects.bulk_update(changed, ["text", "permalink", "posted_at"])
    fresh = [remote_id for remote_id in wanted if remote_id not in known]
    if not fresh:
        return known
    RemotePost.objects.bulk_create(
        [
            RemotePost(
                channel=channel,
                remote_id=remote_id,
                text=storable(wanted[remote_id].text),
                permalink=storable(wanted[remote_id].permalink, 500),
                posted_at=wanted[remote_id].created_at,
            )
            for remote_id in fresh
        ],
        ignore_conflicts=True,
    )
    return known | _rows(channel, fresh)


def _rows(channel: Channel, remote_ids: Iterable[str]) -> dict[str, RemotePost]:
    rows = RemotePost.objects.filter(channel=channel, remote_id__in=list(remote_ids))
    return {row.remote_id: row for row in rows}


def _follow(row: RemotePost, post: RemotePostRef) -> bool:
    before = (row.text, row.permalink, row.posted_at)
    row.text = storable(post.text) or row.text
    row.permalink = row.permalink or storable(post.permalink, 500)
    row.posted_at = row.posted_at or post.created_at
    return (row.text, row.permalink, row.posted_at) != before

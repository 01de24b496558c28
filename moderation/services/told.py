"""Storing what a webhook told, beside what pulls read: in any order, as often as it comes.

Reading the platform is what counts. A webhook adds what is new and says what is gone; it never
changes a comment that is known, since it may be late. What it cannot tell for sure is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from jspm_social.audit.services import one_write
from jspm_social.platforms.contract import RemoteComment
from jspm_social.platforms.models import Channel, RemotePost, SyncCursor
from jspm_social.platforms.storing import storable
from moderation.models import Comment, Tombstone
from moderation.services.erase import erase
from moderation.services.intake import Stored, store_page
from moderation.states import Erasure


@dataclass(slots=True)
class Told:
    """What was stored, and whether the channel has to be read to know the rest."""

    stored: Stored = field(default_factory=Stored)
    read_channel: bool = False


@one_write()
def store_told(
    *, channel: Channel, comments: Sequence[RemoteComment], gone: Iterable[str] = ()
) -> Told:
    """Store new comments under posts that are known, and mark what is gone.

    A comment is judged beside the post it stands under, so one under a post that we have not
    read yet waits for the pull, and so does a known one that reads otherwise here.
    """
    _one_writer(channel)
    gone = _bury(channel, gone)
    known = _known_texts(channel, comments)
    posts = _known_posts(channel, comments)
    fresh = [c for c in comments if c.remote_id not in known and c.post.remote_id in posts]
    stored = store_page(channel=channel, comments=fresh, gone=gone)
    doubt = any(
        known[c.remote_id] != storable(c.text)
        if c.remote_id in known
        else c.post.remote_id not in posts
        for c in comments
    )
    return Told(stored, read_channel=doubt)


@one_write()
def store_chats(
    *, channel: Channel, messages: Sequence[RemoteComment], unsent: Iterable[str] = ()
) -> Told:
    """Store messages that are new, and erase those that were taken back.

    A message that was taken back before it came is stored without a word of it.
    """
    _one_writer(channel)
    buried = {*_bury(channel, unsent), *_buried(channel, messages)}
    known = _known_texts(channel, messages)
    fresh = [m for m in messages if m.remote_id not in known]
    stored = store_page(
        channel=channel,
        comments=[_blank(m) if m.remote_id in buried else m for m in fresh],
    )
    rows = Comment.objects.filter(channel=channel, remote_id__in=buried)
    erased = erase(comment_ids=rows.values_list("pk", flat=True), because=Erasure.UNSENT)
    stored.created = [pk for pk in stored.created if pk not in erased]
    return Told(stored)


def _one_writer(channel: Channel) -> None:
    """Come before or after a page that is being stored, never between."""
    SyncCursor.objects.get_or_create(channel=channel)
    SyncCursor.objects.select_for_update().get(channel=channel)


def _bury(channel: Channel, remote_ids: Iterable[str]) -> list[str]:
    """Remember what is gone, so that a comment that comes later is not taken for one that
    stands.
    """
    ids = sorted(set(remote_ids))
    Tombstone.objects.bulk_create(
        [Tombstone(channel=channel, remote_id=remote_id) for remote_id in ids],
        ignore_conflicts=True,
    )
    return ids


def _buried(channel: Channel, comments: Sequence[RemoteComment]) -> set[str]:
    rows = Tombstone.objects.filter(channel=channel, remote_id__in=[c.remote_id for c in comments])
    return set(rows.values_list("remote_id", flat=True))


def _known_texts(channel: Channel, comments: Sequence[RemoteComment]) -> dict[str, str]:
    rows = Comment.objects.filter(channel=channel, remote_id__in=[c.remote_id for c in comments])
    return dict(rows.values_list("remote_id", "text"))


def _known_posts(channel: Channel, comments: Sequence[RemoteComment]) -> set[str]:
    rows = RemotePost.objects.filter(
        channel=channel, remote_id__in=[c.post.remote_id for c in comments]
    )
    return set(rows.values_list("remote_id", flat=True))


def _blank(message: RemoteComment) -> RemoteComment:
    return replace(message, text="", raw=b"", attachments=())

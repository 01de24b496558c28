"""Storing what a platform told, once: posts, commenters, comments and their revisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms import remote_posts
from jspm_social.platforms.contract import RemoteAuthor, RemoteComment
from jspm_social.platforms.models import Channel, RemotePost, SyncCursor
from jspm_social.platforms.storing import storable
from moderation.models import Comment, Commenter, CommentRevision, Tombstone
from moderation.models.comments import UNNAMED
from moderation.states import CommentStanding
from moderation.text import bigrams

HISTORY = 20  # how many earlier comments of the same person a judgement sees


@dataclass(slots=True)
class Stored:
    """What one page changed. Ids of comments whose text is new, edited or newly in context."""

    created: list[int] = field(default_factory=list)
    edited: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    @property
    def to_judge(self) -> list[int]:
        return self.created + self.edited


@one_write()
def store_page(
    *,
    channel: Channel,
    comments: Sequence[RemoteComment],
    gone: Iterable[str] = (),
    cursor: Mapping[str, Any] | None = None,
) -> Stored:
    """Store one page and then the cursor. Repeating a page changes nothing.

    A comment whose text or author's name differs from what is stored gets a new revision and is
    judged again; one that the platform says is gone is marked so, and one that it called gone
    before we knew it is stored as gone. Comments by the society itself are the adapter's business
    to leave out.
    """
    stored = Stored()
    position, _ = SyncCursor.objects.get_or_create(channel=channel)
    # One writer per channel; below, comments are locked in the order of their keys.
    position = SyncCursor.objects.select_for_update().get(pk=position.pk)
    unique = list({comment.remote_id: comment for comment in comments}.values())
    if unique:
        _store_comments(channel, unique, stored)
    _mark_gone(channel, list(gone), stored)
    if cursor is not None:
        position.position = dict(cursor)
        position.save(update_fields=["position"])
    if stored.created or stored.edited or stored.gone:
        record(
            actor=None,
            verb=Verb.COMMENTS_RECEIVED,
            target=channel,
            channel=channel.pk,
            details={
                "created": len(stored.created),
                "edited": len(stored.edited),
                "gone": len(stored.gone),
            },
        )
    return stored


def _store_comments(channel: Channel, comments: list[RemoteComment], stored: Stored) -> None:
    posts = remote_posts.keep(channel, [c.post for c in comments])
    erased = _erased(channel, comments)
    read = [c for c in comments if c.remote_id not in erased]
    people = _commenters(channel, {_person_key(c): c.author for c in read})
    known = {
        comment.remote_id: comment
        for comment in Comment.objects.select_for_update(no_key=True)
        .filter(channel=channel, remote_id__in=[c.remote_id for c in comments])
        .order_by("pk")
    }
    fresh = [c for c in comments if c.remote_id not in known]
    buried = _buried(channel, fresh)
    rows = Comment.objects.bulk_create(
        _new_comment(
            channel,
            c,
            posts[c.post.remote_id],
            people[_person_key(c)],
            gone=c.remote_id in buried,
        )
        for c in fresh
    )
    CommentRevision.objects.bulk_create(
        _revision(row.pk, 1, c) for row, c in zip(rows, fresh, strict=True)
    )
    stored.created = [row.pk for row in rows]
    _update([(known[c.remote_id], c) for c in comments if c.remote_id in known], stored)
    _rejudge_later(rows)


def _person_key(comment: RemoteComment) -> str:
    """A commenter whom the platform does not name is a person of their own per comment."""
    return storable(comment.author.key or f"{UNNAMED}{comment.remote_id}", 255)


def _commenters(channel: Channel, authors: Mapping[str, RemoteAuthor]) -> dict[str, Commenter]:
    """Return the commenters' rows by key; names and handles follow the platform."""
    known = {
        row.key: row for row in Commenter.objects.filter(channel=channel, key__in=list(authors))
    }
    renamed = []
    for row in known.values():
        name, handle = _names(authors[row.key])
        if (name and name != row.name) or (handle and handle != row.handle):
            row.name, row.handle = name or row.name, handle or row.handle
            renamed.append(row)
    Commenter.objects.bulk_update(renamed, ["name", "handle"])
    fresh = Commenter.objects.bulk_create(
        Commenter(
            channel=channel,
            key=key,
            name=_names(author)[0],
            handle=_names(author)[1],
            url=storable(author.url, 500),
        )
        for key, author in authors.items()
        if key not in known
    )
    return known | {row.key: row for row in fresh}


def _names(author: RemoteAuthor) -> tuple[str, str]:
    return storable(author.name, 500), storable(author.handle, 255)


def _erased(channel: Channel, comments: Sequence[RemoteComment]) -> set[str]:
    """Return those whose words were erased: the platform tells them still, we keep them no more."""
    ids = [comment.remote_id for comment in comments]
    rows = Comment.objects.filter(channel=channel, remote_id__in=ids).exclude(erasure="")
    return set(rows.values_list("remote_id", flat=True))


def _buried(channel: Channel, comments: Sequence[RemoteComment]) -> set[str]:
    """Return which of these new comments were told to be gone before they came."""
    if not comments:
        return set()
    ids = [comment.remote_id for comment in comments]
    rows = Tombstone.objects.filter(channel=channel, remote_id__in=ids)
    return set(rows.values_list("remote_id", flat=True))


def _new_comment(
    channel: Channel,
    comment: RemoteComment,
    post: RemotePost,
    commenter: Commenter,
    *,
    gone: bool,
) -> Comment:
    text = storable(comment.text)
    standing = CommentStanding.HIDDEN if comment.hidden else CommentStanding.VISIBLE
    return Comment(
        channel=channel,
        post=post,
        commenter=commenter,
        remote_id=comment.remote_id,
        parent_remote_id=storable(comment.parent_id, 255),
        permalink=storable(comment.permalink, 500),
        text=text,
        attachments=_attachments(comment),
        standing=CommentStanding.GONE if gone else standing,
        posted_at=comment.created_at,
        edited_at=comment.edited_at,
        bigrams=bigrams(text),
    )


def _attachments(comment: RemoteComment) -> list[dict[str, str]]:
    return [
        {"kind": a.kind, "url": storable(a.url), "alt": storable(a.alt)}
        for a in comment.attachments
    ]


def _revision(comment_id: int, number: int, comment: RemoteComment) -> CommentRevision:
    name, handle = _names(comment.author)
    return CommentRevision(
        comment_id=comment_id,
        number=number,
        text=storable(comment.text),
        raw=comment.raw,
        author_name=name,
        author_handle=handle,
    )


def _update(pairs: Iterable[tuple[Comment, RemoteComment]], stored: Stored) -> None:
    """Bring known comments up to date. A changed text is a new revision, to be judged, and so is
    a changed name of its author: names are judged too.
    """
    pairs = list(pairs)
    names = _judged_names([row for row, _ in pairs])
    moved = [row for row, comment in pairs if _follow_standing(row, comment)]
    pairs = [(row, comment) for row, comment in pairs if not row.erasure]  # those stay erased
    filled = [row for row, comment in pairs if _fill_in(row, comment)]
    edited = [(row, comment) for row, comment in pairs if _edit(row, comment, names[row.pk])]
    CommentRevision.objects.bulk_create(
        _revision(row.pk, row.revision_number, comment) for row, comment in edited
    )
    Comment.objects.bulk_update(moved, ["standing"])
    Comment.objects.bulk_update(filled, ["permalink", "attachments"])
    Comment.objects.bulk_update(
        [row for row, _ in edited],
        ["text", "bigrams", "revision_number", "edited_at", "judged_at"],
    )
    stored.edited = [row.pk for row, _ in edited]


def _judged_names(rows: Iterable[Comment]) -> dict[int, str]:
    """Return, by comment, its author's name in the latest revision."""
    latest = CommentRevision.objects.filter(comment__in=rows, number=F("comment__revision_number"))
    return dict(latest.values_list("comment_id", "author_name"))


def _edit(row: Comment, comment: RemoteComment, judged_name: str) -> bool:
    """Take over a changed text or name. False when both are the same, or no name is told."""
    text, name = storable(comment.text), _names(comment.author)[0]
    if text == row.text and name in {"", judged_name}:
        return False
    if text != row.text:
        row.edited_at = comment.edited_at or timezone.now()
    row.text, row.bigrams = text, bigrams(text)
    row.revision_number += 1
    row.judged_at = None
    return True


def _fill_in(row: Comment, comment: RemoteComment) -> bool:
    """Take over what a webhook did not tell: address and pictures, where there are none yet."""
    before = row.permalink, row.attachments
    row.permalink = row.permalink or storable(comment.permalink, 500)
    row.attachments = row.attachments or _attachments(comment)
    return (row.permalink, row.attachments) != before


def _follow_standing(row: Comment, comment: RemoteComment) -> bool:
    """Take over what the platform tells about hiding. What we removed stays removed; what was
    gone and is told again is back.
    """
    back = row.standing == CommentStanding.GONE
    if row.standing == CommentStanding.REMOVED or (comment.hidden is None and not back):
        return False
    told = CommentStanding.HIDDEN if comment.hidden else CommentStanding.VISIBLE
    changed = told != row.standing
    row.standing = told
    return changed


def _mark_gone(channel: Channel, remote_ids: list[str], stored: Stored) -> None:
    rows = Comment.objects.filter(channel=channel, remote_id__in=remote_ids).exclude(
        standing__in=[CommentStanding.GONE, CommentStanding.REMOVED]
    )
    stored.gone = list(rows.values_list("pk", flat=True)) if remote_ids else []
    Comment.objects.filter(pk__in=stored.gone).update(standing=CommentStanding.GONE)


def _rejudge_later(rows: Sequence[Comment]) -> None:
    """A comment that arrives late changes what stands behind its author's later ones.

    Those among the next HISTORY that were judged without it are judged again; with the same
    context they get no second row (Judgement is unique by context).
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE moderation_comment SET judged_at = NULL WHERE id IN (
              SELECT later.id FROM moderation_comment fresh
              CROSS JOIN LATERAL (
                SELECT l.id, l.judged_at FROM moderation_comment l
                WHERE l.commenter_id = fresh.commenter_id
                  AND (l.posted_at, l.id) > (fresh.posted_at, fresh.id)
                ORDER BY l.posted_at, l.id LIMIT %s
              ) later
              WHERE fresh.id = ANY(%s) AND later.judged_at IS NOT NULL
            ) AND erasure = ''
            """,
            [HISTORY, [row.pk for row in rows]],
        )

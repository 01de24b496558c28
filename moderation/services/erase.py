"""Erasing the words of chats and of removed comments: when their author takes them back, and when
their time is over.

Ids, the verdict's route, decisions and the audit trail stay; texts, names, bytes and what was
quoted as evidence do not, wherever they stand.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now
from django.utils import timezone

from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import LINE_CHAT_DAYS
from jspm_social.committee.queries import number
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.webhooks import inbox
from moderation.models import (
    Case,
    Comment,
    Commenter,
    CommentRevision,
    Judgement,
    RemoteOpinion,
    Tombstone,
)
from moderation.services import evidence
from moderation.states import ACTIVE_CASES, CommentStanding, Erasure

AT_ONCE = 500


@one_write()
def erase(*, comment_ids: Iterable[int], because: Erasure) -> set[int]:
    """Erase these comments for good; returns which of them were not erased before.

    Each one that was taken back gets an audit event of its own; those whose time is over share
    one per account.
    """
    rows = list(
        Comment.objects.select_for_update(of=("self",))
        .filter(pk__in=list(comment_ids), erasure="")
        .select_related("channel")
        .defer("bigrams")
        .order_by("pk")
    )
    ids = [row.pk for row in rows]
    if not ids:
        return set()
    _erase_words(ids)
    comments = Comment.objects.filter(pk__in=ids)
    # What was never judged never will be: there is nothing left to judge.
    comments.update(erasure=because, judged_at=Coalesce("judged_at", Now()))
    if because is Erasure.UNSENT:
        comments.update(standing=CommentStanding.GONE)
    else:
        _erase_names(rows)
    _record(rows, because)
    return set(ids)


def erase_removed(*, comment_ids: Iterable[int]) -> set[int]:
    """Erase these removed comments for good, where nobody has taken them up again meanwhile.

    Part of the transaction whose audit event tells of it. What their author wrote elsewhere, and
    so their name, stays where it is.
    """
    rows = list(
        Comment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(comment_ids), erasure="")
        .exclude(Exists(Case.objects.filter(comment=OuterRef("pk"), state__in=ACTIVE_CASES)))
        .defer("bigrams")
        .order_by("pk")
    )
    ids = [row.pk for row in rows]
    if ids:
        _erase_words(ids)
        _erase_quotes(rows)
        Comment.objects.filter(pk__in=ids).update(
            erasure=Erasure.EXPIRED, judged_at=Coalesce("judged_at", Now())
        )
        _erase_names(rows)
    return set(ids)


def erase_expired() -> int:
    """Erase the chats that were kept for as long as the committee set. Returns how many."""
    before = timezone.now() - timedelta(days=number(LINE_CHAT_DAYS))
    count = 0
    for channel in Channel.objects.filter(platform=Platform.LINE):
        old = Comment.objects.filter(channel=channel, received_at__lt=before, erasure="")
        while ids := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            count += len(erase(comment_ids=ids, because=Erasure.EXPIRED))
    return count


def forget_tombstones() -> None:
    """Forget what was gone so long ago that no delivery can tell of it any more."""
    Tombstone.objects.filter(at__lt=timezone.now() - inbox.KEEP).delete()


def _erase_words(ids: list[int]) -> None:
    Comment.objects.filter(pk__in=ids).update(text="", bigrams=[], attachments=[], permalink="")
    CommentRevision.objects.filter(comment__in=ids).update(
        text="", raw=b"", author_name="", author_handle=""
    )
    # The hash of a context could be compared with that of a guessed text.
    Judgement.objects.filter(revision__comment__in=ids).update(
        evidence=[], context_hash=Concat(Value("erased:"), Cast(F("pk"), CharField()))
    )
    for frozen in evidence.about(ids):
        evidence.erase(frozen)
    for opinion in RemoteOpinion.objects.filter(looks__judgement__revision__comment__in=ids):
        # Its reasons may quote; the same answer about the same words loses them as well.
        opinion.findings = [one | {"reason": ""} for one in opinion.findings]
        opinion.save(update_fields=["findings"])


def _erase_quotes(rows: list[Comment]) -> None:
    """Answers to a comment were frozen together with what they answer."""
    remote_ids = {row.remote_id for row in rows}
    answers = Comment.objects.filter(
        post__in={row.post_id for row in rows}, parent_remote_id__in=remote_ids
    )
    for frozen in evidence.about(list(answers.values_list("pk", flat=True))):
        evidence.erase_thread(frozen, remote_ids)


def _erase_names(rows: list[Comment]) -> None:
    """Forget the names of those of whom nothing is kept any more."""
    people = Commenter.objects.filter(pk__in={row.commenter_id for row in rows})
    still_there = Comment.objects.filter(erasure="").values("commenter")
    people.exclude(pk__in=still_there.filter(commenter__in=people)).update(
        name="", handle="", url=""
    )


def _record(rows: list[Comment], because: Erasure) -> None:
    if because is Erasure.UNSENT:
        for row in rows:
            record(
                actor=None,
                verb=Verb.COMMENT_ERASED,
                target=row,
                channel=row.channel_id,
                details={"because": "送信取消"},
            )
        return
    for channel in {row.channel_id: row.channel for row in rows}.values():
        record(
            actor=None,
            verb=Verb.COMMENTS_ERASED,
            target=channel,
            channel=channel.pk,
            details={"comments": [r.pk for r in rows if r.channel_id == channel.pk]},
        )

"""Freezing what was there, before anything is removed (§4(2))."""

import hashlib
import json
from collections.abc import Set as AbstractSet
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from moderation.models import Comment, Decision, EvidenceRecord, Hold


def freeze(cause: Decision | Hold) -> EvidenceRecord:
    """Keep text, author, link, time, thread, verdict and clauses as they are now, with a hash.

    Part of the transaction of the decision, or of the hold. The hash covers the canonical JSON of
    `content` followed by the platform's own bytes; `verify` computes it again.
    """
    content = _content(cause)
    raw = bytes(cause.revision.raw)
    return EvidenceRecord.objects.create(
        decision=cause if isinstance(cause, Decision) else None,
        hold=cause if isinstance(cause, Hold) else None,
        content=content,
        raw=raw,
        sha256=digest(content, raw),
    )


def about(comment_ids: list[int]) -> QuerySet[EvidenceRecord]:
    """Return whatever was frozen about these comments."""
    decided = Q(decision__case__comment__in=comment_ids)
    return EvidenceRecord.objects.filter(decided | Q(hold__case__comment__in=comment_ids))


def digest(content: dict[str, Any], raw: bytes) -> str:
    """Return the SHA-256 (hex) over canonical JSON and the raw bytes."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode() + b"\0" + raw).hexdigest()


def verify(record: EvidenceRecord) -> bool:
    """Tell whether the record is still what was frozen, or what an erasure left of it."""
    wanted = record.erased_sha256 or record.sha256
    return digest(record.content, bytes(record.raw)) == wanted


def erase(record: EvidenceRecord) -> None:
    """Take the words, names and bytes of a comment out of its evidence, for good.

    Ids, times, verdict, clauses and the hash of what was frozen stay; what is left gets a hash
    of its own. Part of the transaction whose audit event tells of the erasure.
    """
    content = {
        **record.content,
        "comment": record.content["comment"] | {"text": "", "attachments": []},
        "author": record.content["author"] | {"name": "", "handle": ""},
        "thread": [_nameless(item) for item in record.content["thread"]],
        "verdict": _without_quotes(record.content["verdict"]),
    }
    _leave(record, content, b"")


def erase_thread(record: EvidenceRecord, remote_ids: AbstractSet[str]) -> None:
    """Take the words of these comments, which another one answered, out of that one's evidence."""
    thread = [
        _nameless(item) if item["remote_id"] in remote_ids else item
        for item in record.content["thread"]
    ]
    _leave(record, record.content | {"thread": thread}, bytes(record.raw))


def _nameless(item: dict[str, str]) -> dict[str, str]:
    return item | {"text": "", "author": ""}


def _leave(record: EvidenceRecord, content: dict[str, Any], raw: bytes) -> None:
    EvidenceRecord.objects.filter(pk=record.pk).update(
        content=content, raw=raw, erased_sha256=digest(content, raw)
    )


def _without_quotes(verdict: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if verdict is None else verdict | {"evidence": []}


def _content(cause: Decision | Hold) -> dict[str, Any]:
    revision, comment = cause.revision, cause.case.comment
    judgement = cause.case.judgement
    return {
        "comment": {
            "channel": str(comment.channel),
            "platform": comment.channel.platform,
            "remote_id": comment.remote_id,
            "permalink": comment.permalink,
            "text": revision.text,
            "revision": revision.number,
            "posted_at": comment.posted_at.isoformat(),
            "received_at": comment.received_at.isoformat(),
            "attachments": comment.attachments,
        },
        "author": {
            "key": comment.commenter.key,
            "name": revision.author_name,
            "handle": revision.author_handle,
        },
        "post": {"remote_id": comment.post.remote_id, "text": comment.post.text},
        "thread": _thread(comment),
        "verdict": None
        if judgement is None
        else {
            "labels": judgement.labels,
            "signals": judgement.signals,
            "evidence": judgement.evidence,
            "engine_version": judgement.engine_version,
        },
        "clauses": cause.clauses,
        "policy_version": str(cause.policy_version),
        "frozen_at": timezone.now().isoformat(),
    }


def _thread(comment: Comment) -> list[dict[str, str]]:
    """The comment that this one answers, where it is one of those we know."""
    if not comment.parent_remote_id:
        return []
    parents = Comment.objects.filter(channel=comment.channel, remote_id=comment.parent_remote_id)
    return [
        {"remote_id": parent.remote_id, "text": parent.text, "author": str(parent.commenter)}
        for parent in parents.select_related("commenter")
    ]

from .cases import Case, Flag, QueueEntry
from .comments import Comment, Commenter, CommentRevision, Judgement, Tombstone
from .decisions import Action, Decision, EvidenceRecord, ManualTask
from .holds import Hold

__all__ = [
    "Action",
    "Case",
    "Comment",
    "CommentRevision",
    "Commenter",
    "Decision",
    "EvidenceRecord",
    "Flag",
    "Hold",
    "Judgement",
    "ManualTask",
    "QueueEntry",
    "Tombstone",
]

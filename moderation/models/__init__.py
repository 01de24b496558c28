from .cases import Case, Flag, QueueEntry
from .comments import Comment, Commenter, CommentRevision, Judgement, Tombstone
from .decisions import Action, Decision, EvidenceRecord, ManualTask

__all__ = [
    "Action",
    "Case",
    "Comment",
    "CommentRevision",
    "Commenter",
    "Decision",
    "EvidenceRecord",
    "Flag",
    "Judgement",
    "ManualTask",
    "QueueEntry",
    "Tombstone",
]

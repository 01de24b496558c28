from .cases import Case, Flag, QueueEntry
from .comments import Comment, Commenter, CommentRevision, Judgement, Tombstone
from .decisions import Action, Decision, EvidenceRecord, ManualTask
from .measuring import CriterionCount, Label, MonthCount, Specimen
from .remote import RemoteCriterion, RemoteDay, RemoteLook, RemoteOpinion

__all__ = [
    "Action",
    "Case",
    "Comment",
    "CommentRevision",
    "Commenter",
    "CriterionCount",
    "Decision",
    "EvidenceRecord",
    "Flag",
    "Judgement",
    "Label",
    "ManualTask",
    "MonthCount",
    "QueueEntry",
    "RemoteCriterion",
    "RemoteDay",
    "RemoteLook",
    "RemoteOpinion",
    "Specimen",
    "Tombstone",
]

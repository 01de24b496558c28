"""The rows of our own posts: drafts, what was approved, and what goes out."""

from .delivery import Delivery
from .facts import Event, SourceCard
from .media import MediaFile
from .notices import Notice
from .posts import Contribution, Post, Revision
from .review import (
    ApprovalRule,
    DraftComment,
    Override,
    Submission,
    Suggestion,
)

__all__ = [
    "ApprovalRule",
    "Contribution",
    "Delivery",
    "DraftComment",
    "Event",
    "MediaFile",
    "Notice",
    "Override",
    "Post",
    "Revision",
    "SourceCard",
    "Submission",
    "Suggestion",
]

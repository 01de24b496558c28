"""The rows of our own posts: drafts, what was approved, and what goes out."""

from .announcing import PolicyNotice
from .cadence import BlackoutDay, Cadence
from .corrections import Correction
from .delivery import Delivery
from .dictionary import DictionaryChange, DictionaryEntry
from .extras import PostTemplate, ReviewLink
from .facts import Event, EventChange, SourceCard
from .feed import FeedKey
from .links import LinkCheck
from .media import MediaFile, Rendition
from .natives import NativePost, Watch
from .notices import Notice
from .posts import Contribution, Post, Revision
from .register import ActionOperation, RegisteredAction
from .review import (
    ApprovalRule,
    DraftComment,
    Override,
    Submission,
    Suggestion,
)
from .tallies import Tally
from .urgent import FastLane

__all__ = [
    "ActionOperation",
    "ApprovalRule",
    "BlackoutDay",
    "Cadence",
    "Contribution",
    "Correction",
    "Delivery",
    "DictionaryChange",
    "DictionaryEntry",
    "DraftComment",
    "Event",
    "EventChange",
    "FastLane",
    "FeedKey",
    "LinkCheck",
    "MediaFile",
    "NativePost",
    "Notice",
    "Override",
    "PolicyNotice",
    "Post",
    "PostTemplate",
    "RegisteredAction",
    "Rendition",
    "ReviewLink",
    "Revision",
    "SourceCard",
    "Submission",
    "Suggestion",
    "Tally",
    "Watch",
]

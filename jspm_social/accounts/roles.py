"""Who may do what: roles are sets of capabilities, and a person can hold several roles.

Views ask for a capability, never for a role, so that the committee's division of work can
change in this one table. Slots of an approval ask for a role, since §3(1) is about people.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db import models


class Role(models.TextChoices):
    MEMBER = "member", "委員"
    REVIEWER = "reviewer", "監修"
    MODERATOR = "moderator", "モデレーター"
    CHAIR = "chair", "委員長"
    ADMIN = "admin", "管理者"
    AUDITOR = "auditor", "監査"


DESCRIPTIONS: "Final[Mapping[str, str]]" = MappingProxyType(
    {
        Role.MEMBER: "投稿の下書きと承認、コメントの通報、緊急停止",
        Role.REVIEWER: "委員と同じ。研究・統計の投稿の承認に必要",
        Role.MODERATOR: "委員にできることと、コメントの判断・第二モデレーターの同意",
        Role.CHAIR: "モデレーターにできることと、利用者・設定・運用方針・監査記録",
        Role.ADMIN: "委員にできることと、利用者・設定・規則・SNSの接続・監査記録",
        Role.AUDITOR: "すべてのページの閲覧と監査記録（変更はできません）",
    }
)
"""What a role is for, in the words of the page on which it is given."""


class Capability(StrEnum):
    """Also the permission names that `User.has_perm` answers to, for parts below accounts."""

    READ_COMMENTS = "comments.read"
    FLAG_COMMENT = "comments.flag"
    DECIDE = "cases.decide"
    CONFIRM_DECISION = "cases.confirm"
    STOP_EFFECTS = "effects.stop"
    RESUME_EFFECTS = "effects.resume"
    READ_AUDIT = "audit.read"
    EXPORT_AUDIT = "audit.export"
    MANAGE_CHANNELS = "channels.manage"
    READ_POLICY = "policy.read"
    APPROVE_POLICY = "policy.approve"
    MANAGE_POLICY = "policy.manage"
    MANAGE_RULES = "rules.manage"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_SETTINGS = "settings.manage"
    MANAGE_POSTING = "posting.manage"
    READ_POSTS = "posts.read"
    DRAFT_POSTS = "posts.draft"
    REVIEW_POSTS = "posts.review"


_READS: Final = frozenset({Capability.READ_COMMENTS, Capability.READ_POSTS, Capability.READ_POLICY})
_MEMBER: Final = _READS | {
    Capability.FLAG_COMMENT,
    Capability.STOP_EFFECTS,
    Capability.DRAFT_POSTS,
    Capability.REVIEW_POSTS,
    Capability.APPROVE_POLICY,
}
_MODERATOR: Final = _MEMBER | {
    Capability.DECIDE,
    Capability.CONFIRM_DECISION,
    Capability.RESUME_EFFECTS,
}
_AUDITOR: Final = _READS | {Capability.READ_AUDIT, Capability.EXPORT_AUDIT}

CAPABILITIES: Final[Mapping[str, frozenset[Capability]]] = MappingProxyType(
    {
        Role.MEMBER: _MEMBER,
        Role.REVIEWER: _MEMBER,
        Role.MODERATOR: _MODERATOR,
        Role.CHAIR: _MODERATOR
        | _AUDITOR
        | {
            Capability.MANAGE_PEOPLE,
            Capability.MANAGE_SETTINGS,
            Capability.MANAGE_POSTING,
            Capability.MANAGE_POLICY,
        },
        Role.ADMIN: _MEMBER
        | _AUDITOR
        | {
            Capability.RESUME_EFFECTS,
            Capability.MANAGE_CHANNELS,
            Capability.MANAGE_POLICY,
            Capability.MANAGE_RULES,
            Capability.MANAGE_PEOPLE,
            Capability.MANAGE_SETTINGS,
            Capability.MANAGE_POSTING,
        },
        Role.AUDITOR: _AUDITOR,
    }
)


def capabilities(roles: Iterable[str]) -> frozenset[Capability]:
    """Everything the roles allow together; an unknown role allows nothing."""
    return frozenset().union(*(CAPABILITIES.get(role, frozenset()) for role in roles))

"""Which topic explains which page: the registry behind 「この画面の使い方」. Pure."""

from collections.abc import Mapping
from typing import Final

_BY_TOPIC: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("accounts:me", "accounts:password_change", "accounts:my_leave"),
    "queue": ("moderation:queue", "moderation:second"),
    "case": ("moderation:case", "moderation:decide", "moderation:confirm"),
    "comments": ("moderation:comments", "moderation:comment", "moderation:flag"),
    "attention": ("moderation:attention", "moderation:action", "moderation:task"),
    "emergency": ("moderation:switch", "posts:stop", "posts:urgent", "help:contacts"),
    "performance": ("moderation:performance",),
    "labels": ("moderation:labels", "moderation:give_label"),
    "remote": ("moderation:remote",),
    "posts": ("posts:index", "posts:post", "posts:revision"),
    "drafting": ("posts:begin", "posts:edit"),
    "approval": ("posts:submit", "posts:answer"),
    "schedule": ("posts:schedule", "posts:calendar"),
    "materials": ("posts:library", "posts:rights", "posts:events", "posts:event", "posts:sources"),
    "dictionary": (
        "posts:dictionary",
        "posts:dictionary_add",
        "posts:dictionary_import",
        "posts:dictionary_entry",
    ),
    "corrections": ("posts:corrections", "posts:correction"),
    "register": ("posts:register", "posts:propose", "posts:action"),
    "outside": ("posts:natives", "posts:native"),
    "posting": ("posts:settings", "posts:deputies"),
    "channels": ("platforms:channels", "platforms:channel"),
    "connecting": (
        "platforms:connect",
        "platforms:connect_form",
        "platforms:connect_attempt",
        "platforms:connect_choose",
        "platforms:connect_callback",
        "platforms:reconnect",
        "platforms:connection",
        "platforms:pause",
        "platforms:disconnect",
    ),
    "rules": (
        "rules:index",
        "rules:compare",
        "rules:criteria",
        "rules:criterion",
        "rules:lab",
        "rules:add",
        "rules:import",
        "rules:rule",
        "rules:try",
        "rules:trial",
    ),
    "versions": (
        "versions:index",
        "versions:version",
        "versions:comparison",
        "versions:clause",
        "versions:add",
    ),
    "people": (
        "accounts:people",
        "accounts:person",
        "accounts:invite",
        "accounts:roles",
        "accounts:details",
        "accounts:leave",
        "accounts:deactivate",
        "accounts:reviews",
        "accounts:review",
    ),
    "settings": ("committee:settings", "committee:setting"),
    "audit": ("audit:events",),
}
PAGES: Final[Mapping[str, str]] = {
    page: topic for topic, pages in _BY_TOPIC.items() for page in pages
}
"""URL name → slug of the topic. Addresses that show a page again after a refusal are named, too."""

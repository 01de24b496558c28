"""What every page shows: where one can go, and whether sending is stopped."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.models import StopSwitch
from moderation.queries import waiting_counts

PAGES = (
    ("moderation:queue", "要判断", Capability.READ_COMMENTS, "queue"),
    ("moderation:consultations", "医療相談", Capability.READ_COMMENTS, "consultation"),
    ("moderation:second", "確認待ち", Capability.READ_COMMENTS, "second"),
    ("moderation:attention", "要確認", Capability.READ_COMMENTS, "attention"),
    ("moderation:comments", "コメント", Capability.READ_COMMENTS, None),
    ("posts:index", "投稿", Capability.READ_POSTS, None),
    ("platforms:channels", "アカウント", Capability.READ_COMMENTS, None),
    ("audit:events", "監査記録", Capability.READ_AUDIT, None),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the pages this person may open, with what waits there."""
    user = request.user
    context: dict[str, Any] = {"demo": settings.DEMO}
    if not isinstance(user, User) or not user.is_active or request.headers.get("HX-Request"):
        return context
    match = request.resolver_match
    counts = waiting_counts()
    context["navigation"] = [
        {
            "url": reverse(name),
            "label": label,
            "current": match is not None and match.view_name == name,
            "count": counts.get(key, "") if key else "",
        }
        for name, label, capability, key in PAGES
        if user.can(capability)
    ]
    context["effects_stopped"] = (
        StopSwitch.objects.filter(kind=StopSwitch.Kind.EFFECTS)
        .select_related("stopped_by")
        .first()
    )
    return context

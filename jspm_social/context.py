"""What every page shows: where one can go, how it is used, and whether sending is stopped."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability, capabilities
from jspm_social.help import pages, topics, tour
from jspm_social.platforms.models import StopSwitch
from moderation.queries import waiting_counts

PAGES = (
    ("moderation:queue", "要判断", "queue", Capability.READ_COMMENTS),
    ("moderation:attention", "対応の残り", "attention", Capability.READ_COMMENTS),
    ("moderation:comments", "コメント", "comments", Capability.READ_COMMENTS),
    ("posts:index", "投稿", "posts", Capability.READ_POSTS),
    ("platforms:channels", "アカウント", "channels", Capability.READ_COMMENTS),
    ("rules:index", "規則", "rules", Capability.MANAGE_RULES),
    ("versions:index", "運用方針", "policy", Capability.READ_POLICY),
    ("moderation:performance", "成績", "performance", Capability.READ_COMMENTS),
    ("audit:events", "監査記録", "audit", Capability.READ_AUDIT),
)
IN_BAR = 5  # places in a phone's bar, その他 among them if there are more: 72 px each at 360 px


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the pages this person may open, with what waits there."""
    user = request.user
    context: dict[str, Any] = {"demo": settings.DEMO}
    if not isinstance(user, User) or not user.is_active or request.headers.get("HX-Request"):
        return context
    match = request.resolver_match
    page = match.view_name if match else ""
    counts = waiting_counts()
    context["navigation"] = _for_a_bar(
        [
            {
                "url": reverse(name),
                "label": label,
                "current": page == name,
                "count": counts.get(icon, ""),
                "icon": icon,
            }
            for name, label, icon, capability in PAGES
            if user.can(capability)
        ]
    )
    switch = (
        StopSwitch.objects.filter(kind=StopSwitch.Kind.EFFECTS).select_related("stopped_by").first()
    )
    context["effects_stopped"] = switch and {
        "by": switch.stopped_by.display_name,
        "at": switch.stopped_at,
        "reason": switch.reason,
    }
    topic = topics.TOPICS.get(pages.PAGES.get(page, ""))
    if topic and topic.may_read(user):  # a page that was refused has none either
        context["help_url"] = reverse("help:topic", args=[topic.slug])
    if user.tour_ended_at is None:
        context["tour"] = tour.on_page(page, capabilities(user.roles))
    return context


def _for_a_bar(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Part what a phone's bar shows from what stands behind その他. Whatever has a count is among
    the first, by the order of PAGES.
    """
    shown = IN_BAR if len(pages) <= IN_BAR else IN_BAR - 1
    more = pages[shown:]
    return {
        "pages": pages[:shown],
        "more": more,
        "more_current": any(page["current"] for page in more),
    }

"""The queue: what waits for a person, most urgent first."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from moderation.forms import QueueFilter
from moderation.presenters.comments import queue_row
from moderation.queries import (
    QueueKey,
    awaiting_second,
    count_text,
    opened_since,
    queue_page,
    tag_counts,
    waiting_counts,
)
from moderation.states import ALL_LANES, Lane
from moderation.views.access import instant
from moderation.views.listing import LANES, Listing
from moderation.views.undo import undo_context
from policy.criteria import Criterion, Signal


@require_safe
@require(Capability.READ_COMMENTS)
def queue(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show one page of one list. The lane is a tab, everything else a filter."""
    listing = Listing.of(request.GET)
    page = queue_page(
        listing.tags,
        after=QueueKey.parse(request.GET.get("after", "")),
        before=QueueKey.parse(request.GET.get("before", "")),
    )
    first_page = "after" not in request.GET and "before" not in request.GET
    if not page.cases and not first_page:  # all of it was decided meanwhile
        return redirect(listing.queue_url())
    now = timezone.now().isoformat()
    context = {
        "tabs": tabs(listing.lane),
        "form": QueueFilter(request.GET, counts=_filter_counts(listing)),
        "clear_url": Listing(listing.lane, {}).queue_url() if listing.chosen else "",
        "rows": [queue_row(case, listing.query) for case in page.cases],
        "previous_url": _page(request, before=page.previous),
        "next_url": _page(request, after=page.next),
        "news_url": f"{reverse('moderation:queue_news')}?{urlencode({'since': now})}"
        if first_page and not listing.chosen
        else "",
        "undo": undo_context(request.user),
    }
    return render(request, "moderation/queue.html", context)


@require_safe
@require(Capability.READ_COMMENTS)
def news(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Tell how many cases came since the page was loaded."""
    since = instant(request.GET.get("since", ""))
    if since is None:
        return HttpResponse(status=204)
    context = {
        "count": opened_since(ALL_LANES, since),
        "care": opened_since(f"lane:{Lane.CARE}", since),
        "url": reverse("moderation:queue"),
    }
    return render(request, "moderation/_queue_news.html", context)


@require_safe
@require(Capability.READ_COMMENTS)
def second(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show the cases that wait for a second moderator."""
    context = {
        "tabs": tabs("second"),
        "rows": [queue_row(case) for case in awaiting_second()[:100]],
        "empty_title": "確認を待つ案件はありません",
        "empty_text": "削除やブロックなど、元に戻せない判断があると、ここに並びます。",
        "undo": undo_context(request.user),
    }
    return render(request, "moderation/queue.html", context)


@require_safe
@require(Capability.READ_COMMENTS)
def undo_bar(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Answer the bar's own polling; empty once the window has closed."""
    return render(request, "components/undo.html", {"undo": undo_context(request.user)})


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the lists with what waits in each."""
    lists = [Listing(lane, {}) for lane in LANES]
    counts = tag_counts([listing.lane_tag for listing in lists])
    items = [
        {
            "url": listing.queue_url(),
            "label": Lane(listing.lane).label if listing.lane else "すべて",
            "current": current == listing.lane,
            "count": count_text(counts[listing.lane_tag]),
        }
        for listing in lists
    ]
    waiting = {
        "url": reverse("moderation:second"),
        "label": "確認待ち",
        "current": current == "second",
        "count": waiting_counts()["second"],
    }
    return [*items, waiting]


def _filter_counts(listing: Listing) -> dict[str, str]:
    tags = [f"criterion:{c}" for c in Criterion] + [f"signal:{s}" for s in Signal]
    counts = tag_counts(tags, lane=listing.lane_tag)
    return {tag: count_text(count) for tag, count in counts.items()}


def _page(request: AuthenticatedHttpRequest, **key: QueueKey | None) -> str:
    """Return the URL of another page with the same filters, '' where there is none."""
    (name, value), *_ = key.items()
    if value is None:
        return ""
    query = request.GET.copy()
    for old in ("after", "before"):
        query.pop(old, None)
    query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"

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
from moderation.views.undo import undo_context
from policy.criteria import Criterion, Signal

LANES = ("", Lane.CARE, Lane.QUEUE, Lane.CONSULTATION, Lane.SAMPLE)


@require_safe
@require(Capability.READ_COMMENTS)
def queue(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show one page of one list. The lane is a tab, everything else a filter."""
    lane = request.GET.get("lane", "")
    lane = lane if lane in LANES else ""
    form = QueueFilter(request.GET, counts=_filter_counts())
    chosen = form.tags()
    page = queue_page(
        [f"lane:{lane}" if lane else ALL_LANES, *chosen],
        after=QueueKey.parse(request.GET.get("after", "")),
        before=QueueKey.parse(request.GET.get("before", "")),
    )
    first_page = "after" not in request.GET and "before" not in request.GET
    if not page.cases and not first_page:  # all of it was decided meanwhile
        return redirect(_url(lane=lane, **dict(tag.split(":", 1) for tag in chosen)))
    now = timezone.now().isoformat()
    context = {
        "tabs": tabs(lane),
        "form": form,
        "clear_url": _url(lane=lane) if chosen else "",
        "rows": [queue_row(case) for case in page.cases],
        "previous_url": _page(request, before=page.previous),
        "next_url": _page(request, after=page.next),
        "news_url": f"{reverse('moderation:queue_news')}?{urlencode({'since': now})}"
        if first_page and not chosen
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
    counts = tag_counts([f"lane:{lane}" if lane else ALL_LANES for lane in LANES])
    items = [
        {
            "url": _url(lane=lane),
            "label": Lane(lane).label if lane else "すべて",
            "current": current == lane,
            "count": count_text(counts[f"lane:{lane}" if lane else ALL_LANES]),
        }
        for lane in LANES
    ]
    waiting = {
        "url": reverse("moderation:second"),
        "label": "確認待ち",
        "current": current == "second",
        "count": waiting_counts()["second"],
    }
    return [*items, waiting]


def _filter_counts() -> dict[str, str]:
    tags = [f"criterion:{c}" for c in Criterion] + [f"signal:{s}" for s in Signal]
    return {tag: count_text(count) for tag, count in tag_counts(tags).items()}


def _url(**query: str) -> str:
    kept = {name: value for name, value in query.items() if value}
    return reverse("moderation:queue") + (f"?{urlencode(kept)}" if kept else "")


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

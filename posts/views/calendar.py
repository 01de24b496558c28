"""The plan by month, week and list; and the same as a feed for people's own calendars."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from icalendar import Calendar, Event as Entry

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.states import OperationState
from posts.calendar import TOKYO, Day, month, place, week
from posts.models import Delivery, FeedKey
from posts.presenters.page import DELIVERY_TONES
from posts.queries import planned_between

FEED_BACK, FEED_AHEAD = timedelta(days=60), timedelta(days=365)


@require_safe
@require(Capability.READ_POSTS)
def calendar(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show what is planned and what went out around a day.

    Unless the person has chosen a view, the page holds the month and the list: wide screens show
    the one, narrow screens the other.
    """
    day = _day(request.GET.get("day", ""))
    view = request.GET.get("view", "")
    if view not in dict(VIEWS):
        view = ""
    weeks: list[list[Day[dict[str, Any]]]] = (
        [week(day)] if view == "week" else month(day.year, day.month)
    )
    days = [one for part in weeks for one in part]
    first, last = days[0].day, days[-1].day
    drafts = request.user.can(Capability.DRAFT_POSTS)
    rows = planned_between(_midnight(first), _midnight(last + timedelta(days=1)))
    place(days, [(row.planned_at, _item(row, drafts=drafts)) for row in rows])
    today = timezone.localdate()
    busy = [one for one in days if one.items]
    end = max(one.day for one in days if not one.outside)  # the grid may go on into what follows
    ended = end < today
    over = [] if ended else [one for one in busy if one.day < today]
    key = FeedKey.objects.filter(person=request.user).first()
    context = {
        "view": view,
        "weeks": weeks,
        "over": over,
        "coming": busy[len(over) :],
        "ended": ended,
        "day": day,
        "today": today,
        "wide_tabs": _tabs(view or "month", day),
        "narrow_tabs": _tabs(view or "list", day),
        "previous": _url(view, _step(day, view, -1)),
        "following": _url(view, _step(day, view, 1)),
        "feed": f"{settings.SITE_URL}{reverse('posts:feed', args=[key.key])}" if key else "",
    }
    return render(request, "posts/calendar.html", context)


VIEWS = (("month", "月"), ("week", "週"), ("list", "一覧"))


@require_POST
@require(Capability.READ_POSTS)
def renew_feed(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Make this person's private address, or a new one that makes the old one worthless."""
    key, made = FeedKey.objects.get_or_create(person=request.user)
    if not made:
        key.renew()
    messages.success(request, "カレンダー用のアドレスを作りました。ほかの人に教えないでください。")
    return redirect("posts:calendar")


@require_safe
def feed(_: HttpRequest, key: str) -> HttpResponse:
    """The plan as iCalendar, for whoever holds the key of an active person."""
    found = FeedKey.objects.select_related("person").filter(key=key).first()
    if found is None or not found.person.can(Capability.READ_POSTS):
        raise Http404
    now = timezone.now()
    plan = Calendar()
    plan.add("prodid", "-//JSPM//koho console//JA")
    plan.add("version", "2.0")
    plan.add("x-wr-calname", "広報の投稿予定")
    for row in planned_between(now - FEED_BACK, now + FEED_AHEAD):
        plan.add_component(_entry(row))
    response = HttpResponse(plan.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response


def _entry(row: Delivery) -> Entry:
    entry = Entry()
    entry.add("uid", f"{row.key}@koho-console")
    entry.add("dtstamp", row.created_at)
    entry.add("dtstart", row.planned_at)
    entry.add("dtend", row.planned_at + timedelta(minutes=15))
    entry.add("summary", f"{row.channel}：{row.post.title}（{row.get_state_display()}）")
    entry.add("url", f"{settings.SITE_URL}{reverse('posts:post', args=[row.post_id])}")
    return entry


def _item(row: Delivery, *, drafts: bool) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "url": reverse("posts:post", args=[row.post_id]),
        "title": row.post.title,
        "channel": str(row.channel),
        "at": row.planned_at,
        "state": row.get_state_display(),
        "tone": DELIVERY_TONES[OperationState(row.state)],
        "movable": drafts and row.state == OperationState.WAITING and row.begun_at is None,
        "time": f"{timezone.localtime(row.planned_at):%H:%M}",
    }


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return timezone.localdate()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=TOKYO)


def _step(day: date, view: str, by: int) -> date:
    if view == "week":
        return day + timedelta(days=7 * by)
    first = day.replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) if by > 0 else first - timedelta(days=1)


def _url(view: str, day: date) -> str:
    chosen = f"view={view}&" if view else ""
    return f"{reverse('posts:calendar')}?{chosen}day={day.isoformat()}"


def _tabs(view: str, day: date) -> list[dict[str, Any]]:
    return [
        {"url": _url(name, day), "label": label, "current": name == view, "count": ""}
        for name, label in VIEWS
    ]

"""What everybody may read about the policy. No log-in, no cookie, no tracker, no script.

The pages do not see the request: nothing about whoever asks can end up in them, so that any cache
on the way may keep them.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from policy import transparency
from policy.comparison import comparison
from policy.models import PolicyVersion
from policy.presenters import public as show_as, versions
from policy.queries import version_before
from policy.states import PUBLIC, VersionState

P = ParamSpec("P")

KEEP_SECONDS = 300
MONTHS_SHOWN = 24
MAX_NUMBER = 32_767


def published(
    page: Callable[P, HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page that any cache may keep, and that is not sent again to whoever has it. It does not
    see the request.
    """

    @require_safe
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = page(*args, **kwargs)
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
        answer = get_conditional_response(request, etag=etag, response=response)
        assert isinstance(answer, HttpResponse)  # noqa: S101 -- for the type checker
        return answer

    return guarded


@published
def policy() -> HttpResponse:
    """The policy in force."""
    return _text(_in_force())


@published
def version(number: int) -> HttpResponse:
    """One version, in force or earlier."""
    return _text(_public(number))


@published
def changes(number: int) -> HttpResponse:
    """The 新旧対照表 of a version and the one before it."""
    new = _public(number)
    old = version_before(new)
    if old is None:
        raise Http404
    rows = comparison(list(old.clauses.all()), list(new.clauses.all()))
    context = {
        "version": new,
        "before": old,
        "rows": versions.table(rows),
        **versions.labels(new, old),
    }
    return _page("public/changes.html", context, new.in_force_at)


@published
def grounds() -> HttpResponse:
    """The grounds of 4(2) in plain words."""
    current = _in_force()
    context = {"version": current, "grounds": show_as.grounds(current)}
    return _page("public/grounds.html", context, current.in_force_at)


@published
def numbers() -> HttpResponse:
    """How the policy was applied, in numbers that tell of nobody."""
    first, this = show_as.last_months(timezone.localdate(), MONTHS_SHOWN)
    counted = transparency.months(first, this)
    context = {
        "months": show_as.months(counted),
        "effects": list(show_as.EFFECTS.values()),
        "fewest": transparency.FEWEST,
    }
    since = timezone.make_aware(datetime.combine(this, time.min))
    return _page("public/transparency.html", context, since)


@published
def feed() -> HttpResponse:
    """The changes of the policy as an Atom feed (RFC 4287)."""
    site = settings.SITE_URL.rstrip("/")
    atom = Atom1Feed(
        title="日本緩和医療学会 ソーシャルメディアポリシーの改定",
        link=site + reverse("public:policy"),
        feed_url=site + reverse("public:feed"),
        description="ソーシャルメディアポリシーの改定のお知らせ",
        language="ja",
        author_name="日本緩和医療学会 広報委員会",
    )
    rows = list(PolicyVersion.objects.filter(state__in=PUBLIC).order_by("-number"))
    for row in rows:
        where = "public:changes" if row != rows[-1] else "public:version"
        since = timezone.make_aware(datetime.combine(row.effective_from, time.min))
        atom.add_item(
            title=f"{row.title} {row}",
            link=site + reverse(where, args=[row.number]),
            unique_id=site + reverse("public:version", args=[row.number]),
            description=row.summary,
            pubdate=since,
            updateddate=since,
        )
    response = HttpResponse(
        atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
    return _dated(response, rows[0].in_force_at if rows else None)


def _in_force() -> PolicyVersion:
    return get_object_or_404(PolicyVersion, state=VersionState.IN_FORCE)


def _public(number: int) -> PolicyVersion:
    if number > MAX_NUMBER:
        raise Http404
    return get_object_or_404(PolicyVersion, number=number, state__in=PUBLIC)


def _text(shown: PolicyVersion) -> HttpResponse:
    others = list(PolicyVersion.objects.filter(state__in=PUBLIC).order_by("-number"))
    context = {
        "version": shown,
        "clauses": versions.shown(shown.clauses.all()),
        "others": others,
        "first": others[-1],
        "newer": next((row for row in others if row.state == VersionState.IN_FORCE), None),
    }
    return _page("public/policy.html", context, max(_moment(row.in_force_at) for row in others))


def _page(template: str, context: dict[str, Any], since: datetime | None) -> HttpResponse:
    return _dated(HttpResponse(render_to_string(template, context)), since)


def _dated(response: HttpResponse, since: datetime | None) -> HttpResponse:
    if since is not None:
        response["Last-Modified"] = http_date(since.timestamp())
    return response


def _moment(at: datetime | None) -> datetime:
    return at or datetime.min.replace(tzinfo=UTC)

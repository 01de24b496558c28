"""The page on which the audit trail is searched and exported.

Rights are asked for by Django's permission names, which `accounts` answers from a person's
roles: this part lies below `accounts` and does not know it.
"""

from typing import Any, cast

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jspm_social.audit.export import csv_lines
from jspm_social.audit.forms import SearchForm
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.queries import page, search
from jspm_social.audit.services import Actor, record_export
from jspm_social.audit.wording import row

READ = "audit.read"
EXPORT = "audit.export"


@require_safe
@login_required
@permission_required(READ, raise_exception=True)
def events(request: HttpRequest) -> HttpResponse:
    """Search, newest first; a wrong filter shows its error and no events."""
    form = SearchForm(request.GET)
    found = search(form.chosen) if form.is_valid() else AuditEvent.objects.none()
    shown = page(found, before=_number(request, "before"), after=_number(request, "after"))
    context = {
        "form": form,
        "clear_url": request.path if form.errors or form.chosen else "",
        "rows": [row(event) for event in shown.events],
        "older_url": _turned(request, "before", shown.older_than),
        "newer_url": _turned(request, "after", shown.newer_than),
        "may_export": request.user.has_perm(EXPORT),
    }
    return render(request, "audit/events.html", context)


@require_POST
@login_required
@permission_required(EXPORT, raise_exception=True)
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The events that match the filters of the page, as CSV. Taking them out is an event too."""
    form = SearchForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "clear_url": reverse("audit:events"), "rows": []}
        return render(request, "audit/events.html", context, status=422)
    told = record_export(actor=cast("Actor", request.user), chosen=form.chosen)
    lines = csv_lines(search(form.chosen).filter(id__lt=told.id).iterator(chunk_size=1000))
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _number(request: HttpRequest, name: str) -> int | None:
    """A place in the chain from the address; anything else is the newest page."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _turned(request: HttpRequest, way: str, number: Any) -> str:
    """The address of a neighbouring page with the same filters, '' at an end."""
    if number is None:
        return ""
    query = request.GET.copy()
    query.pop("before", None)
    query.pop("after", None)
    query[way] = str(number)
    return f"?{query.urlencode()}"

"""How well the judgement does, measured by what people decided."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from moderation.models import MonthCount
from moderation.presenters import learned, performance as show
from moderation.queries import double_looks, waiting_specimens
from moderation.states import Purpose

MONTHS = 12
A_YEAR = timedelta(days=366)


@require_safe
@require(Capability.READ_COMMENTS)
def performance(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show one month per criterion, the agreement between moderators, and the model in use."""
    months = list(MonthCount.objects.prefetch_related("criteria")[:MONTHS])
    chosen = _chosen(months, request.GET.get("month", ""))
    context: dict[str, Any] = {
        "tabs": [
            {
                "url": f"{request.path}?{urlencode({'month': f'{month.month:%Y-%m}'})}",
                "label": show.month_name(month.month),
                "current": month == chosen,
            }
            for month in months
        ],
        "month": None,
        "agreement": show.agreement_rows(double_looks(timezone.now() - A_YEAR)),
        "learned": learned.summary(),
        "can_label": request.user.can(Capability.DECIDE),
        "can_manage": request.user.can(Capability.MANAGE_RULES),
    }
    if request.user.can(Capability.DECIDE):
        context["to_label"] = {
            "instructive": waiting_specimens(Purpose.INSTRUCTIVE, request.user).count(),
            "double": waiting_specimens(Purpose.DOUBLE, request.user).count(),
        }
    if chosen is not None:
        counts = list(chosen.criteria.all())
        rows = show.criterion_rows(chosen, counts)
        context["month"] = {
            "name": show.month_name(chosen.month),
            "rows": rows,
            "quiet": show.quiet_criteria(rows),
            "sampled": show.sampled_words(chosen, counts),
            "counted_at": chosen.counted_at,
        }
    return render(request, "moderation/performance.html", context)


def _chosen(months: list[MonthCount], wanted: str) -> MonthCount | None:
    """Return the month that the address asks for, or the newest one."""
    try:
        day = date.fromisoformat(f"{wanted}-01")
    except ValueError:
        day = None
    return next((m for m in months if m.month == day), months[0] if months else None)

"""All uses of the emergency fast lane, and looking at them afterwards."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts.errors import Refused
from posts.models import FastLane
from posts.presenters.urgent import use
from posts.queries import urgent_uses
from posts.services import urgent

PAGE = 20


@require_safe
@require(Capability.READ_POSTS)
def uses(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show every use, the latest first."""
    page = Paginator(urgent_uses(), PAGE).get_page(request.GET.get("page"))
    here = reverse("posts:urgent")
    context = {
        "rows": [use(lane, request.user) for lane in page],
        "previous_url": f"{here}?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"{here}?page={page.number + 1}" if page.has_next() else "",
    }
    return render(request, "posts/urgent.html", context)


@require_POST
@require(Capability.REVIEW_POSTS)
def review(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    lane = get_object_or_404(FastLane, pk=pk)
    try:
        urgent.review(
            actor=request.user, lane=lane, finding=request.POST.get("finding", "")[:2_000]
        )
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "事後の確認を記録しました。")
    return redirect("posts:urgent")

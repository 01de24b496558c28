"""The yearly review of who has access."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import AccessReview, User
from jspm_social.accounts.presenters import reviewed
from jspm_social.accounts.queries import current_review
from jspm_social.accounts.roles import Capability
from jspm_social.accounts.services import reviews as services


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_PEOPLE)
def reviews(request: AuthenticatedHttpRequest) -> HttpResponse:
    """List the reviews there were; begin the next."""
    if request.method == "POST":
        try:
            review = services.open_review(actor=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("accounts:reviews")
        return redirect("accounts:review", pk=review.pk)
    rows = AccessReview.objects.select_related("opened_by").prefetch_related("answers")
    context = {"rows": rows, "current": current_review(), "due": services.due_since()}
    return render(request, "accounts/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_PEOPLE)
def review(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Confirm one person after the other; ending an access leads to its own page."""
    row = get_object_or_404(AccessReview, pk=pk)
    if request.method == "POST":
        chosen = request.POST.get("person", "")
        person = get_object_or_404(User, pk=int(chosen) if chosen.isdecimal() else 0)
        try:
            services.confirm_access(actor=request.user, review=row, person=person)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{person}さんの利用の継続を確認しました。")
        return redirect("accounts:review", pk=pk)
    context = {"review": row, **reviewed(row, request.user)}
    return render(request, "accounts/review.html", context)

"""Who has access: the list, and one person's page with everything that changes their access."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts import services
from jspm_social.accounts.access import AuthenticatedHttpRequest, require, signed_in
from jspm_social.accounts.forms import (
    DepartureForm,
    DetailsForm,
    LeaveForm,
    ReasonForm,
    RolesForm,
)
from jspm_social.accounts.handover import open_work
from jspm_social.accounts.models import Leave, User
from jspm_social.accounts.presenters import history, listed, standing
from jspm_social.accounts.queries import current_review, open_invitations
from jspm_social.accounts.roles import Capability
from jspm_social.accounts.services.reviews import due_since

manages = require(Capability.MANAGE_PEOPLE)


@require_safe
@manages
def people(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show everybody, who is invited, and whether the yearly review is due."""
    review = current_review()
    context = {
        "rows": listed(),
        "invitations": open_invitations(),
        "review": review,
        "review_due": review is None and due_since() <= timezone.now(),
    }
    return render(request, "accounts/people.html", context)


@require_safe
@manages
def person(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(User, pk=pk))


@require_POST
@manages
def roles(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Give a person other roles."""
    user, form = get_object_or_404(User, pk=pk), RolesForm(request.POST)
    return _change(
        request,
        user,
        name="roles",
        form=form,
        service=lambda typed: services.set_roles(actor=request.user, user=user, **typed),
        told="役割を変えました。開いていた画面では、ログインし直しになります。",
    )


@require_POST
@manages
def details(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Correct a name or an address."""
    user, form = get_object_or_404(User, pk=pk), DetailsForm(request.POST)
    return _change(
        request,
        user,
        name="details",
        form=form,
        service=lambda typed: services.change_details(actor=request.user, user=user, **typed),
        told="登録内容を直しました。",
    )


@require_POST
@manages
def leave(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Note that a person is away for some days."""
    user, form = get_object_or_404(User, pk=pk), LeaveForm(request.POST)
    return _change(
        request,
        user,
        name="leave",
        form=form,
        service=lambda typed: services.take_leave(actor=request.user, person=user, **typed),
        told="不在の期間を登録しました。",
    )


@require_POST
@manages
def reactivate(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Give a person their access back."""
    user, form = get_object_or_404(User, pk=pk), ReasonForm(request.POST)
    return _change(
        request,
        user,
        name="reactivate",
        form=form,
        service=lambda typed: services.reactivate(actor=request.user, user=user, **typed),
        told="利用を再開しました。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@manages
def deactivate(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """List what the person has in hand; then end their access and pass it on."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    form = DepartureForm(request.POST or None, person=user)
    if request.method == "POST" and form.is_valid():
        try:
            services.deactivate(actor=request.user, user=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{user}さんの利用を停止しました。")
            return redirect("accounts:person", pk=user.pk)
    work = [
        {"label": keeper.label, "passed_on": keeper.hand_over is not None, "items": items}
        for keeper, items in open_work(user)
    ]
    context = {"person": user, "form": form, "work": work}
    return render(request, "accounts/deactivate.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_leave(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Say oneself that one is away."""
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.take_leave(actor=request.user, person=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "不在の期間を登録しました。")
            return redirect("accounts:me")
    return render(
        request, "accounts/my_leave.html", {"form": form}, status=422 if form.errors else 200
    )


@require_POST
@signed_in
def end_leave(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """End one's own leave; whoever manages people ends anybody's."""
    rows = Leave.objects.select_related("person")
    if not request.user.can(Capability.MANAGE_PEOPLE):
        rows = rows.filter(person=request.user)
    found = get_object_or_404(rows, pk=pk)
    services.end_leave(actor=request.user, leave=found)
    messages.success(request, "不在を終えました。")
    if found.person_id == request.user.pk:
        return redirect("accounts:me")
    return redirect("accounts:person", pk=found.person_id)


def _change(
    request: AuthenticatedHttpRequest,
    user: User,
    *,
    name: str,
    form: Form,
    service: Callable[[dict[str, Any]], object],
    told: str,
) -> HttpResponse:
    """Call the service with what was typed; show the page again where it is refused."""
    if form.is_valid():
        try:
            service(form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, told)
            return redirect("accounts:person", pk=user.pk)
    return _page(request, get_object_or_404(User, pk=user.pk), **{name: form})


def _page(request: AuthenticatedHttpRequest, user: User, **refused: Form) -> HttpResponse:
    forms = {
        "roles": RolesForm(initial={"roles": user.roles}, auto_id="roles_%s"),
        "details": DetailsForm(
            initial={
                "display_name": user.display_name,
                "reading": user.reading,
                "email": user.email,
            },
            auto_id="details_%s",
        ),
        "leave": LeaveForm(auto_id="leave_%s"),
        "reactivate": ReasonForm(auto_id="reactivate_%s"),
    } | refused
    context = {
        "person": user,
        "oneself": user.pk == request.user.pk,
        "forms": forms,
        "history": history(user),
        **standing(user),
    }
    return render(request, "accounts/person.html", context, status=422 if refused else 200)

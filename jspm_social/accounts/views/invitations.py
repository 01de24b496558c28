"""Inviting somebody, and accepting an invitation without being logged in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.forms import InviteForm, NewPasswordForm
from jspm_social.accounts.models import Invitation
from jspm_social.accounts.queries import invitation_of
from jspm_social.accounts.roles import Capability
from jspm_social.accounts.services import invitations

KEPT = "invitation"  # where the link's key is kept in the session


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_PEOPLE)
def invite(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Ask somebody to join, by mail."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = invitations.invite(actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{made}さんに、招待のメールを送ります。")
            return redirect("accounts:people")
    return render(
        request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200
    )


@require_POST
@require(Capability.MANAGE_PEOPLE)
def invitation(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link, or take it back."""
    row = get_object_or_404(Invitation, pk=pk)
    try:
        if request.POST.get("what") == "again":
            invitations.invite_again(actor=request.user, invitation=row)
            messages.success(request, "新しいリンクを送ります。前のリンクは使えなくなりました。")
        else:
            invitations.withdraw(actor=request.user, invitation=row)
            messages.success(request, "招待を取り消しました。")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("accounts:people")


@require_safe
@never_cache
def link(request: HttpRequest, key: str) -> HttpResponse:
    """The mail's link. Its key leaves the address at once: it is seen over shoulders, and kept
    by browsers and proxies. Opening it uses nothing up, since mail scanners open links too.
    """
    request.session[KEPT] = key
    return redirect("accounts:accept")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def accept(request: HttpRequest) -> HttpResponse:
    """Set the first password. Every useless link gets the same answer."""
    found = invitation_of(request.session.get(KEPT, ""))
    if found is None:
        return render(request, "accounts/useless.html")
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.accept(invitation=found, password=form.cleaned_data["password"])
        except ValidationError as error:
            if getattr(error, "code", "") == "useless":
                return render(request, "accounts/useless.html")
            form.add_error("password", error.messages)
        else:
            request.session.flush()
            messages.success(request, "登録しました。設定したパスワードでログインしてください。")
            return redirect("accounts:login")
    return render(
        request,
        "accounts/accept.html",
        {"form": form, "invitation": found},
        status=422 if form.errors else 200,
    )

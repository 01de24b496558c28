"""The emergency stop of everything that is sent to the platforms about comments."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.operations import stopped
from jspm_social.platforms.states import OperationState
from jspm_social.platforms.switch import resume, stop
from moderation.forms import StopForm
from moderation.models import Action

KIND = StopSwitch.Kind.EFFECTS


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.READ_COMMENTS)
def switch(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show whether sending is stopped; stop it with a reason, or let it go on.

    Only a form without a reason lets it go on: two people who press stop at once both stop.
    """
    form = StopForm(request.POST or None)
    if request.method == "POST":
        if "reason" not in request.POST:
            return _resume(request)
        _demand(request, Capability.STOP_EFFECTS)
        if form.is_valid():
            stop(actor=request.user, kind=KIND, reason=form.cleaned_data["reason"])
            messages.success(request, "対応の送信を停止しました。")
            return redirect("moderation:switch")
    context = {
        "waiting": Action.objects.filter(state=OperationState.WAITING)[:1000].count(),
        "can_stop": request.user.can(Capability.STOP_EFFECTS),
        "can_resume": request.user.can(Capability.RESUME_EFFECTS),
        "action": reverse("moderation:switch"),
        "form": None if stopped(KIND) else form,
    }
    return render(request, "moderation/switch.html", context)


def _resume(request: AuthenticatedHttpRequest) -> HttpResponse:
    _demand(request, Capability.RESUME_EFFECTS)
    if resume(actor=request.user, kind=KIND):
        messages.success(request, "送信を再開しました。待っていた対応を順に送ります。")
    else:
        messages.info(request, "送信は止まっていません。")
    return redirect("moderation:switch")


def _demand(request: AuthenticatedHttpRequest, capability: Capability) -> None:
    if not request.user.can(capability):
        raise PermissionDenied(capability)

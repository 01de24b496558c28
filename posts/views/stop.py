"""The emergency stop of publishing: one click and a reason stops, two people go on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import can_vote, latest_for
from jspm_social.approvals.states import RequestState
from jspm_social.platforms.models import StopSwitch
from posts.errors import Refused
from posts.forms import ReasonForm
from posts.queries import overdue
from posts.services import emergency


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.DRAFT_POSTS)
def stop(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show whether publishing is stopped; stop it, ask to go on, or agree to it."""
    form = ReasonForm(request.POST if request.POST.get("verb") == "stop" else None)
    if request.method == "POST":
        try:
            done = _carry_out(request, form)
        except Refused as error:
            messages.error(request, str(error))
            done = ""
        if done:
            messages.success(request, done)
        if not form.errors:
            return redirect("posts:stop")
    switch = StopSwitch.objects.filter(kind=emergency.KIND).select_related("stopped_by").first()
    asked = latest_for(switch) if switch else None
    waiting = asked if asked and asked.state == RequestState.OPEN else None
    context = {
        "switch": switch,
        "asked": waiting,
        "may_agree": waiting is not None and can_vote(waiting, request.user),
        "overdue": overdue()[:50],
        "form": form,
    }
    return render(request, "posts/stop.html", context, status=422 if form.errors else 200)


def _carry_out(request: AuthenticatedHttpRequest, form: ReasonForm) -> str:
    actor = request.user
    match request.POST.get("verb"):
        case "stop":
            if not form.is_valid():
                return ""
            emergency.stop(actor=actor, reason=form.cleaned_data["reason"])
            return "すべての投稿の公開を停止しました。"
        case "ask":
            emergency.ask_to_resume(actor=actor)
            return "再開を依頼しました。ほかの委員の同意を待ちます。"
        case "agree":
            held = emergency.agree_to_resume(actor=actor)
            return f"公開を再開しました。予定を過ぎた{held}件は、1件ずつ確認してください。"
        case _:
            raise Refused("どうするかを選んでください。")

"""The optional judge outside the house: what it is, what it may be asked, what it costs."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from moderation.forms import RemoteForm
from moderation.models import RemoteCriterion, RemoteDay
from moderation.services.remote import configured, switch
from policy.criteria import Criterion


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def remote(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show the judge and its criteria, and change which it is asked about."""
    if request.method == "POST":
        form = RemoteForm(request.POST)
        if form.is_valid():
            chosen = [Criterion(code) for code in form.cleaned_data["criteria"]]
            switch(actor=request.user, criteria=chosen)
            messages.success(request, "外部の判定の対象を保存しました。")
            return redirect("moderation:remote")
    else:
        chosen_now = RemoteCriterion.objects.values_list("criterion", flat=True)
        form = RemoteForm(initial={"criteria": list(chosen_now)})
    context = {"form": form, "configured": configured(), "facts": _facts()}
    return render(request, "moderation/remote.html", context, status=409 if form.errors else 200)


def _facts() -> list[dict[str, str]]:
    """What the environment says, without the key and without what follows the host."""
    if not configured():
        return []
    today = RemoteDay.objects.filter(day=timezone.localdate()).first() or RemoteDay()
    ceiling = f"上限{settings.JUDGE_COST_A_DAY:g}" if settings.JUDGE_COST_A_DAY else "上限なし"
    return [
        {"term": "宛先", "value": urlsplit(settings.JUDGE_URL).hostname or "—"},
        {"term": "モデル", "value": settings.JUDGE_MODEL},
        {
            "term": "きょうの問い合わせ",
            "value": f"{today.calls}件（上限{settings.JUDGE_CALLS_A_DAY}件）",
        },
        {"term": "きょうの費用", "value": f"{today.cost:.2f}（{ceiling}）"},
    ]

"""The committee's settings for posting, and who stands in for whom."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import Deputyship
from jspm_social.accounts.roles import Capability
from jspm_social.accounts.services import appoint_deputy, end_deputyship
from jspm_social.platforms.models import Channel
from posts.errors import Refused
from posts.models import ApprovalRule, BlackoutDay, Cadence
from posts.presenters.rules import changes
from posts.rule_forms import ApprovalRuleForm, BlackoutForm, CadenceForm, DeputyForm
from posts.services import rules

SAVED = "保存しました。"


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_POSTING)
def settings(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show and change approval rules, cadence, blackout days. One form each, told by `what`."""
    what = request.POST.get("what", "")
    forms = {
        "rule": ApprovalRuleForm(request.POST if what == "rule" else None, auto_id="rule_%s"),
        "blackout": BlackoutForm(
            request.POST if what == "blackout" else None, auto_id="blackout_%s"
        ),
        "cadence": CadenceForm(request.POST if what == "cadence" else None, auto_id="cadence_%s"),
    }
    form = forms.get(what)
    if form is not None and form.is_valid():
        try:
            _SAVE[what](request, form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, SAVED)
            return redirect("posts:settings")
    cadences = {row.channel_id: row for row in Cadence.objects.all()}
    context = {
        "forms": forms,
        "rules": ApprovalRule.objects.select_related("channel").order_by("kind", "channel", "role"),
        "channels": [{"channel": c, "cadence": cadences.get(c.pk)} for c in Channel.objects.all()],
        "history": changes(),
        "blackouts": BlackoutDay.objects.filter(day__gte=timezone.localdate()),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "posts/settings.html", context, status=status)


def _save_rule(request: AuthenticatedHttpRequest, typed: dict[str, Any]) -> None:
    rules.set_approval_rule(actor=request.user, **typed)


def _save_blackout(request: AuthenticatedHttpRequest, typed: dict[str, Any]) -> None:
    rules.set_blackout(actor=request.user, **typed)


def _save_cadence(request: AuthenticatedHttpRequest, typed: dict[str, Any]) -> None:
    measure = dict(typed)
    channel, because = measure.pop("channel"), measure.pop("because")
    rules.set_cadence(actor=request.user, channel=channel, measure=measure, because=because)


_SAVE = {"rule": _save_rule, "blackout": _save_blackout, "cadence": _save_cadence}


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_PEOPLE)
def deputies(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Who approves in whose place, and until when."""
    ended = request.POST.get("end", "")
    if ended.isdigit():
        row = Deputyship.objects.filter(pk=ended).first()
        if row is not None:
            end_deputyship(actor=request.user, deputyship=row)
            messages.success(request, "代理を終えました。")
        return redirect("posts:deputies")
    form = DeputyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appoint_deputy(actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "代理を決めました。")
            return redirect("posts:deputies")
    rows = Deputyship.objects.select_related("absent", "deputy")
    context = {
        "form": form,
        "rows": rows.filter(last_day__gte=timezone.localdate()),
        "action": reverse("posts:deputies"),
    }
    return render(request, "posts/deputies.html", context, status=422 if form.errors else 200)

"""The page of settings, and one page per setting with its history."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.committee import services
from jspm_social.committee.catalogue import ALL, Definition
from jspm_social.committee.forms import ChangeForm
from jspm_social.committee.models import SettingChange
from jspm_social.committee.queries import latest, number, proposals
from jspm_social.committee.states import ChangeState

HISTORY = 50


@require_safe
@require(Capability.READ_POLICY)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show every setting with its value, who set it and when, and where the others are."""
    changed, waiting = latest(), proposals()
    groups = groupby(ALL.values(), key=lambda one: one.group)
    context = {
        "groups": [
            (name, [_row(one, changed, waiting) for one in found]) for name, found in groups
        ],
        "may": {
            "change": request.user.can(Capability.MANAGE_SETTINGS),
            "people": request.user.can(Capability.MANAGE_PEOPLE),
            "posting": request.user.can(Capability.MANAGE_POSTING),
            "rules": request.user.can(Capability.MANAGE_RULES),
        },
    }
    return render(request, "committee/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.READ_POLICY)
def setting(request: AuthenticatedHttpRequest, name: str) -> HttpResponse:
    """Show what a setting means and its history; change it."""
    may = request.user.can(Capability.MANAGE_SETTINGS)
    if request.method == "POST" and not may:
        raise PermissionDenied(Capability.MANAGE_SETTINGS)
    definition = ALL.get(name)
    if definition is None:
        raise Http404
    current = number(definition)
    form = ChangeForm(request.POST or None, definition=definition, initial={"value": current})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.change(actor=request.user, definition=definition, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _told(made))
            return redirect("committee:setting", name=name)
    proposal = proposals().get(name)
    context = {
        "setting": _row(definition, latest(), {}),
        "definition": definition,
        "may": may,
        "form": form,
        "proposal": proposal and _change(definition, proposal),
        "own": proposal is not None and proposal.by_id == request.user.pk,
        "history": _history(definition),
    }
    return render(request, "committee/setting.html", context, status=422 if form.errors else 200)


@require_POST
@require(Capability.MANAGE_SETTINGS)
def answer(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Agree to a proposal, refuse it, or take one's own back."""
    proposal = get_object_or_404(SettingChange, pk=pk)
    agree = request.POST.get("answer") == "agree"
    try:
        services.answer(actor=request.user, proposal=proposal, agree=agree)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "設定を変えました。" if agree else "変更を取りやめました。")
    return redirect("committee:setting", name=proposal.name)


def _told(made: SettingChange) -> str:
    if made.state == ChangeState.PROPOSED:
        return "変更を提案しました。ほかの管理者か委員長が同意すると、適用されます。"
    return "設定を変えました。"


def _row(
    definition: Definition,
    changed: dict[str, SettingChange],
    waiting: dict[str, SettingChange],
) -> dict[str, Any]:
    return {
        "name": definition.name,
        "label": definition.label,
        "means": definition.means,
        "value": definition.shown(number(definition)),
        "usual": definition.shown(definition.default()),
        "last": changed.get(definition.name),
        "waits": definition.name in waiting,
    }


def _history(definition: Definition) -> list[dict[str, Any]]:
    rows = SettingChange.objects.filter(name=definition.name).select_related("by", "answered_by")
    return [_change(definition, row) for row in rows[:HISTORY]]


def _change(definition: Definition, row: SettingChange) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "shown": definition.shown(row.value),
        "by": row.by,
        "at": row.at,
        "reason": row.reason,
        "state": row.get_state_display(),
        "answered_by": row.answered_by,
    }

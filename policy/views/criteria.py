"""How each criterion and signal is handled."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from policy.criteria import Criterion, Signal
from policy.errors import Overtaken, Refused
from policy.models import CriterionSetting
from policy.past import Tally, past
from policy.queries import active_ruleset
from policy.rule_forms import SettingForm
from policy.rules import automation, drafting
from policy.rules.comparing import setting_changes

from .asking import draft, tag


@require_safe
@require(Capability.MANAGE_RULES)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """All criteria and signals, with what the draft changes."""
    active, open_draft = active_ruleset(), draft()
    used = {row.criterion: row for row in active.settings.all()}
    drafted = {row.criterion: row for row in open_draft.settings.all()} if open_draft else {}
    tallies = past().tally()
    rows = [
        {
            "key": key,
            "tag": tag(key),
            "row": used[key],
            "changes": setting_changes(used[key], drafted[key]) if key in drafted else [],
            "figures": automation.in_words(tallies.get(key, Tally())),
        }
        for key in (*Criterion.values, *Signal.values)
        if key in used
    ]
    return render(request, "policy/rules/criteria.html", {"rows": rows, "draft": open_draft})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def edit(request: AuthenticatedHttpRequest, criterion: str) -> HttpResponse:
    """One criterion; saving makes a draft where there is none."""
    if criterion not in {*Criterion.values, *Signal.values}:
        raise Http404
    form = SettingForm(request.POST) if request.method == "POST" else None
    status = 200
    if form is not None:
        if form.is_valid() and _saved(request, criterion, form):
            return redirect("rules:criteria")
        status = 422
    active, open_draft = active_ruleset(), draft()
    row = CriterionSetting.objects.get(ruleset=open_draft or active, criterion=criterion)
    if form is None:
        form = SettingForm(initial=SettingForm.initial_of(row, drafting.fingerprint(row)))
    tally = past().tally().get(criterion, Tally())
    context = {
        "criterion": criterion,
        "tag": tag(criterion),
        "form": form,
        "draft": open_draft,
        "used": CriterionSetting.objects.get(ruleset=active, criterion=criterion),
        "figures": automation.in_words(tally),
        "may_hide": criterion in Criterion.values and automation.may_hide(tally),
    }
    return render(request, "policy/rules/criterion.html", context, status=status)


def _saved(request: AuthenticatedHttpRequest, criterion: str, form: SettingForm) -> bool:
    try:
        drafting.open_draft(actor=request.user)
        drafting.change_setting(
            actor=request.user,
            criterion=criterion,
            values=form.values,
            why=form.cleaned_data["why"],
            seen=form.cleaned_data["seen"],
        )
    except Refused as error:
        form.add_error(None, str(error))
        if isinstance(error, Overtaken):  # the next attempt is about what stands there now
            row = CriterionSetting.objects.get(ruleset=draft(), criterion=criterion)
            typed = request.POST.copy()
            typed["seen"] = drafting.fingerprint(row)
            form.data = typed
        return False
    messages.success(request, f"案に保存しました（{tag(criterion)}）。承認されるまで使われません。")
    return True

"""The rule lab: terms, patterns, names, links, false claims; tables in and out; a text to try."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from policy.errors import Refused
from policy.models import Rule, RuleKind, RuleSet
from policy.past import Tally, past
from policy.queries import active_ruleset, compiled_ruleset
from policy.rule_forms import AddForm, FileForm, ListForm, RuleForm, TextForm, WhyForm
from policy.rules import drafting, exchange, hits
from policy.rules.drafting import Added
from policy.rules.trying import try_out
from policy.ruleset import BadRuleSet
from policy.states import RuleSetState

from .asking import attempt, draft, tag

PAGE = 50


@require_safe
@require(Capability.MANAGE_RULES)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The rules of the draft, or of what is in use, with how they fare."""
    open_draft = draft()
    shown = open_draft or active_ruleset()
    form = ListForm(request.GET)
    rows = _chosen(shown, form).select_related("author").order_by("-position")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    recent, tallies = hits.recent_hits(), past().rule_tally()
    context = {
        "form": form,
        "clear_url": request.path if form.changed_data else "",
        "draft": open_draft,
        "shown": shown,
        "count": page.paginator.count,
        "rows": [_row(rule, recent, tallies) for rule in page],
        "previous_url": _turned(request, page.number - 1) if page.has_previous() else "",
        "next_url": _turned(request, page.number + 1) if page.has_next() else "",
    }
    return render(request, "policy/rules/lab.html", context)


def _chosen(ruleset: RuleSet, form: ListForm) -> QuerySet[Rule]:
    rows = ruleset.rules.all()
    if not form.is_valid():
        return rows.none()
    typed = form.cleaned_data
    if typed["q"]:
        rows = rows.filter(Q(value__icontains=typed["q"]) | Q(group__icontains=typed["q"]))
    if typed["kind"]:
        rows = rows.filter(kind=typed["kind"])
    return rows.filter(criterion=typed["criterion"]) if typed["criterion"] else rows


def evidence_name(rule: Rule) -> str:
    """How evidence names a rule."""
    kind = RuleKind.TERM if rule.kind == RuleKind.CLAIM else rule.kind
    return f"{kind}:{rule.group}"


def _row(rule: Rule, recent: dict[str, int], tallies: Any) -> dict[str, Any]:
    name = evidence_name(rule)
    tally = tallies.get(name, Tally())
    return {
        "rule": rule,
        "hits": recent.get(name, 0),
        "tally": tally,
        "precision": f"{tally.right / tally.decided:.0%}" if tally.decided else "",
        "tag": tag(rule.criterion) if rule.criterion else "部品",
    }


def _turned(request: AuthenticatedHttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def add(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Add rules to the draft, which is made where there is none. What was typed stays."""
    form = AddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            drafting.open_draft(actor=request.user)
            added = drafting.add_rules(
                actor=request.user, rules=form.rules(), why=form.cleaned_data["why"]
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            _tell(request, added)
            return redirect("rules:lab")
    return render(request, "policy/rules/add.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def take_file(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Add the rules of a table file: all of them, or none with what is wrong line by line."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            rules = exchange.read(form.cleaned_data["file"].read())
            drafting.open_draft(actor=request.user)
            added = drafting.add_rules(
                actor=request.user, rules=rules, why=form.cleaned_data["why"]
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            _tell(request, added)
            return redirect("rules:lab")
    context = {"form": form, "columns": exchange.COLUMNS}
    return render(request, "policy/rules/import.html", context, status=_status(form))


def _tell(request: AuthenticatedHttpRequest, added: Added) -> None:
    text = f"案に{added.count}件を追加しました。"
    if added.known:
        lines = "、".join(str(line) for line in added.known[:20])
        more = f" ほか{len(added.known) - 20}行" if len(added.known) > 20 else ""
        text += f"すでにある{len(added.known)}件は、そのままにしました（{lines}行目{more}）。"
    messages.success(request, text)


def _status(form: Any) -> int:
    return 422 if form.errors else 200


@require_POST
@require(Capability.MANAGE_RULES)
def export(request: AuthenticatedHttpRequest) -> StreamingHttpResponse:
    """The rules of the draft, or of what is in use, as a table. Taking them out is an event."""
    shown = draft() or active_ruleset()
    _record_export(request, shown)
    rules = shown.rules.select_related("author").iterator(chunk_size=1_000)
    name = f"rules-{shown.number}-{timezone.localtime():%Y%m%d}.csv"
    return StreamingHttpResponse(
        exchange.written(rules),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@one_write()
def _record_export(request: AuthenticatedHttpRequest, shown: RuleSet) -> None:
    details = {"number": shown.number}
    record(actor=request.user, verb=Verb.RULESET_EXPORTED, target=shown, details=details)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def edit(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """One rule: who made it and why, and, in the draft, its fields."""
    rule = get_object_or_404(Rule.objects.select_related("author", "ruleset"), pk=pk)
    editable = rule.ruleset.state == RuleSetState.DRAFT
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(rule))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.change_rule(
                actor=request.user, rule=rule, values=form.typed(), why=form.cleaned_data["why"]
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "案に保存しました。承認されるまで使われません。")
            return redirect("rules:lab")
    context = {
        "row": _row(rule, hits.recent_hits(), past().rule_tally()),
        "rule": rule,
        "editable": editable,
        "form": form,
        "why_form": WhyForm(auto_id="remove_%s"),
        "siblings": rule.ruleset.rules.filter(group=rule.group).exclude(pk=pk)[:20],
    }
    return render(request, "policy/rules/rule.html", context, status=_status(form))


@require_POST
@require(Capability.MANAGE_RULES)
def remove(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Take a rule out of the draft."""
    rule = get_object_or_404(Rule, pk=pk)
    why = request.POST.get("why", "")
    removed = attempt(
        request,
        lambda: drafting.remove_rules(actor=request.user, rules=[rule], why=why),
        "案から外しました。承認されるまでは、使用中の規則セットに残ります。",
    )
    return redirect("rules:lab") if removed else redirect("rules:rule", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_RULES)
def try_text(request: AuthenticatedHttpRequest) -> HttpResponse:
    """What fires on a text, under what is in use and under the draft (or the shadow)."""
    form = TextForm(request.POST or None)
    sides: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        sides = [_side(row, form.cleaned_data) for row in _sides()]
    context = {"form": form, "sides": sides}
    return render(request, "policy/rules/try.html", context, status=_status(form))


def _sides() -> list[RuleSet]:
    states = [RuleSetState.ACTIVE, RuleSetState.SHADOW, RuleSetState.DRAFT]
    rows = {row.state: row for row in RuleSet.objects.filter(state__in=states)}
    return [rows[state] for state in states if state in rows]


def _side(row: RuleSet, typed: dict[str, Any]) -> dict[str, Any]:
    try:
        compiled = compiled_ruleset(row)
    except BadRuleSet as error:
        return {"ruleset": row, "error": str(error)}
    tried = try_out(typed["text"], name=typed["name"], post=typed["post"], ruleset=compiled)
    return {
        "ruleset": row,
        "labels": [tag(label) for label in tried.labels],
        "scores": [
            {"tag": tag(key), "score": score, "threshold": bar, "reached": score >= bar}
            for key, score, bar in tried.scores
        ],
        "fired": [
            {"one": one, "name": hits.rule_name(one.rule), "tag": tag(one.criterion)}
            for one in tried.fired
        ],
        "problems": tried.problems,
        "url": reverse("rules:compare", args=[row.number]),
    }

"""The rule sets: what is in use, the draft's way to work, and the way back."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import can_vote, latest_for
from jspm_social.approvals.states import RequestState
from policy.models import Activation, RuleAlarm, RuleSet, Trial
from policy.queries import active_ruleset
from policy.rules import activation, drafting, hits
from policy.rules.comparing import compare as differences, rule_words
from policy.states import RuleSetState

from .asking import TONES, attempt, ruleset_or_404

NOTE_LENGTH = 500
EDITS_SHOWN = 100
ALREADY_THERE = frozenset({RuleSetState.ACTIVE, RuleSetState.RETIRED})


@require_safe
@require(Capability.MANAGE_RULES)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """What is in use, what is being prepared, what was in use before."""
    active = active_ruleset()
    upcoming = RuleSet.objects.filter(state__in=[RuleSetState.DRAFT, RuleSetState.SHADOW])
    history = Activation.objects.select_related("ruleset", "previous", "by")
    earlier = RuleSet.objects.filter(
        state=RuleSetState.RETIRED, policy_version=active.policy_version_id
    ).order_by("-activated_at")
    context = {
        "active": active,
        "upcoming": [_card(row) for row in upcoming.order_by("number")],
        "has_draft": upcoming.filter(state=RuleSetState.DRAFT).exists(),
        "earlier": earlier[:10],
        "history": history[:20],
        "alarms": [
            {"row": alarm, "name": hits.rule_name(alarm.rule)} for alarm in hits.open_alarms()[:20]
        ],
        "trials": Trial.objects.select_related("ruleset", "started_by")[:10],
    }
    return render(request, "policy/rules/index.html", context)


def _card(row: RuleSet) -> dict[str, Any]:
    return {"row": row, "tone": TONES[RuleSetState(row.state)], "edits": row.edits.count()}


@require_POST
@require(Capability.MANAGE_RULES)
def draft(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Make a draft, or go on with it; `base` is the number of the set to copy."""
    number = request.POST.get("base", "")
    base = ruleset_or_404(int(number)) if number.isdecimal() and len(number) < 9 else None
    attempt(
        request,
        lambda: drafting.open_draft(actor=request.user, base=base),
        "案を開きました。変更は、承認されるまで使われません。",
    )
    return redirect("rules:criteria")


@require_safe
@require(Capability.MANAGE_RULES)
def compare(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """What a rule set changes about the one in use, its trials, and what can be done with it."""
    row, active = ruleset_or_404(number), active_ruleset()
    found = differences(active, row)
    asked = latest_for(row)
    waiting = asked is not None and asked.state == RequestState.OPEN
    context = {
        "row": row,
        "tone": TONES[RuleSetState(row.state)],
        "active": active,
        "found": found,
        "added": [{"row": rule, "words": rule_words(rule)} for rule in found.added[:500]],
        "removed": [{"row": rule, "words": rule_words(rule)} for rule in found.removed[:500]],
        "changed": [
            {"words": rule_words(change.rule), "lines": change.lines} for change in found.changed
        ],
        "edits": row.edits.select_related("by")[:EDITS_SHOWN],
        "trials": row.trials.select_related("started_by"),
        "asked": asked,
        "waiting": waiting,
        "votes": asked.votes.select_related("voter") if asked else [],
        "can_answer": waiting and asked is not None and can_vote(asked, request.user),
        "contributors": drafting.contributors(row) if row.state not in ALREADY_THERE else [],
        "outdated": row.state == RuleSetState.DRAFT and row.based_on_id != active.pk,
    }
    return render(request, "policy/rules/compare.html", context)


@require_POST
@require(Capability.MANAGE_RULES)
def shadow(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Watch a draft beside the active set, without any effect."""
    row = ruleset_or_404(number)
    attempt(
        request,
        lambda: activation.start_shadow(actor=request.user, ruleset=row),
        "試行を始めました。届いたコメントを並べて判定し、違いだけを記録します。",
    )
    return redirect("rules:compare", number)


@require_POST
@require(Capability.MANAGE_RULES)
def ask(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Ask a second admin."""
    row = ruleset_or_404(number)
    attempt(
        request,
        lambda: activation.ask(actor=request.user, ruleset=row),
        "ほかの管理者の承認を依頼しました。",
    )
    return redirect("rules:compare", number)


@require_POST
@require(Capability.MANAGE_RULES)
def answer(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Agree, or refuse with a reason."""
    row = ruleset_or_404(number)
    agree = request.POST.get("verb") == "agree"
    note = request.POST.get("note", "")[:NOTE_LENGTH]
    attempt(
        request,
        lambda: activation.answer(actor=request.user, ruleset=row, agree=agree, note=note),
        "使い始めました。次のコメントから、この規則セットで判定します。"
        if agree
        else "記録しました。",
    )
    return redirect("rules:compare", number)


@require_POST
@require(Capability.MANAGE_RULES)
def withdraw(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Give up a draft or a shadow."""
    row, why = ruleset_or_404(number), request.POST.get("why", "")[:NOTE_LENGTH]
    attempt(
        request,
        lambda: activation.withdraw(actor=request.user, ruleset=row, why=why),
        "取り下げました。内容は残っており、もとにして新しい案を作れます。",
    )
    return redirect("rules:compare", number)


@require_POST
@require(Capability.MANAGE_RULES)
def roll_back(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Bring back a set that was in use."""
    row, why = ruleset_or_404(number), request.POST.get("why", "")[:NOTE_LENGTH]
    attempt(
        request,
        lambda: activation.roll_back(actor=request.user, to=row, why=why),
        f"規則セット{number}に戻しました。次のコメントから、この規則セットで判定します。",
    )
    return redirect("rules:index")


@require_POST
@require(Capability.MANAGE_RULES)
def alarm_seen(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Somebody has looked at an alarm."""
    alarm = get_object_or_404(RuleAlarm, pk=pk)
    attempt(
        request, lambda: hits.mark_seen(actor=request.user, alarm=alarm), "確認済みにしました。"
    )
    return redirect("rules:index")

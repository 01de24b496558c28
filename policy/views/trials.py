"""Trials: how a rule set would judge what was, or is being, judged."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from policy.criteria import Criterion
from policy.models import Trial, TrialSample
from policy.past import past
from policy.rules import trials
from policy.states import TrialState

from .asking import attempt, ruleset_or_404, tag

Kind = TrialSample.Kind
EXPLAINED = {
    Kind.CAUGHT: "今は通過していて、この規則セットでは人が見ることになるコメントです。",
    Kind.FREED: "今は人が見ていて、この規則セットでは通過するコメントです。",
    Kind.CHANGED: "人が見ることは同じで、当てはまる基準が変わるコメントです。",
    Kind.HIDDEN: "この規則セットでは、人が見る前にいったん非表示になるコメントです。",
}


@require_POST
@require(Capability.MANAGE_RULES)
def start(request: AuthenticatedHttpRequest, number: int) -> HttpResponse:
    """Begin a backtest."""
    row = ruleset_or_404(number)
    attempt(
        request,
        lambda: trials.start_backtest(actor=request.user, ruleset=row),
        "過去のコメントで試し始めました。このページを離れても続きます。",
    )
    newest = row.trials.filter(kind=Trial.Kind.PAST).first()
    return redirect("rules:trial", newest.pk) if newest else redirect("rules:compare", number)


@require_POST
@require(Capability.MANAGE_RULES)
def cancel(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Stop a backtest."""
    trial = get_object_or_404(Trial, pk=pk, kind=Trial.Kind.PAST)
    attempt(
        request,
        lambda: trials.cancel(actor=request.user, trial=trial),
        "中止しました。ここまでの結果は残っています。",
    )
    return redirect("rules:trial", pk)


@require_safe
@require(Capability.MANAGE_RULES)
def show(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """How far a trial is, what it found, and comments to read. The progress alone for htmx."""
    rows = Trial.objects.select_related("ruleset", "against", "started_by")
    trial = get_object_or_404(rows, pk=pk)
    running = trial.state == TrialState.RUNNING
    context: dict[str, Any] = {"trial": trial, "running": running}
    if request.htmx and running:
        return render(request, "policy/rules/_progress.html", context)
    context |= {
        "counts": [
            {
                "kind": kind,
                "label": kind.label,
                "count": getattr(trial, kind),
                **_agreed(trial, kind),
            }
            for kind in Kind
        ],
        "figures": list(_figures(trial.figures)),
        "cost": _each(trial.cost_ms, trial.rejudged),
        "cost_before": _each(trial.cost_before_ms, trial.rejudged),
        "lists": _lists(list(trial.samples.all())),
        "back": reverse("rules:compare", args=[trial.ruleset.number]),
    }
    response = render(request, "policy/rules/trial.html", context)
    if request.htmx:  # it has just ended: the whole page has something new
        response.headers["HX-Refresh"] = "true"
    return response


def _agreed(trial: Trial, kind: TrialSample.Kind) -> dict[str, int]:
    decided, removed = trial.figures.get(kind.value, (0, 0))
    return {"decided": decided, "removed": removed}


def _figures(figures: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    rows = []
    for criterion in Criterion:
        before = figures.get(f"before:{criterion.value}", (0, 0))
        after = figures.get(f"after:{criterion.value}", (0, 0))
        if before[0] or after[0]:
            rows.append({"tag": tag(criterion), "before": _share(before), "after": _share(after)})
    return rows


def _share(pair: Sequence[int]) -> str:
    decided, right = pair
    return f"{right / decided:.0%}（{decided}件中{right}件）" if decided else "—"


def _each(total: float, count: int) -> str:
    return f"{total / count:.1f}" if count else "—"


def _lists(samples: Sequence[TrialSample]) -> list[dict[str, Any]]:
    shown = past().shown({sample.comment_id for sample in samples})
    return [
        {
            "label": kind.label,
            "explained": EXPLAINED[kind],
            "rows": [
                {"sample": sample, "shown": shown.get(sample.comment_id)}
                for sample in samples
                if sample.kind == kind
            ],
        }
        for kind in (Kind.CAUGHT, Kind.FREED, Kind.CHANGED, Kind.HIDDEN)
    ]

"""Labelling comments: a list that can be worked through, one comment at a time."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from moderation.errors import Refused
from moderation.forms import LabelForm
from moderation.models import Label, Specimen
from moderation.presenters import labelling as show
from moderation.queries import waiting_specimens
from moderation.services import labelling
from moderation.states import Answer, Purpose
from policy.criteria import Criterion, Signal

LONGEST_PK = 18  # digits


@require_safe
@require(Capability.DECIDE)
def labels(request: AuthenticatedHttpRequest, purpose: str) -> HttpResponse:
    """Show the next comment of a list, or the one after `after`."""
    chosen = _purpose(purpose)
    waiting = waiting_specimens(chosen, request.user)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) <= LONGEST_PK:
        skipped = Specimen.objects.filter(pk=int(after)).first()
        rest = waiting.exclude(pk=int(after))
        if skipped is not None:
            rest = rest.filter(rank__gte=skipped.rank).exclude(rank=skipped.rank, pk__lt=skipped.pk)
        waiting = rest if rest.exists() else waiting
    return _page(request, chosen, waiting.select_related(*show.NEEDED).first())


@require_POST
@require(Capability.DECIDE)
def give(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Record a label; what was ticked comes back with the reason when it is refused."""
    specimen = get_object_or_404(Specimen.objects.select_related(*show.NEEDED), pk=pk)
    purpose = Purpose(specimen.purpose)
    form = LabelForm(request.POST)
    if form.is_valid():
        try:
            label = labelling.give(
                actor=request.user,
                specimen=specimen,
                answer=Answer(form.cleaned_data["answer"]),
                criteria=[Criterion(code) for code in form.cleaned_data["criteria"]],
                signals=[Signal(code) for code in form.cleaned_data["signals"]],
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, show.thanks(label))
            return redirect("moderation:labels", purpose)
    return _page(request, purpose, specimen, form)


@require_POST
@require(Capability.DECIDE)
def withdraw(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Take one's own label back."""
    label = get_object_or_404(Label.objects.select_related("specimen__revision__comment"), pk=pk)
    purpose = label.specimen.purpose
    try:
        labelling.withdraw(actor=request.user, label=label)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "ラベルを取り消しました。もう一度付けられます。")
    return redirect("moderation:labels", purpose)


def _purpose(text: str) -> Purpose:
    return Purpose(text) if text in Purpose.values else Purpose.INSTRUCTIVE


def _page(
    request: AuthenticatedHttpRequest,
    purpose: Purpose,
    specimen: Specimen | None,
    form: LabelForm | None = None,
) -> HttpResponse:
    last = (
        Label.objects.filter(actor=request.user, specimen__purpose=purpose)
        .select_related("specimen__revision")
        .defer("specimen__revision__raw")
        .order_by("-pk")
        .first()
    )
    context: dict[str, Any] = {
        "purpose": purpose,
        "tabs": [
            {
                "url": reverse("moderation:labels", args=[other]),
                "label": other.label,
                "current": other == purpose,
                "count": waiting_specimens(other, request.user).count() or "",
            }
            for other in Purpose
        ],
        "specimen": show.specimen(specimen) if specimen else None,
        "form": form or LabelForm(),
        "last": show.last(last) if last else None,
    }
    return render(request, "moderation/labels.html", context, status=409 if form else 200)

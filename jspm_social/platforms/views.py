"""The society's accounts: how each is doing, and what can be done there."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability

from .budgets.ledger import budgets_of_all
from .budgets.meters import X_DOLLARS, kinds_of
from .forms import CeilingForm
from .models import Channel, Heartbeat, WebhookAddress, WebhookDelivery
from .names import Platform
from .outboxes import waiting_by_channel
from .presenters import channels as show
from .spending import set_ceiling

ALIVE_WITHIN = timedelta(minutes=2)
_MACHINERY = {"act": "対応の送信", "intake": "コメントの取得"}


@require_safe
@require(Capability.READ_COMMENTS)
def channels(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show every channel and the signs of life of the machinery."""
    now = timezone.now()
    found = list(Channel.objects.select_related("credential"))
    budgets, waiting = budgets_of_all(found, now), waiting_by_channel(found)
    context = {
        "channels": show.overview(found, budgets, waiting, now),
        "machinery": _machinery(),
        "may_connect": request.user.can(Capability.MANAGE_CHANNELS),
    }
    return render(request, "platforms/channels.html", context)


@require_safe
@require(Capability.READ_COMMENTS)
def channel(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Show one channel: reading, budgets, the connection, what waits, and what can be done."""
    found = get_object_or_404(Channel.objects.select_related("credential"), pk=pk)
    return _page(request, found, CeilingForm(initial={"dollars": found.monthly_ceiling}))


@require_POST
@require(Capability.MANAGE_CHANNELS)
def ceiling(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Set the most that may be spent on a channel in a month."""
    found = get_object_or_404(Channel.objects.select_related("credential"), pk=pk)
    if X_DOLLARS not in kinds_of(Platform(found.platform)):
        raise Http404
    form = CeilingForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    set_ceiling(actor=request.user, channel=found, dollars=form.cleaned_data["dollars"])
    messages.success(request, "料金の上限を記録しました。")
    return redirect("platforms:channel", found.pk)


def _page(
    request: AuthenticatedHttpRequest, found: Channel, form: CeilingForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    budgets, waiting = budgets_of_all([found], now), waiting_by_channel([found])
    context = {
        "channel": show.page(found, budgets[found.pk], waiting[found.pk], now),
        "told": _told_by_webhook(found),
        "may_manage": request.user.can(Capability.MANAGE_CHANNELS),
        "form": form,
        "ceiling_url": reverse("platforms:ceiling", args=[found.pk]),
    }
    return render(request, "platforms/channel.html", context, status=status)


def _told_by_webhook(found: Channel) -> dict[str, Any] | None:
    """Return when the platform told something by itself last; None where it has no address."""
    if not WebhookAddress.objects.filter(channel=found).exists():
        return None
    deliveries = WebhookDelivery.objects.filter(channel=found)
    return {"last_at": deliveries.aggregate(last=Max("received_at"))["last"]}


def _machinery() -> list[dict[str, Any]]:
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    limit = timezone.now() - ALIVE_WITHIN
    return [
        {"label": label, "at": seen.get(name), "ok": name in seen and seen[name] > limit}
        for name, label in _MACHINERY.items()
    ]

"""Connecting an account: choose the platform, type what it needs, go to its page, come back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.platforms.connect import NotConnected, connect_channel
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.models import Channel, ConnectionAttempt
from jspm_social.platforms.names import Platform
from jspm_social.platforms.oauth.flows import FLOWS
from jspm_social.platforms.registry import CLIENTS
from jspm_social.platforms.states import AttemptState

from . import attempts
from .attempts import NotYours, Who
from .forms import ChoiceForm, ConnectForm
from .found import scope_rows
from .guide import GUIDES
from .pending import opened
from .words import TYPE_AGAIN, explain


@require_safe
@require(Capability.MANAGE_CHANNELS)
def choose_platform(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Show the platforms that can be connected."""
    offered = [
        {
            "label": platform.label,
            "summary": GUIDES[platform].summary,
            "url": reverse("platforms:connect_form", args=[platform.value]),
        }
        for platform in Platform
        if platform in CLIENTS
    ]
    return render(request, "platforms/connecting/choose.html", {"platforms": offered})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_CHANNELS)
def connect(request: AuthenticatedHttpRequest, platform: str) -> HttpResponse:
    """Ask what the platform needs."""
    return _form_page(request, _platform(platform), again=None)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_CHANNELS)
def reconnect(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    """Ask it for an account that is here already; what is kept of it need not be typed."""
    channel = get_object_or_404(Channel, pk=channel_id)
    if not channel.account_id:  # under which imported comments stand: it never was an account
        raise Http404
    return _form_page(request, _platform(channel.platform), again=channel)


def _form_page(
    request: AuthenticatedHttpRequest, platform: Platform, *, again: Channel | None
) -> HttpResponse:
    if request.method != "POST":
        initial = _typed_before(request) if again is None else None
        form = ConnectForm(platform=platform, again=again, initial=initial)
        return _show_form(request, form)
    form = ConnectForm(request.POST, platform=platform, again=again)
    if form.is_valid():
        try:
            return redirect(_begin(request, form) if platform in FLOWS else _finish(request, form))
        except (NotConnected, PlatformError) as error:
            form.add_error(None, explain(platform, error))
    if any(entry.secret for entry in form.guide.entries):
        form.add_error(None, TYPE_AGAIN)
    return _show_form(request, form, status=422)


def _begin(request: AuthenticatedHttpRequest, form: ConnectForm) -> str:
    attempt = attempts.begin(
        who=_who(request),
        platform=form.platform,
        name=form.name,
        app=form.app,
        base_url=form.base_url,
        extra=form.extra,
        again=form.again,
    )
    return reverse("platforms:connect_attempt", args=[attempt.pk])


def _finish(request: AuthenticatedHttpRequest, form: ConnectForm) -> str:
    channel = connect_channel(
        actor=request.user,
        platform=form.platform,
        name=form.name,
        secrets=form.secrets,
        base_url=form.base_url,
        again=form.again,
    )
    return _connected(request, channel)


def _connected(request: HttpRequest, channel: Channel) -> str:
    messages.success(request, f"{channel}を接続しました。")
    return reverse("platforms:connection", args=[channel.pk])


def _show_form(
    request: AuthenticatedHttpRequest, form: ConnectForm, *, status: int = 200
) -> HttpResponse:
    platform = form.platform
    context = {
        "form": form,
        "again": form.again,
        "platform_label": platform.label,
        "guide": form.guide,
        "callback": attempts.redirect_uri(platform) if form.guide.redirects else "",
        "scopes": scope_rows(platform),
        "submit": f"{platform.label}の許可画面へ進む" if platform in FLOWS else "接続する",
    }
    return render(request, "platforms/connecting/form.html", context, status=status)


def _typed_before(request: AuthenticatedHttpRequest) -> dict[str, str] | None:
    """What may be shown again of an attempt that failed: never a secret."""
    number = request.GET.get("attempt", "")
    if not number.isdecimal() or len(number) > 18:
        return None
    try:
        found = attempts.find(who=_who(request), attempt_id=int(number))
    except NotYours:
        return None
    return {
        "name": found.name,
        "server": found.base_url,
        "client_id": opened(found).app.client_id,
    }


@never_cache
@require_safe
@require(Capability.MANAGE_CHANNELS)
def attempt(request: AuthenticatedHttpRequest, attempt_id: int) -> HttpResponse:
    """Show where an attempt stands: the link to the platform, a choice, or why it failed."""
    try:
        found = attempts.find(who=_who(request), attempt_id=attempt_id)
    except NotYours:
        return _not_yours(request)
    return _show_attempt(request, found)


def _show_attempt(
    request: AuthenticatedHttpRequest,
    found: ConnectionAttempt,
    *,
    form: ChoiceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    platform = Platform(found.platform)
    context: dict[str, Any] = {
        "attempt": found,
        "platform_label": platform.label,
        "scopes": scope_rows(platform),
        "form_url": _form_url(found),
    }
    if found.state == AttemptState.ASKING:
        context["address"] = attempts.address_of(found)
    if found.state == AttemptState.CHOOSING:
        context["form"] = form or ChoiceForm(labels=_labels(found))
    return render(request, "platforms/connecting/attempt.html", context, status=status)


@require_POST
@require(Capability.MANAGE_CHANNELS)
def again(request: AuthenticatedHttpRequest, attempt_id: int) -> HttpResponse:
    """Ask the platform once more, with what was typed."""
    try:
        found = attempts.ask_again(who=_who(request), attempt_id=attempt_id)
    except NotYours:
        return _not_yours(request)
    return redirect("platforms:connect_attempt", attempt_id=found.pk)


@require_POST
@require(Capability.MANAGE_CHANNELS)
def choose(request: AuthenticatedHttpRequest, attempt_id: int) -> HttpResponse:
    """Connect the chosen one of several accounts."""
    who = _who(request)
    try:
        found = attempts.find(who=who, attempt_id=attempt_id)
        form = ChoiceForm(request.POST, labels=_labels(found))
        if not form.is_valid():
            return _show_attempt(request, found, form=form, status=422)
        number = form.cleaned_data["account"]
        done = attempts.choose(who=who, attempt_id=attempt_id, number=number)
    except NotYours:
        return _not_yours(request)
    return redirect(_next(request, done))


@never_cache
@require_GET
def callback(request: HttpRequest, platform: str) -> HttpResponseBase:
    """Take the person back from the platform's page.

    Who is not logged in any more goes to the log-in page without the code: it would be of no
    use in another session.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("platforms:connect"))
    return _take_back(request, platform)


@require(Capability.MANAGE_CHANNELS)
def _take_back(request: AuthenticatedHttpRequest, platform: str) -> HttpResponse:
    code = "" if "error" in request.GET else request.GET.get("code", "")
    try:
        done = attempts.take_back(
            who=_who(request),
            platform=_platform(platform),
            state=request.GET.get("state", ""),
            code=code,
        )
    except NotYours:
        return _not_yours(request)
    return redirect(_next(request, done))


def _next(request: HttpRequest, found: ConnectionAttempt) -> str:
    """Where to go now: to the account, or to what the attempt has to say."""
    if found.pk is None and found.channel is not None:
        return _connected(request, found.channel)
    return reverse("platforms:connect_attempt", args=[found.pk])


def _not_yours(request: HttpRequest) -> HttpResponse:
    return render(request, "platforms/connecting/ended.html", status=409)


def _labels(found: ConnectionAttempt) -> list[str]:
    return [account.label or account.account_id for account in attempts.accounts_of(found)]


def _form_url(found: ConnectionAttempt) -> str:
    if found.channel_id:
        return reverse("platforms:reconnect", args=[found.channel_id])
    url = reverse("platforms:connect_form", args=[found.platform])
    return f"{url}?attempt={found.pk}"


def _platform(slug: str) -> Platform:
    if slug not in CLIENTS:
        raise Http404
    return Platform(slug)


def _who(request: AuthenticatedHttpRequest) -> Who:
    return Who(request.user, request.session.session_key or "")

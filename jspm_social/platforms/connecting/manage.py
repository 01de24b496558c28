"""An account that is connected: what was found, test, pause, resume, disconnect."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.platforms import pausing
from jspm_social.platforms.connect import test_channel
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.pausing import NotChanged
from jspm_social.platforms.states import CHANNEL_MOVES, ChannelState
from jspm_social.platforms.webhooks import address_of
from jspm_social.transitions import StaleState

from . import found
from .forms import DisconnectForm, PauseForm
from .words import explain_test

OVERTAKEN = "ほかの人が先に状態を変えました。いまの状態を確かめてください。"


@require_safe
@require(Capability.MANAGE_CHANNELS)
def connection(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    """Show the capability row as found, and what can be done with the connection."""
    channel = _account(channel_id)
    allowed = CHANNEL_MOVES[channel.state]
    connected = channel.state != ChannelState.DISCONNECTED
    context = {
        "channel": channel,
        "summary": found.summary(channel),
        "effects": found.effect_rows(channel),
        "permissions": found.permission_rows(channel),
        "told": channel.granted is not None,
        "stops": found.stops(channel) if connected else [],
        "webhook": address_of(channel) if connected else None,
        "connected": connected,
        "may_pause": ChannelState.PAUSED in allowed,
        "may_resume": channel.state == ChannelState.PAUSED,
        "may_disconnect": ChannelState.DISCONNECTED in allowed,
    }
    return render(request, "platforms/connecting/connection.html", context)


@require_POST
@require(Capability.MANAGE_CHANNELS)
def test(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    """Try the connection: reads, and changes nothing on the platform."""
    channel = _account(channel_id)
    if channel.state == ChannelState.DISCONNECTED:
        messages.error(request, "切断済みのアカウントです。先に接続してください。")
        return _back(channel)
    try:
        test_channel(actor=request.user, channel=channel)
    except PlatformError as error:
        messages.error(request, explain_test(Platform(channel.platform), error))
    except StaleState:
        messages.error(request, OVERTAKEN)
    else:
        messages.success(request, "接続を確かめました。問題なくつながっています。")
    return _back(channel)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_CHANNELS)
def pause(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    """Ask for the reason, then leave the account alone until it is resumed."""
    channel = _account(channel_id)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pausing.pause_channel(
                actor=request.user, channel=channel, reason=form.cleaned_data["reason"]
            )
            messages.success(request, f"{channel}を一時停止しました。")
        except (NotChanged, StaleState) as error:
            _refused(request, error)
        return _back(channel)
    status = 422 if request.method == "POST" else 200
    context = {"channel": channel, "form": form}
    return render(request, "platforms/connecting/pause.html", context, status=status)


@require_POST
@require(Capability.MANAGE_CHANNELS)
def resume(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    channel = _account(channel_id)
    try:
        pausing.resume_channel(actor=request.user, channel=channel)
        messages.success(request, f"{channel}を再開しました。待っていた対応を順に送ります。")
    except (NotChanged, StaleState) as error:
        _refused(request, error)
    return _back(channel)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_CHANNELS)
def disconnect(request: AuthenticatedHttpRequest, channel_id: int) -> HttpResponse:
    """Say what stops, ask once more, then erase the secrets."""
    channel = _account(channel_id)
    form = DisconnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pausing.disconnect_channel(actor=request.user, channel=channel)
            messages.success(request, f"{channel}を切断し、接続情報を消しました。")
        except (NotChanged, StaleState) as error:
            _refused(request, error)
        return _back(channel)
    status = 422 if request.method == "POST" else 200
    context = {"channel": channel, "form": form}
    return render(request, "platforms/connecting/disconnect.html", context, status=status)


def _account(channel_id: int) -> Channel:
    """Return an account; what only holds imported comments is none."""
    channel = get_object_or_404(Channel, pk=channel_id)
    if not channel.account_id:
        raise Http404
    return channel


def _refused(request: HttpRequest, error: Exception) -> None:
    messages.error(request, str(error) if isinstance(error, NotChanged) else OVERTAKEN)


def _back(channel: Channel) -> HttpResponse:
    return redirect(reverse("platforms:connection", args=[channel.pk]))

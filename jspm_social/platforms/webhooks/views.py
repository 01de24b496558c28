"""The doors that platforms knock at. No session, no cookie: a signature is what lets in.

Whoever knocks is answered at once. Size and kind are looked at before the body is read, the
signature before it is parsed; what is taken of it is one insert, and a worker does the rest.
"""

import json
import re
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform

from . import addresses, inbox, signatures
from .news import Account, Sifted
from .refusals import Refusal, count
from .wires import META, WIRES

MOST_BYTES: Final = 1_048_576
"""Far more than any of the platforms sends in one piece."""

MOST_DIGITS: Final = 9

# X signs what we are asked in a handshake with the same key, and in the same way, as it signs
# events. So only what can be no event is answered: else whoever knows the address could have
# a forgery signed by ourselves.
_CRC_TOKEN = re.compile(r"[\w+/=.~-]{1,256}", re.ASCII)
_CHALLENGE = re.compile(r"[\w+/=.~-]{1,256}", re.ASCII)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def x(request: HttpRequest, token: str) -> HttpResponse:
    """Answer X's challenge-response check, or take an event."""
    channel, secret = _channel(Platform.X, token)
    if request.method == "POST":
        return _take(request, channel, secret)
    crc_token = request.GET.get("crc_token", "")
    if not _CRC_TOKEN.fullmatch(crc_token):
        return _refuse(channel, Refusal.HANDSHAKE, 400)
    return JsonResponse({"response_token": signatures.x(secret, crc_token.encode())})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def meta(request: HttpRequest, platform: str, token: str) -> HttpResponse:
    """Answer Meta's challenge for whoever knows the verify token, or take a delivery."""
    if platform not in META:
        raise Http404
    channel, secret = _channel(Platform(platform), token)
    if request.method == "POST":
        return _take(request, channel, secret)
    wanted = addresses.verify_token(token, channel.access().secrets)
    challenge = request.GET.get("hub.challenge", "")
    known = signatures.same(wanted, request.GET.get("hub.verify_token", ""))
    if not known or request.GET.get("hub.mode") != "subscribe":
        return _refuse(channel, Refusal.HANDSHAKE, 403)
    if not _CHALLENGE.fullmatch(challenge):
        return _refuse(channel, Refusal.HANDSHAKE, 400)
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def line(request: HttpRequest, token: str) -> HttpResponse:
    """Take a delivery; LINE's connection test is one without events."""
    channel, secret = _channel(Platform.LINE, token)
    return _take(request, channel, secret)


def _channel(platform: Platform, token: str) -> tuple[Channel, str]:
    """Return the channel and its signing key. An address without a key does not exist."""
    channel = addresses.channel_at(platform, token)
    stored = addresses.secrets_of(channel) if channel else {}
    secret = stored.get(WIRES[platform].secret, "")
    if channel is None or not secret:
        raise Http404
    return channel, secret


class _Refused(Exception):
    def __init__(self, reason: Refusal, status: int) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


def _take(request: HttpRequest, channel: Channel, secret: str) -> HttpResponse:
    try:
        sifted = _sifted(request, channel, secret)
    except _Refused as refused:
        return _refuse(channel, refused.reason, refused.status)
    if sifted.items:
        inbox.keep(channel=channel, sifted=sifted)
    return HttpResponse()


def _sifted(request: HttpRequest, channel: Channel, secret: str) -> Sifted:
    """Return what is taken of a body that its platform signed, and not too long ago."""
    wire, raw = WIRES[channel.platform], _read(request)
    given = request.headers.get(wire.header, "")
    if not signatures.is_signed(wire.sign, secret, raw, given):
        raise _Refused(Refusal.FORGED, 403)
    account = Account(channel.account_id, channel.account_name)
    sifted = wire.sift(_parsed(raw), raw, account)
    if sifted.at is not None and sifted.at < timezone.now() - inbox.OLDEST:
        raise _Refused(Refusal.STALE, 403)
    return sifted


def _read(request: HttpRequest) -> bytes:
    """Return the body, of a size that was announced and is not too large."""
    if request.content_type != "application/json":
        raise _Refused(Refusal.CONTENT_TYPE, 415)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise _Refused(Refusal.OVERSIZED, 411)
    if len(length) > MOST_DIGITS or int(length) > MOST_BYTES:
        raise _Refused(Refusal.OVERSIZED, 413)
    try:
        return request.read(int(length))
    except UnreadablePostError as error:
        raise _Refused(Refusal.UNREADABLE, 400) from error


def _parsed(raw: bytes) -> dict[str, Any]:
    """Return the JSON object; anything else is refused, however deep it is nested."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _Refused(Refusal.UNREADABLE, 400) from error
    if not isinstance(body, dict):
        raise _Refused(Refusal.UNREADABLE, 400)
    return body


def _refuse(channel: Channel, reason: Refusal, status: int) -> HttpResponse:
    count(channel, reason)
    return HttpResponse(status=status)

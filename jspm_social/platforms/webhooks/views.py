"""The doors that platforms knock at. No session, no cookie: a signature is what lets in.

Whoever knocks is answered at once. Size and kind are looked at before the body is read, the
signature before it is parsed; what is taken of it is one insert, and a worker does the rest.
"""

import json
import re
from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform

from . import addresses, inbox, signatures
from .news import Account
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
    try:
        secret = channel.access().secrets.get(WIRES[platform].secret, "") if channel else ""
    except InvalidToken:  # no key of ours opens the secrets, as the channel's page tells
        secret = ""
    if channel is None or not secret:
        raise Http404
    return channel, secret


def _take(request: HttpRequest, channel: Channel, secret: str) -> HttpResponse:
    wire = WIRES[channel.platform]
    if request.content_type != "application/json":
        return _refuse(channel, Refusal.CONTENT_TYPE, 415)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return _refuse(channel, Refusal.OVERSIZED, 411)
    if len(length) > MOST_DIGITS or int(length) > MOST_BYTES:
        return _refuse(channel, Refusal.OVERSIZED, 413)
    try:
        raw = request.read(int(length))
    except UnreadablePostError:
        return _refuse(channel, Refusal.UNREADABLE, 400)
    if not signatures.is_signed(wire.sign, secret, raw, request.headers.get(wire.header, "")):
        return _refuse(channel, Refusal.FORGED, 403)
    body = _parsed(raw)
    if body is None:
        return _refuse(channel, Refusal.UNREADABLE, 400)
    sifted = wire.sift(body, raw, Account(channel.account_id, channel.account_name))
    if sifted.at is not None and sifted.at < timezone.now() - inbox.OLDEST:
        return _refuse(channel, Refusal.STALE, 403)
    if sifted.items:
        inbox.keep(channel=channel, sifted=sifted)
    return HttpResponse(status=200)


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object; None for anything else, however deep it is nested."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _refuse(channel: Channel, reason: Refusal, status: int) -> HttpResponse:
    count(channel, reason)
    return HttpResponse(status=status)

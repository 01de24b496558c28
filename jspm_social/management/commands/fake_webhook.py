"""Sign and send one webhook to a console on this machine, as the channel's platform would."""

import json
import secrets
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jspm_social.management.channel_command import find_channel
from jspm_social.platforms.models import Channel, RemotePost
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies, webhooks as wire
from jspm_social.platforms.webhooks import address_of
from jspm_social.platforms.webhooks.wires import WIRES

TEXT = "ご案内ありがとうございます。"
WHO = {"id": "900000000000001", "name": "ためし 太郎", "username": "tameshi"}


class Command(BaseCommand):
    help = "Send one signed delivery (or a handshake) to this machine; prints the answer's status."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", required=True, help="the channel's name or number")
        parser.add_argument("--platform", choices=sorted(WIRES), help="must be the channel's")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--text", default=TEXT, help="what the comment or message says")
        what.add_argument("--file", type=Path, help="a body to send as it is")
        what.add_argument("--empty", action="store_true", help="without any event")
        what.add_argument(
            "--handshake",
            action="store_true",
            help="what the platform does first: X's CRC, Meta's challenge, LINE's empty events",
        )
        parser.add_argument("--forge", action="store_true", help="sign with a wrong key")
        parser.add_argument("--url", help="another address than the channel's own")

    def handle(self, **options: Any) -> None:
        channel = find_channel(options["channel"])
        address = address_of(channel)
        if address is None:
            raise CommandError(f"{channel.get_platform_display()}には、Webhookがありません。")
        if options["platform"] not in {None, channel.platform}:
            raise CommandError(f"{channel}は{channel.get_platform_display()}のアカウントです。")
        url = options["url"] or address.url
        if not wire.is_loopback(url):
            raise CommandError("送り先は、このコンピューター（127.0.0.1など）に限ります。")
        secret = channel.access().secrets.get(WIRES[channel.platform].secret, "")
        if options["forge"] or not secret:
            secret = secrets.token_hex(16)
        if options["handshake"]:
            token = "wrong" if options["forge"] else address.verify_token
            right = wire.handshake(channel.platform, url, secret, token)
            self.stdout.write("handshake: right" if right else "handshake: failed")
            return
        status = wire.post(channel.platform, url, _body(channel, options), secret)
        self.stdout.write(str(status) if status else "no answer")


def _body(channel: Channel, options: Mapping[str, Any]) -> bytes:
    if options["file"]:
        return _content(options["file"])
    body = _empty(channel) if options["empty"] else None
    body = body or BODIES[channel.platform](channel, options["text"], datetime.now(UTC))
    return json.dumps(body).encode("ascii")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error}") from error


def _empty(channel: Channel) -> dict[str, Any]:
    if channel.platform == Platform.LINE:
        return hook_bodies.line_events(channel.account_id)
    if channel.platform == Platform.X:
        return {"data": {}}
    return {"object": "page", "entry": []}


def _post(channel: Channel) -> str:
    """Return one of our posts that is known, so that the comment can be stored at once."""
    newest = RemotePost.objects.filter(channel=channel).order_by("-pk")
    return newest.values_list("remote_id", flat=True).first() or "1000000000000001"


def _x(channel: Channel, text: str, now: datetime) -> dict[str, Any]:
    return hook_bodies.x_post(
        "post.reply.create",
        own=channel.account_id,
        post_id=_number(now),
        text=text,
        author=WHO,
        conversation=_post(channel),
        parent=_post(channel),
        at=now,
    )


def _facebook(channel: Channel, text: str, now: datetime) -> dict[str, Any]:
    post_id = _post(channel)
    return hook_bodies.facebook_comment(
        "add",
        own=channel.account_id,
        comment_id=f"{post_id.rpartition('_')[2]}_{_number(now)}",
        post_id=post_id,
        parent_id="",
        author=WHO,
        text=text,
        at=now,
        now=now,
    )


def _instagram(channel: Channel, text: str, now: datetime) -> dict[str, Any]:
    return hook_bodies.instagram_comment(
        own=channel.account_id,
        comment_id=_number(now),
        media_id=_post(channel),
        parent_id="",
        author=WHO,
        text=text,
        now=now,
    )


def _threads(channel: Channel, text: str, now: datetime) -> dict[str, Any]:
    return hook_bodies.threads_reply(
        own=channel.account_id,
        own_name=channel.account_name,
        reply_id=_number(now),
        root_id=_post(channel),
        parent_id="",
        username=WHO["username"],
        text=text,
        at=now,
        now=now,
    )


def _line(channel: Channel, text: str, now: datetime) -> dict[str, Any]:
    message = hook_bodies.line_message(_number(now), user="U" + "9" * 32, text=text, at=now)
    return hook_bodies.line_events(channel.account_id, message)


def _number(now: datetime) -> str:
    return str(int(now.timestamp() * 1_000_000))


BODIES: Mapping[str, Callable[[Channel, str, datetime], dict[str, Any]]] = {
    Platform.X: _x,
    Platform.FACEBOOK: _facebook,
    Platform.INSTAGRAM: _instagram,
    Platform.THREADS: _threads,
    Platform.LINE: _line,
}

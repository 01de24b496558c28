"""One platform's webhook as the tests need it: an account, a body with a comment, a signature."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies
from jspm_social.platforms.vault import seal
from jspm_social.platforms.webhooks import address_of
from jspm_social.platforms.webhooks.wires import WIRES

PLATFORMS = [Platform.X, Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS, Platform.LINE]
SECRET = "signing-secret"
OWN = {
    Platform.X: "1100000000000000001",
    Platform.FACEBOOK: "100000000000001",
    Platform.INSTAGRAM: "17841400000000001",
    Platform.THREADS: "25600000000000001",
    Platform.LINE: "U0123456789abcdef0123456789abcdef",
}
POST = {Platform.FACEBOOK: "100000000000001_5"}
WHO = {"id": "222000000000001", "name": "名前", "username": "who"}


@dataclass
class Hook:
    """A channel with its signing secret, and somebody who knows both."""

    platform: Platform
    channel: Channel = field(init=False)
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.channel = Channel.objects.create(
            platform=self.platform,
            name=f"学会 {self.platform.label}",
            account_id=OWN[self.platform],
            account_name="jspm",
        )
        secrets = {WIRES[self.platform].secret: SECRET, "access_token": "t"}
        Credential.objects.create(channel=self.channel, sealed=seal(secrets))

    @property
    def path(self) -> str:
        address = address_of(self.channel)
        assert address is not None
        return urlsplit(address.url).path

    @property
    def verify_token(self) -> str:
        address = address_of(self.channel)
        assert address is not None
        return address.verify_token

    def send(self, body: bytes | dict[str, Any], *, secret: str = SECRET, **more: Any) -> int:
        """Post a body with its signature; return the status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        wire = WIRES[self.platform]
        headers = {wire.header: wire.sign(secret, raw)} | more.pop("headers", {})
        kind = more.pop("content_type", "application/json")
        return self.client.post(
            self.path, raw, content_type=kind, headers=headers, **more
        ).status_code


def body_of(platform: Platform, number: int = 1, text: str = "", **changes: Any) -> dict[str, Any]:
    """Comment (or message) `number`, told now."""
    now = changes.pop("now", None) or datetime.now(UTC).replace(microsecond=0)
    at, text = changes.pop("at", now), text or f"コメント{number}"
    own, post_id = OWN[platform], POST.get(platform, "1001")
    given: dict[str, Any]
    if platform == Platform.X:
        given = {"post_id": f"500{number}", "author": WHO, "conversation": post_id}
        given |= {"parent": post_id, "kind": "post.reply.create"} | changes
        return hook_bodies.x_post(given.pop("kind"), own=own, text=text, at=at, **given)
    if platform == Platform.FACEBOOK:
        given = {"verb": "add", "comment_id": f"5_{number}", "post_id": post_id, "parent_id": ""}
        given |= {"author": WHO} | changes
        verb = given.pop("verb")
        return hook_bodies.facebook_comment(verb, own=own, text=text, at=at, now=now, **given)
    if platform == Platform.INSTAGRAM:
        given = {"comment_id": f"17{number}", "media_id": post_id, "parent_id": "", "author": WHO}
        return hook_bodies.instagram_comment(own=own, text=text, now=now, **given | changes)
    if platform == Platform.THREADS:
        given = {"reply_id": f"18{number}", "root_id": post_id, "parent_id": "", "username": "who"}
        given |= {"own_name": "jspm"} | changes
        return hook_bodies.threads_reply(own=own, text=text, at=at, now=now, **given)
    message = hook_bodies.line_message(f"4{number}", text=text, at=at, **{"user": "Uwho"} | changes)
    return hook_bodies.line_events(own, message)


def unsend(number: int, *, at: datetime | None = None) -> dict[str, Any]:
    event = hook_bodies.line_unsend(f"4{number}", user="Uwho", at=at or datetime.now(UTC))
    return hook_bodies.line_events(OWN[Platform.LINE], event)

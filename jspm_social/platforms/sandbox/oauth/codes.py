"""Codes and permissions that the sandbox has handed out. In memory only: a restart forgets them."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Code:
    """What stands behind an authorisation code. It is good once, and not for long."""

    platform: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    ends_at: float
    used: bool = False


@dataclass(slots=True)
class Consents:
    """`granted` is what the account's token may do, per platform; None: all that exists.

    `granular` limits single permissions to some Pages (Meta). `apps` are those that registered
    themselves (Mastodon): id → secret. `users` are tokens of people, which only list accounts.
    """

    codes: dict[str, Code] = field(default_factory=dict)
    granted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    granular: dict[str, list[str]] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)

    def hand_out(self, code: Code) -> str:
        value = secrets.token_urlsafe(24)
        self.codes[value] = code
        return value

    def redeem(self, platform: str, form: Mapping[str, str]) -> Code | None:
        """Use a code up. None when it is not known, used, too old, or for somebody else."""
        code = self.codes.get(form.get("code", ""))
        if code is None or code.used or code.platform != platform or code.ends_at < time.time():
            return None
        code.used = True
        told = (form.get("redirect_uri"), form.get("client_id", code.client_id))
        if told != (code.redirect_uri, code.client_id):
            return None
        if code.challenge and code.challenge != _s256(form.get("code_verifier", "")):
            return None
        self.granted[platform] = code.scopes
        return code

    def user_token(self, platform: str, kind: str) -> str:
        token = f"sandbox-{platform}-{kind}-{secrets.token_hex(8)}"
        self.users[token] = kind
        return token


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""How each platform signs what it sends, over the raw bytes as they came. Pure.

All are HMAC-SHA256: X and LINE write it in base64 (X with a prefix), Meta in lower-case hex.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from typing import TypeAlias

Sign: TypeAlias = Callable[[str, bytes], str]

PREFIX = "sha256="


def x(secret: str, body: bytes) -> str:
    """Return what X puts into `x-twitter-webhooks-signature`; the key is the consumer secret."""
    return PREFIX + line(secret, body)


def meta(secret: str, body: bytes) -> str:
    """Return what Meta puts into `X-Hub-Signature-256`; the key is the app secret."""
    return PREFIX + _mac(secret, body).hexdigest()


def line(secret: str, body: bytes) -> str:
    """Return what LINE puts into `x-line-signature`; the key is the channel secret."""
    return b64encode(_mac(secret, body).digest()).decode("ascii")


def is_signed(sign: Sign, secret: str, body: bytes, given: str) -> bool:
    """Tell whether `given` is the signature of `body`, in constant time. No secret: never."""
    if not secret:
        return False
    return same(sign(secret, body), given)


def same(wanted: str, given: str) -> bool:
    """Compare in constant time; `given` may hold anything."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _mac(secret: str, body: bytes) -> "hmac.HMAC":
    return hmac.new(secret.encode(), body, hashlib.sha256)

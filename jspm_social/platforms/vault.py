"""Secrets at rest: encrypted with the first key, readable with any (rotation)."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])


def seal(secrets: Mapping[str, str]) -> bytes:
    """Encrypt a channel's secrets."""
    return _fernet().encrypt(json.dumps(dict(secrets)).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    """Decrypt; raises cryptography's InvalidToken when no key fits."""
    opened: dict[str, str] = json.loads(_fernet().decrypt(bytes(sealed)))
    return opened


def rotate(sealed: bytes) -> bytes:
    """Encrypt again with the newest key, keeping the original timestamp."""
    return _fernet().rotate(bytes(sealed))

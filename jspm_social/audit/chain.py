"""The arithmetic of the chain: what is hashed, and how. Pure; no database.

Everything that is hashed first becomes canonical JSON: keys sorted, no spaces, UTF-8. Only
values that PostgreSQL's jsonb gives back exactly as they went in are let through, or a chain
would break by itself: no floats (written differently by different programs), no NUL and no lone
surrogates (jsonb and UTF-8 refuse them; they become U+FFFD).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypedDict

GENESIS: Final = "0" * 64
"""The previous hash of the first event."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Hashed(TypedDict):
    """The columns of an event that its hash covers, `previous_hash` included: all but the hash."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    verb: str
    target_type: str
    target_id: str
    channel: int | None
    clause: str
    policy_version: str
    details: dict[str, Any]
    personal_digest: str
    previous_hash: str


def storable(value: Any) -> Any:
    """`value` with unstorable characters replaced, in plain types.

    Raises:
        TypeError: something other than str, int, bool, None, list, tuple and dict with str keys.
    """
    match value:
        case None | bool():
            return value
        case int():
            return int(value)
        case str():
            return storable_text(value)
        case list() | tuple():
            return [storable(item) for item in value]
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise TypeError("keys of audit details are strings")
            return {storable_text(key): storable(item) for key, item in value.items()}
    raise TypeError(f"audit details cannot hold a {type(value).__name__}; write it as a string")


def storable_text(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", str(text))


def canonical(value: Any) -> bytes:
    """One spelling for one value: the bytes that are hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event_hash(event: Hashed) -> str:
    """SHA-256, as 64 hex digits, over all columns; the time in UTC with microseconds."""
    at = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical({**event, "at": at})).hexdigest()


def personal_digest(salt: str, data: Mapping[str, Any]) -> str:
    """SHA-256 over salt and data; the salt goes with the data when it is erased, so that a
    short note cannot be guessed from what stays.
    """
    return hashlib.sha256(salt.encode() + canonical(data)).hexdigest()

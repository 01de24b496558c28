"""Reading other people's JSON: whatever stands there, these return the wanted type, never raise.

Texts stay exactly as they came, lone surrogates and NUL included; the store makes them safe.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # stands where the platform told no time


def obj(value: Any) -> dict[str, Any]:
    """Return a JSON object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def objs(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON list, [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Return the non-empty strings of a JSON list."""
    return (
        [item for item in value if isinstance(item, str) and item]
        if isinstance(value, list)
        else []
    )


def rows(value: Any, *kinds: type) -> list[list[Any]]:
    """Return the lists within a JSON list whose values are of these kinds, in this order."""
    found = value if isinstance(value, list) else []
    return [
        row
        for row in found
        if isinstance(row, list)
        and len(row) == len(kinds)
        and all(isinstance(item, kind) for item, kind in zip(row, kinds, strict=True))
    ]


def text(source: Mapping[str, Any], *keys: str) -> str:
    """Return the first non-empty string (a number is written out) under `keys`, else ''."""
    for key in keys:
        value = source.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value:
            return value
    return ""


def number(source: Mapping[str, Any], key: str) -> int:
    """Return an integer, also one written as a string; 0 where there is none."""
    value = source.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def count(source: Mapping[str, Any], *keys: str) -> int | None:
    """Return the first whole number under `keys`, None where none is told: that is no zero."""
    told = (key for key in keys if isinstance(source.get(key), int | str))
    return next((number(source, key) for key in told if text(source, key).isdigit()), None)


def instant(value: Any) -> datetime | None:
    """Read an ISO 8601 time with offset (`Z`, `+00:00` and `+0000` alike) or unix seconds."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def raw(source: Mapping[str, Any]) -> bytes:
    """Return the object as JSON bytes.

    It is written anew from what was parsed (keys in their order, everything beyond ASCII
    escaped), so that the bytes are always valid and lone surrogates survive as escapes.
    """
    return json.dumps(source, ensure_ascii=True, separators=(",", ":")).encode("ascii")

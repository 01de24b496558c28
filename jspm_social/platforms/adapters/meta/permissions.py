"""What a token of Meta may do and until when, from the answer of `Graph.inspect`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.reading import number, objs, text, texts

MOST_SECONDS = 10**11  # later than that is no date


def granted(told: Mapping[str, Any], *accounts: str) -> frozenset[str] | None:
    """Return the permissions that cover one of `accounts`; None where Meta did not tell.

    A person can grant a permission for some Pages only: those are named, and others lack it.
    """
    if "scopes" not in told:
        return None
    limited = {
        text(entry, "scope"): set(texts(entry.get("target_ids")))
        for entry in objs(told.get("granular_scopes"))
        if entry.get("target_ids")
    }
    return frozenset(
        name
        for name in texts(told.get("scopes"))
        if name not in limited or limited[name].intersection(accounts)
    )


def expires_at(told: Mapping[str, Any]) -> datetime | None:
    """Return when the token ends; None for never or not told."""
    return _moment(told, "expires_at")


def data_access_until(told: Mapping[str, Any]) -> datetime | None:
    """Return when Meta ends the access to data unless the person comes back; None for not told."""
    return _moment(told, "data_access_expires_at")


def _moment(told: Mapping[str, Any], key: str) -> datetime | None:
    """Read unix seconds; 0 is Meta's word for never."""
    seconds = number(told, key)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < MOST_SECONDS else None

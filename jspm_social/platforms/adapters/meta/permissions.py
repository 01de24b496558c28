"""What a token of Meta may do and until when, from the answer of `Graph.inspect`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.reading import number, obj, objs, text, texts


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


def ends_at(told: Mapping[str, Any]) -> datetime | None:
    """Return when the token, or its access to data, ends; None for never or not told."""
    ends = [number(obj(told), key) for key in ("expires_at", "data_access_expires_at")]
    soonest = min((end for end in ends if end > 0), default=0)
    return datetime.fromtimestamp(soonest, UTC) if soonest else None

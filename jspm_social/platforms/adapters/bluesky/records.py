"""The records of our own repository that moderate: threadgates and blocks. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.adapters.reading import texts
from jspm_social.platforms.errors import Unsupported

GATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
MAX_HIDDEN = 300  # per thread


def with_reply(
    gate: Mapping[str, Any] | None, *, root: str, reply: str, hidden: bool
) -> dict[str, Any] | None:
    """Return the threadgate that hides `reply`, or shows it again; None when nothing changes.

    Everything else in the record stays, `allow` above all: writing replaces the whole record.
    Raises Unsupported when the thread's list is full.
    """
    kept = dict(gate) if gate is not None else _new_gate(root)
    replies = texts(kept.get("hiddenReplies"))
    if (reply in replies) is hidden:
        return None
    if hidden and len(replies) >= MAX_HIDDEN:
        raise Unsupported(f"Bluesky hides at most {MAX_HIDDEN} replies per thread")
    kept["hiddenReplies"] = [*replies, reply] if hidden else [r for r in replies if r != reply]
    return kept


def _new_gate(root: str) -> dict[str, Any]:
    # no `allow`: anybody may go on replying
    return {"$type": GATE, "post": root, "createdAt": _now()}


def new_block(did: str) -> dict[str, Any]:
    return {"$type": BLOCK, "subject": did, "createdAt": _now()}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

"""What people write to the sandbox's LINE account: sent by webhook alone, remembered by nobody."""

import itertools
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from . import hook_bodies, ids
from .webhooks import Webhooks

OWN = ids.OWN_IDS.get("line", "U0123456789abcdef0123456789abcdef")
_numbers = itertools.count(int(time.time() * 1000))


def handle(body: Mapping[str, Any], webhooks: Webhooks) -> dict[str, Any]:
    """Send a message of `user` (with "text", or "kind" for another kind than text; "group" where
    it is written in one), or take one back ("unsend": its id). Returns the message's id.

    Raises KeyError for a missing user, ValueError where no address was set.
    """
    user, group, now = str(body["user"]), str(body.get("group", "")), datetime.now(UTC)
    if "unsend" in body:
        message_id = str(body["unsend"])
        event = hook_bodies.line_unsend(message_id, user=user, group=group, at=now)
    else:
        message_id = str(next(_numbers))
        event = hook_bodies.line_message(
            message_id,
            user=user,
            group=group,
            text=str(body.get("text", "")),
            kind=str(body.get("kind", "text")),
            at=now,
        )
    if not webhooks.send("line", hook_bodies.line_events(OWN, event)):
        raise ValueError("set an address for line first")
    return {"id": message_id}

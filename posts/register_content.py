"""What an action states, and the hash that votes are bound to. Pure."""

from posts.models import RegisteredAction
from posts.payload import digest

STATED = (
    "target_url",
    "relation",
    "exception",
    "reason",
    "plan",
    "starts_at",
    "ends_at",
    "on_duty",
    "archive",
)


def content_hash(action: RegisteredAction) -> str:
    stated = {name: str(getattr(action, name) or "") for name in STATED if name != "on_duty"}
    return digest(
        {
            "action": action.pk,
            "kind": action.kind,
            "channel": action.channel_id,
            "on_duty": action.on_duty_id,
            **stated,
        }
    )

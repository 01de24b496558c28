"""Which sign-in answers which request, before the platform's own wire is asked."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from jspm_social.platforms.sandbox.store import SandboxStore
from jspm_social.platforms.sandbox.wire import Reply, Request

from . import dialog, meta, tokens

TOKENS: Final[Mapping[str, Callable[[Request, SandboxStore], Reply | None]]] = {
    "x": tokens.x,
    "youtube": tokens.google,
    "mastodon": tokens.mastodon,
    "facebook": partial(meta.facebook, "facebook"),
    "instagram": partial(meta.facebook, "instagram"),
    "threads": meta.threads,
}


def handle(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    """Answer what belongs to a sign-in; None for everything else."""
    shown = dialog.handle(platform, request, store)
    if shown or platform not in TOKENS:
        return shown
    return TOKENS[platform](request, store)

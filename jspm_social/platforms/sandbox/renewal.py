"""The sandbox's long-lived tokens of Meta: a new one for one that still lives."""

from datetime import UTC, datetime, timedelta

from . import graph
from .store import CLIENT_ID, FACEBOOK_APP_SECRET, SandboxStore
from .wire import Reply, Request

LIFE = timedelta(days=60)
GRANTS = {"instagram": "ig_refresh_token", "threads": "th_refresh_token"}


def answer(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    """Answer Instagram Login's and Threads' own way to a new token; None for everything else."""
    if (request.method, request.parts) != ("GET", ("refresh_access_token",)):
        return None
    world = store.world(platform)
    if request.bearer != world.tokens.access or world.expired(datetime.now(UTC)):
        return graph.expired()
    if request.query.get("grant_type") != GRANTS.get(platform):
        return graph.error(400, 100, "Unsupported grant type")
    return _fresh(platform, store)


def exchanged(platform: str, request: Request, store: SandboxStore) -> Reply:
    """Answer Facebook's exchange of the account's own token, which is known to be that."""
    form = request.form
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, FACEBOOK_APP_SECRET):
        return graph.error(400, 101, "Error validating client secret.")
    if store.world(platform).expired(datetime.now(UTC)):
        return graph.expired()
    return _fresh(platform, store)


def _fresh(platform: str, store: SandboxStore) -> Reply:
    token = store.rotate_tokens(platform).access
    store.world(platform).token_ends_at = datetime.now(UTC) + LIFE
    seconds = int(LIFE.total_seconds())
    return Reply(body={"access_token": token, "token_type": "bearer", "expires_in": seconds})

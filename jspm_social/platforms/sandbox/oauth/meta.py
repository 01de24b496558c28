"""The sign-ins of Meta: a code becomes a person's token, that a long one, and that a Page's.

Besides the society's own Page the person manages a second one, on which nothing stands.
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any

from jspm_social.platforms.sandbox import graph, ids, renewal
from jspm_social.platforms.sandbox.store import CLIENT_ID, FACEBOOK_APP_SECRET, SandboxStore
from jspm_social.platforms.sandbox.wire import Reply, Request

from .tokens import live_tokens

OTHER_PAGE, OTHER_NAME = "100000000000099", "支部（練習用）"
OTHER_TOKEN = "sandbox-facebook-other-page"  # noqa: S105 - opens an empty Page of the sandbox
LONG = 60 * 24 * 3600
FULL = {
    "facebook": (
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_manage_posts",
        "pages_manage_metadata",
    ),
    "instagram": (
        "pages_show_list",
        "pages_read_engagement",
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_content_publish",
        "instagram_manage_contents",
        "pages_manage_metadata",
    ),
    "threads": (
        "threads_basic",
        "threads_read_replies",
        "threads_manage_replies",
        "threads_content_publish",
        "threads_delete",
        "threads_manage_insights",
    ),
}


def facebook(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    """Answer the sign-in of Facebook, which is also the one of Instagram's Pages."""
    match request.method, request.parts[1:]:
        case "POST", ("oauth", "access_token"):
            return _exchange(platform, request, store)
        case "GET", ("me", "accounts"):
            return _accounts(platform, request, store)
        case "POST", ("debug_token",):
            return _inspect(platform, request, store)
        case "GET", rest if request.bearer == OTHER_TOKEN:
            page = {"id": OTHER_PAGE, "name": OTHER_NAME}
            return Reply(body=page if rest == ("me",) else {"data": []})
        case _:
            return None


def threads(request: Request, store: SandboxStore) -> Reply | None:
    """Answer the sign-in of Threads; the second step is a GET there."""
    match request.method, request.parts:
        case "POST", ("oauth", "access_token"):
            return _short(_code_problem("threads", request, store), "threads", store)
        case "GET", ("access_token",):
            query = request.query
            known = store.consents.users.get(query.get("access_token", "")) == "short"
            if query.get("client_secret") != FACEBOOK_APP_SECRET or not known:
                return graph.error(400, 190, "Session key invalid")
            access = live_tokens(store, "threads").access
            return Reply(body={"access_token": access, "token_type": "bearer", "expires_in": LONG})
        case "POST", (_, "debug_token"):
            return _inspect("threads", request, store)
        case _:
            return None


def _exchange(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    """Take a code, or a person's token for a longer one; other tokens are not ours."""
    form = request.form
    if form.get("grant_type") != "fb_exchange_token":
        return _short(_code_problem(platform, request, store), platform, store)
    given = form.get("fb_exchange_token", "")
    if given == store.world(platform).tokens.access:
        return renewal.exchanged(platform, request, store)
    if store.consents.users.get(given) != "short":
        return None
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, FACEBOOK_APP_SECRET):
        return graph.error(400, 101, "Error validating client secret.")
    token = store.consents.user_token(platform, "long")
    return Reply(body={"access_token": token, "token_type": "bearer", "expires_in": LONG})


def _code_problem(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    form = request.form
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, FACEBOOK_APP_SECRET):
        return graph.error(400, 101, "Error validating client secret.")
    if store.consents.redeem(platform, form) is None:
        return graph.error(400, 100, "This authorization code has been used.", 36009)
    return None


def _short(problem: Reply | None, platform: str, store: SandboxStore) -> Reply:
    token = store.consents.user_token(platform, "short")
    return problem or Reply(body={"access_token": token, "token_type": "bearer"})


def _accounts(platform: str, request: Request, store: SandboxStore) -> Reply:
    kind = store.consents.users.get(request.bearer)
    right = hmac.new(FACEBOOK_APP_SECRET.encode(), request.bearer.encode(), hashlib.sha256)
    if kind is None or request.query.get("appsecret_proof") != right.hexdigest():
        return graph.expired()
    if "pages_show_list" not in store.consents.granted.get(platform, FULL[platform]):
        return Reply(body={"data": []})
    own: dict[str, Any] = {
        "id": ids.OWN_IDS["facebook"],
        "name": ids.OWN_NAME,
        "access_token": live_tokens(store, platform).access,
        "tasks": ["MODERATE", "CREATE_CONTENT"],
        "instagram_business_account": {
            "id": ids.OWN_IDS["instagram"],
            "username": ids.OWN_HANDLE,
        },
    }
    other = {"id": OTHER_PAGE, "name": OTHER_NAME, "access_token": OTHER_TOKEN, "tasks": []}
    return Reply(body={"data": [own, other]})


def _inspect(platform: str, request: Request, store: SandboxStore) -> Reply:
    form, tokens = request.form, store.world(platform).tokens
    app_token = f"{CLIENT_ID}|{FACEBOOK_APP_SECRET}"
    if form.get("method") != "get" or request.bearer not in {app_token, form.get("input_token")}:
        return graph.error(400, 100, "You must provide an app access token")
    alive = not store.world(platform).expired(datetime.now(UTC))
    good = {tokens.access: alive, OTHER_TOKEN: True}
    if not good.get(form.get("input_token", "")):
        return Reply(body={"data": {"is_valid": False, "scopes": []}})
    scopes = store.consents.granted.get(platform, FULL[platform])
    limited = [
        {"scope": scope, "target_ids": pages} for scope, pages in store.consents.granular.items()
    ]
    return Reply(
        body={
            "data": {
                "app_id": CLIENT_ID,
                "is_valid": True,
                "expires_at": _token_end(store, platform),
                "data_access_expires_at": _data_end(store, platform),
                "scopes": list(scopes),
                "granular_scopes": limited,
            }
        }
    )


def _token_end(store: SandboxStore, platform: str) -> int:
    """Unix seconds; 0 for never, as the token of a Page has it unless it was told otherwise."""
    end = store.world(platform).token_ends_at
    if end is None:
        return int(time.time()) + LONG if platform == "threads" else 0
    return int(end.timestamp())


def _data_end(store: SandboxStore, platform: str) -> int:
    end = store.world(platform).data_ends_at
    return int(end.timestamp()) if end else int(time.time()) + LONG + LONG // 2

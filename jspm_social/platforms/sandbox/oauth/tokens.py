"""The token endpoints of X, Google and Mastodon: a code becomes the account's tokens."""

import base64
import secrets

from jspm_social.platforms.sandbox import ids
from jspm_social.platforms.sandbox.model import Tokens
from jspm_social.platforms.sandbox.store import CLIENT_ID, CLIENT_SECRET, SandboxStore
from jspm_social.platforms.sandbox.wire import Reply, Request

GOOGLE = "https://www.googleapis.com/auth/youtube.force-ssl"


def live_tokens(store: SandboxStore, platform: str) -> Tokens:
    """Return the account's tokens, new ones where the old ones had ended."""
    tokens = store.world(platform).tokens
    return store.rotate_tokens(platform) if tokens.expired else tokens


def x(request: Request, store: SandboxStore) -> Reply | None:
    """Take a code; refreshing is the wire's business."""
    if (request.method, request.path) != ("POST", "/2/oauth2/token"):
        return None
    form = request.form
    if form.get("grant_type") != "authorization_code":
        return None
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {basic}":
        return Reply(401, {"error": "unauthorized_client"})
    code = store.consents.redeem("x", form)
    if code is None:
        told = "Value passed for the authorization code was invalid."
        return Reply(400, {"error": "invalid_request", "error_description": told})
    tokens = live_tokens(store, "x")
    body = {
        "token_type": "bearer",
        "expires_in": 7200,
        "access_token": tokens.access,
        "scope": " ".join(code.scopes),
    }
    if "offline.access" in code.scopes:
        body["refresh_token"] = tokens.refresh
    return Reply(body=body)


def google(request: Request, store: SandboxStore) -> Reply | None:
    """Take a code, and tell what a token may do."""
    match request.method, request.path:
        case "POST", "/token" if request.form.get("grant_type") == "authorization_code":
            return _google_token(request, store)
        case "POST", "/tokeninfo":
            return _google_info(request, store)
        case _:
            return None


def _google_token(request: Request, store: SandboxStore) -> Reply:
    form = request.form
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        return Reply(401, {"error": "invalid_client"})
    code = store.consents.redeem("youtube", form)
    if code is None:
        return Reply(400, {"error": "invalid_grant", "error_description": "Bad Request"})
    tokens = live_tokens(store, "youtube")
    return Reply(
        body={
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "expires_in": 3599,
            "scope": " ".join(code.scopes),
            "token_type": "Bearer",
        }
    )


def _google_info(request: Request, store: SandboxStore) -> Reply:
    tokens = store.world("youtube").tokens
    if request.bearer != tokens.access or tokens.expired:
        return Reply(400, {"error": "invalid_token", "error_description": "Invalid Value"})
    scopes = store.consents.granted.get("youtube", (GOOGLE,))
    return Reply(body={"scope": " ".join(scopes), "expires_in": "3599", "access_type": "offline"})


def mastodon(request: Request, store: SandboxStore) -> Reply | None:
    """Tell what the server offers, register apps, take codes."""
    match request.method, request.path:
        case "GET", "/.well-known/oauth-authorization-server":
            return Reply(
                body={"issuer": ids.INSTANCE, "code_challenge_methods_supported": ["S256"]}
            )
        case "POST", "/api/v1/apps":
            app, secret = f"app-{secrets.token_hex(8)}", secrets.token_hex(16)
            store.consents.apps[app] = secret
            return Reply(body={"id": "1", "client_id": app, "client_secret": secret})
        case "POST", "/oauth/token":
            return _mastodon_token(request, store)
        case _:
            return None


def _mastodon_token(request: Request, store: SandboxStore) -> Reply:
    form = request.form
    known = store.consents.apps.get(form.get("client_id", ""))
    if not known or known != form.get("client_secret"):
        return Reply(401, {"error": "invalid_client"})
    code = store.consents.redeem("mastodon", form)
    if code is None:
        return Reply(400, {"error": "invalid_grant"})
    access = live_tokens(store, "mastodon").access
    return Reply(
        body={
            "access_token": access,
            "token_type": "Bearer",
            "scope": " ".join(code.scopes),
            "created_at": 1_700_000_000,
        }
    )

"""The page on which a platform asks a person: 「許可する」 or 「拒否する」."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from jspm_social.platforms.sandbox import ids
from jspm_social.platforms.sandbox.store import CLIENT_ID, SandboxStore
from jspm_social.platforms.sandbox.wire import Reply, Request

from .codes import Code

DECIDE: Final = "decide"  # below the page's own path


@dataclass(frozen=True, slots=True)
class Dialog:
    """`piecemeal`: single permissions can be declined. `seconds`: how long a code is good."""

    path: tuple[str, ...]
    label: str
    separator: str = " "
    piecemeal: bool = False
    must_prove: bool = False  # only with PKCE
    seconds: int = 600


DIALOGS: Final[Mapping[str, Dialog]] = {
    "x": Dialog(("i", "oauth2", "authorize"), "X", must_prove=True, seconds=30),
    "facebook": Dialog(("v26.0", "dialog", "oauth"), "Facebook", ",", piecemeal=True),
    "instagram": Dialog(("v26.0", "dialog", "oauth"), "Facebook", ",", piecemeal=True),
    "threads": Dialog(("oauth", "authorize"), "Threads", ",", piecemeal=True),
    "youtube": Dialog(("o", "oauth2", "v2", "auth"), "Google", piecemeal=True),
    "mastodon": Dialog(("oauth", "authorize"), "Mastodon"),
}


def handle(platform: str, request: Request, store: SandboxStore) -> Reply | None:
    """Answer a browser at a platform's sign-in; None for every other request."""
    dialog = DIALOGS.get(platform)
    if dialog is None or request.method != "GET":
        return None
    if request.parts not in {dialog.path, (*dialog.path, DECIDE)}:
        return None
    trouble = _trouble(dialog, request, store)
    if trouble:
        return Reply(400, html=_frame(dialog, f"<p>この要求は受け付けられません：{trouble}</p>"))
    if request.parts == dialog.path:
        return Reply(html=_ask(dialog, request))
    return _decide(platform, dialog, request, store)


def _trouble(dialog: Dialog, request: Request, store: SandboxStore) -> str:
    query = request.query
    known = {CLIENT_ID, *store.consents.apps}
    wrong = {
        "client_id": query.get("client_id") not in known,
        "response_type": query.get("response_type") != "code",
        "redirect_uri": urlsplit(query.get("redirect_uri", "")).scheme not in {"http", "https"},
        "state": not 0 < len(query.get("state", "")) <= 500,
        "code_challenge": dialog.must_prove
        and (not query.get("code_challenge") or query.get("code_challenge_method") != "S256"),
    }
    return "、".join(name for name, bad in wrong.items() if bad)


def _ask(dialog: Dialog, request: Request) -> str:
    scopes = _asked(dialog, request)
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.query.items()
    )
    tick = '<input type="checkbox" name="grant" value="{0}" checked> ' if dialog.piecemeal else ""
    items = "".join(
        f"<li><label>{tick.format(escape(scope))}{escape(scope)}</label></li>" for scope in scopes
    )
    prefix = escape("/".join(dialog.path).rpartition("/")[2])
    return _frame(
        dialog,
        f"<p>{escape(ids.OWN_NAME)}（@{ids.OWN_HANDLE}）としてログインしています。"
        "アプリが次のことを求めています。</p>"
        f'<form action="{prefix}/{DECIDE}">{hidden}<ul>{items}</ul>'
        '<button name="answer" value="yes">許可する</button> '
        '<button name="answer" value="no">拒否する</button></form>',
    )


def _decide(platform: str, dialog: Dialog, request: Request, store: SandboxStore) -> Reply:
    back = {"state": request.query.get("state", "")}
    if request.query.get("answer") != "yes":
        back |= {"error": "access_denied", "error_description": "The user denied the request"}
    else:
        asked = _asked(dialog, request)
        ticked = set(request.repeated.get("grant", []))
        kept = tuple(s for s in asked if s in ticked) if dialog.piecemeal else asked
        back["code"] = store.consents.hand_out(
            Code(
                platform,
                request.query.get("client_id", ""),
                request.query.get("redirect_uri", ""),
                kept,
                request.query.get("code_challenge", ""),
                time.time() + dialog.seconds,
            )
        )
    target = request.query["redirect_uri"]
    joint = "&" if "?" in target else "?"
    return Reply(302, headers={"Location": f"{target}{joint}{urlencode(back)}"})


def _asked(dialog: Dialog, request: Request) -> tuple[str, ...]:
    scopes = request.query.get("scope", "").split(dialog.separator)
    return tuple(scope for scope in scopes if scope)


def _frame(dialog: Dialog, content: str) -> str:
    return (
        '<!doctype html><html lang="ja"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{dialog.label}（練習用）</title><style>body{{font:16px/1.7 sans-serif;"
        "max-width:32rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem}"
        f"</style><h1>{dialog.label}：アプリの許可（練習用）</h1>{content}</html>"
    )

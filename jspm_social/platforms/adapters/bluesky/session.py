"""One account's session: the host of its data, and tokens that rotate with every renewal.

Signing in is limited (30 in 5 minutes), so tokens are renewed with the refresh token; only when
that is refused does the app password sign in again, once per client and never in a loop.
"""

import base64
import json as jsonlib
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Final
from urllib.parse import urlsplit

from jspm_social.platforms.adapters.files import Opener
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import AuthExpired, RateLimited
from jspm_social.platforms.http import Answer, ChannelHttp, url_path

from .errors import STALE, error_name, problem_of

ENTRYWAY: Final = "https://bsky.social"  # where accounts hosted by Bluesky sign in
VIDEO: Final = "https://video.bsky.app"  # one service for the whole network


class Session:
    """Calls methods of an account's own server (PDS), which passes `app.bsky.*` on.

    With a base_url the account lives there. Otherwise the server is the one that the DID
    document named at sign-in (kept as the secret `pds`), the entryway until then.
    """

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:
        self._access = access
        self._secrets = dict(access.secrets)
        self._save = save
        self._http = self._door()
        self._may_sign_in = True

    def __repr__(self) -> str:
        return "<Session>"

    def call(
        self,
        method: str,
        name: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        json: Any = None,
        upload: Opener | None = None,
        changes: bool | None = None,
    ) -> Answer:
        """Call an XRPC method; after a stale token renew once and call again."""

        def send() -> Answer:
            with upload() if upload else nullcontext() as body:
                return self._http.call(
                    method,
                    "pds",
                    url_path("xrpc", name),
                    params=params,
                    json=json,
                    upload=body,
                    headers=self._bearer("access_token"),
                    changes=changes,
                    plain=True,
                )

        renewed = False
        while True:
            if self._secrets.get("access_token"):
                answer = send()
                if renewed or error_name(answer) not in STALE:
                    return answer
            renewed = self._renew()

    def scope(self) -> frozenset[str] | None:
        """Return what the access token says it may do; None where it is no readable JWT.

        Read, not proven: the server decides, and this only tells which password was entered.
        """
        claims = self._secrets.get("access_token", "").split(".")
        try:
            padded = claims[1] + "=" * (-len(claims[1]) % 4)
            told = text(obj(jsonlib.loads(base64.urlsafe_b64decode(padded))), "scope")
        except (IndexError, ValueError):
            return None
        return frozenset(told.split()) or None

    def video(
        self,
        method: str,
        name: str,
        *,
        params: Mapping[str, str],
        token: str = "",
        upload: Opener | None = None,
    ) -> Answer:
        """Call the video service, which knows our server's word (`token`) but not our session."""
        with upload() if upload else nullcontext() as body:
            return self._http.call(
                method,
                "video",
                url_path("xrpc", name),
                params=params,
                upload=body,
                headers={"Authorization": f"Bearer {token}"} if token else {},
                changes=False,
                plain=True,
            )

    def server_did(self) -> str:
        """Return the name by which other services know the server of this account."""
        address = self._access.base_url or self._secrets.get("pds", "") or ENTRYWAY
        return f"did:web:{urlsplit(address).netloc.replace(':', '%3A')}"

    def _renew(self) -> bool:
        """Get new tokens. False: another worker had stored some, which may be old, too.

        A lost answer is Transient: nothing of the society's was changed.
        """
        with self._access.renewing() as stored:
            if stored.get("access_token", "") not in {"", self._secrets.get("access_token", "")}:
                self._secrets = dict(stored)
                self._http = self._door()
                return False
            if not self._refresh():
                self._sign_in()
            return True

    def _refresh(self) -> bool:
        if not self._secrets.get("refresh_token"):
            return False
        answer = self._http.call(
            "POST",
            "pds",
            url_path("xrpc", "com.atproto.server.refreshSession"),
            headers=self._bearer("refresh_token"),
            changes=False,
            plain=True,
        )
        if answer.ok:
            self._keep(answer)
            return True
        _wait_if_told(answer)
        return False

    def _sign_in(self) -> None:
        given = {key: self._secrets.get(key, "") for key in ("identifier", "app_password")}
        if not self._may_sign_in or not all(given.values()):
            raise AuthExpired("Bluesky: the session ended, and signing in again is not possible")
        self._may_sign_in = False
        answer = self._door(first=True).call(
            "POST",
            "pds",
            url_path("xrpc", "com.atproto.server.createSession"),
            json={"identifier": given["identifier"], "password": given["app_password"]},
            changes=False,
            plain=True,
        )
        _wait_if_told(answer)
        if not answer.ok:
            raise AuthExpired(f"Bluesky: signing in was refused: {error_name(answer)}")
        self._keep(answer)

    def _keep(self, answer: Answer) -> None:
        """Take over the tokens, and save them before they are used."""
        body = obj(answer.body)
        access, refresh = text(body, "accessJwt"), text(body, "refreshJwt")
        if not access or not refresh:
            raise AuthExpired("Bluesky: an answer without tokens")
        if body.get("active") is False:  # the sign-in succeeds, every write would fail
            raise AuthExpired(f"Bluesky: the account is {text(body, 'status') or 'not active'}")
        self._secrets |= {"access_token": access, "refresh_token": refresh}
        self._secrets |= _named_server(obj(body.get("didDoc")))
        self._save(dict(self._secrets))
        self._http = self._door()

    def _door(self, *, first: bool = False) -> ChannelHttp:
        server = "" if first else self._secrets.get("pds", "")
        return ChannelHttp(self._access, {"pds": server or ENTRYWAY, "video": VIDEO})

    def _bearer(self, secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secrets.get(secret, '')}"}


def _named_server(document: Mapping[str, Any]) -> dict[str, str]:
    found = [
        text(service, "serviceEndpoint")
        for service in objs(document.get("service"))
        if text(service, "id").endswith("#atproto_pds")
    ]
    return {"pds": found[0]} if found and found[0].startswith("https://") else {}


def _wait_if_told(answer: Answer) -> None:
    problem = problem_of(answer)
    if isinstance(problem, RateLimited):
        raise problem

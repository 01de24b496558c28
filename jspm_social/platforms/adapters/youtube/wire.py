"""Calls to YouTube with the channel's token, renewed when it has expired."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from jspm_social.platforms.adapters.files import Opener
from jspm_social.platforms.adapters.oauth import OAuthTokens, SaveSecrets
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.http import Answer, ChannelHttp

from .errors import problem_of

HOSTS = {
    "api": "https://youtube.googleapis.com",
    "www": "https://www.googleapis.com",  # named in addresses of uploads
    "oauth": "https://oauth2.googleapis.com",
}
API = "/youtube/v3"


class Wire:
    """One channel on YouTube. Paths are below the version."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._http = ChannelHttp(access, HOSTS)
        self._tokens = OAuthTokens(
            self._http, access, save_secrets, host="oauth", path="/token", basic=False
        )

    def __repr__(self) -> str:
        return "<Wire>"

    def send(
        self, method: str, path: str, params: Mapping[str, str], *, json: Any = None
    ) -> Answer:
        """Send one request and return its decisive answer, a refusal included."""
        return self._tokens.send(
            lambda headers: self._http.call(
                method, "api", API + path, params=params, json=json, headers=headers
            )
        )

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Read one answer; every refusal is raised."""
        answer = self.send("GET", path, params)
        raise_for(answer)
        return obj(answer.body)

    def granted(self) -> frozenset[str] | None:
        """Ask Google what the token may do; a POST without effect, so that no address holds it."""
        answer = self._tokens.send(
            lambda headers: self._http.call(
                "POST", "oauth", "/tokeninfo", headers=headers, changes=False
            )
        )
        scope = text(obj(answer.body), "scope")
        return frozenset(scope.split()) if answer.ok and scope else None

    def begin_upload(self, params: Mapping[str, str], json: Any, **told: str) -> Answer:
        """Ask for the address of an upload. Nothing that readers see comes of it."""
        return self._tokens.send(
            lambda headers: self._http.call(
                "POST",
                "api",
                f"/upload{API}/videos",
                params=params,
                json=json,
                headers={**headers, **told},
                changes=False,
                plain=True,
            )
        )

    def put(self, address: str, place: str, body: Opener | None = None) -> Answer:
        """Send a piece of a file, or none, to an address that YouTube named for an upload.

        `place` is its Content-Range. Nothing that readers see comes of it.
        """
        host, path = self._http.locate(address)

        def once(headers: Mapping[str, str]) -> Answer:
            with body() if body else nullcontext() as opened:
                return self._http.call(
                    "PUT",
                    host,
                    path,
                    upload=opened,
                    headers={**headers, "Content-Range": place},
                    changes=False,
                    plain=True,
                )

        return self._tokens.send(once)


def raise_for(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem

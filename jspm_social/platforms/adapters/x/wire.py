"""Calls to X with the channel's token, and the proof that something is gone."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from jspm_social.platforms.adapters.files import Opener
from jspm_social.platforms.adapters.oauth import OAuthTokens, SaveSecrets
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.http import Answer, ChannelHttp, url_path

from .errors import problem_kinds, problem_of

HOSTS = {"api": "https://api.x.com"}


class Wire:
    """One channel on X."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._http = ChannelHttp(access, HOSTS)
        self._tokens = OAuthTokens(
            self._http,
            access,
            save_secrets,
            host="api",
            path="/2/oauth2/token",
            basic=True,
        )
        self._me = access.account_id

    def __repr__(self) -> str:
        return "<Wire>"

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        upload: Opener | None = None,
        changes: bool | None = None,
    ) -> Answer:
        """Send a request and return its answer, refusals too. See ChannelHttp.call."""

        def once(headers: Mapping[str, str]) -> Answer:
            with upload() if upload else nullcontext() as body:
                return self._http.call(
                    method,
                    "api",
                    path,
                    params=params,
                    json=json,
                    upload=body,
                    headers=headers,
                    changes=changes,
                    plain=upload is not None,
                )

        return self._tokens.send(once)

    def call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Send a request and return what it answers. Raises for every refusal."""
        answer = self.send(method, path, **more)
        raise_for(answer)
        return obj(answer.body)

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        return self.call("GET", path, params=params)

    def me(self) -> dict[str, Any]:
        """Return who we are, which proves the token good."""
        return obj(self.get("/2/users/me", {"user.fields": "name,username"}).get("data"))

    def own_id(self) -> str:
        if not self._me:
            self._me = text(self.me(), "id")
        return self._me

    def exists(self, post_id: str) -> bool:
        """Prove the token good, then look the post up; only 'not found' means gone."""
        self.me()
        answer = self.send("GET", url_path("2", "tweets", post_id))
        if is_not_found(answer):
            return False
        raise_for(answer)
        return True


def is_not_found(answer: Answer) -> bool:
    """True when a look-up of one post found none. Believe it only with a proven token."""
    missing = answer.status == 404 or (answer.ok and not obj(obj(answer.body).get("data")))
    return missing and "resource-not-found" in problem_kinds(answer)


def raise_for(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem
